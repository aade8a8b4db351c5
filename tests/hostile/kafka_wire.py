"""A small Kafka client for attacks and measurements: every byte of a frame is the caller's choice.

Kafka protocol guide; record batches of magic 2. Versions: Produce 7, Fetch 4, ListOffsets 1,
Metadata 4, CreateTopics 1, InitProducerId 0, DescribeConfigs 0, OffsetCommit 2,
JoinGroup 4, DescribeLogDirs 1.
"""
import socket
import struct
import time

PRODUCE, FETCH, LIST_OFFSETS, METADATA, FIND_COORDINATOR = 0, 1, 2, 3, 10
OFFSET_COMMIT, JOIN_GROUP, DESCRIBE_LOG_DIRS, CONSUMER_HEARTBEAT = 8, 11, 35, 68
API_VERSIONS, CREATE_TOPICS, INIT_PRODUCER_ID, DESCRIBE_CONFIGS = 18, 19, 22, 32
VERSION = {PRODUCE: 7, FETCH: 4, LIST_OFFSETS: 1, METADATA: 4, FIND_COORDINATOR: 0, API_VERSIONS: 0,
           CREATE_TOPICS: 1, INIT_PRODUCER_ID: 0, DESCRIBE_CONFIGS: 0, OFFSET_COMMIT: 2, JOIN_GROUP: 4,
           DESCRIBE_LOG_DIRS: 1, CONSUMER_HEARTBEAT: 1}
NO_PRODUCER = (-1, -1, -1)
BATCH_HEAD = struct.Struct(">qiiBI")         # base offset, length, leader epoch, magic, CRC
BATCH_BODY = struct.Struct(">hiqqqhii")      # attributes … number of records; the CRC's range


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC_TABLE = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def string(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">h", len(raw)) + raw


def compact(text):
    """A string of a flexible version, of at most 126 bytes."""
    return bytes([len(text) + 1]) + text.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def varint(value):
    zigzag = (value << 1) ^ (value >> 63)
    out = bytearray()
    while zigzag > 0x7F:
        out.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    out.append(zigzag)
    return bytes(out)


def read_varint(data, at):
    shift = value = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at


def sized(raw):
    return varint(-1) if raw is None else varint(len(raw)) + raw


def record(value, key=None, headers=(), delta=0, time_delta=0):
    fields = b"".join(sized(name.encode()) + sized(content) for name, content in headers)
    body = b"\0" + varint(time_delta) + varint(delta) + sized(key) + sized(value)
    body += varint(len(headers)) + fields
    return varint(len(body)) + body


def batch_of(records, producer=NO_PRODUCER, count=1, attributes=0, times=None):
    """A batch around records that are encoded, and compressed if `attributes` says so.

    times: base and largest time as the header has them, in milliseconds; without them it is now.
    """
    base_ms, max_ms = times or [time.time_ns() // 1_000_000] * 2
    body = BATCH_BODY.pack(attributes, count - 1, base_ms, max_ms, *producer, count) + records
    return BATCH_HEAD.pack(0, len(body) + 9, 0, 2, crc32c(body)) + body


def batch(value, producer=NO_PRODUCER, key=None, headers=()):
    """A batch of one record; producer: (id, epoch, sequence)."""
    return batch_of(record(value, key, headers), producer)


def records_of(batches):
    """(offset, value, {header: content}) of every record in uncompressed batches."""
    at = 0
    while at + BATCH_HEAD.size + BATCH_BODY.size <= len(batches):
        base, length, _, _, _ = BATCH_HEAD.unpack_from(batches, at)
        end = at + 12 + length
        if end > len(batches):
            return
        count = BATCH_BODY.unpack_from(batches, at + BATCH_HEAD.size)[-1]
        attributes = BATCH_BODY.unpack_from(batches, at + BATCH_HEAD.size)[0]
        here = at + BATCH_HEAD.size + BATCH_BODY.size
        if attributes & 7 == 0:
            for _ in range(count):
                offset, value, headers, here = one_record(batches, here)
                yield base + offset, value, headers
        at = end


def one_record(data, at):
    length, at = read_varint(data, at)
    end = at + length
    _, at = read_varint(data, at + 1)
    delta, at = read_varint(data, at)
    fields = []
    for _ in range(2):
        size, at = read_varint(data, at)
        fields.append(None if size < 0 else bytes(data[at:at + size]))
        at += max(size, 0)
    n, at = read_varint(data, at)
    headers = {}
    for _ in range(n):
        size, at = read_varint(data, at)
        name, at = bytes(data[at:at + size]), at + size
        size, at = read_varint(data, at)
        headers[name.decode(errors="replace")] = None if size < 0 else bytes(data[at:at + size])
        at += max(size, 0)
    return delta, fields[1], headers, end


def frame(api, body, version=None, correlation=1):
    head = struct.pack(">hhi", api, VERSION[api] if version is None else version, correlation)
    head += string("hostile")
    return struct.pack(">i", len(head) + len(body)) + head + body


def produce_body(parts, acks=-1, transactional_id=None):
    """parts: {topic: [(partition, batches)]}, or a list of such pairs where a topic repeats."""
    pairs = parts.items() if isinstance(parts, dict) else parts
    topics = [string(topic) + array([struct.pack(">ii", partition, len(raw)) + raw
                                     for partition, raw in some]) for topic, some in pairs]
    head = struct.pack(">h", -1) if transactional_id is None else string(transactional_id)
    return head + struct.pack(">hi", acks, 30_000) + array(topics)


def fetch_body(parts, wait_ms=0, min_bytes=1, max_bytes=50 << 20):
    """parts: {topic: [(partition, offset, max_bytes)]}"""
    topics = [string(topic) + array([struct.pack(">iqi", *one) for one in some])
              for topic, some in parts.items()]
    return struct.pack(">iiiib", -1, wait_ms, min_bytes, max_bytes, 0) + array(topics)


def metadata_body(names, may_create=False):
    return array([string(name) for name in names]) + (b"\1" if may_create else b"\0")


def create_body(topics, validate_only=False):
    """topics: [(name, partitions)]"""
    entries = [string(name) + struct.pack(">ihii", count, 1, 0, 0) for name, count in topics]
    return array(entries) + struct.pack(">i", 30_000) + (b"\1" if validate_only else b"\0")


class Closed(Exception):
    """The server closed the connection where an answer was awaited."""


class Connection:
    """One connection; `call` sends a request and takes its answer's body."""

    def __init__(self, address, source="127.0.0.1", timeout=30):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, api, body, version=None):
        self.socket.sendall(frame(api, body, version))

    def take(self):
        size, = struct.unpack(">i", self.take_bytes(4))
        return self.take_bytes(size)[4:]

    def take_bytes(self, count):
        data = bytearray(count)
        view, had = memoryview(data), 0
        while had < count:
            got = self.socket.recv_into(view[had:])
            if got == 0:
                raise Closed
            had += got
        return bytes(data)

    def call(self, api, body, version=None):
        self.send(api, body, version)
        return self.take()

    def close(self):
        self.socket.close()

    def produce(self, topic, partition, raw, acks=-1):
        """(error code, base offset)"""
        answer = self.call(PRODUCE, produce_body({topic: [(partition, raw)]}, acks))
        at = 4 + 2 + len(topic) + 4
        _, error, offset = struct.unpack_from(">ihq", answer, at)
        return error, offset

    def fetch(self, topic, partition, offset, max_bytes=8 << 20):
        """(error code, high watermark, batches)"""
        answer = self.call(FETCH, fetch_body({topic: [(partition, offset, max_bytes)]}))
        at = 4 + 4 + 2 + len(topic) + 4
        _, error, end, _, _, size = struct.unpack_from(">ihqqii", answer, at)
        at += struct.calcsize(">ihqqii")
        return error, end, answer[at:at + max(size, 0)]

    def read_all(self, topic, partition=0):
        """Every record of a partition, as records_of() gives them."""
        offset = 0
        while True:
            error, end, batches = self.fetch(topic, partition, offset)
            if error != 0:
                raise AssertionError(f"fetch of {topic}/{partition} at {offset}: error {error}")
            if offset >= end:
                return
            last = offset
            for at, value, headers in records_of(batches):
                if at >= offset:
                    yield at, value, headers
                last = max(last, at + 1)
            if last == offset:
                last = skip_batches(batches, offset)
            offset = last

    def create_topic(self, name, partitions=1):
        answer = self.call(CREATE_TOPICS, create_body([(name, partitions)]))
        return struct.unpack_from(">h", answer, 4 + 2 + len(name))[0]

    def producer_id(self):
        """(error code, id, epoch)"""
        answer = self.call(INIT_PRODUCER_ID, struct.pack(">hi", -1, 30_000))
        return struct.unpack_from(">hqh", answer, 4)


def skip_batches(batches, offset):
    """The offset behind batches whose records were passed over because they are compressed."""
    at = 0
    while at + BATCH_HEAD.size + BATCH_BODY.size <= len(batches):
        base, length = struct.unpack_from(">qi", batches, at)
        offset = base + BATCH_BODY.unpack_from(batches, at + BATCH_HEAD.size)[1] + 1
        at += 12 + length
    return offset
