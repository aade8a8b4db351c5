-- Players as they sign up, and everything that anybody did.
CREATE STREAMING TABLE signups AS
SELECT json.name AS name, sha2(lower(json.email), 256) AS email_hash,
       to_date(json.born) AS born, datediff(DATE '2026-01-01', to_date(json.born)) DIV 365 AS age,
       CASE WHEN json.level >= 50 THEN 'veteran' WHEN json.level >= 10 THEN 'regular' ELSE 'new' END AS rank,
       array_join(transform(json.friends, (f, i) -> concat(CAST(i + 1 AS STRING), '.', initcap(f))), ', ') AS friends,
       to_json(named_struct('name', json.name, 'level', json.level)) AS document
FROM (
  SELECT from_json(CAST(value AS STRING),
    'event_type STRING, name STRING, email STRING, born STRING, level INT, friends ARRAY<STRING>') AS json
  FROM STREAM(events)
) AS read
WHERE json.event_type = 'signup' AND json.name IS NOT NULL;

CREATE STREAMING TABLE activity AS
SELECT 'order' AS kind, get_json_object(CAST(value AS STRING), '$.player') AS player, offset
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'order'
UNION ALL
SELECT 'visit', get_json_object(CAST(value AS STRING), '$.player'), offset
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'visit'
UNION ALL
SELECT 'signup', get_json_object(CAST(value AS STRING), '$.name'), offset
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'signup';

CREATE STREAMING TABLE badges AS
SELECT offset, badge.id AS id, badge.points AS points, to_timestamp(badge.won) AS won_at
FROM (
  SELECT offset, inline(from_json(get_json_object(CAST(value AS STRING), '$.badges'),
    'ARRAY<STRUCT<id: INT, points: BIGINT, won: STRING>>'))
  FROM STREAM(events)
) AS won (offset, id, points, won)
LATERAL VIEW explode(array(named_struct('id', id, 'points', points, 'won', won))) b AS badge;
