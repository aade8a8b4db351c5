selec 1
----
! SYNTAX_ERROR: line 1:1: syntax error at or near "selec"

select nosuch from purchases
----
! COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved

select hots from purchases
----
! COLUMN_NOT_FOUND: line 1:8: Column 'hots' cannot be resolved; did you mean host?

select p.nosuch from purchases p
----
! COLUMN_NOT_FOUND: line 1:8: Column 'p.nosuch' cannot be resolved

select q.host from purchases p
----
! COLUMN_NOT_FOUND: line 1:8: Column 'q.host' cannot be resolved

select * from nosuch
----
! TABLE_NOT_FOUND: line 1:15: Table 'lake.default.nosuch' does not exist

select * from purchase
----
! TABLE_NOT_FOUND: line 1:15: Table 'lake.default.purchase' does not exist; did you mean purchases?

select * from nosuch.t
----
! SCHEMA_NOT_FOUND: line 1:15: Schema 'nosuch' does not exist

select * from hive.default.purchases
----
! CATALOG_NOT_FOUND: line 1:15: Catalog 'hive' not found

select * from lake.purchases
----
! SCHEMA_NOT_FOUND: line 1:15: Schema 'lake' does not exist

select nosuch(host) from purchases
----
! FUNCTION_NOT_FOUND: line 1:8: Function 'nosuch' not registered; docs/sql.md lists those that are

select regexp_lik(host, 'x') from purchases
----
! FUNCTION_NOT_FOUND: line 1:8: Function 'regexp_lik' not registered; did you mean regexp_like?

select length(1, 2, 3)
----
! FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, integer, integer) for function length

select 'a' + 1
----
! TYPE_MISMATCH: line 1:12: Could not choose a best candidate function for the function call "+(STRING_LITERAL, INTEGER_LITERAL)". In order to select one, please add explicit type casts.

select cast('a' as integer)
----
! INVALID_CAST_ARGUMENT: line 1:8: Cannot cast 'a' to integer

select cast(host as integer) from purchases
----
! INVALID_CAST_ARGUMENT: line 1:8: Cannot cast 'user0' to integer

select cast(1 as nosuch)
----
! TYPE_NOT_FOUND: line 1:18: Type with name nosuch does not exist

select 9223372036854775807 + 1
----
! NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775807 + 1

select event_type, count(*) from purchases group by host
----
! EXPRESSION_NOT_AGGREGATE: line 1:8: 'event_type' must be an aggregate expression or appear in GROUP BY clause

select sum(sum(offset)) from purchases
----
! NESTED_AGGREGATION: line 1:12: Aggregations cannot be nested

select host from purchases where count(*) > 1
----
! EXPRESSION_NOT_SCALAR: line 1:34: WHERE clause cannot contain aggregates

select host from purchases a, purchases b
----
! AMBIGUOUS_NAME: line 1:8: Ambiguous reference to column name "host" (use: "a.host" or "b.host")

select (select host from purchases)
----
! SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows

select host from purchases order by 7
----
! INVALID_COLUMN_REFERENCE: line 1:37: ORDER term out of range - should be between 1 and 1

select host from purchases limit -1
----
! INVALID_LIMIT_CLAUSE: line 1:34: LIMIT/OFFSET cannot be negative

select json_extract_scalar(1, '$.a')
----
! FUNCTION_NOT_FOUND: Unexpected parameters (integer, varchar)

select date_parse(host, event_type) from purchases
----
! NOT_SUPPORTED: date_parse takes a text and, as a literal, its format: date_parse(s, '%Y-%m-%d')

select ?
----
! NOT_SUPPORTED: bound parameters are not supported

select 1; select 2
----
! SYNTAX_ERROR: one statement at a time, not 2

select
  host,
  nosuch
from default.purchases
----
! COLUMN_NOT_FOUND: line 3:3: Column 'nosuch' cannot be resolved

select * from default.purchases x where default.purchases.nope = 1
----
! COLUMN_NOT_FOUND: line 1:41: Column 'default.purchases.nope' cannot be resolved

select 'unterminated
----
! SYNTAX_ERROR: line 1:8: unterminated quoted string at or near "'unterminated"

select json_parse('NaN')
----
! INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: 'NaN'

select from_utf8(x'ff', 'ab')
----
! INVALID_FUNCTION_ARGUMENT: Replacement must be empty or a single character

select json_extract('{"a": [1, 2]}', '$.a[*]')
----
! INVALID_FUNCTION_ARGUMENT: Invalid JSON path: '$.a[*]'

select split_part('a,b', ',', 0)
----
! INVALID_FUNCTION_ARGUMENT: Index must be greater than zero

select date_trunc('hour', date '2020-01-01')
----
! INVALID_FUNCTION_ARGUMENT: 'hour' is not a valid DATE field

select format('%s', 1)
----
! FUNCTION_NOT_FOUND: line 1:8: Function 'format' not registered…
