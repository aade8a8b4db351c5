-- Every purchase: swords, knives, armor, and what is sold later.
CREATE STREAMING TABLE purchases
COMMENT 'every purchase'
TBLPROPERTIES (
  'steelthread.trigger' = '10 seconds',
  'steelthread.format' = 'json',
  'steelthread.require' = 'event_type')
AS SELECT
  CAST(value AS STRING) AS raw_event,
  timestamp,
  get_json_object(CAST(value AS STRING), '$.Host') AS host,
  get_json_object(CAST(value AS STRING), '$.Accept') AS accept,
  get_json_object(CAST(value AS STRING), '$.User-Agent') AS user_agent,
  get_json_object(CAST(value AS STRING), '$.event_type') AS event_type
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') LIKE 'purchase\_%';
