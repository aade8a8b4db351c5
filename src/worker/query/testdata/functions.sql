select approx_distinct(x), approx_distinct(distinct x), approx_percentile(x, 0.5) from (values (1), (2)) t(x)
----
> _col0 bigint, _col1 bigint, _col2 integer
[[2,2,2]]

select json_extract_scalar('{"a": {"b": 1}, "c d": "x"}', '$.a.b'), json_extract_scalar('{"c d": "x"}', '$["c d"]'), json_extract_scalar('{"a": {}}', '$.a'), json_extract_scalar('nope', '$.a')
----
> _col0 varchar, _col1 varchar, _col2 varchar, _col3 varchar
[["1","x",null,null]]

select json_extract_scalar(raw_event, '$.Host') from purchases where raw_event is not null order by 1
----
> _col0 varchar
[["h3"],["h4"]]

select json_extract('{"a": [1]}', '$.a'), json_format(json_parse('[1]')), json_array_length('[1, 2]')
----
> _col0 json, _col1 varchar, _col2 bigint
[["[1]","[1]",2]]

select date_trunc('hour', timestamp), count(*) from purchases group by 1
----
> _col0 timestamp(6) with time zone, _col1 bigint
[["2026-11-23 10:00:00.000000 UTC",5]]

select date_trunc('month', date '2020-03-05'), date_trunc('day', timestamp '2020-03-05 10:00:00')
----
> _col0 date, _col1 timestamp(6)
[["2020-03-01","2020-03-05 00:00:00.000000"]]

select date_diff('hour', timestamp '2020-01-01 00:59:00', timestamp '2020-01-01 01:01:00'), date_add('day', 1, date '2020-02-28'), date_add('month', -1, timestamp '2020-03-31 00:00:00')
----
> _col0 bigint, _col1 date, _col2 timestamp(6)
[[0,"2020-02-29","2020-02-29 00:00:00.000000"]]

select from_unixtime(1.5), to_unixtime(timestamp '1970-01-01 00:00:02'), from_iso8601_timestamp('2020-01-01T10:00:00Z')
----
> _col0 timestamp(6) with time zone, _col1 double, _col2 timestamp(6) with time zone
[["1970-01-01 00:00:01.500000 UTC",2.0,"2020-01-01 10:00:00.000000 UTC"]]

select date_format(timestamp '2020-03-05 14:07:09', '%Y-%m-%d %H:%i:%s'), date_parse('2020-03-05 14:07', '%Y-%m-%d %H:%i'), date('2020-03-05')
----
> _col0 varchar, _col1 timestamp(6), _col2 date
[["2020-03-05 14:07:09","2020-03-05 14:07:00.000000","2020-03-05"]]

select day_of_week(date '2020-01-05'), dow(date '2020-01-06'), year(date '2020-01-05'), week(date '2020-01-05'), millisecond(timestamp '2020-01-01 00:00:01.25'), extract(year from date '2020-01-05')
----
> _col0 bigint, _col1 bigint, _col2 bigint, _col3 bigint, _col4 bigint, _col5 bigint
[[7,1,2020,1,250,2020]]

select at_timezone(timestamp '2020-01-01 10:00:00 UTC', 'America/New_York')
----
> _col0 timestamp(6)
[["2020-01-01 05:00:00.000000"]]

select regexp_like('abc', 'b'), regexp_extract('a12', '\d+'), regexp_extract('a', '\d+'), regexp_replace('aXbX', 'X', '_'), regexp_replace('ab', '(a)(b)', '$2$1')
----
> _col0 boolean, _col1 varchar, _col2 varchar, _col3 varchar, _col4 varchar
[[true,"12",null,"a_b_","ba"]]

select concat('a', 'b'), concat('a', null), greatest(1, null), greatest(1, 3, 2), least(2, 1)
----
> _col0 varchar, _col1 integer, _col2 integer, _col3 integer, _col4 integer
[["ab",null,null,3,1]]

select cardinality(array[1, 2]), element_at(array[1, 2], 2), element_at(array[1], 5), contains(array[1], 1), array_join(array[1, 2], ','), slice(array[1, 2, 3], 2, 2)
----
> _col0 bigint, _col1 integer, _col2 integer, _col3 boolean, _col4 varchar, _col5 array(integer)
[[2,2,null,true,"1,2",[2,3]]]

select transform(array[1, 2], x -> x + 1), filter(array[1, 2, 3], x -> x > 1), array_sort(array[2, null, 1]), array_position(array[1], 7), sequence(1, 3)
----
> _col0 array(integer), _col1 array(integer), _col2 array(integer), _col3 bigint, _col4 array(bigint)
[[[2,3],[2,3],[1,2,null],0,[1,2,3]]]

select count_if(x > 1), arbitrary(x) > 0, max_by(y, x), array_agg(x order by x desc), every(x > 0), bool_or(x > 1) from (values (1, 'a'), (2, 'b')) t(x, y)
----
> _col0 bigint, _col1 boolean, _col2 varchar, _col3 array(integer), _col4 boolean, _col5 boolean
[[1,true,"b",[2,1],true,true]]

select split_part('a,b', ',', 2), split('a,b', ','), strpos('abc', 'c'), substr('hello', 2, 3), upper('a'), length('é'), reverse('ab'), trim('  x '), lpad('1', 3, '0'), replace('aXa', 'X', '-')
----
> _col0 varchar, _col1 array(varchar), _col2 bigint, _col3 varchar, _col4 varchar, _col5 bigint, _col6 varchar, _col7 varchar, _col8 varchar, _col9 varchar
[["b",["a","b"],3,"ell","A",1,"ba","x","001","a-a"]]

select if(true, 1, 2), coalesce(null, 1), nullif(1, 1), try(cast('x' as integer)), try_cast('x' as integer)
----
> _col0 integer, _col1 integer, _col2 integer, _col3 integer, _col4 integer
[[1,1,null,null,null]]

select to_hex(x'0aff'), from_hex('0AFF'), to_base64(x'00'), from_utf8(to_utf8('é')), bitwise_and(6, 3), mod(7, 3), power(2, 3), sign(-2), truncate(1.7e0)
----
> _col0 varchar, _col1 varbinary, _col2 varchar, _col3 varchar, _col4 bigint, _col5 integer, _col6 double, _col7 integer, _col8 double
[["0AFF","Cv8=","AA==","é",2,1,8.0,-1,1.0]]

select histogram(x) from (values ('a'), ('a'), ('b')) t(x)
----
> _col0 map(varchar, bigint)
[[{"a":2,"b":1}]]

select typeof(1), version(), is_nan(nan())
----
> _col0 varchar, _col1 varchar, _col2 boolean
[["integer","steelthread",true]]

select current_catalog, current_schema
----
> current_catalog varchar, current_schema varchar
[["lake","default"]]

select json_extract_scalar('{"a":NaN}', '$.a'), json_extract('[1,]', '$[0]'), json_array_length('[Infinity]'), try(json_parse('-Infinity')), json_format(json_parse('{"a":"NaN, ]"}'))
----
> _col0 varchar, _col1 json, _col2 bigint, _col3 json, _col4 varchar
[[null,null,null,null,"{\"a\":\"NaN, ]\"}"]]

select from_utf8(x'61ff62'), from_utf8(x'61ff62', '?'), from_utf8(x'e28261', ''), length(from_utf8(x'f09f98')), from_utf8(x'c3a9')
----
> _col0 varchar, _col1 varchar, _col2 varchar, _col3 bigint, _col4 varchar
[["a�b","a?b","a",1,"é"]]

select reduce(array[1, 2], (s, x) -> s + x), reduce(array[1, 2], (s, x) -> s + x, 10)
----
> _col0 integer, _col1 integer
[[3,13]]

select 1e309, -1e309, 1e-400, 1e309 > 1e308
----
> _col0 double, _col1 double, _col2 double, _col3 boolean
[["Infinity","-Infinity",0.0,true]]
