-- Every coin that came to a player or went: the sum by player is what the wallet holds, less the
-- coins of trades and those to start with.
CREATE STREAMING TABLE coin_flows
COMMENT 'coins to players (positive) and from them (negative)'
TBLPROPERTIES (
  'steelthread.trigger' = '10 seconds',
  'steelthread.format' = 'json',
  'steelthread.require' = 'event_type')
AS SELECT
  timestamp,
  get_json_object(CAST(value AS STRING), '$.player') AS player,
  get_json_object(CAST(value AS STRING), '$.event_type') AS reason,
  CASE get_json_object(CAST(value AS STRING), '$.event_type')
    WHEN 'grant_coins' THEN CAST(get_json_object(CAST(value AS STRING), '$.amount') AS BIGINT)
    WHEN 'spend_coins' THEN -CAST(get_json_object(CAST(value AS STRING), '$.amount') AS BIGINT)
    WHEN 'sell_item' THEN CAST(get_json_object(CAST(value AS STRING), '$.total') AS BIGINT)
    ELSE -CAST(get_json_object(CAST(value AS STRING), '$.total') AS BIGINT)
  END AS coins
FROM STREAM(game)
WHERE get_json_object(CAST(value AS STRING), '$.event_type')
  IN ('grant_coins', 'spend_coins', 'sell_item', 'purchase_item');
