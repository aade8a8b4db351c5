#!/usr/bin/env python3
"""What a consumer of 1,000 idle partitions costs, with a session of fetches (KIP-227) and without.

    .deps/venv/bin/python bench/fetch_sessions.py    needs make, tools/setup --tests; writes bench/results/kafka.md
    .deps/venv/bin/python bench/fetch_sessions.py --polls 200 --dry    a quick look, writes nothing

Ends with status 1 where a session costs more than no session.
"""
import argparse
import pathlib
import socket
import struct
import sys
import tempfile
import time
import uuid

sys.path.append(sys.path.pop(0))  # the library's `http` comes before bench/http.py

from kafka.protocol.admin import CreateTopicsRequest, CreateTopicsResponse
from kafka.protocol.consumer import FetchRequest, FetchResponse

from shared.results_block import replace_block
from shared.server import Server, stat_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/steelthread"
RESULTS = ROOT / "bench/results/kafka.md"
BEGIN, END = "<!-- bench/fetch_sessions.py begins -->", "<!-- bench/fetch_sessions.py ends -->"
VERSION = 17  # of Fetch, as Java's clients 4.0 send it
PARTITIONS = 1000
SHAPES = ((1, PARTITIONS), (100, PARTITIONS // 100))  # topics, partitions of each
WAITS_MS = (0, 20)
DEADLINE_S = 60


class Consumer:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), DEADLINE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")

    def exchange(self, frame):
        """The answer's bytes, without their length."""
        self.socket.sendall(frame)
        return self.stream.read(struct.unpack(">i", self.stream.read(4))[0])

    def call(self, request, answer, version):
        return answer.decode(self.exchange(encoded(request, version)), version=version, header=True)

    def topics(self, shape):
        """{id: partitions} of new topics."""
        topics, partitions = shape
        one = CreateTopicsRequest.CreatableTopic
        made = self.call(CreateTopicsRequest(timeout_ms=10_000, topics=[
            one(name=f"idle-{topics}-{n}", num_partitions=partitions, replication_factor=1, assignments=[], configs=[])
            for n in range(topics)]), CreateTopicsResponse, 7)
        assert all(topic.error_code == 0 for topic in made.topics), made
        return {topic.topic_id: partitions for topic in made.topics}


def encoded(request, version):
    request.with_header(correlation_id=7, client_id="bench")
    return request.encode(version=version, header=True, framed=True)


def fetch(topics, session, epoch, wait_ms):
    one = FetchRequest.FetchTopic
    return encoded(FetchRequest(
        max_wait_ms=wait_ms, min_bytes=1, max_bytes=50 << 20, session_id=session, session_epoch=epoch, topics=[
            one(topic_id=topic, partitions=[one.FetchPartition(
                partition=n, current_leader_epoch=0, fetch_offset=0, last_fetched_epoch=-1, log_start_offset=-1,
                partition_max_bytes=1 << 20) for n in range(partitions)]) for topic, partitions in topics.items()],
        forgotten_topics_data=[]), VERSION)


def measure(consumer, pid, topics, has_session, wait_ms, polls):
    """(bytes of a request, bytes of an answer, microseconds of the server's processor a poll)"""
    session, asked = 0, fetch(topics, 0, -1, wait_ms)
    if has_session:
        answer = FetchResponse.decode(consumer.exchange(fetch(topics, 0, 0, wait_ms)), version=VERSION, header=True)
        session = answer.session_id
        assert session, "no session was begun"
    before = stat_of(f"/proc/{pid}")[0]
    for epoch in range(1, polls + 1):
        if has_session:
            asked = fetch({}, session, epoch, wait_ms)
        answer = consumer.exchange(asked)
    cost = (stat_of(f"/proc/{pid}")[0] - before) / polls
    told = FetchResponse.decode(answer, version=VERSION, header=True)
    assert (told.error_code, told.session_id) == (0, session)
    assert len(told.responses) == (0 if has_session else len(topics))
    if has_session:  # so that its place is free
        consumer.exchange(fetch({uuid.UUID(int=0): 0}, session, -1, 0))
    return len(asked), len(answer) + 4, cost * 1e6


def report(args, rows):
    lines = []
    for (topics, partitions), wait_ms, (full, session) in rows:
        shape = f"one topic of {partitions:,}" if topics == 1 else f"{topics} topics of {partitions}"
        for name, (asked, told, cost) in (("without", full), ("with", session)):
            lines.append(f"| {shape} | {f'waits {wait_ms} ms' if wait_ms else 'answered at once'} | {name} | "
                         f"{asked:,} | {told:,} | {cost:.0f} us |")
    table = "\n".join(lines)
    return f"""## Fetches of {PARTITIONS:,} idle partitions

    .deps/venv/bin/python bench/fetch_sessions.py

One consumer that fetches empty partitions by ids, in version {VERSION}, {args.polls:,} times each, with a session and
without. Two cores, shared with the consumer and whatever else ran.

| partitions | a fetch | session | bytes of the request | of the answer | the server's processor time |
|---|---|---|---|---|---|
{table}

Estimate from first principles: a partition is 33 bytes in a request and 37 in an answer. Without a session each
is decoded, looked up, read (two look-ups in a map of {PARTITIONS:,} ranges, 0.05 us each) and encoded; with one it is
only read. A fetch that waits reads each partition twice and registers with it in between, with a session or
without, which is most of its cost.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--polls", type=int, default=2000)
    parser.add_argument("--dry", action="store_true", help="print the results, write no file")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as project:
        server = Server(BINARY, project)
        try:
            consumer = Consumer(server.endpoints["kafka"])
            for shape in SHAPES:
                topics = consumer.topics(shape)
                for wait_ms in WAITS_MS:
                    polls = args.polls if wait_ms == 0 else max(args.polls // 5, 1)
                    costs = [measure(consumer, server.process.pid, topics, has_session, wait_ms, polls)
                             for has_session in (False, True)]
                    rows.append((shape, wait_ms, costs))
        finally:
            server.stop()
    text = report(args, rows)
    if args.dry:
        print(text)
    else:
        replace_block(RESULTS, BEGIN, END, text)
    is_cheaper = all(session[0] < full[0] and session[1] < full[1] and session[2] < full[2]
                     for _, _, (full, session) in rows)
    return 0 if is_cheaper else 1


if __name__ == "__main__":
    sys.exit(main())
