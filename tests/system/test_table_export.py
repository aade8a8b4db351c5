"""steelthread table export: its files, as pyarrow, DuckDB and Python read them."""
import base64
import csv
import datetime
import decimal
import json
import os
import pathlib
import pty
import re
import subprocess

import duckdb
import pyarrow.parquet
import pytest
from pyiceberg.catalog.rest import RestCatalog

from conftest import DEADLINE_S, poll

USAGE, DAMAGE = 2, 5  # exit codes

PIPELINE = """
CREATE STREAMING TABLE kinds
TBLPROPERTIES ('steelthread.trigger' = '1 second', 'steelthread.format' = 'json')
AS SELECT
  CAST(get_json_object(CAST(value AS STRING), '$.n') AS BIGINT) AS n,
  CAST(get_json_object(CAST(value AS STRING), '$.n') AS INT) AS small,
  get_json_object(CAST(value AS STRING), '$.text') AS Text,
  CAST(get_json_object(CAST(value AS STRING), '$.amount') AS DECIMAL(9,2)) AS amount,
  CAST(get_json_object(CAST(value AS STRING), '$.share') AS DOUBLE) AS share,
  CAST(get_json_object(CAST(value AS STRING), '$.good') AS BOOLEAN) AS good,
  CAST(get_json_object(CAST(value AS STRING), '$.day') AS DATE) AS day,
  CAST(get_json_object(CAST(value AS STRING), '$.at') AS TIMESTAMP) AS at,
  value AS bytes,
  timestamp
FROM STREAM(samples);
"""
VALUES = [
    {"n": 1, "text": "plain", "amount": "14.20", "share": "0.1", "good": "true", "day": "2026-11-29",
     "at": "2026-11-29 10:00:00.123456"},
    {"n": 2, "text": 'a "quoted", text\nof two lines\r\nand a third', "amount": "-0.01", "share": "-0.0",
     "good": "false", "day": "1969-12-31", "at": "1969-12-31 23:59:59.999999"},
    {"n": 3},  # all others are NULL
    {"n": 4, "text": "", "amount": "9999999.99", "share": "1e300", "good": "true", "day": "0001-01-01",
     "at": "9999-12-31 23:59:59"},
    {"n": 5, "text": "größer, 日本 🗡"},
]


def produce(server, values):
    lines = "".join(json.dumps(value) + "\n" for value in values)
    done = server.run("topic", "produce", "samples", input=lines)
    assert done.returncode == 0, done.stderr


def commit(server, values):
    produce(server, values)
    done = server.run("pipeline", "run", "kinds")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def kinds(server):
    """The server with a table of all types, in three files."""
    server.stop()
    server.settings["lake.upkeep"] = "false"
    (server.project / "pipelines/kinds.sql").write_text(PIPELINE)
    server.start()
    server.run("topic", "create", "samples")
    for values in (VALUES[:2], VALUES[2:3], VALUES[3:]):
        commit(server, values)
    return server


def iceberg(server):
    """The rows as PyIceberg reads them, in the order of the table."""
    catalog = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")
    return catalog.load_table("default.kinds").scan().to_arrow()


def export(server, *words):
    done = server.run("table", "export", "kinds", *words)
    assert done.returncode == 0, done.stderr
    return done


def text_of(value):
    """A value as `steelthread sql` prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f UTC").rjust(30, "0")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def test_parquet_has_the_rows_types_and_field_ids_of_the_table(kinds, tmp_path):
    want = iceberg(kinds)
    assert want["n"].to_pylist() == [1, 2, 3, 4, 5]
    for is_running in (True, False):
        if not is_running:
            kinds.stop()
        path = tmp_path / f"out-{is_running}.parquet"
        done = export(kinds, "--to", str(path))
        assert done.stdout.startswith("default.kinds: 5 rows in ")
        got = pyarrow.parquet.read_table(path)
        assert got.column_names == want.column_names
        assert got.cast(want.schema).equals(want)
        ids = [field.metadata[b"PARQUET:field_id"] for field in got.schema]
        assert ids == [str(i + 1).encode() for i in range(len(ids))]
        file = kinds.run("table", "files", "kinds", "--format", "json")
        own = pyarrow.parquet.read_schema(json.loads(file.stdout)[0]["file"])
        assert got.schema.types == own.types
        [(count, amount)] = duckdb.connect().execute(
            "SELECT count(*), sum(amount) FROM read_parquet(?)", [str(path)]).fetchall()
        assert (count, amount) == (5, decimal.Decimal("10000014.18"))


def test_csv_and_ndjson_have_the_values_as_sql_prints_them(kinds, tmp_path):
    want = iceberg(kinds).to_pylist()
    export(kinds, "--to", str(tmp_path / "out.csv"))
    with open(tmp_path / "out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(want[0])
    texts = ("n", "small", "Text", "good", "day", "bytes", "amount", "at")
    for got, row in zip(rows, want, strict=True):
        for name in texts:
            assert got[name] == ("" if row[name] is None else text_of(row[name])), name
        assert got["share"] == "" if row["share"] is None else float(got["share"]) == row["share"]
    assert ',"",' in (tmp_path / "out.csv").read_text(), "an empty text is no NULL"
    export(kinds, "--to", str(tmp_path / "out.jsonl"))
    objects = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [one["Text"] for one in objects] == [row["Text"] for row in want]
    assert [one["n"] for one in objects] == [1, 2, 3, 4, 5]
    assert objects[0]["good"] is True and objects[2]["amount"] is None
    shown = kinds.run("sql", "--format", "csv", "select * from kinds").stdout.splitlines()
    stdout = export(kinds, "--to", "-", "--format", "csv")
    assert stdout.stdout.splitlines()[1:] == shown[1:]
    assert stdout.stderr.startswith("default.kinds: 5 rows in ")


def test_a_file_is_not_replaced_without_force(kinds, tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("mine")
    done = kinds.run("table", "export", "kinds", "--to", str(path))
    assert done.returncode == 1 and f"{path} exists: --force replaces it" in done.stderr
    assert path.read_text() == "mine"
    export(kinds, "--to", str(path), "--force")
    assert len(list(csv.reader(path.open(newline="")))) == 6
    folder = kinds.run("table", "export", "kinds", "--to", str(tmp_path), "--format", "csv", "--force")
    assert folder.returncode == 1 and "is a folder: name a file in it" in folder.stderr
    nowhere = kinds.run("table", "export", "kinds", "--to", str(tmp_path / "no/out.csv"))
    assert nowhere.returncode == 1 and "there is no folder" in nowhere.stderr


def test_an_earlier_snapshot_has_its_rows(kinds, tmp_path):
    history = json.loads(kinds.run("table", "history", "kinds", "--format", "json").stdout)
    first = history[-1]
    done = kinds.run("table", "compact", "kinds")
    assert done.returncode == 0, done.stderr
    for name in ("first.parquet", "first.ndjson"):
        export(kinds, "--snapshot", str(first["snapshot"]), "--to", str(tmp_path / name))
    assert pyarrow.parquet.read_table(tmp_path / "first.parquet")["n"].to_pylist() == [1, 2]
    lines = (tmp_path / "first.ndjson").read_text().splitlines()
    assert [json.loads(line)["n"] for line in lines] == [1, 2]
    none = kinds.run("table", "export", "kinds", "--snapshot", "1", "--to", str(tmp_path / "no.csv"))
    assert none.returncode == 1 and "has no snapshot 1" in none.stderr
    assert "steelthread table history default.kinds" in none.stderr


@pytest.mark.parametrize("words, said", [
    (("--to", "out.xlsx"), "does not end in .parquet, .csv, .ndjson or .jsonl: add --format"),
    (("--to", "-"), "add --format"),
    (("--to", "-", "--format", "parquet"), "parquet is written to a file"),
    (("--to", ""), "an empty text names no file"),
    ((), "--to is required"),
])
def test_words_that_name_no_file(kinds, words, said):
    done = kinds.run("table", "export", "kinds", *words)
    assert done.returncode == USAGE and said in done.stderr


def test_a_table_without_rows_has_a_head(kinds, tmp_path):
    for name in ("out.parquet", "out.csv", "out.ndjson"):
        done = kinds.run("table", "export", "bad.rows", "--to", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("bad.rows: 0 rows in ")
    table = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert table.num_rows == 0 and "raw_value" in table.column_names
    assert (tmp_path / "out.csv").read_text().splitlines() == [",".join(table.column_names)]
    assert (tmp_path / "out.ndjson").read_text() == ""


def test_damage_becomes_no_file(kinds, tmp_path):
    files = json.loads(kinds.run("table", "files", "kinds", "--format", "json").stdout)
    damaged = pathlib.Path(files[1]["file"])
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    for name in ("out.parquet", "out.csv", "out.ndjson"):
        done = kinds.run("table", "export", "kinds", "--to", str(tmp_path / name))
        assert done.returncode == DAMAGE and str(damaged) in done.stderr
        assert "; `steelthread pipeline reset " in done.stderr
        assert not (tmp_path / name).exists()
    assert not list(tmp_path.glob(".steelthread-*"))


@pytest.fixture
def large(kinds):
    """The server with a table whose export takes a while."""
    commit(kinds, [{"n": n, "text": "x" * 200} for n in range(200_000)])
    return kinds


def test_a_terminal_shows_how_far_an_export_is(large, tmp_path):
    ours, theirs = pty.openpty()
    command = large.command("table", "export", "kinds", "--to", str(tmp_path / "out.csv"))
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=DEADLINE_S, text=True)
    os.close(theirs)
    said = os.read(ours, 1 << 20).decode()
    os.close(ours)
    assert done.returncode == 0 and done.stdout.startswith("default.kinds: 200005 rows in ")
    assert re.search(r"\r\x1b\[Kdefault\.kinds: \d+ rows, \d+ %", said), said
    assert said.endswith("\r\x1b[K"), "nothing of it is left"


def test_an_interrupted_export_leaves_no_file(large, tmp_path):
    path = tmp_path / "out.csv"
    running = subprocess.Popen(large.command("table", "export", "kinds", "--to", str(path)),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    poll("the export to begin", lambda: list(tmp_path.glob(".steelthread-*.tmp")))
    running.send_signal(2)
    _, said = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 130 and "interrupted, no file was written" in said
    assert not path.exists() and not list(tmp_path.glob(".steelthread-*.tmp"))
