-- One row an order: nested fields, money as DECIMAL, the address as a struct.
CREATE TEMPORARY VIEW parsed_orders AS
SELECT timestamp, offset, from_json(CAST(value AS STRING),
  'order_id STRING, player STRING, placed STRING, total STRING, coupons ARRAY<STRING>,
   address STRUCT<street: STRING, zip: STRING, country: STRING>,
   items ARRAY<STRUCT<sku: STRING, qty: INT, price: DOUBLE, options: MAP<STRING, STRING>>>') AS o
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'order';

CREATE STREAMING TABLE orders AS
SELECT o.order_id AS order_id, lower(trim(o.player)) AS player,
       to_timestamp(o.placed) AS placed_at,
       CAST(o.total AS DECIMAL(12,2)) AS total,
       o.address AS address,
       coalesce(o.address.country, 'unknown') AS country,
       size(o.items) AS lines
FROM STREAM(parsed_orders);

CREATE STREAMING TABLE order_items
PARTITIONED BY (country)
AS
WITH lines AS (
  SELECT o.order_id AS order_id, coalesce(o.address.country, '??') AS country, item
  FROM STREAM(parsed_orders) LATERAL VIEW explode(o.items) i AS item
)
SELECT order_id, country, item.sku AS sku, item.qty AS qty,
       round(item.qty * item.price, 2) AS amount,
       item.options['colour'] AS colour, map_keys(item.options) AS option_names
FROM lines
WHERE item.qty > 0;

CREATE STREAMING TABLE order_positions AS
SELECT o.order_id AS order_id, pos + 1 AS line, coalesce(item.sku, 'none') AS sku
FROM STREAM(parsed_orders) LATERAL VIEW OUTER posexplode(o.items) i AS pos, item;

CREATE STREAMING TABLE order_sums AS
SELECT order_id, amounts, aggregate(amounts, 0.0D, (sum, x) -> sum + x) AS sum,
       array_max(amounts) AS dearest, exists(amounts, x -> x > 100) AS has_dear_line
FROM (
  SELECT o.order_id AS order_id, transform(filter(o.items, i -> i.qty > 0), i -> i.qty * i.price) AS amounts
  FROM STREAM(parsed_orders)
) AS summed
WHERE size(amounts) > 0;

CREATE STREAMING TABLE coupons AS
SELECT DISTINCT_CODE AS code, order_id, substring_index(DISTINCT_CODE, '-', 1) AS campaign
FROM (
  SELECT o.order_id AS order_id, explode(array_distinct(o.coupons)) AS DISTINCT_CODE
  FROM STREAM(parsed_orders)
) AS used;
