"""Attacks on the Kafka port: requests whose answer costs more than they do, and slow hands."""
import functools
import gzip
import http.client
import itertools
import signal
import struct
import time

import lz4.frame
import zstandard

from kafka_wire import (CONSUMER_HEARTBEAT, CREATE_TOPICS, DESCRIBE_CONFIGS, DESCRIBE_LOG_DIRS, FETCH, FIND_COORDINATOR,
                        JOIN_GROUP, LIST_OFFSETS, METADATA, OFFSET_COMMIT, PRODUCE, array, batch, batch_of, compact,
                        create_body, fetch_body, frame, metadata_body, produce_body, record, string, varint)
from measured import statement
from target import WIDE, attack, repeat

MB = 1 << 20
BOMB_BYTES = 127 * MB
ALLOWED_BYTES = 60 * MB  # decompressed: what the server takes in one request
LONG_NAME = "n" * 32_000


def wide(target):
    target.make_topic("wide", WIDE)


def big(target):
    """48 MB in one partition, which a poll can ask for again and again."""
    target.make_topic("big")
    line = target.kafka()
    for _ in range(48):
        line.produce("big", 0, batch(b"x" * 1_000_000))
    line.close()


def again(payload):
    return lambda _: itertools.repeat(payload)


# --- H2: what an answer costs against what was sent -----------------------------------------------

@attack("H2", "metadata of one topic 200,000 times", 4, prepare=wide)
def metadata_repeats(target, until):
    """600 kB name a topic of 1,024 partitions 200,000 times."""
    return target.flood("kafka", 4, again(frame(METADATA, metadata_body(["wide"] * 200_000))), until)


@attack("H2", "metadata of the same, never read", 16, prepare=wide)
def metadata_deaf(target, until):
    """As above from 16 connections that take no answer."""
    payload = frame(METADATA, metadata_body(["wide"] * 2_000))
    return target.flood("kafka", 16, again(payload), until, reads=False)


@attack("H2", "metadata of 200,000 unknown topics", 4)
def metadata_unknown(target, until):
    """Names that are not there, none to be made."""
    names = [f"unknown-{n}" for n in range(200_000)]
    return target.flood("kafka", 4, again(frame(METADATA, metadata_body(names))), until)


@attack("H2", "metadata of all topics, pipelined", 64, prepare=wide)
def metadata_all(target, until):
    """Tiny requests for everything there is."""
    payload = frame(METADATA, struct.pack(">ib", -1, 0)) * 64
    return target.flood("kafka", 64, again(payload), until)


@attack("H2", "sizes of all partitions, pipelined", 64, prepare=wide)
def log_dirs_all(target, until):
    """Tiny requests for the bytes of every partition there is."""
    payload = frame(DESCRIBE_LOG_DIRS, struct.pack(">i", -1)) * 64
    return target.flood("kafka", 64, again(payload), until)


def many(encode):
    return array([encode(n) for n in range(100_000)])


@attack("H2", "list offsets of a long name", 4)
def list_offsets_long(target, until):
    """A topic's name of 32,000 bytes and 100,000 partitions."""
    body = struct.pack(">ii", -1, 1) + string(LONG_NAME) + many(lambda n: struct.pack(">iq", n, -1))
    return target.flood("kafka", 4, again(frame(LIST_OFFSETS, body)), until)


@attack("H2", "list offsets by time, one partition", 4, prepare=big)
def list_offsets_by_time(target, until):
    """One partition 100,000 times, each a search by time."""
    body = struct.pack(">ii", -1, 1) + string("big") + many(
        lambda _: struct.pack(">iq", 0, 1_795_000_000_000))
    return target.flood("kafka", 4, again(frame(LIST_OFFSETS, body)), until)


@attack("H2", "fetch of a long name", 4)
def fetch_long(target, until):
    """A topic's name of 32,000 bytes and 100,000 partitions."""
    body = fetch_body({LONG_NAME: [(n, 0, 1) for n in range(100_000)]}, wait_ms=0)
    return target.flood("kafka", 4, again(frame(FETCH, body)), until)


@attack("H2", "fetch of one partition 100,000 times", 4, prepare=big)
def fetch_repeats(target, until):
    """Each may answer a batch of 1 MB, whatever the limit says."""
    body = fetch_body({"big": [(0, 0, 0)] * 100_000}, wait_ms=0)
    return target.flood("kafka", 4, again(frame(FETCH, body)), until)


@attack("H2", "produce to a long name", 4)
def produce_long(target, until):
    """A topic's name of 32,000 bytes and 100,000 partitions without a batch."""
    body = produce_body({LONG_NAME: [(n, b"") for n in range(100_000)]})
    return target.flood("kafka", 4, again(frame(PRODUCE, body)), until)


@attack("H2", "produce to 30 long names", 4)
def produce_names(target, until):
    """Thirty names of 32,000 bytes, 3,000 partitions each."""
    body = produce_body([(f"{n}" + LONG_NAME[:31_000], [(p, b"") for p in range(3_000)])
                         for n in range(30)])
    return target.flood("kafka", 4, again(frame(PRODUCE, body)), until)


@attack("H2", "describe a million resources", 4)
def describe_many(target, until):
    """Broker 1, a million times."""
    one = struct.pack(">b", 4) + string("1") + struct.pack(">i", -1)
    return target.flood("kafka", 4, again(frame(DESCRIBE_CONFIGS, array([one] * 1_000_000))), until)


@attack("H2", "describe with a million keys", 4)
def describe_keys(target, until):
    """One resource of which a million settings are wanted."""
    one = struct.pack(">b", 4) + string("1") + array([string("num.partitions")] * 1_000_000)
    return target.flood("kafka", 4, again(frame(DESCRIBE_CONFIGS, array([one]))), until)


@attack("H2", "create 100,000 topics in one request", 4)
def create_many(target, until):
    """Only to validate, so nothing is made, again and again."""
    topics = [(f"v{n}", 1) for n in range(100_000)]
    return target.flood("kafka", 4, again(frame(CREATE_TOPICS, create_body(topics, True))), until)


@attack("H2", "create one topic with a million settings", 4)
def create_settings(target, until):
    """Settings of a topic that are refused at the first one."""
    settings = array([string("a") + string("b")] * 1_000_000)
    body = array([string("s") + struct.pack(">ihi", 1, 1, 0) + settings]) + struct.pack(">ib", 1, 0)
    return target.flood("kafka", 4, again(frame(CREATE_TOPICS, body)), until)


@attack("H2", "lengths that promise two billion", 16)
def lengths(target, until):
    """Arrays, strings and frames that say they are as long as an int can."""
    huge = struct.pack(">i", 0x7FFFFFFF)
    bodies = [frame(METADATA, huge), frame(FETCH, struct.pack(">iiiib", -1, 0, 1, 1, 0) + huge),
              frame(PRODUCE, struct.pack(">hhi", -1, -1, 1) + huge), frame(CREATE_TOPICS, huge),
              frame(DESCRIBE_CONFIGS, huge), frame(LIST_OFFSETS, struct.pack(">i", -1) + huge),
              frame(FIND_COORDINATOR, string("k" * 32_000)), struct.pack(">i", -1),
              struct.pack(">i", 100 * MB + 1), struct.pack(">i", 0)]
    return target.flood("kafka", 16, lambda n: iter([bodies[n % len(bodies)], 0.2]), until)


@attack("H2", "offsets of ever new groups", 16, prepare=wide)
def commit_groups(target, until):
    """Each request begins a group with an offset for each of 1,024 partitions."""
    offset = struct.pack(">q", 1) + string("x" * 1_000)
    places = array([string("wide") + array([struct.pack(">i", n) + offset for n in range(1_024)])])

    def script(line):
        for n in itertools.count():
            yield frame(OFFSET_COMMIT, string(f"{line}-{n}") + struct.pack(">i", -1) + string("")
                        + struct.pack(">q", -1) + places)
    return target.flood("kafka", 16, script, until)


@attack("H2", "ids for ever new members", 64)
def join_groups(target, until):
    """Each request begins a group, and is given an id that nobody joins with."""
    def script(line):
        for n in itertools.count():
            yield frame(JOIN_GROUP, string(f"{line}-{n}") + struct.pack(">ii", 1_800_000, 1_800_000)
                        + string("") + string("consumer")
                        + array([string("range") + struct.pack(">i", 1_000) + b"x" * 1_000]))
    return target.flood("kafka", 64, script, until)


@attack("H2", "patterns of ever new consumers", 16, prepare=wide)
def consumer_patterns(target, until):
    """Each request begins a group whose member is subscribed by a pattern that matches all names, slowly."""
    pattern = compact("(.*?){1,9}(w|x|wi|wid|wide)*(.?){30}.*")

    def script(line):
        for n in itertools.count():
            yield frame(CONSUMER_HEARTBEAT, b"\0" + compact(f"{line}-{n}") + compact("m") + struct.pack(">i", 0)
                        + b"\0\0" + struct.pack(">i", 60_000) + b"\1" + pattern + b"\0" + b"\1" + b"\0")
    return target.flood("kafka", 16, script, until)


# --- H3: requests on their way, answers not taken -------------------------------------------------

@attack("H3", "64 polls of 50 MB a connection, never read", 8, prepare=big)
def deaf_polls(target, until):
    """64 pipelined fetches of 48 MB that wait a second."""
    body = fetch_body({"big": [(0, 0, 50 * MB)]}, wait_ms=1000, min_bytes=50 * MB)
    payload = frame(FETCH, body) * 64
    return target.flood("kafka", 8, again(payload), until, reads=False, receive_buffer=4096)


@attack("H3", "64 fetches of 50 MB, never read", 32, prepare=big)
def deaf_fetches(target, until):
    """The same without a wait, from 32 connections."""
    poll = frame(FETCH, fetch_body({"big": [(0, 0, 50 * MB)]}))
    return target.flood("kafka", 32, again(poll * 64), until, reads=False, receive_buffer=4096)


@attack("H3", "64 fetches of 50 MB from 8 addresses", 32, prepare=big, addresses=8)
def deaf_addresses(target, until):
    """The same from eight addresses."""
    return deaf_fetches(target, until)


@attack("H3", "fetches read a byte at a time", 32, prepare=big)
def sip(target, until):
    """Answers taken through a receive buffer of 4 kB, slowly."""
    poll = frame(FETCH, fetch_body({"big": [(0, 0, 50 * MB)]}))
    return target.flood("kafka", 32, lambda _: iter([poll, 5]), until, receive_buffer=4096)


def unfinished(size, sent):
    """A frame of `size` of which `sent` bytes come at once, then one a second."""
    chunk = b"\0" * MB
    start = [struct.pack(">i", size) + frame(PRODUCE, b"")[4:]]
    drip = (item for _ in itertools.count() for item in (1.0, b"\0"))
    return lambda _: itertools.chain(start, itertools.repeat(chunk, sent // MB), drip)


@attack("H3", "20 frames of 100 MiB that stop at 96", 20)
def partial_frames(target, until):
    """96 of 100 MiB, then a byte a second."""
    return target.flood("kafka", 20, unfinished(100 * MB, 96 * MB), until)


@attack("H3", "1,000 frames of 1 MiB that never end", 1000)
def partial_small(target, until):
    """Each sends all but a little, then a byte a second."""
    return target.flood("kafka", 1000, unfinished(2 * MB, MB), until)


@attack("H3", "4,900 frames of 64 kB that never end", 4900)
def partial_tiny(target, until):
    """Each sends the length and a little."""
    start = struct.pack(">i", 64_000) + frame(PRODUCE, b"")[4:] + b"\0" * 30_000
    return target.flood("kafka", 4900, lambda _: iter([start] + [1.0, b"\0"] * 60), until)


@attack("H3", "400 frames of 4 MiB from 8 addresses", 400, addresses=8)
def partial_addresses(target, until):
    """The same from eight addresses."""
    return target.flood("kafka", 400, unfinished(5 * MB, 4 * MB), until)


@attack("H3", "400 frames of 4 MiB from 400 addresses", 400, addresses=400)
def partial_of_many(target, until):
    """The same from 400 addresses, one connection each."""
    return target.flood("kafka", 400, unfinished(5 * MB, 4 * MB), until)


@attack("H3", "frames byte by byte", 500)
def fragments(target, until):
    """Valid requests in fragments of one byte."""
    poll = frame(FETCH, fetch_body({"measured": [(0, 0, 1000)]}))
    pieces = [item for n in range(len(poll)) for item in (poll[n:n + 1], 0.01)]
    return target.flood("kafka", 500, lambda _: iter(pieces), until)


# --- H5: work on an io thread ---------------------------------------------------------------------

def zeros(count):
    """The records of a batch: one whose value is `count` zeros."""
    size = varint(count)
    head = b"\0" + varint(0) + varint(0) + varint(-1) + size
    body_length = len(head) + count + 1
    return varint(body_length) + head + b"\0" * count + varint(0)


@functools.cache
def bomb(codec, count=BOMB_BYTES):
    """A batch of one record; made before the clock starts, in prepare()."""
    plain = zeros(count)
    if codec == "zstd":
        return batch_of(zstandard.ZstdCompressor(level=3).compress(plain), attributes=4)
    if codec == "gzip":
        return batch_of(gzip.compress(plain, 6), attributes=1)
    if codec == "lz4":
        return batch_of(lz4.frame.compress(plain), attributes=3)
    return batch_of(snappy(plain), attributes=2)


def snappy(plain):
    """One literal byte, then copies of it: 64 bytes an element of three."""
    size, length = bytearray(), len(plain)
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    size.append(length)
    head = len(plain.rstrip(b"\0")) + 1
    literal = bytes([(60 << 2)]) + bytes([head - 1]) + plain[:head]
    rest = len(plain) - head
    copies = struct.pack("<BH", (63 << 2) | 2, 1) * (rest // 64)
    tail = struct.pack("<BH", ((rest % 64 - 1) << 2) | 2, 1) if rest % 64 else b""
    return bytes(size) + literal + copies + tail


def arm(*codecs, size=BOMB_BYTES):
    def prepare(target):
        wide(target)
        for codec in codecs:
            bomb(codec, size)
    return prepare


def bombs(codec, parts, size=BOMB_BYTES):
    raw = bomb(codec, size)
    return frame(PRODUCE, produce_body({"wide": [(n % WIDE, raw) for n in range(parts)]}))


def bomber(codec, parts, size=BOMB_BYTES):
    def run(target, until):
        return target.flood("kafka", 4, again(bombs(codec, parts, size)), until)
    run.__doc__ = f"{parts} batches of {codec} a request, each of {size >> 20} MB decompressed."
    return run


for _codec, _parts in [("zstd", 200), ("gzip", 200), ("lz4", 100), ("snappy", 12)]:
    attack("H5", f"{_codec} bombs", 4, prepare=arm(_codec))(bomber(_codec, _parts))
attack("H5", "zstd bombs that are refused", 4, prepare=arm("zstd", size=200 * MB))(
    bomber("zstd", 200, 200 * MB))
attack("H5", "10,000 small zstd bombs", 4, prepare=arm("zstd", size=MB))(bomber("zstd", 10_000, MB))


@attack("H5", "bombs of bad records", 16, prepare=wide)
def bad_bombs(target, until):
    """Decompresses to 127 MB whose last byte is wrong."""
    plain = zeros(BOMB_BYTES)[:-1] + b"\7"
    raw = batch_of(zstandard.ZstdCompressor(level=3).compress(plain), attributes=4)
    payload = frame(PRODUCE, produce_body({"wide": [(0, raw)]}))
    return target.flood("kafka", 16, again(payload), until)


@attack("H5", "bombs at topics that are not there", 4, prepare=arm("zstd"))
def lost_bombs(target, until):
    """200 bombs for partitions that nobody has, and bombs without acks."""
    raw = bomb("zstd")
    payload = frame(PRODUCE, produce_body({"nowhere": [(n, raw) for n in range(200)]}, acks=0))
    return target.flood("kafka", 4, again(payload), until)


def events_reach_their_table(target):
    """Every acknowledged event of the measured client is a row."""
    sent = {text for ledger in target.notes["ledgers"]["event"] for _, text in ledger.acknowledged}
    end, missing = time.monotonic() + 120, sent
    while time.monotonic() < end and missing:
        rows = statement(target.endpoints["sql"], "SELECT text FROM shout")
        missing = sent - {row[0] for row in rows}
        time.sleep(0.5 if missing else 0)
    return [f"{len(missing)} of {len(sent)} events are in no row after 120 s"] if missing else []


CODECS = ["zstd", "gzip", "lz4", "snappy"]


@attack("H5", "bombs within the limit", 16, prepare=arm(*CODECS, size=ALLOWED_BYTES))
def allowed_bombs(target, until):
    """One bomb a request that is taken, of each codec in turn, by 16 connections."""
    some = [bombs(codec, 1, ALLOWED_BYTES) for codec in CODECS]
    return target.flood("kafka", 16, lambda _: itertools.cycle(some), until)


@attack("H5", "bombs in an event's topic", 1, prepare=arm(*CODECS, size=ALLOWED_BYTES),
        check=events_reach_their_table)
def bombs_in_a_table(target, until):
    """Ten bombs of each codec in the topic of a declared event, whose table has to read them."""
    some = [frame(PRODUCE, produce_body({"shouts": [(0, bomb(codec, ALLOWED_BYTES))]}))
            for codec in CODECS]
    return target.flood("kafka", 1, lambda _: iter(some * 10), until, once=True)


@attack("H5", "batches of 200,000 empty records", 8, prepare=wide)
def many_records(target, until):
    """40 batches of 200,000 records a request."""
    plain = b"".join(record(b"", delta=n) for n in range(200_000))
    raw = batch_of(zstandard.ZstdCompressor(level=3).compress(plain), count=200_000, attributes=4)
    payload = frame(PRODUCE, produce_body({"wide": [(n, raw) for n in range(40)]}))
    return target.flood("kafka", 8, again(payload), until)


# --- H6: what cannot be given back ----------------------------------------------------------------

LATE = """name = "{name}"
description = "declared while strangers make topics"
reason = "whether there is still room for it"
route = "POST /{name}"
reply = "ok\\n"
topic = "{name}"
payload = "default"
table = false
"""


def can_declare(target):
    """A new event with a topic of its own, read by SIGHUP, is taken."""
    name = f"late{len(list(target.server.project.glob('events/late*')))}"
    (target.server.project / f"events/{name}.toml").write_text(LATE.format(name=name))
    target.server.process.send_signal(signal.SIGHUP)
    end, seen = time.monotonic() + 10, None
    while time.monotonic() < end and seen != 200:
        line = http.client.HTTPConnection(target.endpoints["http"], timeout=30)
        line.request("POST", f"/{name}")
        answer = line.getresponse()
        seen, body = answer.status, answer.read()
        line.close()
        time.sleep(0.05)
    return [] if seen == 200 else [f"a new event's topic: {seen} {body[:200]!r}"]


@attack("H6", "topics by first use", 2, check=can_declare)
def first_use(target, until):
    """Metadata requests that make topics: 900 names each."""
    count = itertools.count()

    def script(_):
        while True:
            names = [f"used-{next(count)}" for _ in range(900)]
            yield frame(METADATA, metadata_body(names, may_create=True))
    return target.flood("kafka", 2, script, until)


@attack("H6", "topics by request, of 1,024 partitions", 2, check=can_declare)
def wide_topics(target, until):
    """CreateTopics of 100 topics of 1,024 partitions each."""
    count = itertools.count()

    def script(_):
        while True:
            topics = [(f"made-{next(count)}", WIDE) for _ in range(100)]
            yield frame(CREATE_TOPICS, create_body(topics))
    return target.flood("kafka", 2, script, until)


@attack("H6", "topics from eight addresses", 16, addresses=8, check=can_declare)
def topics_everywhere(target, until, connections=16):
    """Topics by first use, each connection from another address."""
    count = itertools.count()

    def script(_):
        while True:
            names = [f"far-{next(count)}" for _ in range(50)]
            yield frame(METADATA, metadata_body(names, may_create=True))
    return target.flood("kafka", connections, script, until)


@attack("H6", "topics from 400 addresses", 400, addresses=400, check=can_declare)
def topics_of_many(target, until):
    """The same from 400 addresses, one connection each."""
    return topics_everywhere(target, until, 400)


# --- H16: work on the commit thread ---------------------------------------------------------------

def idle_polls(topics, partitions, connections, repeats=1):
    parts = {topic: [(n, 0, MB) for n in range(partitions)] * repeats for topic in topics}
    payload = frame(FETCH, fetch_body(parts, wait_ms=30_000))
    return lambda target, until: target.flood("kafka", connections, lambda _: iter([payload, 3600]),
                                              until)


@attack("H16", "64 polls of one topic's partitions 98 times", 64, prepare=wide)
def polls_repeat(target, until):
    """Each names 1,024 partitions 98 times and waits."""
    return idle_polls(["wide"], WIDE, 64, 98)(target, until)


def wides(target):
    line = target.kafka()
    for n in range(98):
        line.create_topic(f"wide{n}", WIDE)
    line.close()


@attack("H16", "64 polls over 100,000 partitions", 64, prepare=wides)
def polls_wide(target, until):
    """98 topics of 1,024 partitions."""
    return idle_polls([f"wide{n}" for n in range(98)], WIDE, 64)(target, until)


@attack("H16", "64 pipelined polls on 64 connections", 64, prepare=wide)
def polls_pipelined(target, until):
    """4,096 polls over 1,024 partitions each."""
    payload = frame(FETCH, fetch_body({"wide": [(n, 0, MB) for n in range(WIDE)]}, wait_ms=30_000))
    return target.flood("kafka", 64, lambda _: iter([payload * 64, 3600]), until)


@attack("H16", "1,000 polls of what is written", 1000)
def polls_busy(target, until):
    """Polls that each append wakes and that have too little: min_bytes is never there."""
    body = fetch_body({"measured": [(0, 0, 50 * MB)]}, wait_ms=30_000, min_bytes=50 * MB)
    return target.flood("kafka", 1000, again(frame(FETCH, body)), until)


@attack("H16", "polls made and left", 64, prepare=wide)
def polls_left(target, until):
    """A poll over 1,024 partitions, then the connection closes."""
    payload = frame(FETCH, fetch_body({"wide": [(n, 0, MB) for n in range(WIDE)]}, wait_ms=30_000))

    def poll_and_leave(_):
        line = target.kafka()
        line.socket.sendall(payload)
        line.close()
    return repeat(target, until, poll_and_leave)


def session_body(session, epoch, topic, numbers, forgotten=()):
    """Of Fetch 11: partitions of a topic from offset 0 on, and numbers of some to forget."""
    parts = [struct.pack(">iiqqi", n, -1, 0, -1, MB) for n in numbers]
    gone = [string(topic) + array([struct.pack(">i", n) for n in forgotten])] if forgotten else []
    return (struct.pack(">iiiibii", -1, 0, 1, MB, 0, session, epoch) + array([string(topic) + array(parts)])
            + array(gone) + string(""))


def new_sessions(target, until):
    body = session_body(0, 0, "wide", range(WIDE))
    return target.flood("kafka", 64, again(frame(FETCH, body, version=11)), until)


@attack("H16", "ever new sessions of fetches", 64, prepare=wide)
def sessions_new(target, until):
    """Each of 1,024 partitions, and none is continued."""
    return new_sessions(target, until)


@attack("H16", "ever new sessions from 8 addresses", 64, prepare=wide, addresses=8)
def sessions_new_of_many(target, until):
    """The same from 8 addresses, which may use all places and their memory."""
    return new_sessions(target, until)


@attack("H16", "sessions that grow and shrink", 16, prepare=wide)
def sessions_change(target, until):
    """Each fetch of a session adds long names that are no topic's, or forgets what was added."""
    def change(line):
        answer = line.call(FETCH, session_body(0, 0, "wide", range(WIDE)), version=11)
        session = struct.unpack(">i", answer[6:10])[0]
        for epoch in range(1, 65):
            name = LONG_NAME[:200] + str(epoch)
            numbers = range(40)
            body = session_body(session, epoch, name, numbers, numbers if epoch % 2 else ())
            line.call(FETCH, body, version=11)
    return repeat(target, until, change)


@attack("H16", "sessions that keep one partition", 64, prepare=wide, addresses=8)
def sessions_shrink(target, until):
    """Each is begun with 1,024 partitions, forgets all but one, and is left, so that its memory must be given back."""
    def shrink(line):
        answer = line.call(FETCH, session_body(0, 0, "wide", range(WIDE)), version=11)
        session = struct.unpack(">i", answer[6:10])[0]
        line.call(FETCH, session_body(session, 1, "wide", (), range(1, WIDE)), version=11)
    return repeat(target, until, shrink)
