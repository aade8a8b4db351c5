"""Trino reads our tables through the REST catalog: partitioned, sorted and evolved ones, before and
after they are put together, rolled back and renamed. Not a part of `make test`: Trino 476 is half a
gigabyte and wants Java 24 or newer.

    ST_TRINO=FOLDER JAVA_HOME=… .deps/venv/bin/python -m pytest tests/clients/trino_iceberg.py

FOLDER is an unpacked io.trino:trino-server-core (packaging tar.gz) of Maven's central repository, and
plugin/iceberg in it an unpacked io.trino:trino-iceberg (packaging zip) of the same version.
"""
import json
import os
import pathlib
import shutil
import subprocess
import urllib.request

import pytest
import trino

import record_trino
from conftest import DEADLINE_S, ROOT, Server, poll

VISITS = """\
CREATE STREAMING TABLE visits
  PARTITIONED BY (days(seen_at), bucket(4, host))
  TBLPROPERTIES ('sort-order' = 'offset DESC')
AS SELECT CAST(timestamp AS timestamp) AS seen_at, get_json_object(CAST(value AS string), '$.Host') AS host,
  offset, CAST(length(CAST(value AS string)) AS int) AS bytes
FROM STREAM(events)
"""
WIDER = VISITS.replace("AS int) AS bytes", "AS bigint) AS bytes, 'new' AS tag")


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A server of the course's example, whose upkeep is off, with a table by day and host."""
    folder = tmp_path_factory.mktemp("lake")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    (folder / "pipelines/visits.sql").write_text(VISITS)
    server = Server(folder)
    server.settings["lake.upkeep"] = "false"
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def engine(lake, tmp_path_factory):
    """A connection to a Trino whose catalog `lake` is ours."""
    home = pathlib.Path(os.environ["ST_TRINO"]).resolve()
    folder = tmp_path_factory.mktemp("trino")
    port = record_trino.free_port()
    words = record_trino.command(home, folder, port)
    (folder / "etc/catalog/lake.properties").write_text(
        "connector.name=iceberg\niceberg.catalog.type=rest\n"
        f"iceberg.rest-catalog.uri=http://{lake.endpoints['catalog']}\n"
        "fs.native-local.enabled=true\nlocal.location=/\n")
    with open(folder / "server.log", "wb") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
    try:
        record_trino.wait_until_ready(process, f"http://127.0.0.1:{port}")
        connection = trino.dbapi.connect(host="127.0.0.1", port=port, user="reader", catalog="lake",
                                         schema="default", request_timeout=DEADLINE_S)
        poll("a node of Trino that reads tables", lambda: has_node(connection))
        yield connection
    finally:
        process.terminate()
        process.wait(record_trino.DEADLINE_S)


def has_node(connection):
    """Trino answers constants before its only node has joined it."""
    try:
        return rows(connection, "SELECT count(*) FROM visits")
    except trino.exceptions.TrinoQueryError as error:
        assert error.error_name == "NO_NODES_AVAILABLE", error
        return None


def rows(connection, text):
    cursor = connection.cursor()
    cursor.execute(text)
    return [tuple(row) for row in cursor.fetchall()]


def ok(server, *words):
    done = server.run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ours(server, text):
    return [tuple(row.values()) for row in json.loads(ok(server, "sql", "--format", "json", text))]


def visit(server, count=3):
    for n in range(count):
        urllib.request.urlopen(urllib.request.Request(
            f"http://{server.endpoints['http']}/purchase_a_sword", headers={"Host": f"host{n}"}),
            timeout=DEADLINE_S).read()
    for table in ("visits", "sword_purchases"):
        ok(server, "pipeline", "run", table, "--once")


def test_trino_reads_a_table_through_all_that_happens_to_it(lake, engine):
    for _ in range(3):
        visit(lake)
    everything = "SELECT host, offset, bytes FROM visits ORDER BY offset"
    before = rows(engine, everything)
    assert before == ours(lake, everything) and len(before) == 9
    [(first,)] = rows(engine, "SELECT min(snapshot_id) FROM \"visits$snapshots\" WHERE parent_id IS NULL")
    partitions = rows(engine, 'SELECT partition.host_bucket, record_count FROM "visits$partitions"')
    assert sum(count for _, count in partitions) == 9 and len(partitions) > 1
    for n in range(3):
        text = f"SELECT count(*) FROM visits WHERE host = 'host{n}' AND seen_at > TIMESTAMP '2020-01-01 UTC'"
        assert rows(engine, text) == [(3,)]

    ok(lake, "table", "compact", "visits")
    assert rows(engine, everything) == before
    files = rows(engine, 'SELECT record_count, sort_order_id FROM "visits$files"')
    assert sorted(files) == sorted((count, 1) for _, count in partitions)
    [(held,)] = rows(engine, f"SELECT count(*) FROM visits FOR VERSION AS OF {first}")
    assert 0 <= held <= 9

    (lake.project / "pipelines/visits.sql").write_text(WIDER)
    ok(lake, "reload")
    visit(lake)
    assert rows(engine, "SELECT tag, count(*) FROM visits GROUP BY tag ORDER BY 2") == [("new", 3), (None, 9)]
    assert rows(engine, everything)[:9] == before
    assert [row[:2] for row in rows(engine, "DESCRIBE visits")] == [
        ("seen_at", "timestamp(6) with time zone"), ("host", "varchar"), ("offset", "bigint"),
        ("bytes", "bigint"), ("tag", "varchar")]
    assert rows(engine, everything) == ours(lake, everything)

    ok(lake, "pipeline", "pause", "visits")
    ok(lake, "table", "rollback", "visits", "--to", str(first))
    assert rows(engine, "SELECT count(*) FROM visits") == [(held,)]

    ok(lake, "pipeline", "pause", "sword_purchases")
    swords = rows(engine, "SELECT count(*) FROM sword_purchases")
    (lake.project / "pipelines/sword_purchases.sql").unlink()
    ok(lake, "reload")
    ok(lake, "table", "rename", "sword_purchases", "swords")
    assert rows(engine, "SELECT count(*) FROM swords") == swords == [(12,)]
    assert ("swords",) in rows(engine, "SHOW TABLES")
