"""The queries that docs/pipelines.md shows fill their tables: views, WITH, UNION ALL, LATERAL VIEW, subqueries."""
import json
import re
import textwrap
import urllib.request

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


def players(server):
    (found,) = [one for one in json.loads(server.run("status", "--format", "json").stdout)["pipelines"]
                if one["name"] == "all_players"]
    return found


def done(server, *words, **options):
    result = server.run(*words, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def held_from(server, topic):
    """The first record of partition 0 that the hold of the pipeline all_players keeps."""
    (partition,) = json.loads(done(server, "topic", "describe", topic, "--format", "json"))["partitions"]
    (found,) = [hold["from"] for hold in partition["holds"] if hold["name"] == "pipeline all_players"]
    return found


def test_a_topic_that_is_missing_or_behind_or_deleted_is_named(tmp_path):
    """The pipeline all_players reads the topics events and logins."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/queries.sql").write_text(shown())
    server = Server(tmp_path).start()
    try:
        done(server, "topic", "create", "events")
        done(server, "topic", "produce", "events", input=json.dumps(EVENTS[0]) + "\n")
        assert "all_players: 1 event read, 1 row added" in done(server, "pipeline", "run", "all_players")
        assert players(server)["missing_topics"] == ["logins"]
        assert "  all_players: topic logins does not exist yet\n" in done(server, "status")

        done(server, "pipeline", "pause", "all_players")
        done(server, "topic", "create", "logins")
        done(server, "topic", "produce", "logins", input="a\nb\n")
        found = players(server)
        assert (found["topic"], found["missing_topics"], found["lag"]) == ("events, logins", [], 2)
        assert found["lags"] == [{"topic": "events", "lag": 0}, {"topic": "logins", "lag": 2}]
        assert "  all_players: lag of events 0, lag of logins 2\n" in done(server, "status", "--all")
        with urllib.request.urlopen(f"http://{server.endpoints['sql']}/metrics", timeout=DEADLINE_S) as page:
            metrics = page.read().decode()
        assert 'steelthread_pipeline_topic_lag_records{pipeline="all_players",topic="logins"} 2\n' in metrics
        assert 'steelthread_pipeline_lag_records{pipeline="all_players"} 2\n' in metrics
        assert (held_from(server, "events"), held_from(server, "logins")) == (1, 0)
        done(server, "pipeline", "resume", "all_players")
        done(server, "pipeline", "run", "all_players")
        assert (held_from(server, "events"), held_from(server, "logins")) == (1, 2)
        assert len(rows(server, "all_players")) == 3

        deleted = done(server, "topic", "delete", "logins", "--yes", "--force")
        assert 'the pipeline of table "all_players" reads it' in deleted
        done(server, "topic", "produce", "events", input=json.dumps(EVENTS[1]) + "\n")
        stopped = server.run("pipeline", "run", "all_players")
        assert stopped.returncode == 1, stopped.stdout
        assert "filled from a topic 'logins' with id " in stopped.stderr, stopped.stderr
        assert "the topic of that name is missing now" in stopped.stderr, stopped.stderr
        assert players(server)["missing_topics"] == ["logins"]
        assert len(rows(server, "all_players")) == 3
        reset = done(server, "pipeline", "reset", "all_players", "--yes")
        assert "2 events read, 2 rows added" in reset, reset
        assert sorted(row["player"] for row in rows(server, "all_players")) == ["ann", "bob"]
    finally:
        server.stop()
