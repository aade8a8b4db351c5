select 1
----
> _col0 integer
[[1]]

values (1, 'a'), (2, 'b')
----
> _col0 integer, _col1 varchar
[[1,"a"],[2,"b"]]

with a as (select 1 as x) select x, x + 1 from a;
----
> x integer, _col1 integer
[[1,2]]

select * from purchases order by offset
----
> host varchar, event_type varchar, offset bigint, timestamp timestamp(6) with time zone, price decimal(9, 2), raw_event varchar
[["user0","purchase_sword",0,"2026-11-23 10:00:00.000000 UTC",null,null],["user1","purchase_sword",1,"2026-11-23 10:00:01.000000 UTC",null,null],["user2","purchase_sword",2,"2026-11-23 10:00:02.000000 UTC",null,null],["user3","purchase_knife",3,"2026-11-23 10:00:03.000000 UTC","4.50","{\"Host\":\"h3\"}"],["user4","purchase_knife",4,"2026-11-23 10:00:04.000000 UTC","6.00","{\"Host\":\"h4\"}"]]

select host, count(*) from default.purchases group by 1 order by 1 limit 2
----
> host varchar, _col1 bigint
[["user0",1],["user1",1]]

select count(*) from lake.default.purchases
----
> _col0 bigint
[[5]]

select COUNT(*) as N from LAKE.DEFAULT."purchases" P where p.HOST = 'user1'
----
> n bigint
[[1]]

select default.purchases.host from default.purchases where offset = 1
----
> host varchar
[["user1"]]

select offset from purchases where offset >= 3 order by offset desc offset 1
----
> offset bigint
[[3]]

select max(offset), min(timestamp) from purchases
----
> _col0 bigint, _col1 timestamp(6) with time zone
[[4,"2026-11-23 10:00:00.000000 UTC"]]

select * from bad.rows
----
> raw_value varbinary, code varchar
[["eAD/","not_json"]]

select * from empty_table
----
> host varchar, event_type varchar, offset bigint, timestamp timestamp(6) with time zone, price decimal(9, 2), raw_event varchar
[]

select count(*) from empty_table
----
> _col0 bigint
[[0]]

select p.host, r.code from purchases p cross join bad.rows r where p.offset = 4
----
> host varchar, code varchar
[["user4","not_json"]]

select host from purchases where offset in (select offset from purchases where price > 5)
----
> host varchar
[["user4"]]

select event_type, count(*), count(*) filter (where offset > 1) from purchases group by event_type order by 1
----
> event_type varchar, _col1 bigint, _col2 bigint
[["purchase_knife",2,2],["purchase_sword",3,1]]

select host, lag(host) ignore nulls over (order by offset) from purchases order by offset limit 2
----
> host varchar, _col1 varchar
[["user0",null],["user1","user0"]]

select host, row_number() over (partition by event_type order by offset) as rn from purchases order by 1
----
> host varchar, rn bigint
[["user0",1],["user1",2],["user2",3],["user3",1],["user4",2]]

select * from (select count(*) from purchases)
----
> _col0 bigint
[[5]]

select a.*, count(*) over () from (select 1 as x) a
----
> x integer, _col1 bigint
[[1,1]]

select * from (values (1, 'x')) as t(a, b)
----
> a integer, b varchar
[[1,"x"]]

select x from unnest(array[1, 2]) as u(x)
----
> x integer
[[1],[2]]

select t.id, u.x from (values (1, array[5, 6])) t(id, l) cross join unnest(l) as u(x)
----
> id integer, x integer
[[1,5],[1,6]]

with recursive n(i) as (select 1 union all select i + 1 from n where i < 4) select sum(i) from n
----
> _col0 bigint
[[10]]

select 1 union all select 2 order by 1
----
> _col0 integer
[[1],[2]]

select 'default' as "default", "host" from purchases limit 1 -- default.purchases
----
> default varchar, host varchar
[["default","user0"]]

select case when offset > 2 then 'late' else 'early' end, count(*) from purchases group by 1 order by 1
----
> _col0 varchar, _col1 bigint
[["early",3],["late",2]]

select distinct event_type from purchases order by event_type
----
> event_type varchar
[["purchase_knife"],["purchase_sword"]]

select e1.host from purchases e1 join purchases e2 using (offset) where e2.offset = 0
----
> host varchar
[["user0"]]

select exists (select 1 from purchases), (select max(price) from purchases)
----
> _col0 boolean, _col1 decimal(9, 2)
[[true,"6.00"]]

select
  host
from purchases
where timestamp >= timestamp '2026-11-23 10:00:04 UTC'
----
> host varchar
[["user4"]]
