"""A table follows the SELECT of its pipeline: what check says happens, and every reader sees it."""
import json
import urllib.request

import pytest
import trino
from pyiceberg.catalog.rest import RestCatalog

from conftest import Server

EVENT = """name = "buy"
route = "POST /buy"
reply = "ok\\n"
table = "bought"
[fields]
event_type = "buy"
price = { type = "int", description = "in cents" }
"""
FIRST = """CREATE STREAMING TABLE sales (price INT COMMENT 'in cents', host STRING, old STRING)
TBLPROPERTIES ('steelthread.trigger' = '10 hours') AS SELECT {price} AS price,
  get_json_object(CAST(value AS STRING), '$.h') AS host, topic AS old FROM STREAM(events)"""
SECOND = """CREATE STREAMING TABLE sales
TBLPROPERTIES ('steelthread.trigger' = '10 hours'{properties}) AS SELECT topic AS fresh,
  get_json_object(CAST(value AS STRING), '$.h') AS host, CAST({price} AS BIGINT) AS cost
  FROM STREAM(events)"""
PRICE = "CAST(get_json_object(CAST(value AS STRING), '$.price') AS INT)"
REQUESTS = ", 'steelthread.rename' = 'price AS cost', 'steelthread.drop' = 'old'"


@pytest.fixture
def server(tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "events/buy.toml").write_text(EVENT)
    write(tmp_path, FIRST)
    running = Server(tmp_path).start()
    yield running
    running.stop()


def write(project, sql, **names):
    (project / "pipelines/sales.sql").write_text(sql.format(price=PRICE, **names))


def buy(server, price):
    request = urllib.request.Request(f"http://{server.endpoints['http']}/buy",
                                     data=json.dumps({"price": price}).encode(),
                                     headers={"Content-Type": "application/json"})
    assert urllib.request.urlopen(request).read() == b"ok\n"


def move(server, table="sales"):
    done = server.run("pipeline", "run", table, "--once")
    assert done.returncode == 0, done.stderr


def ask(server, sql):
    host, port = server.endpoints["sql"].rsplit(":", 1)
    cursor = trino.dbapi.connect(host=host, port=int(port), user="ann", catalog="lake",
                                 schema="default").cursor()
    cursor.execute(sql)
    return cursor.fetchall()


def sales(server):
    return RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}").load_table("default.sales")


def test_a_table_follows_its_select(server):
    buy(server, 7)
    move(server)
    before = sales(server)
    assert ask(server, "DESCRIBE sales")[0] == ["price", "integer", "", "in cents"]
    assert before.schema().find_field("price").doc == "in cents"
    assert before.scan("price = 7").to_arrow().num_rows == 1

    # Without a word on what became of the old columns, nothing changes.
    write(server.project, SECOND, properties="")
    for command in ("check", "reload"):
        refused = server.run(command)
        assert refused.returncode == 1
        assert "price is missing: say 'steelthread.drop' = 'price'" in refused.stderr
        assert "'steelthread.rename' = 'old AS …'" in refused.stderr

    write(server.project, SECOND, properties=REQUESTS)
    checked = server.run("check")
    assert checked.returncode == 0, checked.stderr
    assert ("table default.sales: with the next start or reload: adds column fresh (string), renames column "
            "price to cost, widens cost from int to long, changes the comment of cost, drops column "
            "old, puts the columns in the order fresh, host, cost\n") in checked.stdout
    report = json.loads(server.run("check", "--format", "json").stdout)
    assert report["tables"][0]["table"] == "default.sales" and len(report["tables"][0]["changes"]) == 6
    assert server.run("reload").returncode == 0
    move(server)
    assert [row[:2] for row in ask(server, "DESCRIBE sales")] == [
        ["fresh", "varchar"], ["host", "varchar"], ["cost", "bigint"]]
    buy(server, 2_000_000_000)
    move(server)
    assert ask(server, "SELECT fresh, host, cost FROM sales ORDER BY cost") == [
        [None, None, 7], ["events", None, 2_000_000_000]]
    assert "adds" not in server.run("check").stdout

    after = sales(server)
    rows = after.scan().to_arrow().sort_by("cost").to_pylist()
    assert rows == [{"fresh": None, "host": None, "cost": 7},
                    {"fresh": "events", "host": None, "cost": 2_000_000_000}]
    assert {field.name: field.field_id for field in after.schema().fields} == {
        "fresh": 4, "host": 2, "cost": 1}
    # The bounds of the older file are those of an int.
    assert after.scan("cost < 100").to_arrow()["cost"].to_pylist() == [7]
    old = after.scan(snapshot_id=after.snapshots()[0].snapshot_id).to_arrow().to_pylist()
    assert old == [{"price": 7, "host": None, "old": "events"}]

    # A rewrite keeps the values, with the present types.
    assert server.run("table", "compact", "sales").returncode == 0
    assert sales(server).scan().to_arrow().sort_by("cost").to_pylist() == rows
    # A rollback brings the columns back, and stops the pipeline.
    first = str(after.snapshots()[0].snapshot_id)
    assert server.run("table", "rollback", "sales", "--to", first).returncode == 0
    assert [row[0] for row in ask(server, "DESCRIBE sales")] == ["price", "host", "old"]
    assert server.run("pipeline", "resume", "sales").returncode == 0
    move(server)
    assert ask(server, "SELECT fresh, cost FROM sales ORDER BY cost") == [
        [None, 7], ["events", 2_000_000_000]]


def test_an_events_table_follows_its_declaration(server):
    buy(server, 7)
    move(server, "bought")
    assert ask(server, "DESCRIBE bought")[3] == ["price", "integer", "", "in cents"]
    path = server.project / "events/buy.toml"
    path.write_text(EVENT.replace("in cents", "in pence").replace(
        "price =", 'note = { description = "what for" }\nprice ='))
    checked = server.run("check")
    assert "buy: compatible, adds note" in checked.stdout
    assert ("table default.bought: with the next start or reload: changes the comment of price, adds column "
            "note (string)\n") in checked.stdout
    assert server.run("reload").returncode == 0
    move(server, "bought")
    assert ask(server, "DESCRIBE bought")[3:] == [["price", "integer", "", "in pence"],
                                                  ["note", "varchar", "", "what for"]]
    assert ask(server, "SELECT note, price FROM bought") == [[None, 7]]
    path.write_text(EVENT.replace('type = "int"', 'type = "long"'))
    refused = server.run("check")
    assert refused.returncode == 1 and 'type is "long", was "int"' in refused.stderr
