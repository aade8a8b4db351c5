-- What two topics say of players: one of them is read twice, once through a view.
CREATE TEMPORARY VIEW visits_seen AS
SELECT topic, partition, offset, get_json_object(CAST(value AS STRING), '$.player') AS player
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'visit';

CREATE STREAMING TABLE traces AS
SELECT 'visit' AS what, topic, partition, offset, upper(player) AS player, CAST(NULL AS INT) AS level
FROM STREAM(visits_seen)
UNION ALL
SELECT 'login', topic, partition, offset, get_json_object(CAST(value AS STRING), '$.name'),
       TRY_CAST(get_json_object(CAST(value AS STRING), '$.level') AS INT)
FROM STREAM(logins)
UNION ALL
SELECT 'event', topic, partition, offset, CAST(NULL AS STRING), 0
FROM STREAM(events);
