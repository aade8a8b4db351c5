"""Tables as other engines see them: PyIceberg through the REST catalog, DuckDB on the files."""
import datetime
import json
import pathlib
import urllib.error
import urllib.request

import duckdb
import pyarrow
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

from conftest import poll

HOSTS = ("user1.comcast.com", "user2.att.com")


def send(server, path, host):
    url = f"http://{server.endpoints['http']}{path}"
    urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host})).read()


def sold(server, count):
    """The catalog's table of swords once it holds `count` rows."""
    run = server.run("pipeline", "run", "sword_purchases", "--once")
    assert run.returncode == 0, run.stderr

    def table():
        loaded = catalog(server).load_table("default.sword_purchases")
        snapshot = loaded.current_snapshot()
        rows = int(snapshot.summary["total-records"]) if snapshot else 0
        assert rows <= count
        return loaded if rows == count else None

    return poll(f"{count} rows", table)


def catalog(server):
    return RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")


@pytest.fixture
def table(server):
    """Five swords in two commits, and a request that is none."""
    send(server, "/", HOSTS[0])
    for n in range(3):
        send(server, "/purchase_a_sword", HOSTS[n % 2])
    sold(server, 3)
    for _ in range(2):
        send(server, "/purchase_a_sword", HOSTS[1])
    return sold(server, 5)


def test_pyiceberg_lists_loads_and_scans(server, table):
    lake = catalog(server)
    assert lake.list_namespaces() == [("bad",), ("default",)]
    assert ("default", "sword_purchases") in lake.list_tables("default")
    assert lake.table_exists("default.sword_purchases")
    assert not lake.table_exists("default.armour")
    with pytest.raises(NoSuchTableError):
        lake.load_table("default.armour")
    with pytest.raises(NoSuchNamespaceError):
        lake.list_tables("elsewhere")

    columns = {field.name: str(field.field_type) for field in table.schema().fields}
    assert columns == {"raw_event": "string", "timestamp": "timestamptz", "host": "string",
                       "accept": "string", "user_agent": "string", "event_type": "string"}
    rows = table.scan().to_arrow()
    assert rows.schema.field("timestamp").type == pyarrow.timestamp("us", tz="UTC")
    rows = rows.to_pylist()
    assert sorted(row["host"] for row in rows) == [HOSTS[0]] * 2 + [HOSTS[1]] * 3
    now = datetime.datetime.now(datetime.timezone.utc)
    for row in rows:
        assert json.loads(row["raw_event"])["Host"] == row["host"]
        assert row["event_type"] == "purchase_sword"
        assert abs(now - row["timestamp"]) < datetime.timedelta(minutes=5)


def test_bounds_prune_files_and_lose_no_row(table):
    swords = table.scan(row_filter="event_type = 'purchase_sword'")
    assert len(swords.to_arrow()) == 5
    assert len(list(table.scan().plan_files())) >= 2
    assert list(table.scan(row_filter="event_type = 'z'").plan_files()) == []
    # Each row's own time finds it.
    for row in table.scan().to_arrow().to_pylist():
        found = table.scan(row_filter=f"timestamp = '{row['timestamp'].isoformat()}'").to_arrow()
        assert row in found.to_pylist()


def test_history_and_progress_are_in_the_metadata(table):
    assert "steelthread.offsets" in table.properties
    totals = [int(snapshot.summary["total-records"]) for snapshot in table.snapshots()]
    assert totals == sorted(totals) and totals[-1] == 5
    first = table.snapshots()[0]
    before = len(table.scan(snapshot_id=first.snapshot_id).to_arrow())
    assert before == int(first.summary["total-records"]) < 5


def test_duckdb_reads_the_metadata_file_and_its_data_files(table):
    path = table.metadata_location.removeprefix("file://")
    database = duckdb.connect()
    [(version, location, snapshots)] = database.execute(
        'SELECT "format-version", location, len(snapshots) FROM read_json(?)', [path]).fetchall()
    assert (version, snapshots) == (2, len(table.snapshots()))
    assert location == table.location()
    files = [task.file.file_path.removeprefix("file://") for task in table.scan().plan_files()]
    rows = database.execute("SELECT raw_event, host FROM read_parquet(?)", [files]).fetchall()
    want = table.scan().to_arrow().to_pylist()
    assert sorted(rows) == sorted((row["raw_event"], row["host"]) for row in want)
    hint = pathlib.Path(path).parent / "version-hint.text"
    assert pathlib.Path(path).name == f"v{hint.read_text()}.metadata.json"


def test_the_catalog_is_read_only(server, table):
    request = urllib.request.Request(
        f"http://{server.endpoints['catalog']}/v1/namespaces/default/tables/sword_purchases",
        method="DELETE")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403
    error = json.loads(refused.value.read())["error"]
    assert error["type"] == "ForbiddenException" and "read-only" in error["message"]
    assert catalog(server).table_exists("default.sword_purchases")
