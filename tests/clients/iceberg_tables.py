"""Tables that both Iceberg's reference implementation and steelthread make: the same columns and rows.

FOR_SPARK has the statements of each table for Spark; {table} is its name, {first} its first snapshot,
{folder} where it lies. What makes the same table here is in iceberg_ours.py.
"""
import json

ROWS = [  # of three commits
    [{"flag": "true", "n": "1", "big": "9007199254740993", "x": "1.5", "price": "14.20",
      "name": "a longer name than bounds have room for", "day": "2026-11-29",
      "at": "2026-11-29 22:15:00.123456"},
     {"flag": "false", "n": "-7", "big": "-1", "x": "-0.0", "price": "-0.05", "name": "Zoë",
      "day": "1969-12-31", "at": "1969-12-31 23:59:59.999999"},
     {}],
    [{"flag": "true", "n": "2147483647", "big": "12", "x": "NaN", "price": "9999999.99", "name": "",
      "day": "2026-11-30", "at": "2026-11-30 00:00:00"},
     {"n": "5", "x": "2.25", "name": "b"}],
    [{"name": "only a name"}],
]
NESTED_ROWS = [
    [{"id": 1, "place": {"x": 1.5, "name": "a longer name than bounds have room for"},
      "items": [{"sku": "s1", "at": "2026-11-29T22:15:00.123456Z"}, {"at": "1969-12-31T23:59:59.999999Z"}],
      "counts": {"a": 1, "b": None}},
     {"id": 2, "place": {"x": -0.0}, "items": [], "counts": {}},
     {}],
    [{"place": {"name": "b"}, "items": [None, {"sku": ""}], "counts": {"c": 9007199254740993}},
     {"id": -7}],
    [{"id": 3}],
]
TYPES = {"flag": "BOOLEAN", "n": "INT", "big": "BIGINT", "x": "DOUBLE", "price": "DECIMAL(9,2)",
         "name": "STRING", "code": "BINARY", "day": "DATE", "at": "TIMESTAMP"}
# {column: (member of a row, type)}
COLUMNS = {name: ("name" if name == "code" else name, kind) for name, kind in TYPES.items()}
MORE = {**COLUMNS, "more": ("more", "STRING")}
TIMES = {"at": ("at", "TIMESTAMP"), "there": ("at", "TIMESTAMP_NTZ"), "day": ("day", "DATE"),
         "ratio": ("x", "FLOAT")}
# Of one table, one after the other.
SHAPES = [
    {"n": ("n", "INT"), "x": ("x", "FLOAT"), "price": ("price", "DECIMAL(9,2)"), "name": ("name", "STRING"),
     "flag": ("flag", "BOOLEAN")},
    {"n": ("n", "INT"), "x": ("x", "FLOAT"), "price": ("price", "DECIMAL(9,2)"), "label": ("name", "STRING"),
     "flag": ("flag", "BOOLEAN")},
    {"n": ("n", "INT"), "x": ("x", "FLOAT"), "price": ("price", "DECIMAL(9,2)"), "label": ("name", "STRING")},
    {"n": ("n", "BIGINT"), "x": ("x", "DOUBLE"), "price": ("price", "DECIMAL(12,2)"),
     "label": ("name", "STRING")},
    {"label": ("name", "STRING"), "n": ("n", "BIGINT"), "x": ("x", "DOUBLE"), "price": ("price", "DECIMAL(12,2)")},
]
PLACE = "STRUCT<x: DOUBLE, name: STRING>"
ITEMS = "ARRAY<STRUCT<sku: STRING, at: TIMESTAMP>>"
COUNTS = "MAP<STRING, BIGINT>"
EVENT = f"id INT, place {PLACE}, items {ITEMS}, counts {COUNTS}"
DESCRIBED = ("n INT COMMENT 'how many', name STRING COMMENT 'who, or \"nobody\"'", "what was bought",
             "'team' = 'games', 'purpose' = 'none'")


def select(columns):
    """For both, from the text of a row in the column `value`."""
    return "SELECT " + ", ".join(
        f"CAST(get_json_object(CAST(value AS STRING), '$.{member}') AS {kind}) AS {name}"
        for name, (member, kind) in columns.items())


SELECT_NESTED = (f"SELECT from_json(CAST(value AS STRING), '{EVENT}') AS event, event.id AS id, "
                 "event.items AS items, event.counts AS counts, CASE WHEN event.id > 0 THEN array(event.id, 7) END AS numbers")
NESTED_COLUMNS = f"event STRUCT<{EVENT}>, id INT, items {ITEMS}, counts {COUNTS}, numbers ARRAY<INT>"


def values_of(*rows):
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def _insert(rows, query):
    values = ", ".join(f"('{value}')" for value in values_of(*rows))
    return f"INSERT INTO {{table}} {query} FROM (VALUES {values}) AS t(value)"


def _create(columns, more=""):
    listed = ", ".join(f"{name} {kind}" for name, (_, kind) in columns.items())
    return f"CREATE TABLE {{table}} ({listed}) USING iceberg {more}"


_SELECT = select(COLUMNS)
_INSERTS = [_insert(rows, _SELECT) for rows in ROWS]
_APPENDS = [_create(COLUMNS)] + _INSERTS
_PLACE = "table => '{table}'"
_REWRITE = f"CALL lake.system.rewrite_data_files({_PLACE}, options => map('rewrite-all', 'true'))"
_SORT = _REWRITE.replace("options", "strategy => 'sort', options")
_ALTER = "ALTER TABLE {table} "

_NESTED = ([f"CREATE TABLE {{table}} ({NESTED_COLUMNS}) USING iceberg"]
           + [_insert(rows, SELECT_NESTED) for rows in NESTED_ROWS])
_RESHAPED = [_create(SHAPES[0]), _insert(ROWS[0], select(SHAPES[0])),
             _ALTER + "RENAME COLUMN name TO label", _ALTER + "DROP COLUMN flag",
             _ALTER + "ALTER COLUMN n TYPE BIGINT, x TYPE DOUBLE, price TYPE DECIMAL(12,2)",
             _ALTER + "ALTER COLUMN label FIRST", _insert(ROWS[1], select(SHAPES[-1]))]
_EXPIRE = (f"CALL lake.system.expire_snapshots({_PLACE}, older_than => TIMESTAMP '2100-01-01 00:00:00', "
           "retain_last => 1)")

FOR_SPARK = {
    "empty": [_create(COLUMNS)],
    "appended": _APPENDS,
    "rewritten": _APPENDS + [_REWRITE],
    "emptied": _APPENDS + ["DELETE FROM {table}"],
    "partitioned": [_create(COLUMNS, "PARTITIONED BY (days(at))")] + _INSERTS,
    "keyed": [_create(COLUMNS, "PARTITIONED BY (flag, bucket(4, n), truncate(3, name), truncate(10, big))")]
             + _INSERTS,
    "timed": [_create(TIMES, "PARTITIONED BY (hours(at), months(day), years(there))")]
             + [_insert(rows, select(TIMES)) for rows in ROWS],
    "laid_anew": [_create(COLUMNS, "PARTITIONED BY (days(at))"), _INSERTS[0],
                  _ALTER + "REPLACE PARTITION FIELD days(at) WITH bucket(4, n)", _INSERTS[1],
                  _ALTER + "REPLACE PARTITION FIELD bucket(4, n) WITH days(at)", _INSERTS[2]],
    "days_rewritten": [_create(COLUMNS, "PARTITIONED BY (days(at))")] + _INSERTS
                      + [_REWRITE.replace("'rewrite-all', 'true'", "'min-input-files', '2'")],
    "sorted": [_create(COLUMNS), _ALTER + "WRITE ORDERED BY n, name"] + _INSERTS,
    "sorted_again": [_create(COLUMNS), _ALTER + "WRITE ORDERED BY n, name"] + _INSERTS + [_SORT],
    "evolved": [_create(COLUMNS), _INSERTS[0], _ALTER + "ADD COLUMN more STRING",
                _insert(ROWS[1], select(MORE))],
    "reshaped": _RESHAPED,
    "reshaped_rewritten": _RESHAPED + [_REWRITE],
    "nested": _NESTED,
    "nested_rewritten": _NESTED + [_REWRITE],
    "described": [f"CREATE TABLE {{table}} ({DESCRIBED[0]}) USING iceberg COMMENT '{DESCRIBED[1]}' "
                  f"TBLPROPERTIES ({DESCRIBED[2]})"],
    "tagged": [_create(COLUMNS), _INSERTS[0], _ALTER + "CREATE TAG `hour` RETAIN 1 DAYS", _INSERTS[1]],
    "rolled_back": _APPENDS + ["CALL lake.system.rollback_to_snapshot('{table}', {first})"],
    "rolled_on": _APPENDS + ["CALL lake.system.rollback_to_snapshot('{table}', {first})",
                             _insert(ROWS[1] + ROWS[2], _SELECT)],
    "expired": _APPENDS + [_EXPIRE],
    "relocated": _APPENDS + [
        _EXPIRE, f"CALL lake.system.rewrite_table_path({_PLACE}, source_prefix => '{{folder}}', "
        "target_prefix => '{folder}-moved')"],
}
