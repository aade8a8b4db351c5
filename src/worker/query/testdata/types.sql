select true, cast(1 as tinyint), cast(1 as smallint), 1, cast(1 as bigint), cast(1.5 as real), 1.5e0, 1.5, 'é"\'
----
> _col0 boolean, _col1 tinyint, _col2 smallint, _col3 integer, _col4 bigint, _col5 real, _col6 double, _col7 decimal(2, 1), _col8 varchar
[[true,1,1,1,1,1.5,1.5,"1.5","é\"\\"]]

select nan(), infinity(), -infinity(), cast('nan' as real), 1e100, 0.1e0, 1e0
----
> _col0 double, _col1 double, _col2 double, _col3 real, _col4 double, _col5 double, _col6 double
[["NaN","Infinity","-Infinity","NaN",1e+100,0.1,1.0]]

select date '2020-02-29', time '10:11:12.5', timestamp '2020-01-02 03:04:05.678901', timestamp '2020-01-02 03:04:05 UTC'
----
> _col0 date, _col1 time(6), _col2 timestamp(6), _col3 timestamp(6) with time zone
[["2020-02-29","10:11:12.500000","2020-01-02 03:04:05.678901","2020-01-02 03:04:05.000000 UTC"]]

select cast(timestamp '2020-01-02 03:04:05.678901' as timestamp(3)), timestamp '1969-12-31 23:59:59.5', date '0001-01-01'
----
> _col0 timestamp(3), _col1 timestamp(6), _col2 date
[["2020-01-02 03:04:05.679","1969-12-31 23:59:59.500000","0001-01-01"]]

select interval '1' day, interval '36' hour, interval '1' month
----
! NOT_SUPPORTED: an interval with months (1) is no interval day to second; add it to a date or cast it to varchar

select interval '36' hour, -interval '1' second
----
> _col0 interval day to second, _col1 interval day to second
[["1 12:00:00.000","-0 00:00:01.000"]]

select uuid '00000000-0000-0000-0000-000000000001', json '{"a": 1}', x'0AFF', decimal '-1.50', decimal '0.05'
----
> _col0 uuid, _col1 json, _col2 varbinary, _col3 decimal(3, 2), _col4 decimal(2, 2)
[["00000000-0000-0000-0000-000000000001","{\"a\":1}","Cv8=","-1.50","0.05"]]

select array[1, null], map(array['k'], array[1]), map(array[1], array['v']), row(1, 'x'), cast(row(1, 'x') as row(a bigint, b varchar)), cast(null as array(varchar))
----
> _col0 array(integer), _col1 map(varchar, integer), _col2 map(integer, varchar), _col3 row(integer, varchar), _col4 row(a bigint, b varchar), _col5 array(varchar)
[[[1,null],{"k":1},{"1":"v"},[1,"x"],[1,"x"],null]]

select cast(array[1] as array(array(integer)))
----
! INVALID_CAST_ARGUMENT: line 1:8: Unimplemented type for cast (INTEGER -> INTEGER[])

select array[array[1], array[]], array[row(1, array['a'])]
----
> _col0 array(array(integer)), _col1 array(row(integer, array(varchar)))
[[[[1],[]],[[1,["a"]]]]]

select null, cast(null as varchar)
----
> _col0 integer, _col1 varchar
[[null,null]]

select cast('abc' as varchar), chr(10) || chr(9) || chr(1)
----
> _col0 varchar, _col1 varchar
[["abc","\n\t\u0001"]]

select sum(x), avg(x), count(x) from (values (1), (2)) t(x)
----
> _col0 bigint, _col1 double, _col2 bigint
[[3,1.5,2]]

select sum(x) from (values (9223372036854775807), (1)) t(x)
----
! NUMERIC_VALUE_OUT_OF_RANGE: a value of type HUGEINT is out of range of bigint; cast it to decimal(38, 0) or double

select cast(12345678901234567890123456789012345678 as decimal(38, 0)), cast('-0.000001' as decimal(38, 6))
----
> _col0 decimal(38, 0), _col1 decimal(38, 6)
[["12345678901234567890123456789012345678","-0.000001"]]

select bitstring('0101', 4)
----
! FUNCTION_NOT_FOUND: line 1:8: Function 'bitstring' not registered; did you mean substring?

select cast('0101' as bit)
----
! NOT_SUPPORTED: column '_col0' has type BIT, which clients do not know; cast it to varchar

select 7 / 2, -7 / 2, 7 % 3, 7.0 / 2
----
> _col0 integer, _col1 integer, _col2 integer, _col3 double
[[3,-3,1,3.5]]

select 1 = 1.0, 'a' || 'b' || null, 2 between 1 and 3, 'abc' like 'a%', 'x' in ('x', 'y'), not true
----
> _col0 boolean, _col1 integer, _col2 boolean, _col3 boolean, _col4 boolean, _col5 boolean
[[true,null,true,true,true,false]]
