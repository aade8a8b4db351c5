"""Records that are deleted by clients that nobody here wrote, compared with Apache Kafka's answers, and retention."""
import json
import shutil
import threading

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType
from kafka import KafkaAdminClient
from kafka import TopicPartition as PythonPartition

import deletion_questions
from conftest import DEADLINE_S, ROOT, Server, poll

RECORDED = json.loads((ROOT / "tests/clients/kafka_deletion_answers.json").read_text())
# Where no record is left Kafka tells of one that is gone, as long as its segment is there; here there is none.
GONE = ("left, ListOffsets at -3", [0, 4, 1_700_000_000_004], [0, -1, -1])
SHOUTED = """CREATE STREAMING TABLE shouted
TBLPROPERTIES ('steelthread.trigger' = '1 second')
AS SELECT CAST(value AS STRING) AS shout, offset FROM STREAM(shouts);
"""


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deletions")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    running = Server(folder).start()
    yield deletion_questions.ask(running.endpoints["kafka"])
    running.stop()


@pytest.mark.parametrize("title", deletion_questions.TALKS)
def test_deletions_are_answered_as_kafka_answers(answered, title):
    is_empty = False
    for ours, (step, kafkas) in zip(answered[title], RECORDED[title], strict=True):
        is_empty = step.startswith("to the high watermark") or (is_empty and not step.startswith("a record"))
        if is_empty and step == GONE[0]:
            assert (ours, kafkas) == ([step, GONE[2]], GONE[1])
        else:
            assert ours == [step, kafkas]


def admin_of(server):
    return AdminClient({"bootstrap.servers": server.endpoints["kafka"]})


def make(server, name, **settings):
    admin = admin_of(server)
    admin.create_topics([NewTopic(name, 1, 1, config=settings)])[name].result(DEADLINE_S)


def produce(server, topic, values):
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"], "linger.ms": 5})
    for value in values:
        producer.produce(topic, value)
        producer.poll(0)
    assert producer.flush(DEADLINE_S) == 0


def delete(server, topic, before):
    """The low watermark, or the error's name."""
    admin, asked = admin_of(server), TopicPartition(topic, 0, before)
    try:
        return admin.delete_records([asked])[asked].result(DEADLINE_S).low_watermark
    except KafkaException as error:
        return error.args[0].name()


def watermarks(server, topic):
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "none"})
    try:
        return consumer.get_watermark_offsets(TopicPartition(topic, 0), DEADLINE_S)
    finally:
        consumer.close()


def read(server, topic, count):
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "none",
                         "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    got = []
    poll(f"{count} records", lambda: [got.append(m) for m in [consumer.poll(0.2)] if m] is None or len(got) >= count)
    consumer.close()
    return [(m.offset(), m.value().decode()) for m in got]


def status(server):
    return json.loads(server.run("status", "--format", "json").stdout)


def log_bytes(server):
    return sum(file.stat().st_size for file in (server.data / "log").glob("*.log"))


def test_deleted_records_are_gone_over_a_kill(server):
    make(server, "shouts")
    produce(server, "shouts", [f"{n}" for n in range(5)])
    assert delete(server, "shouts", 2) == 2
    assert delete(server, "shouts", 6) == "OFFSET_OUT_OF_RANGE"
    assert delete(server, "nowhere", 0) == "_NOENT"  # librdkafka's own, by Metadata
    server.kill9()
    server.start()
    assert watermarks(server, "shouts") == (2, 5)
    assert read(server, "shouts", 3) == [(2, "2"), (3, "3"), (4, "4")]
    python = KafkaAdminClient(bootstrap_servers=server.endpoints["kafka"])
    python.delete_records({PythonPartition("shouts", 0): 4})
    assert watermarks(server, "shouts") == (4, 5)
    python.delete_records({PythonPartition("shouts", 0): -1})
    python.close()
    assert watermarks(server, "shouts") == (5, 5)
    produce(server, "shouts", ["on"])
    assert read(server, "shouts", 1) == [(5, "on")]


def test_what_a_pipeline_has_not_read_stays(server):
    (server.project / "pipelines/shouted.sql").write_text(SHOUTED)
    server.stop()
    server.start()
    make(server, "shouts")
    assert server.run("pipeline", "run", "shouted").returncode == 0
    paused = server.run("pipeline", "pause", "shouted")
    assert paused.returncode == 0, paused.stderr
    produce(server, "shouts", [f"{n}" for n in range(5)])
    assert delete(server, "shouts", 3) == "POLICY_VIOLATION"
    assert delete(server, "shouts", -1) == "POLICY_VIOLATION"
    server.kill9()
    server.start()
    assert delete(server, "shouts", 1) == "POLICY_VIOLATION"
    holds = {one["name"]: one for one in status(server)["retention"]["holds"]}
    assert holds["pipeline shouted"]["kept_bytes"] > 0
    assert server.run("pipeline", "resume", "shouted").returncode == 0
    assert server.run("pipeline", "run", "shouted").returncode == 0
    assert delete(server, "shouts", -1) == 5
    rows = server.run("sql", "SELECT shout, offset FROM shouted ORDER BY offset", "--format", "csv").stdout
    assert [line.split(",")[0] for line in rows.splitlines()[1:]] == [f"{n}" for n in range(5)]
    produce(server, "shouts", ["on"])
    assert server.run("pipeline", "run", "shouted").returncode == 0
    assert watermarks(server, "shouts") == (5, 6)


def test_what_the_server_needs_stays(server):
    produce(server, "events", ["{}"])
    assert delete(server, "_declarations", 1) == "POLICY_VIOLATION"
    assert delete(server, "events", 1) == "POLICY_VIOLATION"


def test_retention_frees_the_disk_over_kills(server):
    server.stop()
    server.settings["log.segment_bytes"] = str(1 << 20)
    server.start()
    make(server, "short", **{"retention.bytes": str(2 << 20)})
    make(server, "kept")
    produce(server, "kept", ["first"])
    for _ in range(3):
        produce(server, "short", ["x" * 10_000] * 800)
        server.kill9()
        server.start()
    # What stays: the newest records, in a segment of one commit or two, the segment of `kept`, and the 8 MiB that the
    # active segment has allocated. 24 MB were written.
    poll("the disk to be freed", lambda: log_bytes(server) < 20 << 20)
    start, end = watermarks(server, "short")
    assert end == 2400 and 2400 - 330 < start < 2400 - 190
    told = status(server)["retention"]
    assert told["removed_segments"] >= 1 and told["removed_bytes"] > 3 << 20  # since the last start
    segments = sorted(int(file.stem) for file in (server.data / "log").glob("*.log"))
    assert segments[0] == 1 and segments[-1] - len(segments) >= 3
    verified = server.run("log", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    server.kill9()
    server.start()
    assert watermarks(server, "short") == (start, end)
    assert read(server, "kept", 1) == [(0, "first")]
    assert read(server, "short", 1)[0][0] == start


def test_retention_by_time_follows_the_setting(server):
    make(server, "shouts")
    produce(server, "shouts", ["old"])
    resource = ConfigResource(ResourceType.TOPIC, "shouts", incremental_configs=[
        ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)])
    admin = admin_of(server)
    admin.incremental_alter_configs([resource])[resource].result(DEADLINE_S)
    poll("the old record to go", lambda: watermarks(server, "shouts") == (1, 1))


def test_readers_and_deletions_beside_each_other(server):
    """A reader sees each record at its offset, or is told that it is out of range; nothing is damage."""
    server.stop()
    server.settings["log.segment_bytes"] = str(1 << 20)
    server.start()
    make(server, "short")
    produce(server, "short", [f"{n:06}" + "x" * 20_000 for n in range(300)])
    wrong = []

    def reads():
        consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "none",
                             "enable.auto.commit": False, "auto.offset.reset": "earliest"})
        consumer.assign([TopicPartition("short", 0, OFFSET_BEGINNING)])
        offset = -1
        while offset < 299:
            message = consumer.poll(DEADLINE_S)
            if message is None or message.error():
                wrong.append(str(message and message.error()))
                break
            offset = message.offset()
            if int(message.value()[:6]) != offset:
                wrong.append(f"{message.value()[:6]} at {offset}")
        consumer.close()
    reader = threading.Thread(target=reads)
    reader.start()
    for before in range(10, 290, 10):
        assert delete(server, "short", before) == before
    reader.join(DEADLINE_S)
    assert not reader.is_alive() and not wrong
    assert not status(server)["problems"]
