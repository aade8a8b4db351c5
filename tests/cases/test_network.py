"""What a stranger on the network cannot do: hold memory, connections or threads that others need."""
import json
import pathlib
import re
import resource
import signal
import socket
import struct
import urllib.error
import urllib.request
import zlib

import pyarrow

from conftest import DEADLINE_S, Server, poll

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS, DESCRIBE_CONFIGS = 0, 1, 2, 3, 18, 19, 32
STRANGER = "127.0.0.2"


def text(value):
    raw = value.encode()
    return struct.pack(">h", len(raw)) + raw


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Kafka:
    """One connection that speaks requests of fixed versions."""

    def __init__(self, server, source="127.0.0.1"):
        host, port = server.endpoints["kafka"].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), DEADLINE_S, (source, 0))
        self.sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def send(self, key, version, body):
        self.sent += 1
        request = struct.pack(">hhi", key, version, self.sent) + text("case") + body
        self.socket.sendall(struct.pack(">i", len(request)) + request)

    def take(self, size):
        got = bytearray()
        while len(got) < size:
            part = self.socket.recv(min(size - len(got), 1 << 20))
            if not part:
                raise ConnectionError("closed")
            got += part
        return bytes(got)

    def receive(self):
        """The next answer behind its correlation id."""
        return self.take(struct.unpack(">i", self.take(4))[0])[4:]

    def call(self, key, version, body):
        self.send(key, version, body)
        return self.receive()

    def is_closed(self):
        """Waits for the server to close the connection; what it sent before is dropped."""
        try:
            while self.socket.recv(1 << 20):
                pass
        except ConnectionError:
            pass
        return True


def crc32c(data, table=[]):
    if not table:
        for byte in range(256):
            for _ in range(8):
                byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
            table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(n):
    n = n << 1 ^ n >> 63
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


def batch(records, count=1, codec=0):
    """A record batch around the bytes of its records, which may be compressed."""
    tail = struct.pack(">hiqqqhii", codec, count - 1, 0, 0, -1, -1, -1, count) + records
    return struct.pack(">qiibI", 0, len(tail) + 9, 0, 2, crc32c(tail)) + tail


def record(value):
    body = b"\0\0\0\1" + varint(len(value)) + value + b"\0"
    return varint(len(body)) + body


def produce_body(topic, batches):
    parts = [struct.pack(">iI", 0, len(raw)) + raw for raw in batches]
    return struct.pack(">hhi", -1, -1, 30_000) + array([text(topic) + array(parts)])


def produced(answer):
    """The error of the first partition."""
    return struct.unpack_from(">h", answer, 4 + 2 + struct.unpack_from(">h", answer, 4)[0] + 4 + 4)[0]


def fetch_body(topic, partitions=(0,), max_bytes=50 << 20, wait_ms=0, min_bytes=1):
    parts = [struct.pack(">iqi", p, 0, max_bytes) for p in partitions]
    head = struct.pack(">iiiib", -1, wait_ms, min_bytes, max_bytes, 0)
    return head + array([text(topic) + array(parts)])


def make_topic(server, name, partitions=1):
    done = server.run("topic", "create", name, "--partitions", str(partitions))
    assert done.returncode == 0, done.stderr


def pss_mib(server):
    rollup = pathlib.Path(f"/proc/{server.process.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+)", rollup, re.M)[1]) / 1024


def metric(server, name):
    with urllib.request.urlopen(f"http://{server.endpoints['sql']}/metrics", timeout=DEADLINE_S) as answer:
        found = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.M)
    return float(found[1]) if found else 0.0


def status(server, path):
    try:
        with urllib.request.urlopen(f"http://{server.endpoints['http']}{path}", timeout=DEADLINE_S) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def play(server):
    """One durable purchase; the status."""
    return status(server, "/purchase_a_sword")


def test_pipelined_polls_of_a_client_that_reads_nothing_hold_one_answer(server):
    """H3: 64 long polls of 50 MB on a connection that never reads."""
    make_topic(server, "large")
    some = produce_body("large", [batch(record(b"x" * 1_000_000))])
    with Kafka(server) as writer:
        for _ in range(25):
            assert produced(writer.call(PRODUCE, 3, some)) == 0
    before = pss_mib(server)
    with Kafka(server, STRANGER) as stranger, Kafka(server) as reader:
        for _ in range(64):
            stranger.send(FETCH, 4, fetch_body("large", wait_ms=30_000))
        poll("the first answer", lambda: metric(server, 'steelthread_budget_used{budget="network_bytes"}') > 8 << 20)
        assert len(reader.call(FETCH, 4, fetch_body("large"))) > 8 << 20
        assert play(server) == 200
        assert pss_mib(server) - before < 100


def test_requests_on_their_way_take_a_share_of_one_budget(server):
    """H3: 20 connections that each send all but the end of a large request."""
    before = pss_mib(server)
    strangers = [Kafka(server, STRANGER) for _ in range(20)]
    for stranger in strangers:
        stranger.socket.setblocking(False)
        try:
            stranger.socket.send(struct.pack(">i", 30 << 20) + b"x" * (4 << 20))
        except BlockingIOError:
            pass
    refused = 'steelthread_budget_refused_total{budget="network_bytes"}'
    poll("paused connections", lambda: metric(server, refused) >= 19)
    assert metric(server, 'steelthread_budget_used{budget="network_bytes"}') <= 48 << 20
    make_topic(server, "small")
    with Kafka(server) as other:
        assert produced(other.call(PRODUCE, 3, produce_body("small", [batch(record(b"x" * 1_000_000))]))) == 0
    assert play(server) == 200
    assert pss_mib(server) - before < 100
    for stranger in strangers:
        stranger.socket.close()


def test_a_request_beyond_the_largest_is_cut_off_before_it_is_read(server):
    """H3: a length of 100 MiB."""
    with Kafka(server) as stranger:
        stranger.socket.sendall(struct.pack(">i", 100 << 20))
        assert stranger.is_closed()
    assert metric(server, 'steelthread_net_closed_total{listener="kafka",reason="frame_too_large"}') == 1


def names_body(names, may_create=False):
    return array([text(name) for name in names]) + struct.pack(">b", may_create)


def topics_of(answer):
    """Metadata version 4: {topic: (error, partitions)}, and how many topics the answer has."""
    at = 4 + 4 + 4  # throttle, number of brokers, node
    at += 2 + struct.unpack_from(">h", answer, at)[0] + 4  # host, port
    at += 2  # rack: null
    at += 2 + struct.unpack_from(">h", answer, at)[0] + 4  # cluster, controller
    count, at, found = struct.unpack_from(">i", answer, at)[0], at + 4, {}
    for _ in range(count):
        error, size = struct.unpack_from(">hh", answer, at)
        name = answer[at + 4:at + 4 + size].decode()
        at += 4 + size + 1
        partitions = struct.unpack_from(">i", answer, at)[0]
        at += 4 + partitions * 26
        found[name] = error, partitions
    return found, count


def test_a_topic_that_is_named_many_times_is_answered_once(server):
    """H2: Metadata that names a topic of 1,024 partitions 200,000 times."""
    make_topic(server, "wide", 1024)
    before = pss_mib(server)
    with Kafka(server, STRANGER) as stranger:
        found, count = topics_of(stranger.call(METADATA, 4, names_body(["wide"] * 200_000)))
        assert (found, count) == ({"wide": (0, 1024)}, 1)
    assert pss_mib(server) - before < 50


def test_a_request_of_too_many_parts_costs_its_connection_and_no_memory(server):
    """H2: a name of 32,000 bytes and 100,000 partitions, a million resources."""
    long = text("n" * 32_000)
    before = pss_mib(server)

    def parts(form, *values):
        return array([long + array([struct.pack(form, p, *values) for p in range(100_000)])])

    requests = {
        "ListOffsets": (LIST_OFFSETS, 1, struct.pack(">i", -1) + parts(">iq", -1)),
        "Fetch": (FETCH, 4, struct.pack(">iiiib", -1, 0, 1, 1 << 20, 0) + parts(">iqi", 0, 1 << 20)),
        "Produce": (PRODUCE, 3, struct.pack(">hhi", -1, 1, 1000) + parts(">ii", -1)),
        "DescribeConfigs": (DESCRIBE_CONFIGS, 0, array([b"\2\0\1a" + struct.pack(">i", -1)] * 1_000_000)),
        "CreateTopics": (CREATE_TOPICS, 0, array([text(f"{i}") + struct.pack(">ihii", 1, 1, 0, 0)
                                                  for i in range(20_000)]) + struct.pack(">i", 0)),
    }
    for name, request in requests.items():
        with Kafka(server, STRANGER) as stranger:
            try:
                stranger.send(*request)
            except ConnectionError:
                pass  # it is closed before it is read
            assert stranger.is_closed(), name
            assert pss_mib(server) - before < 50, name
    assert play(server) == 200


def test_pages_that_nobody_reads_are_shared_and_refused_beyond_a_clients_share(server):
    """H4: a large result page that 200 sockets ask for and do not read."""
    sql = "select rpad('x', 15000000, 'x')"
    request = urllib.request.Request(f"http://{server.endpoints['sql']}/v1/statement", sql.encode(),
                                     {"X-Trino-User": "case"})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        following = json.load(answer)["nextUri"]
    page = None
    while page is None:
        with urllib.request.urlopen(following, timeout=DEADLINE_S) as answer:
            body = json.load(answer)
        assert "error" not in body, body["error"]
        page = following if body.get("data") else None
        following = body.get("nextUri", following)
    before = pss_mib(server)
    host, port = server.endpoints["sql"].rsplit(":", 1)
    path = page.split(server.endpoints["sql"], 1)[1]
    strangers = []
    for _ in range(200):
        stranger = socket.socket()
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stranger.bind((STRANGER, 0))
        stranger.connect((host, int(port)))
        stranger.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nX-Trino-User: case\r\n\r\n".encode())
        strangers.append(stranger)
    statuses = []
    for stranger in strangers:
        stranger.settimeout(DEADLINE_S)
        statuses.append(int(stranger.recv(12).split()[1]))
    assert set(statuses) == {200, 503} and statuses.count(200) <= 4, statuses
    assert pss_mib(server) - before < 100
    with urllib.request.urlopen(page, timeout=DEADLINE_S) as answer:  # another client
        assert len(answer.read()) > 15_000_000
    for stranger in strangers:
        stranger.close()


def test_batches_that_grow_hold_nobody_up_and_the_first_refused_one_is_the_last(server):
    """H5: one Produce with 200 zstd and gzip batches of some kB that hold 127 MB each."""
    for topic in ("bombs", "plain"):
        make_topic(server, topic)
    zeros = record(bytes(127 << 20))
    gzip = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = {1: gzip.compress(zeros) + gzip.flush(), 4: pyarrow.compress(zeros, "zstd", asbytes=True)}
    for codec, raw in packed.items():
        with Kafka(server, STRANGER) as stranger, Kafka(server) as other:
            stranger.send(PRODUCE, 3, produce_body("bombs", [batch(raw, codec=codec)] * 200))
            for _ in range(20):
                assert produced(other.call(PRODUCE, 3, produce_body("plain", [batch(record(b"x"))]))) == 0
            assert produced(stranger.receive()) == 10
    assert play(server) == 200


def test_records_that_grow_beyond_a_workers_memory_stop_no_table(tmp_path):
    """H5: a few records of some kB that fill a worker's memory together, in an event's topic."""
    (tmp_path / "events").mkdir()
    (tmp_path / "events/e.toml").write_text(
        'name = "e"\nroute = "POST /e"\nreply = ""\n[fields]\nevent_type = "e"\ns = {}\n')
    server = Server(tmp_path)
    server.settings["worker.memory"] = "256"
    server.start()

    def send():
        form = urllib.request.Request(f"http://{server.endpoints['http']}/e", b"s=x")
        with urllib.request.urlopen(form, timeout=DEADLINE_S) as answer:
            assert answer.status == 200

    def count(sql):
        read = server.run("sql", "--format", "csv", sql)
        return int(read.stdout.split()[-1]) if read.returncode == 0 else 0

    try:
        send()
        large = b"x" * 60_000_000
        for value, times in ((b'{"event_type": "e", "s": "%b"}', 3), (b'{"event_type": "e", "s": 1, "t": "%b"}', 1)):
            packed = pyarrow.compress(record(value % large), "zstd", asbytes=True)
            with Kafka(server, STRANGER) as stranger:
                for _ in range(times):
                    assert produced(stranger.call(PRODUCE, 3, produce_body("events", [batch(packed, codec=4)]))) == 0
        send()
        poll("the last event's row", lambda: count("select count(*) from e where s = 'x'") == 2, 4 * DEADLINE_S)
        assert count("select count(*) from e") == 5
        assert count("select count(*) from bad.rows where pipeline = 'e'") == 1
    finally:
        server.stop()


def test_topics_that_strangers_make_leave_room_for_the_servers_own(server):
    """H6: Metadata requests that would make 10,000 topics; then a new declared event."""
    with Kafka(server, STRANGER) as stranger:
        for n in range(11):
            names = [f"stranger-{n}-{i}" for i in range(1000)]
            found, _ = topics_of(stranger.call(METADATA, 4, names_body(names, True)))
            made = sum(error == 0 for error, _ in found.values())
            # Each refusal takes up to a second, in which the address earns a fifth of a topic.
            assert made == 250 if n == 0 else made <= 1
            assert {error for error, _ in found.values()} <= {0, 5}
    with Kafka(server) as other:
        assert topics_of(other.call(METADATA, 4, names_body(["mine"], True)))[0] == {"mine": (0, 1)}
    assert metric(server, 'steelthread_kafka_topics_refused_total{reason="rate"}') >= 10_000
    sword = (server.project / "events/purchase_sword.toml").read_text()
    wave = sword.replace("purchase_sword", "wave").replace("purchase_a_sword", "wave")
    (server.project / "events/wave.toml").write_text('topic = "waves"\n' + wave)
    server.process.send_signal(signal.SIGHUP)
    poll("the new event", lambda: status(server, "/wave") == 200)


def test_first_use_makes_no_topic_where_that_is_switched_off(server):
    """H6: the setting kafka.auto_create_topics."""
    server.stop()
    server.settings["kafka.auto_create_topics"] = "false"
    server.start()
    with Kafka(server) as client:
        assert topics_of(client.call(METADATA, 4, names_body(["new"], True)))[0] == {"new": (3, 0)}
    make_topic(server, "new")


def test_polls_over_very_many_partitions_are_refused_and_waiting_ones_slow_no_commit(server):
    """H16: 64 polls over 100,000 partitions that wait."""
    for n in range(4):
        make_topic(server, f"wide{n}", 1024)
    with Kafka(server, STRANGER) as stranger:
        stranger.send(FETCH, 4, fetch_body("wide0", range(100_000), wait_ms=30_000))
        assert stranger.is_closed()
    parts = [struct.pack(">iqi", p, 0, 1 << 20) for p in range(1024)]
    body = struct.pack(">iiiib", -1, 30_000, 1 << 20, 1 << 20, 0)
    body += array([text(f"wide{n}") + array(parts) for n in range(4)])
    strangers = [Kafka(server, STRANGER) for _ in range(64)]
    for stranger in strangers:
        stranger.send(FETCH, 4, body)
    poll("polls that wait", lambda: metric(server, 'steelthread_net_frames_total{listener="kafka"}') >= 65)
    with Kafka(server) as other:
        for _ in range(20):
            assert produced(other.call(PRODUCE, 3, produce_body("wide0", [batch(record(b"x"))]))) == 0
    assert play(server) == 200
    for stranger in strangers:
        stranger.socket.close()


def test_idle_connections_leave_descriptors_to_the_log_and_connections_to_others(server):
    """H14: 1,000 idle Kafka connections under a limit of 1,024 descriptors."""
    server.stop()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    command = server.command
    server.command = lambda *words: ["sh", "-c", 'ulimit -n 1024; exec "$0" "$@"', *command(*words)]
    server.settings["log.segment_bytes"] = 1 << 20
    server.start()
    strangers = [Kafka(server, STRANGER) for _ in range(1000)]
    try:
        assert metric(server, 'steelthread_budget_used{budget="connections"}') < 1024 - 384
        make_topic(server, "rolled")
        some = produce_body("rolled", [batch(record(b"x" * 1_000_000))])
        with Kafka(server) as other:
            assert [produced(other.call(PRODUCE, 3, some)) for _ in range(4)] == [0] * 4
        assert play(server) == 200
        poll("the table of an event", lambda: server.run(
            "sql", "select count(*) from purchase_sword").returncode == 0)
    finally:
        for stranger in strangers:
            stranger.socket.close()
