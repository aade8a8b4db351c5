"""A disk at its reserve while a hold keeps records: every refusal of a record names the hold."""
import http.client
import json
import os
import shutil
import subprocess
import sys

import pytest
from kafka.protocol import producer

from conftest import DEADLINE_S, ROOT, Server, poll
from group_questions import Member

sys.path.insert(0, str(ROOT / "tests/hostile"))
import kafka_wire  # noqa: E402

MARGIN = 1 << 30  # other programs on this disk may come and go by less than half of it
NOT_ENOUGH_REPLICAS = 19
LARGE = "x" * 100_000
SHOUTED = """CREATE STREAMING TABLE shouted
TBLPROPERTIES ('steelthread.trigger' = '1 second')
AS SELECT CAST(value AS STRING) AS shout FROM STREAM(shouts);
"""


SMALL_DISK = 40 << 20
SMALL_RESERVE = 12 << 20
COUNTED = """CREATE STREAMING TABLE shouted
TBLPROPERTIES ('steelthread.trigger' = '1 second')
AS SELECT offset AS n FROM STREAM(shouts);
"""


@pytest.fixture
def small(tmp_path):
    """A server alone on a disk of 40 MB, of which 12 MB are the log's reserve."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", disk],
                             capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk needs the right to mount one: {mounted.stderr.strip()}")
    try:
        shutil.copytree(ROOT / "examples/w205", disk / "project")
        (disk / "project/pipelines/shouted.sql").write_text(COUNTED)
        server = Server(disk / "project")
        server.settings.update({"log.reserve_bytes": str(SMALL_RESERVE), "log.segment_bytes": str(1 << 20)})
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.fixture
def near_full(tmp_path):
    """A server whose reserve leaves MARGIN / 2 free: a ballast of MARGIN crosses it."""
    shutil.copytree(ROOT / "examples/w205", tmp_path / "project")
    (tmp_path / "project/pipelines/shouted.sql").write_text(SHOUTED)
    server = Server(tmp_path / "project")
    free = shutil.disk_usage(tmp_path).free
    assert free > 2 * MARGIN, f"{free} bytes free: this test needs {2 * MARGIN}"
    server.settings["log.reserve_bytes"] = str(free - MARGIN // 2)
    server.start()
    yield server
    server.stop()


def produced(server, version, value):
    """(error, its text) of one batch."""
    one = producer.ProduceRequest.TopicProduceData
    member = Member(server.endpoints["kafka"], "producer")
    batch = kafka_wire.batch(value.encode())
    answer = member.call("Produce", version, transactional_id=None, acks=-1, timeout_ms=30_000, topic_data=[
        one(name="shouts", partition_data=[one.PartitionProduceData(index=0, records=batch)])])
    member.close()
    part = answer.responses[0].partition_responses[0]
    return part.error_code, part.error_message if version >= 8 else None


def readiness(server):
    connection = http.client.HTTPConnection(server.endpoints["sql"], timeout=DEADLINE_S)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read()).get("reasons", [])


def purchase(server):
    connection = http.client.HTTPConnection(server.endpoints["http"], timeout=DEADLINE_S)
    connection.request("GET", "/purchase_a_sword", headers={"X-Ballast": "b" * 24_000})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_full_log_names_the_hold_to_each_producer(near_full, tmp_path):
    server = near_full
    made = server.run("topic", "create", "shouts", "--set", "retention.ms=1")
    assert made.returncode == 0, made.stderr
    assert server.run("pipeline", "pause", "shouted").returncode == 0
    assert server.run("topic", "produce", "shouts", input="a\nb\nc\n").returncode == 0
    status = poll("the retention to meet the hold", lambda: next(
        (one for one in [json.loads(server.run("status", "--format", "json").stdout)] if one["retention"]["held_back"]),
        None))
    assert [one["hold"] for one in status["retention"]["held_back"]] == ["pipeline shouted"]
    ballast = tmp_path / "ballast"
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, MARGIN)
    # What the log had allocated before is used up first.
    refused = poll("a refusal", lambda: next((one for one in [produced(server, 9, LARGE)] if one[0]), None))
    assert refused[0] == NOT_ENOUGH_REPLICAS
    named = 'hold "pipeline shouted" keeps '
    assert "disk full" in refused[1] and named in refused[1] and "of topic shouts" in refused[1], refused
    assert produced(server, 7, LARGE) == (NOT_ENOUGH_REPLICAS, None), "no text before version 8"
    # A smaller record may still find room in what is allocated.
    code, body = poll("a refused event", lambda: next((one for one in [purchase(server)] if one[0] != 200), None))
    assert code == 503 and named in json.loads(body)["detail"], body
    code, reasons = readiness(server)
    assert code == 503 and any(named in reason for reason in reasons), reasons
    by_command = server.run("topic", "produce", "shouts", input=LARGE + "\n")
    assert by_command.returncode == 1 and named in by_command.stderr, by_command.stderr
    shown = server.run("status").stdout
    assert named in shown and "takes no events: disk full" in shown
    ballast.unlink()
    poll("writing to go on by itself", lambda: produced(server, 9, LARGE)[0] == 0)


def rows_of(server):
    shown = server.run("sql", "--format", "csv", "select count(*) from shouted")
    return int(shown.stdout.split()[-1]) if shown.returncode == 0 else None


def filled_by_a_hold(server):
    """Fills the log while its pipeline is paused; how many records it took before it refused."""
    made = server.run("topic", "create", "shouts", "--set", "retention.ms=1")
    assert made.returncode == 0, made.stderr
    assert server.run("pipeline", "pause", "shouted").returncode == 0
    taken = 0
    while (answer := produced(server, 9, LARGE))[0] == 0:
        taken += 1
    assert answer[0] == NOT_ENOUGH_REPLICAS and "disk full" in answer[1], answer
    free = shutil.disk_usage(server.project).free
    assert SMALL_RESERVE - (1 << 20) < free < SMALL_RESERVE + (8 << 20), "refused before the reserve is used"
    named = 'hold "pipeline shouted" keeps '
    poll("the error to name the hold", lambda: named in (produced(server, 9, LARGE)[1] or ""))
    code, reasons = readiness(server)
    assert code == 503 and any(named in reason for reason in reasons), reasons
    connection = http.client.HTTPConnection(server.endpoints["sql"], timeout=DEADLINE_S)
    connection.request("GET", "/metrics")
    metrics = connection.getresponse().read().decode()
    (line,) = [one for one in metrics.splitlines() if one.startswith("steelthread_log_held_back_bytes{")]
    assert line.startswith('steelthread_log_held_back_bytes{topic="shouts",hold="pipeline shouted"} ')
    assert float(line.split()[-1]) > taken * len(LARGE) / 2
    return taken


def test_a_log_that_a_hold_filled_drains_into_its_table(small):
    taken = filled_by_a_hold(small)
    assert small.run("pipeline", "resume", "shouted").returncode == 0
    poll("all records in the table, by commits into the reserve", lambda: rows_of(small) == taken)
    poll("writing to go on by itself", lambda: produced(small, 9, LARGE)[0] == 0)
    assert readiness(small)[0] == 200
    assert shutil.disk_usage(small.project).free > SMALL_RESERVE + (8 << 20), "segments left the disk"


def test_a_log_that_a_hold_filled_is_freed_by_force_with_a_gap(small):
    taken = filled_by_a_hold(small)
    refused = small.run("topic", "delete-records", "shouts", "--before", "end", "--yes")
    assert refused.returncode == 1 and 'hold "pipeline shouted" keeps ' in refused.stderr, refused.stderr
    forced = small.run("topic", "delete-records", "shouts", "--before", "end", "--yes", "--force")
    assert forced.returncode == 0, forced.stderr
    poll("writing to go on by itself", lambda: produced(small, 9, LARGE)[0] == 0)
    assert small.run("pipeline", "resume", "shouted").returncode == 0

    def stopped():
        pipelines = json.loads(small.run("status", "--format", "json").stdout)["pipelines"]
        (found,) = [one for one in pipelines if one["name"] == "shouted"]
        return found["last_error"] if found["state"] == "needs a person" else None
    lost = f"shouts/0 offsets 0 to {taken - 1} ({taken} records)"
    assert lost in poll("the pipeline to report the gap", stopped)
    accepted = small.run("pipeline", "accept", "shouted")
    assert accepted.returncode == 0 and f"goes on without {lost}" in accepted.stdout, accepted.stdout
    poll("what came behind the gap", lambda: rows_of(small))
