"""Upkeep of tables under a running server, as PyIceberg, DuckDB and SQL see it."""
import json
import pathlib
import urllib.request

import duckdb
import pytest
from pyiceberg.catalog.rest import RestCatalog

from conftest import DEADLINE_S, poll

COMMITS = 20
FEW = 16  # files of a table at which upkeep leaves them alone


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
