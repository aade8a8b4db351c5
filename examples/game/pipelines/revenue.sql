-- What the shop earned: a row for each item of each order.
CREATE STREAMING TABLE revenue
COMMENT 'items sold by the shop'
TBLPROPERTIES (
  'steelthread.trigger' = '10 seconds',
  'steelthread.format' = 'json',
  'steelthread.require' = 'event_type')
AS SELECT
  timestamp,
  get_json_object(CAST(value AS STRING), '$.player') AS player,
  CAST(get_json_object(CAST(value AS STRING), '$.order_id') AS BIGINT) AS order_id,
  get_json_object(CAST(value AS STRING), '$.item') AS item,
  get_json_object(CAST(value AS STRING), '$.kind') AS kind,
  get_json_object(CAST(value AS STRING), '$.rarity') AS rarity,
  CAST(get_json_object(CAST(value AS STRING), '$.quantity') AS BIGINT) AS quantity,
  CAST(get_json_object(CAST(value AS STRING), '$.total') AS BIGINT) AS coins
FROM STREAM(game)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'purchase_item';
