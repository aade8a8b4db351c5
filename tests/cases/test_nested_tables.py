"""Tables with nested columns that a head made: their rows in SQL, to PyIceberg, in files, and after a rewrite."""
import csv
import json
import tarfile

import pyarrow.parquet
import pytest
import trino
from pyiceberg.catalog.rest import RestCatalog

from conftest import ROOT, Server

FOLDERS = sorted((ROOT / "tests/folders/nested").glob("*.tar.xz"))
# The test that makes the folder drops the field "n" of the first three rows, and adds another "n".
ITEMS = [[("a", None), None], [("b", None), None], [("c", None)], [("d", None)], [("e", "text")]]


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def server(request, tmp_path):
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)
    running = Server(tmp_path).start()
    yield running
    running.stop()


def ask(server, sql):
    host, port = server.endpoints["sql"].rsplit(":", 1)
    cursor = trino.dbapi.connect(host=host, port=int(port), user="ann", catalog="lake",
                                 schema="default").cursor()
    cursor.execute(sql)
    return cursor.fetchall()


def orders(server):
    catalog = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")
    return catalog.load_table("default.orders")


def test_sql_reads_the_rows_of_every_schema(server):
    rows = ask(server, "SELECT number, items FROM orders ORDER BY 1")
    assert rows == [[number, items] for number, items in enumerate(ITEMS)]
    assert ask(server, "SELECT items[1].sku, cardinality(items) FROM orders WHERE number = 1") == [["b", 2]]
    assert ask(server, "SELECT i.sku, i.n FROM orders CROSS JOIN UNNEST(items) AS t(i) "
                       "WHERE number = 4") == [["e", "text"]]
    assert ask(server, "DESCRIBE orders") == [
        ["number", "bigint", "", ""], ["items", "array(row(sku varchar, n varchar))", "", ""]]


def as_dicts(items):
    return [item and dict(zip(("sku", "n"), item)) for item in items]


def test_every_snapshot_is_read_with_its_schema(server, tmp_path):
    history = json.loads(server.run("table", "history", "orders", "--format", "json").stdout)
    third, second, first = [snapshot["snapshot"] for snapshot in history][1:]

    def rows(snapshot, by):
        file = tmp_path / f"{snapshot}.ndjson"
        done = server.run("table", "export", "orders", "--snapshot", str(snapshot), "--to", str(file))
        assert done.returncode == 0, done.stderr
        return sorted(map(json.loads, file.read_text().splitlines()), key=lambda row: row[by])

    assert rows(first, "n") == [
        {"n": n, "items": [{"sku": sku, "n": n}, None], "tags": {sku: n}, "place": {"spot": {"x": n}}}
        for n, sku in enumerate("ab")]
    between = rows(second, "number")
    assert between[0] == {"place": {"y": None, "spot": {"x": 0}}, "number": 0, "tags": {"a": 0},
                          "items": [{"born": None, "sku": "a", "n": 0}, None], "words": None}
    assert between[2]["place"] == {"y": True, "spot": {"x": 2}} and between[2]["words"] == ["w"]
    assert rows(third, "number")[3] == {"number": 3, "items": [{"sku": "d"}]}


def test_pyiceberg_reads_the_rows_of_every_schema(server):
    done = server.run("table", "relocate", "orders")  # the archive was made in another folder
    assert done.returncode == 0, done.stderr
    table = orders(server)
    assert table.scan().to_arrow().sort_by("number").to_pylist() == [
        {"number": n, "items": as_dicts(items)} for n, items in enumerate(ITEMS)]
    # Bounds of the files in which the column had another name prune them still.
    assert len(list(table.scan("number >= 4").plan_files())) == 1


def test_a_rewrite_loses_nothing(server):
    before = ask(server, "SELECT number, items FROM orders ORDER BY 1")
    for command in ("relocate", "compact"):
        done = server.run("table", command, "orders")
        assert done.returncode == 0, done.stderr
    table = orders(server)
    assert len(list(table.scan().plan_files())) == 1
    assert ask(server, "SELECT number, items FROM orders ORDER BY 1") == before
    assert table.scan().to_arrow().sort_by("number").to_pylist() == [
        {"number": n, "items": as_dicts(items)} for n, items in enumerate(ITEMS)]
    assert server.run("table", "verify", "orders").returncode == 0


def test_it_is_exported_with_the_names_of_its_fields(server, tmp_path):
    for suffix in ("parquet", "ndjson", "csv"):
        done = server.run("table", "export", "orders", "--to", str(tmp_path / f"out.{suffix}"))
        assert done.returncode == 0, done.stderr
    want = {n: as_dicts(items) for n, items in enumerate(ITEMS)}
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    assert {row["number"]: row["items"] for row in map(json.loads, lines)} == want
    with open(tmp_path / "out.csv", newline="") as file:
        assert {int(row["number"]): json.loads(row["items"]) for row in csv.DictReader(file)} == want
    rows = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert [row["items"][0]["sku"] for row in rows.sort_by("number").to_pylist()] == list("abcde")


def test_describe_shows_the_ids_of_what_is_nested(server):
    done = server.run("table", "describe", "orders", "--format", "json")
    columns = json.loads(done.stdout)
    assert columns[1]["type in SQL"] == "array(row(sku varchar, n varchar))"
    assert columns[1]["type in Iceberg"] == "list<5: struct<6: sku: string, 16: n: string>>"
