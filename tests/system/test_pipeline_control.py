"""Pause, reset and rollback of pipelines: a wrong one is put right, and nothing is missing or doubled."""
import csv
import io
import json
import random
import re
import subprocess
import time
import urllib.request

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from conftest import DEADLINE_S

USAGE, DAMAGE = 2, 5  # exit codes
WRONG = """CREATE STREAMING TABLE swords
TBLPROPERTIES ('steelthread.trigger' = '1 hour', 'steelthread.format' = 'json',
               'steelthread.require' = 'event_type')
AS SELECT CAST(offset AS STRING) AS place
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'purchase_knife';
"""
# A topic without declared events: no hold keeps what the pipeline has read.
SEEN = """CREATE STREAMING TABLE seen
TBLPROPERTIES ('steelthread.trigger' = '1 hour', 'steelthread.format' = 'json')
AS SELECT offset AS place FROM STREAM(lines);
"""
RIGHT = WRONG.replace("CAST(offset AS STRING)", "offset").replace("purchase_knife", "purchase_sword")


def start(server, swords):
    """The server, with the pipelines `swords` and `other` in place of the example's."""
    server.stop()
    for file in (server.project / "pipelines").iterdir():
        file.unlink()
    (server.project / "pipelines/other.sql").write_text(RIGHT.replace("swords", "other"))
    (server.project / "pipelines/swords.sql").write_text(swords)
    return server.start()


@pytest.fixture
def swords(server):
    return start(server, RIGHT)


def buy(server, count, item="sword"):
    for _ in range(count):
        urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_{item}",
                               timeout=DEADLINE_S).read()


def produce_no_json(server, count=1):
    done = server.run("topic", "produce", "events", input="no json\n" * count)
    assert done.returncode == 0, done.stderr


def ok(server, *words):
    done = server.run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(server, *words, code=1):
    done = server.run(*words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr


def sql(server, text):
    return [tuple(row) for row in csv.reader(io.StringIO(ok(server, "sql", "--format", "csv", text)))][1:]


def count(server, table):
    return int(sql(server, f"select count(*) from {table}")[0][0])


def dead_letters(server, pipeline):
    return int(sql(server, f"select count(*) from bad.rows where pipeline = '{pipeline}'")[0][0])


def status(server, pipeline):
    document = json.loads(ok(server, "status", "--format", "json"))
    return next(one for one in document["pipelines"] if one["name"] == pipeline)


def snapshots(server, table):
    rows = csv.DictReader(io.StringIO(ok(server, "table", "history", table, "--format", "csv")))
    return [row["snapshot"] for row in rows]


def is_ready(server):
    with urllib.request.urlopen(f"http://{server.endpoints['sql']}/readyz", timeout=DEADLINE_S) as answer:
        return answer.status == 200


def test_a_select_that_makes_dead_letters_alone_stops_before_it_writes_them(server):
    wrong = "CAST(get_json_object(CAST(value AS STRING), '$.event_type') AS BIGINT)"
    swords = start(server, RIGHT.replace("SELECT offset", f"SELECT {wrong}"))
    ok(swords, "pipeline", "pause", "swords")
    buy(swords, 120)
    ok(swords, "pipeline", "resume", "swords")
    stopped = refused(swords, "pipeline", "run", "swords")
    assert "the SELECT has made no row yet, and each of its next 120 records would be a dead letter" in stopped
    assert "sql_error" in stopped and "purchase_sword" in stopped
    assert dead_letters(swords, "swords") == 0
    assert status(swords, "swords")["state"] == "needs a person"
    with urllib.request.urlopen(f"http://{swords.endpoints['sql']}/metrics", timeout=DEADLINE_S) as answer:
        assert 'steelthread_pipeline_needs_person{pipeline="swords"} 1' in answer.read().decode()
    ok(swords, "pipeline", "run", "other")

    (swords.project / "pipelines/swords.sql").write_text(RIGHT)
    ok(swords, "reload")
    ok(swords, "pipeline", "resume", "swords")
    ok(swords, "pipeline", "run", "swords")
    assert (count(swords, "swords"), dead_letters(swords, "swords")) == (120, 0)


def test_a_wrong_pipeline_is_put_right(server):
    swords = start(server, WRONG)
    buy(swords, 30)
    buy(swords, 4, "knife")
    produce_no_json(swords, 3)
    for pipeline in ("swords", "other"):
        ok(swords, "pipeline", "run", pipeline)
    assert (count(swords, "swords"), count(swords, "other")) == (4, 30)

    (swords.project / "pipelines/swords.sql").write_text(RIGHT)
    assert "steelthread pipeline pause swords" in refused(swords, "reload")
    ok(swords, "pipeline", "pause", "swords")
    ok(swords, "reload")
    unsure = swords.run("pipeline", "reset", "Swords")
    assert unsure.returncode == USAGE and "--yes" in unsure.stderr
    assert unsure.stdout == ("swords: 4 rows would leave default.swords and 3 dead letters bad.rows; it would "
                             "be filled again from the log: events/0 offset 0 to 37\n")
    assert status(swords, "swords")["rows"] == 4
    done = ok(swords, "pipeline", "reset", "swords", "--yes")
    assert "swords: 37 events read, 30 rows added to default.swords, 3 dead letters, in " in done
    assert count(swords, "swords") == 30
    assert sql(swords, "select typeof(place), count(distinct place) from swords group by 1") == [("bigint", "30")]
    assert (dead_letters(swords, "swords"), dead_letters(swords, "other")) == (3, 3)
    assert count(swords, "other") == 30
    buy(swords, 2)
    ok(swords, "pipeline", "run", "swords")
    assert count(swords, "swords") == 32


def test_a_pause_survives_kill_9_and_reload(swords):
    buy(swords, 3)
    ok(swords, "pipeline", "run", "swords")
    assert "swords: is paused (" in ok(swords, "pipeline", "pause", "swords")
    assert "swords: was already paused (" in ok(swords, "pipeline", "pause", "swords")
    buy(swords, 2)
    for _ in range(2):
        assert "steelthread pipeline resume swords" in refused(swords, "pipeline", "run", "swords")
        paused = status(swords, "swords")
        assert (paused["state"], paused["lag"], paused["rows"]) == ("paused", 2, 3)
        assert paused["paused"].endswith(" by a person") and not paused["is_problem"]
        assert "swords: paused 2" in ok(swords, "status")
        assert is_ready(swords)
        ok(swords, "reload")
        swords.kill9()
        swords.start()
    ok(swords, "pipeline", "run", "other")
    assert (count(swords, "swords"), count(swords, "other")) == (3, 5)
    assert "swords: resumed; it was paused: 2" in ok(swords, "pipeline", "resume", "swords")
    assert ok(swords, "pipeline", "resume", "swords") == "swords: was not paused\n"
    ok(swords, "pipeline", "run", "swords")
    assert count(swords, "swords") == 5


def test_a_pipeline_may_be_named_as_its_table(swords):
    assert "swords: is paused" in ok(swords, "pipeline", "pause", "default.swords")
    assert "swords: resumed" in ok(swords, "pipeline", "resume", "default.swords")
    assert 'no pipeline "sword"' in refused(swords, "pipeline", "pause", "default.sword")


def test_a_table_without_a_pipeline_is_rolled_back(swords):
    for _ in range(2):
        buy(swords, 1)
        ok(swords, "pipeline", "run", "swords")
    snapshot = snapshots(swords, "swords")[1]
    (swords.project / "pipelines/swords.sql").unlink()
    ok(swords, "reload")
    done = ok(swords, "table", "rollback", "swords", "--to", snapshot)
    assert "no pipeline of the project fills it" in done and "resume" not in done
    assert count(swords, "swords") == 1


def test_a_rollback_takes_rows_and_dead_letters_back(swords):
    buy(swords, 5)
    produce_no_json(swords)
    ok(swords, "pipeline", "run", "swords")
    snapshot = snapshots(swords, "swords")[0]
    produce_no_json(swords, 2)
    buy(swords, 4)
    for pipeline in ("swords", "other"):
        ok(swords, "pipeline", "run", pipeline)
    last = snapshots(swords, "swords")[0]
    assert (count(swords, "swords"), dead_letters(swords, "swords")) == (9, 3)

    done = ok(swords, "table", "rollback", "swords", "--to", snapshot)
    assert f"default.swords: back at snapshot {snapshot} from {last}, with 5 rows (before: 9) and 1 dead letter" in done
    assert "events/0: it has the records before offset 6 of 12" in done
    assert "steelthread pipeline resume swords" in done
    assert (count(swords, "swords"), dead_letters(swords, "swords")) == (5, 1)
    assert dead_letters(swords, "other") == 3
    assert f"rolled back to snapshot {snapshot}" in status(swords, "swords")["paused"]
    assert "goes with 3 dead letters" in refused(swords, "table", "rollback", "swords", "--to", last)
    ok(swords, "pipeline", "resume", "swords")
    ok(swords, "pipeline", "run", "swords")
    assert (count(swords, "swords"), dead_letters(swords, "swords")) == (9, 3)
    places = sql(swords, "select place from swords order by 1")
    assert places == sql(swords, "select place from other order by 1")
    ok(swords, "table", "rollback", "swords", "--as-of", "2100-01-01T00:00:00Z")
    assert count(swords, "swords") == 9


def test_a_reload_refuses_columns_that_no_table_takes(swords):
    columns = ", ".join(f"c{i} BIGINT COMMENT '{'x' * 300}'" for i in range(1000))
    values = ", ".join(f"offset AS c{i}" for i in range(1000))
    (swords.project / "pipelines/wide.sql").write_text(
        f"CREATE STREAMING TABLE wide ({columns}) AS SELECT {values} FROM STREAM(events);")
    for command in ("check", "reload"):
        assert "bytes of metadata, and a table has at most 307200" in refused(swords, command)


def test_a_rollback_is_refused_with_the_reason(swords):
    buy(swords, 1)
    produce_no_json(swords)
    ok(swords, "pipeline", "run", "swords")
    for words, reason in [
            (("swords",), "--to SNAPSHOT or --as-of TIME"),
            (("swords", "--to", "x"), "x"),
            (("swords", "--as-of", "yesterday"), '"yesterday" is no time')]:
        assert reason in refused(swords, "table", "rollback", *words, code=USAGE)
    for words, reason in [
            (("swords", "--to", "7"), "steelthread table history"),
            (("swords", "--as-of", "2001-01-01T00:00:00Z"), "no snapshot at or before"),
            (("sword", "--to", "7"), 'did you mean "default.swords"?'),
            (("bad.rows", "--as-of", "2100-01-01T00:00:00Z"), "the dead letters of every pipeline")]:
        assert reason in refused(swords, "table", "rollback", *words)
    assert status(swords, "swords")["state"] != "paused"


def test_what_the_log_does_not_have_any_more_cannot_come_back(swords):
    ok(swords, "topic", "create", "lines")
    (swords.project / "pipelines/seen.sql").write_text(SEEN)
    ok(swords, "reload")
    for text in ('{"n": 0}\nno json\n', '{"n": 2}\n{"n": 3}\n', '{"n": 4}\n'):
        done = swords.run("topic", "produce", "lines", input=text)
        assert done.returncode == 0, done.stderr
        ok(swords, "pipeline", "run", "seen")
    last, behind, early = snapshots(swords, "seen")
    assert "cannot come back" not in swords.run("pipeline", "reset", "seen").stdout
    admin, asked = AdminClient({"bootstrap.servers": swords.endpoints["kafka"]}), TopicPartition("lines", 0, 3)
    assert admin.delete_records([asked])[asked].result(DEADLINE_S).low_watermark == 3

    assert (f"snapshot {early} of default.seen ends before offset 2 of lines/0, and the log begins at offset 3: the "
            "records between were removed; choose a later snapshot") in refused(
                swords, "table", "rollback", "seen", "--to", early)
    assert f"back at snapshot {behind} from {last}" in ok(swords, "table", "rollback", "seen", "--to", behind)
    ok(swords, "pipeline", "resume", "seen")
    ok(swords, "pipeline", "run", "seen")
    assert (count(swords, "seen"), dead_letters(swords, "seen")) == (4, 1)

    told = re.compile(r"seen: 4 rows (would leave|left) default.seen and 1 dead letter bad.rows; it (would be|is) filled "
                      r"again from the log: lines/0 offset 3 to 5\n"
                      r"seen: rows of removed records cannot come back: lines/0 offset 0 to 3 "
                      r"\(what is left begins at 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\)\n")
    unsure = swords.run("pipeline", "reset", "seen")
    assert unsure.returncode == USAGE and told.fullmatch(unsure.stdout), unsure.stdout
    assert count(swords, "seen") == 4
    done = ok(swords, "pipeline", "reset", "seen", "--yes")
    assert told.match(done), done
    assert sql(swords, "select place from seen order by 1") == [("3",), ("4",)]
    assert dead_letters(swords, "seen") == 0


@pytest.mark.parametrize("seed", range(3))
def test_kill_9_in_the_middle_of_a_reset(swords, seed):
    chance = random.Random(seed)
    buy(swords, 20)
    produce_no_json(swords, 5)
    for pipeline in ("swords", "other"):
        ok(swords, "pipeline", "run", pipeline)
    for _ in range(4):
        reset = subprocess.Popen(swords.command("pipeline", "reset", "swords", "--yes"),
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(chance.uniform(0, 0.4))
        swords.kill9()
        reset.communicate(timeout=DEADLINE_S)
        swords.start()
        ok(swords, "pipeline", "run", "swords")
        assert (count(swords, "swords"), dead_letters(swords, "swords")) == (20, 5)
        assert sql(swords, "select place from swords order by 1") == sql(
            swords, "select place from other order by 1")
        assert dead_letters(swords, "other") == 5


def test_a_reset_is_refused_where_the_log_is_damaged(swords):
    buy(swords, 3)
    ok(swords, "pipeline", "run", "swords", "--once")
    segment = max((swords.data / "log").glob("*.log"), key=lambda path: path.stat().st_size)
    text = segment.read_bytes()
    place = text.rindex(b"purchase_sword")
    with segment.open("r+b") as file:
        file.seek(place)
        file.write(b"X")
    for words in ([], ["--yes"]):
        assert "damage" in refused(swords, "pipeline", "reset", "swords", *words, code=DAMAGE)
    assert "3" in ok(swords, "sql", "select count(*) from swords", "--format", "csv")
