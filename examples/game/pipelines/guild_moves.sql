-- Who came to a guild and who went: the sum of moves by guild is its size.
CREATE STREAMING TABLE guild_moves
COMMENT 'players that join guilds (1) and leave them (-1)'
TBLPROPERTIES (
  'steelthread.trigger' = '10 seconds',
  'steelthread.format' = 'json',
  'steelthread.require' = 'event_type')
AS SELECT
  timestamp,
  get_json_object(CAST(value AS STRING), '$.guild') AS guild,
  get_json_object(CAST(value AS STRING), '$.player') AS player,
  CASE WHEN get_json_object(CAST(value AS STRING), '$.event_type') = 'join_guild' THEN 1 ELSE -1 END
    AS move
FROM STREAM(game)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') IN ('join_guild', 'leave_guild');
