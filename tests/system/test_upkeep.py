"""Upkeep of tables under a running server, as PyIceberg, DuckDB and SQL see it."""
import json
import pathlib
import threading
import urllib.request

import duckdb
import pytest
from confluent_kafka import Producer
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.table import StaticTable

from conftest import DEADLINE_S, ROOT, poll

COMMITS = 20
FEW = 16  # files of a table at which upkeep leaves them alone
COUNTED = """CREATE STREAMING TABLE counted
TBLPROPERTIES ('steelthread.trigger' = '100 milliseconds', 'steelthread.format' = 'json')
AS SELECT CAST(get_json_object(CAST(value AS STRING), '$.n') AS BIGINT) AS n FROM STREAM(numbers);
"""
READS = 25  # of each reader, at least


def buy(server, count=1):
    for _ in range(count):
        urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_sword",
                               timeout=DEADLINE_S).read()


def commit(server, times):
    """One purchase and one commit of the table of swords, so often."""
    for _ in range(times):
        buy(server)
        done = server.run("pipeline", "run", "sword_purchases", "--once")
        assert done.returncode == 0, done.stderr


def swords(server):
    """What status says of the table."""
    status = json.loads(server.run("status", "--format", "json").stdout)
    return next(one for one in status["tables"] if one["name"] == "sword_purchases")


def catalog(server):
    return RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")


def load(server):
    return catalog(server).load_table("default.sword_purchases")


def files_of(table):
    return [pathlib.Path(task.file.file_path.removeprefix("file://"))
            for task in table.scan().plan_files()]


def sql(server, text):
    done = server.run("sql", "--format", "csv", text)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[1:]


def put_together(server):
    poll("few files", lambda: swords(server)["files"] < FEW and swords(server).get("rewrites", 0) > 0)


def test_small_files_become_few_with_the_same_rows(server):
    commit(server, 5)
    old = load(server)
    before = old.scan().to_arrow()
    commit(server, COMMITS - 5)
    put_together(server)
    table = load(server)
    rows = table.scan().to_arrow()
    assert rows.num_rows == COMMITS
    operations = [snapshot.summary.operation.value for snapshot in table.snapshots()]
    assert "overwrite" not in operations and "replace" in operations, operations
    totals = [int(snapshot.summary["total-records"]) for snapshot in table.snapshots()]
    assert totals == sorted(totals) and totals[-1] == COMMITS
    assert sql(server, "select count(*), count(distinct timestamp) from sword_purchases") == [
        f"{COMMITS},{COMMITS}"]
    [(count,)] = duckdb.connect().execute(
        "SELECT count(*) FROM read_parquet(?)", [[str(path) for path in files_of(table)]]).fetchall()
    assert count == COMMITS
    # Who has read the metadata before reads on, and so does who asks for an older snapshot.
    assert old.scan().to_arrow().equals(before)
    first = table.snapshots()[0]
    assert table.scan(snapshot_id=first.snapshot_id).to_arrow().num_rows == totals[0]


def test_the_order_of_the_log_stays(server):
    commit(server, COMMITS)
    put_together(server)
    offsets = load(server).scan().to_arrow()["timestamp"].to_pylist()
    assert offsets == sorted(offsets)


def test_a_pipeline_goes_on_over_rewrites_and_kills(server):
    for _ in range(3):
        commit(server, 12)
        server.kill9()
        server.start()
    # The rewrites that status counts may all have been before the last start.
    poll("few files", lambda: swords(server)["files"] < FEW)
    commit(server, 1)
    assert sql(server, "select count(*) from sword_purchases") == ["37"]
    assert json.loads(server.run("status", "--format", "json").stdout)["problems"] == []


def test_a_damaged_file_is_named_and_stays(server):
    commit(server, 3)
    damaged = files_of(load(server))[1]
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    commit(server, COMMITS - 3)
    poll("upkeep to find it", lambda: damaged.name in swords(server).get("upkeep_error", ""))
    assert swords(server)["files"] == COMMITS and damaged.exists()
    damaged.write_bytes(whole)
    put_together(server)
    assert swords(server)["upkeep_error"] == ""
    assert sql(server, "select count(*) from sword_purchases") == [str(COMMITS)]


@pytest.fixture
def off(server):
    """The server with upkeep switched off."""
    server.stop()
    server.settings["lake.upkeep"] = "false"
    return server.start()


def test_it_can_be_switched_off(off):
    commit(off, COMMITS)
    assert "rewrites" not in swords(off)
    assert swords(off)["files"] == COMMITS


def iceberg_scans():
    """A DuckDB with its extension for Iceberg, which needs that for Avro."""
    database = duckdb.connect()
    for name in ("avro", "iceberg"):
        [file] = (ROOT / ".deps/duckdb-extensions").glob(f"duckdb_extension_{name}/extensions/*/{name}.duckdb_extension")
        database.execute(f"LOAD '{file}'")
    return database


class Changing:
    """A table of the numbers 0, 1, 2 …, which are sent one after the other and committed in many small files, while
    the server's upkeep and two commands put files together and expire snapshots."""

    def __init__(self, server):
        self.server = server
        self.sent = 0
        self.commands = 0
        self.failed = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=act) for act in (self.send, self.change)]

    def send(self):
        producer = Producer({"bootstrap.servers": self.server.endpoints["kafka"], "linger.ms": 5,
                             "enable.idempotence": True})
        while not self.stop.is_set():
            producer.produce("numbers", json.dumps({"n": self.sent}))
            self.sent += 1
            producer.poll(0)
            self.stop.wait(0.005)
        if producer.flush(DEADLINE_S):
            self.failed.append("records were not sent")

    def change(self):
        while not self.stop.is_set():
            for words in (("expire", "counted", "--older-than", "0s", "--keep", "1"), ("compact", "counted")):
                done = self.server.run("table", *words)
                if done.returncode:
                    self.failed.append(done.stderr)
                self.commands += 1
                self.stop.wait(0.7)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(DEADLINE_S)


def test_readers_lose_no_file_and_no_row_while_upkeep_runs(server):
    """Each read is a prefix of what was sent, and none is shorter than the one before."""
    (server.project / "pipelines/counted.sql").write_text(COUNTED)
    for words in (("topic", "create", "numbers"), ("reload",)):
        done = server.run(*words)
        assert done.returncode == 0, done.stderr
    folder = server.data / "warehouse/default/counted/metadata"
    database = iceberg_scans()

    def counted():
        return catalog(server).load_table("default.counted")

    def newest():
        return str(max(folder.glob("v*.metadata.json"), key=lambda file: int(file.name[1:].split(".")[0])))

    def numbers(table):
        return table.scan().to_arrow()["n"].to_pylist()

    readers = {
        "PyIceberg by the catalog": lambda: numbers(counted()),
        "PyIceberg by the newest metadata": lambda: numbers(StaticTable.from_metadata(newest())),
        "DuckDB by the newest metadata": lambda: [
            n for [n] in database.execute("SELECT n FROM iceberg_scan(?)", [newest()]).fetchall()],
    }
    poll("the table", lambda: catalog(server).table_exists("default.counted"))
    last = 0
    held = []  # tables of before, and their rows

    def is_enough(reads):
        status = json.loads(server.run("status", "--format", "json").stdout)
        [table] = [one for one in status["tables"] if one["name"] == "counted"]
        return reads >= READS and table.get("rewrites", 0) >= 2 and changing.commands >= 6

    def read_all():
        nonlocal last
        for name, read in readers.items():
            rows = read()
            assert sorted(rows) == list(range(len(rows))), name
            assert len(rows) >= last, name
            last = len(rows)
        for table, rows in held:
            assert numbers(table) == rows, "a reader of an older snapshot lost rows"

    with Changing(server) as changing:
        reads = 0

        def step():
            nonlocal reads
            read_all()
            if reads % 10 == 0:
                held.append((table := counted(), numbers(table)))
            reads += 1
            return reads % 5 == 0 and is_enough(reads)
        poll("reads beside rewrites and expiries", step)
    assert changing.failed == []
    assert changing.sent > last > 0
    done = server.run("pipeline", "run", "counted")
    assert done.returncode == 0, done.stderr
    for name, read in readers.items():
        assert sorted(read()) == list(range(changing.sent)), name
    assert json.loads(server.run("status", "--format", "json").stdout)["problems"] == []
