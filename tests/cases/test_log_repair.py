"""`steelthread log repair` of a folder that a disk damaged, with Kafka's clients before and after."""
import json
import shutil
import subprocess
import urllib.request

import confluent_kafka
import pytest

from conftest import ROOT, Server, poll

RECORDS = 400
PIPELINE = """CREATE STREAMING TABLE kept
TBLPROPERTIES ('steelthread.trigger' = '1 second', 'steelthread.format' = 'raw')
AS SELECT CAST(value AS STRING) AS line FROM STREAM(lines);
"""


def flip(path, at):
    """One bit of a file, in place, as a disk does it."""
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def read_by_confluent(server, topic):
    """{offset: value} from the topic's beginning to its end."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "reader",
                                         "enable.partition.eof": True, "enable.auto.commit": False})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, confluent_kafka.OFFSET_BEGINNING)])
    records = {}
    try:
        while True:
            message = consumer.poll(30)
            assert message is not None, f"no end after {len(records)} records"
            if message.error():
                assert message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF, message.error()
                return records
            records[message.offset()] = message.value().decode()
    finally:
        consumer.close()


def read_by_kcat(server, topic):
    done = subprocess.run(["kcat", "-b", server.endpoints["kafka"], "-C", "-t", topic, "-e", "-q", "-o", "beginning",
                           "-f", "%o %s\\n"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return {int(offset): value for offset, value in (line.split(" ", 1) for line in done.stdout.splitlines())}


def ask(server, method, path, body=None, key=None):
    """JSON (of an event's route: text) and Steelthread-Position."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{server.endpoints['http']}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as reply:
        text = reply.read().decode()
        return json.loads(text) if text.startswith("{") else text, reply.headers["Steelthread-Position"]


def flip_text(server, text):
    """In the one segment that has it."""
    path = next(path for path in sorted(server.data.glob("log/*.log")) if text in path.read_bytes())
    flip(path, path.read_bytes().index(text))


def warnings(server):
    return json.loads(server.run("status", "--format", "json").stdout)["warnings"]


@pytest.fixture
def damaged(server):
    """A stopped server; a batch of a closed segment and the last batch of topic `tail` but for `lines` are destroyed."""
    server.stop()
    server.settings["log.segment_bytes"] = str(1 << 20)
    server.start()
    for topic in ("lines", "tail"):
        assert server.run("topic", "create", topic).returncode == 0
    producer = confluent_kafka.Producer({"bootstrap.servers": server.endpoints["kafka"], "linger.ms": 0})
    for number in range(RECORDS):
        producer.produce("lines", f"{number}:" + "x" * 4000)
        producer.flush()
    for topic in ("tail", "lines"):
        producer.produce(topic, f"last of {topic}")
        producer.flush()
    server.whole = read_by_confluent(server, "lines")
    assert len(server.whole) == RECORDS + 1 and len(list(server.data.glob("log/*.log"))) >= 2
    server.stop()
    flip_text(server, b"17:xxx")
    flip_text(server, b"last of tail")
    return server


def test_a_repair_isolates_a_flipped_bit_and_names_what_is_lost(damaged):
    """The rest keeps its offsets; kcat and librdkafka pass over the holes."""
    verified = damaged.run("log", "verify")
    assert verified.returncode == 5 and verified.stdout.count("damage at byte") == 2, verified.stdout
    assert "missing: lines/0 offset 17 (1 record)" in verified.stdout, verified.stdout
    files = {path: path.read_bytes() for path in damaged.data.glob("log/*")}
    planned = damaged.run("log", "repair")
    assert planned.returncode == 2 and "nothing was changed" in planned.stderr
    assert planned.stdout.count("would be isolated, 1 entry") == 2, planned.stdout
    assert files == {path: path.read_bytes() for path in damaged.data.glob("log/*")}
    done = damaged.run("log", "repair", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost: lines/0 offset 17 (1 record)" in done.stdout and "lost: tail/0 offset 0 (1 record)" in done.stdout
    copies = sorted(damaged.data.glob("removed/*"))
    assert len(copies) == 2 and all(str(copy) in done.stdout for copy in copies)
    for copy in copies:
        segment, place = copy.name.split(".log.")
        begin, end = map(int, place.split("-"))
        assert copy.read_bytes() == files[damaged.data / f"log/{segment}.log"][begin:end]
    verified = damaged.run("log", "verify")
    assert verified.returncode == 0 and "lines/0 offset 17 (1 record): lost, as a repair recorded" in verified.stdout
    damaged.start()
    left = {offset: value for offset, value in damaged.whole.items() if offset != 17}
    assert read_by_confluent(damaged, "lines") == left
    assert read_by_kcat(damaged, "lines") == left
    assert read_by_confluent(damaged, "tail") == {} and read_by_kcat(damaged, "tail") == {}
    assert any("lines/0 offset 17 (1 record)" in one for one in warnings(damaged)), warnings(damaged)
    assert "lines/0 offset 17 (1 record) lost, as a repair recorded" in damaged.run("doctor").stdout


def test_a_pipeline_stops_at_lost_records_until_a_person_accepts_that(damaged):
    """Then it goes on behind them, and has every other record."""
    pipelines = damaged.project / "pipelines"
    pipelines.mkdir(exist_ok=True)
    (pipelines / "kept.sql").write_text(PIPELINE)
    assert damaged.run("log", "repair", "--yes").returncode == 0
    damaged.start()

    def pipeline():
        return next(one for one in json.loads(damaged.run("status", "--format", "json").stdout)["pipelines"]
                    if one["name"] == "kept")

    stopped = poll("the stop", lambda: pipeline() if pipeline()["state"] == "needs a person" else None)
    assert "lines/0 offset 17 (1 record)" in stopped["last_error"]
    assert "`steelthread pipeline accept kept`" in stopped["last_error"]
    accepted = damaged.run("pipeline", "accept", "kept")
    assert accepted.returncode == 0 and "goes on without lines/0 offset 17" in accepted.stdout, accepted.stderr
    assert damaged.run("pipeline", "run", "kept").returncode == 0
    assert pipeline()["rows"] == RECORDS


def test_a_repair_beside_a_server_is_refused_with_its_process(server):
    """The folder's lock is the server's."""
    refused = server.run("log", "repair", "--yes")
    assert refused.returncode == 1 and "is in use by process" in refused.stderr, refused.stderr
    server.stop()
    done = server.run("log", "repair")
    assert done.returncode == 0 and "nothing is damaged" in done.stdout


def test_a_key_whose_record_is_lost_acts_again(server):
    """Other keys answer as before."""
    bought = [ask(server, "GET", "/purchase_a_sword", key=key)[1] for key in ("kept-key", "lost-key", "last-key")]
    server.stop()
    flip_text(server, b"lost-key")
    assert server.run("log", "repair", "--yes").returncode == 0
    server.start()
    again = [ask(server, "GET", "/purchase_a_sword", key=key)[1] for key in ("kept-key", "lost-key", "last-key")]
    assert again == [bought[0], again[1], bought[2]] and again[1] not in bought
    assert any("events/0 offset 1 (1 record)" in one and "idempotency keys" in one for one in warnings(server))


def test_the_game_says_which_events_it_lacks(tmp_path):
    """A snapshot behind them has what they did; without one the state is made without them."""
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True)
    server = Server(tmp_path).start()
    try:
        for name in ("ada", "bob"):
            ask(server, "POST", "/players", {"player": name})
        before = ask(server, "GET", "/players/ada/wallet")[0]["coins"]
        ask(server, "POST", "/players/ada/wallet/grant", {"amount": 500}, key="lost-grant")
        ask(server, "POST", "/players/bob/wallet/grant", {"amount": 7})
        server.stop()
        flip_text(server, b"lost-grant")
        assert server.run("log", "repair", "--yes").returncode == 0
        shutil.rmtree(server.data / "game", ignore_errors=True)
        server.start()
        assert ask(server, "GET", "/players/ada/wallet")[0]["coins"] == before
        assert any("the log lost game/0 offset" in one and "without the events" in one for one in warnings(server))
    finally:
        server.stop()
