"""What batches with odd headers are answered, and what is stored of them: asked of Kafka by
record_kafka.py, of us by a test.

Each list of batches goes to a topic of its own. A batch is (attributes, largest time of the header,
times of its records); times are milliseconds after TIME_MS.
"""
import gzip
import pathlib
import struct
import sys

import producer_sequences

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "hostile"))
import kafka_wire  # noqa: E402

TIME_MS = 1_000_000_000_000
GZIP, LOG_APPEND_TIME, TRANSACTIONAL, CONTROL = 1, 8, 16, 32
FAR, LONG_AGO = 2**62 - TIME_MS, -TIME_MS
LISTS = {
    "a largest time that is no record's": [(0, FAR, [0]), (0, LONG_AGO, [1000]), (0, 2000, [2000])],
    "the same, compressed": [(GZIP, FAR, [0]), (GZIP, LONG_AGO, [1000]), (GZIP, 2000, [2000])],
    "records whose times fall": [(0, 0, [900, 500, 700]), (GZIP, 0, [1900, 1500]), (0, 3, [3])],
    "records before 1970": [(0, 5, [LONG_AGO - 7]), (0, 5, [LONG_AGO - 1])],
    "log append time": [(LOG_APPEND_TIME, 0, [0]), (LOG_APPEND_TIME | GZIP, 0, [0])],
    "control batches": [(CONTROL, 0, [0]), (CONTROL | TRANSACTIONAL, 0, [0])],
    "an attribute that nobody knows": [(64, 0, [0]), (256, 0, [0])],
}
AT_TIMES = [0, 1, 500, 501, 900, 901, 1000, 1001, 2000, 2001]
# (attributes of each batch, has a producer, transactional id of the request)
REQUESTS = {
    "transactional without producer": ([TRANSACTIONAL], False, None),
    "transactional": ([TRANSACTIONAL], True, None),
    "transactional without producer, under an id": ([TRANSACTIONAL], False, "mine"),
    "transactional, compressed": ([TRANSACTIONAL | GZIP], True, None),
    "one of two transactional": ([0, TRANSACTIONAL], True, None),
}


def encode(attributes, largest, times, producer=kafka_wire.NO_PRODUCER):
    records = b"".join(kafka_wire.record(b"v", delta=n, time_delta=time - times[0])
                       for n, time in enumerate(times))
    if attributes & 7 == GZIP:
        records = gzip.compress(records, mtime=0)
    return kafka_wire.batch_of(records, producer, len(times), attributes,
                               (TIME_MS + times[0], TIME_MS + largest))


def headers_of(batches):
    """[attributes, base time, largest time] of each batch."""
    at = 0
    while at < len(batches):
        length, = struct.unpack_from(">i", batches, at + 8)
        raw = batches[at:at + 12 + length]
        body = raw[kafka_wire.BATCH_HEAD.size:]
        assert kafka_wire.BATCH_HEAD.unpack_from(raw)[-1] == kafka_wire.crc32c(body)
        attributes, _, base, largest = kafka_wire.BATCH_BODY.unpack_from(body)[:4]
        yield [attributes, base - TIME_MS, largest - TIME_MS]
        at += len(raw)


def offset_at(connection, topic, time):
    """[error, time, offset] of the first record at or after a time."""
    answer = connection.call(kafka_wire.LIST_OFFSETS, struct.pack(">ii", -1, 1)
                             + kafka_wire.string(topic) + struct.pack(">iiq", 1, 0, TIME_MS + time))
    error, found, offset = struct.unpack_from(">hqq", answer, 4 + 2 + len(topic) + 4 + 4)
    return [error, found - TIME_MS if found >= 0 else found, offset]


def send(connection, topics, batches, transactional_id):
    """The error of each batch, one a topic."""
    parts = {topic: [(0, raw)] for topic, raw in zip(topics, batches)}
    answer = connection.call(kafka_wire.PRODUCE, kafka_wire.produce_body(
        parts, transactional_id=transactional_id))
    return [struct.unpack_from(">ih", answer, answer.index(kafka_wire.string(topic)) + len(topic) + 6)[1]
            for topic in topics]


def ask(address, make_topic):
    """{list: answers}; make_topic(name) makes a topic of one partition."""
    answers = {}
    connection = kafka_wire.Connection(address)
    for number, (title, batches) in enumerate(LISTS.items()):
        topic = f"odd-{number}"
        make_topic(topic)
        produced = [list(connection.produce(topic, 0, encode(*batch))) for batch in batches]
        answers[title] = {"produced": produced,
                          "stored": list(headers_of(connection.fetch(topic, 0, 0)[2])),
                          "at times": [offset_at(connection, topic, time) for time in AT_TIMES]}
    for number, (title, (attributes, has_producer, name)) in enumerate(REQUESTS.items()):
        topics = [f"request-{number}-{n}" for n in range(len(attributes))]
        for topic in topics:
            make_topic(topic)
        error, given, epoch = producer_sequences.new_id(connection)
        assert error == 0, f"InitProducerId: error {error}"
        producer = (given, epoch, 0) if has_producer else kafka_wire.NO_PRODUCER
        batches = [encode(some, 0, [0], producer) for some in attributes]
        answers[title] = send(connection, topics, batches, name)
    connection.close()
    return answers
