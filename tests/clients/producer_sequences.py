"""What producers with odd sequences are answered: asked of Kafka by record_kafka.py, of us by a test.

A step is (name, producer, epoch, sequence, value): one record to partition 0 of a topic of its own for
each list. Producer "given" is an id that the broker gave out, "made up" one that it never did.
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "hostile"))
import kafka_wire  # noqa: E402

MADE_UP = 4_503_599_627_370_497 + 12_345
LISTS = {
    "a first batch at 0": [("first", "given", 0, 0, b"a"), ("next", "given", 0, 1, b"b")],
    "a first batch above 0": [("first", "given", 0, 5, b"a"), ("next", "given", 0, 6, b"b")],
    "an id that was never given out": [("first", "made up", 0, 0, b"a"), ("next", "made up", 0, 1, b"b")],
    "such an id above 0": [("first", "made up", 0, 7, b"a"), ("next", "made up", 0, 8, b"b")],
    "a repeat": [("first", "given", 0, 0, b"a"), ("second", "given", 0, 1, b"b"),
                 ("again the first", "given", 0, 0, b"a"), ("again the second", "given", 0, 1, b"b")],
    "a gap": [("first", "given", 0, 0, b"a"), ("two on", "given", 0, 2, b"b"),
              ("the next", "given", 0, 1, b"c")],
    "a repeat of what is too old": [(f"number {n}", "given", 0, n, b"a") for n in range(7)]
    + [("again number 0", "given", 0, 0, b"a")],
    "a new epoch": [("first", "given", 0, 0, b"a"), ("epoch 1 at 3", "given", 1, 3, b"b"),
                    ("epoch 1 at 0", "given", 1, 0, b"b"), ("epoch 0 again", "given", 0, 1, b"c")],
    "a sequence that wraps": [("first", "given", 0, 2**31 - 1, b"a"), ("next", "given", 0, 0, b"b")],
}


def new_id(connection, deadline_s=30):
    """A broker that just started answers 14 or 15 for a while: its coordinator loads."""
    end = time.monotonic() + deadline_s
    while True:
        answer = connection.producer_id()
        if answer[0] not in (14, 15) or time.monotonic() > end:
            return answer
        time.sleep(0.1)


def ask(address, make_topic):
    """{list: [[step, error code, base offset]]}; make_topic(name) makes a topic of one partition."""
    answers, sent = {}, {}
    connection = kafka_wire.Connection(address)
    for number, (title, steps) in enumerate(LISTS.items()):
        topic = f"sequences-{number}"
        make_topic(topic)
        error, given, _ = new_id(connection)
        assert error == 0, f"InitProducerId: error {error}"
        answers[title] = []
        for name, producer, epoch, sequence, value in steps:
            number_of = given if producer == "given" else MADE_UP + number
            key = (number_of, epoch, sequence, value)
            if key not in sent:  # a repeat is the same batch, its time too
                sent[key] = kafka_wire.batch(value, key[:3])
            answers[title].append([name, *connection.produce(topic, 0, sent[key])])
    connection.close()
    return answers
