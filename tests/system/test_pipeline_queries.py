"""The queries that docs/pipelines.md shows fill their tables: views, WITH, UNION ALL, LATERAL VIEW, subqueries."""
import json
import re
import textwrap

import pytest
from kafka import KafkaProducer
from pyiceberg.catalog.rest import RestCatalog

from conftest import DEADLINE_S, ROOT, Server

PAGE = (ROOT / "docs/pipelines.md").read_text()
EVENTS = [
    {"player": "ann", "items": [{"sku": "a", "qty": 2}, {"sku": "b", "qty": 0}, {"sku": "c", "qty": 1}]},
    {"player": "bob", "items": []},
    {"player": None, "items": None},
]


def shown():
    """The statements of the section "Queries", and of what it says of subqueries."""
    blocks = []
    for heading in ("\n## Queries\n", "\n### Subqueries\n"):
        section = PAGE[PAGE.index(heading):]
        blocks.append(textwrap.dedent(re.search(r"\n\n((?:    .*\n(?:\n(?=    ))?)+)", section)[1]))
    return "\n".join(blocks)


@pytest.fixture
def server(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/queries.sql").write_text(shown())
    running = Server(tmp_path)
    checked = running.run("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    running.start()
    for topic in ("events", "logins"):
        made = running.run("topic", "create", topic)
        assert made.returncode == 0 or "exists" in made.stderr, made.stderr
    yield running
    running.stop()


def rows(server, table):
    catalog = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")
    return catalog.load_table(f"default.{table}").scan().to_arrow().to_pylist()


def test_the_queries_of_the_page_fill_their_tables(server):
    producer = KafkaProducer(bootstrap_servers=server.endpoints["kafka"])
    sent = [producer.send("events", json.dumps(event).encode()) for event in EVENTS]
    sent.append(producer.send("events", b"no JSON"))
    sent.append(producer.send("logins", b"", key=b"cat"))
    for one in sent:
        one.get(timeout=DEADLINE_S)
    producer.close()
    for table in ("sold_items", "all_players", "known_players", "many_items"):
        done = server.run("pipeline", "run", table, "--once")
        assert done.returncode == 0, done.stderr
    assert [(row["player"], row["sku"], row["qty"]) for row in rows(server, "sold_items")] == [
        ("ann", "a", 2), ("ann", "c", 1)]
    assert sorted(row["player"] for row in rows(server, "all_players")) == ["ann", "bob", "cat"]
    assert [(row["player"], row["rank"]) for row in rows(server, "known_players")] == [("ann", "master")]
    assert [row["twice"] for row in rows(server, "many_items")] == [4, 0, 2]
