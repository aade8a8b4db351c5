"""Tables that both Iceberg's reference implementation and steelthread make: the same columns and rows.

FOR_SPARK has the statements of each table for Spark ({table} is its name). What makes the same table
here is in test_iceberg_fields.py.
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
TYPES = {"flag": "BOOLEAN", "n": "INT", "big": "BIGINT", "x": "DOUBLE", "price": "DECIMAL(9,2)",
         "name": "STRING", "code": "BINARY", "day": "DATE", "at": "TIMESTAMP"}
# One SELECT for both, from the text of a row in the column `value`.
SELECT = "SELECT " + ", ".join(
    f"CAST(get_json_object(CAST(value AS STRING), '$.{'name' if name == 'code' else name}') AS {kind}) AS {name}"
    for name, kind in TYPES.items())

SELECT_MORE = f"{SELECT}, CAST(get_json_object(CAST(value AS STRING), '$.more') AS STRING) AS more"


def values_of(commit):
    return [json.dumps(row, ensure_ascii=False) for row in ROWS[commit]]


def _insert(commit, select=SELECT):
    values = ", ".join(f"('{value}')" for value in values_of(commit))
    return f"INSERT INTO {{table}} {select} FROM (VALUES {values}) AS t(value)"


_COLUMNS = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
_CREATE = f"CREATE TABLE {{table}} ({_COLUMNS}) USING iceberg"
_APPENDS = [_CREATE] + [_insert(commit) for commit in range(len(ROWS))]
_PLACE = "table => '{table}'"
_REWRITE = f"CALL lake.system.rewrite_data_files({_PLACE}, options => map('rewrite-all', 'true'))"

FOR_SPARK = {
    "empty": [_CREATE],
    "appended": _APPENDS,
    "rewritten": _APPENDS + [_REWRITE],
    "emptied": _APPENDS + ["DELETE FROM {table}"],
    "partitioned": [f"{_CREATE} PARTITIONED BY (days(at))"] + _APPENDS[1:],
    "sorted": [_CREATE, "ALTER TABLE {table} WRITE ORDERED BY n, name"] + _APPENDS[1:],
    "evolved": [_CREATE, _insert(0), "ALTER TABLE {table} ADD COLUMN more STRING",
                _insert(1, SELECT_MORE)],
    "described": [f"{_CREATE} TBLPROPERTIES ('team' = 'games', 'purpose' = 'none')"],
    "tagged": [_CREATE, _insert(0), "ALTER TABLE {table} CREATE TAG `hour` RETAIN 1 DAYS",
               _insert(1)],
}
