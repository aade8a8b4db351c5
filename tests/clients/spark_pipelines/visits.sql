-- One row a visit: a URL, its parameters and a time, taken apart.
CREATE TEMPORARY VIEW visits_of AS
SELECT get_json_object(CAST(value AS STRING), '$.player') AS player,
       get_json_object(CAST(value AS STRING), '$.url') AS url,
       get_json_object(CAST(value AS STRING), '$.agent') AS agent,
       timestamp_millis(CAST(get_json_object(CAST(value AS STRING), '$.at_ms') AS BIGINT)) AS at,
       from_json(get_json_object(CAST(value AS STRING), '$.extra'), 'MAP<STRING, STRING>') AS extra
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'visit';

CREATE STREAMING TABLE visits AS
SELECT player, try_parse_url(url, 'HOST') AS host, try_parse_url(url, 'QUERY', 'campaign') AS campaign,
       regexp_extract(agent, '^([A-Za-z]+)/(\\d+)', 1) AS browser,
       TRY_CAST(regexp_extract(agent, '^([A-Za-z]+)/(\\d+)', 2) AS INT) AS version,
       date_format(at, 'yyyy-MM-dd') AS day, date_trunc('HOUR', at) AS hour,
       hour(at) BETWEEN 0 AND 5 AS is_night, at + INTERVAL 30 MINUTES AS ends_at
FROM STREAM(visits_of);

CREATE STREAMING TABLE visit_facts AS
SELECT player, entry.key AS name, entry.value AS value
FROM (SELECT player, explode(map_entries(extra)) AS entry FROM STREAM(visits_of)) AS facts
WHERE entry.value IS NOT NULL;
