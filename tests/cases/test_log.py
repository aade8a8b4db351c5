"""What clients may do to the log: nothing that others rely on."""
import gzip
import json
import os
import pathlib
import struct
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib

import pyarrow
import pytest
from kafka import KafkaConsumer

from conftest import ROOT, Server

sys.path.insert(0, str(ROOT / "tests/hostile"))
sys.path.insert(0, str(ROOT / "tests/clients"))
import kafka_wire  # noqa: E402
import odd_batches  # noqa: E402
import producer_sequences  # noqa: E402

FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
FOLDERS = sorted((ROOT / "tests/folders").glob("*.tar.xz"))
TOPIC_ALREADY_EXISTS, POLICY_VIOLATION, OUT_OF_ORDER, INVALID_RECORD = 36, 44, 45, 87
SEGMENT_VERSION = 3


def ask(server, method, path, body=None, **headers):
    """(status, body, position)"""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://{server.endpoints['http']}{path}", method=method,
                                     data=body.encode() if body else None, headers=names)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode(), answer.headers["Steelthread-Position"]
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(), answer.headers["Steelthread-Position"]


def kafka(server, **options):
    return kafka_wire.Connection(server.endpoints["kafka"], **options)


def test_topics_that_fill_a_checkpoint_are_refused_and_the_folder_opens_again(server):
    """H1: a roll is never longer than what opening reads."""
    connection = kafka(server)
    made, refused = 0, set()
    for batch in range(0, 8_300, 100):
        names = [(f"wide-{n}", 1024) for n in range(batch, batch + 100)]
        answer = connection.call(kafka_wire.CREATE_TOPICS, kafka_wire.create_body(names))
        for name, _ in names:
            at = answer.index(kafka_wire.string(name)) + 2 + len(name)
            error, = struct.unpack_from(">h", answer, at)
            made += error == 0
            refused.add(error)
        if len(refused - {0}) > 0:
            break
    assert 0 < made * 1024 <= 100_000
    assert refused == {0, POLICY_VIOLATION}
    connection.close()
    server.stop()
    server.start()
    assert ask(server, "GET", "/purchase_a_sword")[0] == 200


def test_a_clients_headers_are_stored_and_mean_nothing(server):
    """H7: only what the server wrote itself is an answer."""
    status, body, position = ask(server, "GET", "/purchase_a_sword", Idempotency_Key="mine", Host="h")
    assert status == 200
    connection = kafka(server)
    offset = int(position.split(":")[1])
    own = next(headers for at, _, headers in connection.read_all("events") if at == offset)
    assert own["idempotency-key"] == b"mine"
    for number, key in enumerate(("forged", "mine")):
        forged = dict(own, **{"idempotency-key": key.encode(),
                              "steelthread-answer": b"101 text/html\r\nSet-Cookie: a=b",
                              "steelthread-answer-body": b"<script>alert(1)</script>"})
        error, at = connection.produce("events", 0, kafka_wire.batch(
            b'{"event_type": "purchase_sword"}', headers=forged.items()))
        assert (error, at) == (0, offset + 1 + number)
    server.kill9()
    server.start()
    assert ask(server, "GET", "/purchase_a_sword", Idempotency_Key="mine", Host="h") == (
        200, body, position), "its own answer, not the forged one"
    status, body, made = ask(server, "GET", "/purchase_a_sword", Idempotency_Key="forged", Host="h")
    assert (status, body) == (200, "Sword Purchased!\n")
    assert int(made.split(":")[1]) == offset + 3, "the event is stored"
    stored = [headers.get("steelthread-answer") for _, _, headers in kafka(server).read_all("events")]
    assert stored.count(b"101 text/html\r\nSet-Cookie: a=b") == 2, "what clients sent is kept as sent"


def unpack(folder, target):
    with tarfile.open(folder) as archive:
        archive.extractall(target)


def when_made(folder):
    """The environment of a server that takes it for a minute after the folder was made: keys are
    remembered for a day."""
    with tarfile.open(folder) as archive:
        made = max(member.mtime for member in archive.getmembers())
    ago = int(time.time() - made) - 60
    return {**os.environ, "LD_PRELOAD": str(FAKETIME), "FAKETIME": f"-{ago}s", "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def records(server, topics):
    """{topic: its records, as a Kafka client reads them from the start}"""
    connection = kafka(server)
    read = {topic: list(connection.read_all(topic)) for topic in topics}
    connection.close()
    for topic, all_of_it in read.items():
        assert [offset for offset, _, _ in all_of_it] == list(range(len(all_of_it))), topic
    return read


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_an_older_folder_is_read_written_and_read_again(folder, tmp_path):
    """Each head that changed a format left a folder; its records stay, whoever opens it."""
    unpack(folder, tmp_path)
    topic = "game" if "game" in folder.name else "events"
    server = Server(tmp_path).start()
    try:
        before = records(server, [topic, "_declarations"])
        assert len(before[topic]) >= 3
        sent = []
        for restart in (server.kill9, server.stop):
            value = f"from {restart.__name__}".encode()
            sent.append(value)
            assert kafka(server).create_topic("foreign") in (0, TOPIC_ALREADY_EXISTS)
            assert kafka(server).produce("foreign", 0, kafka_wire.batch(value))[0] == 0
            assert ask(server, "GET", "/purchase_a_sword", Host="alice")[0] == 200
            restart()
            server.start()
            after = records(server, [topic, "_declarations", "foreign"])
            assert after[topic][:len(before[topic])] == before[topic]
            assert len(after[topic]) > len(before[topic])
            assert after["_declarations"][:len(before["_declarations"])] == before["_declarations"]
            assert [value for _, value, _ in after["foreign"]] == sent
            before = after
        verified = server.run("log", "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        segments = sorted((tmp_path / ".steelthread/log").glob("*.log"))
        newest = segments[-1].read_bytes()
        assert struct.unpack_from("<I", newest, 8) == (SEGMENT_VERSION,)
        if struct.unpack_from("<I", segments[0].read_bytes(), 8) != (SEGMENT_VERSION,):
            assert len(segments) == 2, "the first start begins a segment, later ones do not"
    finally:
        server.stop()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_an_older_folder_opens_and_a_repeated_key_is_answered_from_it(folder, tmp_path):
    """H7: below the position of its upgrade the old rule holds, above it the new one."""
    unpack(folder, tmp_path)
    server = Server(tmp_path)
    server.popen["env"] = when_made(folder)
    server.start()
    try:
        if "game" in folder.name:
            repeat = ("POST", "/players/alice/cart/checkout")
            key, headers, want = "order-1", {}, "game/0:2"
        else:
            repeat = ("GET", "/purchase_a_sword")
            key, headers, want = "sword-1", {"Host": "h1"}, "events/0:0"
        status, body, position = ask(server, *repeat, Idempotency_Key=key, **headers)
        assert (status, position) == (200, want)
        keys = json.loads(server.run("status", "--format", "json").stdout)["idempotency"]
        assert keys["last_error"] == "", "the key files of that head are read, not built again"
        new = ask(server, "GET", "/purchase_a_sword", Idempotency_Key="new-1", Host="alice")
        assert new[0] == 200
        topic, rest = new[2].split("/")
        # Of a time before the folder was made: that is the time of the server's clock.
        forged = kafka_wire.batch_of(kafka_wire.record(b"{}", headers=[
            ("idempotency-key", b"forged"), ("steelthread-request", b"0" * 32),
            ("steelthread-answer", b"200 text/plain"), ("steelthread-answer-body", b"no")]), times=(1000, 1000))
        if topic != "game":
            assert kafka(server).produce(topic, 0, forged)[0] == 0
        server.kill9()
        server.start()
        assert ask(server, *repeat, Idempotency_Key=key, **headers) == (status, body, want)
        assert ask(server, "GET", "/purchase_a_sword", Idempotency_Key="new-1", Host="alice") == new
        assert ask(server, "GET", "/purchase_a_sword", Idempotency_Key="forged", Host="alice")[0] == 200
        rows = server.run("sql", "--format", "csv", "select count(*) from default_hits")
        assert rows.returncode == 0, rows.stderr
    finally:
        server.stop()


def test_another_batch_under_a_producers_sequence_is_refused_not_acknowledged(server):
    """H8: acknowledged means stored, whoever sends what."""
    victim, thief = kafka(server), kafka(server)
    assert victim.create_topic("events") == 0
    _, producer, epoch = victim.producer_id()
    assert victim.produce("events", 0, kafka_wire.batch(b"first", (producer, epoch, 0)))[0] == 0
    assert thief.produce("events", 0, kafka_wire.batch(b"stolen", (producer, epoch, 1)))[0] == 0
    second = kafka_wire.batch(b"second", (producer, epoch, 1))
    assert victim.produce("events", 0, second)[0] == OUT_OF_ORDER
    stored = [value for _, value, _ in victim.read_all("events")]
    assert b"second" not in stored
    ids = {victim.producer_id()[1] for _ in range(20)}
    assert len(ids) == 20 and min(ids) >= 2**52, "nobody guesses the next one"


def test_producers_with_odd_sequences_are_answered_as_kafka_answers(server):
    """H9: what Kafka 4.1 answers to sequences of known and unknown producers, recorded from it."""
    recorded = json.loads((ROOT / "tests/clients/kafka_answers.json").read_text())
    connection = kafka(server)
    answers = producer_sequences.ask(server.endpoints["kafka"], connection.create_topic)
    assert answers == recorded["sequences"], f"Kafka {recorded['kafka']}"


def test_a_batchs_times_are_those_of_its_records_and_transactions_are_refused(server):
    """H8: what Kafka 4.1 answers to batches with odd headers, and what it stores, recorded from it."""
    recorded = json.loads((ROOT / "tests/clients/kafka_answers.json").read_text())
    connection = kafka(server)
    answers = odd_batches.ask(server.endpoints["kafka"], connection.create_topic)
    # Here nobody may use a transactional id; there everybody may.
    recorded["batches"]["transactional without producer, under an id"] = [53]
    assert answers == recorded["batches"], f"Kafka {recorded['kafka']}"
    server.kill9()
    server.start()
    connection = kafka(server)
    title = "a largest time that is no record's"
    assert [odd_batches.offset_at(connection, "odd-0", time) for time in odd_batches.AT_TIMES] \
        == recorded["batches"][title]["at times"]


def test_no_producer_is_forgotten_for_anothers_new_ones(server):
    """H9: the address that makes too many is refused, and nobody else."""
    connection = kafka(server)
    assert connection.create_topic("events") == connection.create_topic("wide", 1024) == 0
    _, producer, epoch = connection.producer_id()
    first = kafka_wire.batch(b"mine", (producer, epoch, 0))
    error, offset = connection.produce("events", 0, first)
    assert error == 0
    flood = kafka(server, source="127.0.0.2")
    errors = set()
    for number in range(110):
        raw = kafka_wire.batch(b"x", (number + 1, 0, 0))
        answer = flood.call(kafka_wire.PRODUCE, kafka_wire.produce_body(
            {"wide": [(partition, raw) for partition in range(1024)]}))
        for partition in range(1024):
            at = 4 + 2 + len("wide") + 4 + partition * 30
            errors.add(struct.unpack_from(">ih", answer, at)[1])
    assert errors == {0, POLICY_VIOLATION}
    assert connection.produce("events", 0, first) == (0, offset), "the repeat is known"
    second = kafka_wire.batch(b"mine", (producer, epoch, 1))
    assert connection.produce("events", 0, second)[0] == 0
    _, other, epoch = connection.producer_id()
    assert connection.produce("events", 0, kafka_wire.batch(b"new", (other, epoch, 0)))[0] == 0


def test_a_batch_that_consumers_cannot_read_poisons_no_topic(server):
    """H8: compressed records are one frame alone, or kcat and kafka-python stop reading there."""
    connection = kafka(server)
    assert connection.create_topic("frames") == 0
    records = kafka_wire.record(b"v")

    def send(codec, compressed):
        raw = kafka_wire.batch_of(records=compressed, attributes=codec)
        return connection.produce("frames", 0, raw)[0]
    frames = {1: gzip.compress(records, mtime=0), 3: pyarrow.Codec("lz4").compress(records, asbytes=True),
              4: pyarrow.Codec("zstd").compress(records, asbytes=True)}
    for codec, frame in frames.items():
        assert send(codec, frame) == 0, codec
        for rest in (b"\0\0\0\0", b"junk", frame):
            assert send(codec, frame + rest) == INVALID_RECORD, (codec, rest)
    assert send(1, zlib.compress(records)) == INVALID_RECORD
    consumer = KafkaConsumer("frames", bootstrap_servers=server.endpoints["kafka"],
                             auto_offset_reset="earliest")
    try:
        read = [next(consumer).value for _ in frames]
    finally:
        consumer.close()
    assert read == [b"v"] * len(frames)
