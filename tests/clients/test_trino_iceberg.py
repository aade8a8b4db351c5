"""Trino reads our tables through the REST catalog: partitioned, sorted, nested and evolved ones, before,
while and after they are put together, rolled back and renamed. It is skipped where trino_home.py finds no
Trino or no Java for it: `tools/setup --trino` fetches half a gigabyte, which nothing else needs.

    ST_TEST_DEADLINE_S=1200 .deps/venv/bin/python -m pytest tests/clients/test_trino_iceberg.py
"""
import contextlib
import json
import shutil
import subprocess
import threading
import urllib.request

import pytest
import trino

import iceberg_tables
import record_trino
import trino_home
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


# A table of the numbers from 0 on, in the order of the log.
NUMBERS = """\
CREATE STREAMING TABLE numbers TBLPROPERTIES ('steelthread.trigger' = '100 milliseconds')
AS SELECT CAST(CAST(value AS STRING) AS BIGINT) AS n FROM STREAM(numbers_in)
"""
NESTED = f"CREATE STREAMING TABLE nested AS {iceberg_tables.SELECT_NESTED} FROM STREAM(nested_in)"
REWRITES = 3
READS = 20


@pytest.fixture(scope="module", autouse=True)
def home():
    """Where Trino's files are."""
    if reason := trino_home.why_not():
        pytest.skip(reason)
    return trino_home.server()


@contextlib.contextmanager
def running(folder, upkeep):
    server = Server(folder)
    server.settings["lake.upkeep"] = upkeep
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def lake(home, tmp_path_factory):
    """A server of the course's example, whose upkeep is off, with a table by day and host."""
    folder = tmp_path_factory.mktemp("lake")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    (folder / "pipelines/visits.sql").write_text(VISITS)
    with running(folder, "false") as server:
        yield server


@pytest.fixture(scope="module")
def busy(home, tmp_path_factory):
    """A server whose upkeep is on."""
    folder = tmp_path_factory.mktemp("busy")
    (folder / "pipelines").mkdir()
    (folder / "steelthread.toml").write_text("")
    with running(folder, "true") as server:
        for name, text in (("numbers", NUMBERS), ("nested", NESTED)):
            ok(server, "topic", "create", f"{name}_in")
            (folder / f"pipelines/{name}.sql").write_text(text)
        ok(server, "reload")
        yield server


@pytest.fixture(scope="module")
def engine(home, lake, busy, tmp_path_factory):
    """A connection to a Trino whose catalogs `lake` and `busy` are ours."""
    folder = tmp_path_factory.mktemp("trino")
    port = record_trino.free_port()
    words = record_trino.command(home, folder, port)
    for name, server in (("lake", lake), ("busy", busy)):
        (folder / f"etc/catalog/{name}.properties").write_text(
            "connector.name=iceberg\niceberg.catalog.type=rest\n"
            f"iceberg.rest-catalog.uri=http://{server.endpoints['catalog']}\n"
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
        return rows(connection, "SELECT count(*) FROM lake.default.visits")
    except trino.exceptions.TrinoQueryError as error:
        assert error.error_name == "NO_NODES_AVAILABLE", error
        return None


def rows(connection, text):
    cursor = connection.cursor()
    cursor.execute(text)
    return [tuple(row) for row in cursor.fetchall()]


def ok(server, *words, **options):
    done = server.run(*words, **options)
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


class Writer(threading.Thread):
    """Appends the next numbers to the topic of the table `numbers` until it is stopped."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.written = 0
        self._server = server
        self._stop_asked = threading.Event()
        self._error = None

    def run(self):
        try:
            while not self._stop_asked.is_set():
                text = "".join(f"{self.written + n}\n" for n in range(4))
                ok(self._server, "topic", "produce", "numbers_in", input=text)
                self.written += 4
        except BaseException as error:
            self._error = error

    def end(self):
        self._stop_asked.set()
        self.join(DEADLINE_S)
        if self._error:
            raise self._error


def upkeep_of(server, table):
    [found] = [one for one in json.loads(ok(server, "status", "--format", "json"))["tables"]
               if one["name"].rpartition(".")[2] == table]
    return found


def check_numbers(engine, at_least):
    """Whatever version Trino reads, it has the numbers from 0 on, each once."""
    [(count, total, most)] = rows(engine, "SELECT count(*), sum(n), max(n) FROM busy.default.numbers")
    assert (total or 0, most or 0) == (count * (count - 1) // 2, max(count - 1, 0))
    assert count >= at_least
    return count


def test_trino_reads_while_commits_and_upkeep_go_on(busy, engine):
    writer = Writer(busy)
    writer.start()
    reads, count = 0, 0
    try:
        while reads < READS or upkeep_of(busy, "numbers")["rewrites"] < REWRITES:
            count = check_numbers(engine, count)
            reads += 1
    finally:
        writer.end()
    ok(busy, "pipeline", "run", "numbers", "--once")
    assert check_numbers(engine, count) == writer.written > 0
    operations = rows(engine, 'SELECT operation, count(*) FROM busy.default."numbers$snapshots" GROUP BY 1')
    assert dict(operations)["replace"] >= 1 and dict(operations)["append"] >= 1
    before = rows(engine, 'SELECT count(*) FROM busy.default."numbers$files"')
    ok(busy, "table", "compact", "numbers")
    assert rows(engine, 'SELECT count(*) FROM busy.default."numbers$files"') <= before
    ok(busy, "table", "expire", "numbers", "--older-than", "0s")
    assert rows(engine, 'SELECT count(*) FROM busy.default."numbers$snapshots"') == [(1,)]
    assert check_numbers(engine, count) == writer.written
    print(f"{reads} reads beside {upkeep_of(busy, 'numbers')['rewrites']} rewrites, {writer.written} rows")


def test_trino_reads_nested_values_before_and_after_they_are_put_together(busy, engine):
    for records in iceberg_tables.NESTED_ROWS:
        text = "\n".join(iceberg_tables.values_of(*records)) + "\n"
        ok(busy, "topic", "produce", "nested_in", input=text)
        ok(busy, "pipeline", "run", "nested", "--once")
    text = ("SELECT id, event.place.x, event.place.name, cardinality(items), element_at(items, 2).sku, "
            "to_unixtime(items[1].at), element_at(counts, 'a'), cardinality(event.counts), numbers[2] "
            "FROM busy.default.nested WHERE id IS NOT NULL AND cardinality(items) > 0 ORDER BY id")
    whole = "SELECT count(*), count(event), count(event.place), count(items), count(counts) FROM busy.default.nested"
    filtered = "SELECT id FROM busy.default.nested WHERE event.place.name = 'b' OR event.place.x > 1"

    def check():
        assert rows(engine, text) == [(1, 1.5, "a longer name than bounds have room for", 2, None,
                                       pytest.approx(1795990500.123456), 1, 2, 7)]
        assert rows(engine, whole) == [(6, 6, 3, 3, 3)]
        assert sorted(rows(engine, filtered), key=str) == [(1,), (None,)]

    check()
    assert rows(engine, 'SELECT count(*) FROM busy.default."nested$files"') == [(3,)]
    ok(busy, "table", "compact", "nested")
    assert rows(engine, 'SELECT count(*) FROM busy.default."nested$files"') == [(1,)]
    check()
