"""Attacks on what is remembered: idempotency keys, producers and their sequences."""
import http.client
import itertools
import struct
import time

import zstandard

from flood import Tally
from kafka_wire import (BATCH_BODY, BATCH_HEAD, PRODUCE, Closed, Connection, batch, batch_of,
                        frame, produce_body, record)
from target import WIDE, attack, repeat

SCRIPT = b"<script>alert(1)</script>"
REPLY = b"Shouted!\n"
SHOUT = b'{"text": "forged"}'
FORGED_KEYS = 500
FORGED_ANSWERS = [b"200 text/html", b"201 application/json", b"101 text/html\r\nX-Injected: 1"]


def last_batch(line, topic):
    """(producer id, epoch, base sequence) of the newest batch of a topic, None without one."""
    error, end, _ = line.fetch(topic, 0, 0, 1)
    if error or not end:
        return None
    _, _, raw = line.fetch(topic, 0, end - 1, 1)
    return BATCH_BODY.unpack_from(raw, BATCH_HEAD.size)[4:7] if raw else None


# --- H7: truth that a stranger can write ----------------------------------------------------------

def shout(target, key, source="127.0.0.1"):
    """(status, headers, body) of a declared event's request with a key."""
    line = http.client.HTTPConnection(target.endpoints["http"], timeout=30,
                                      source_address=(source, 0))
    line.request("POST", "/shout", SHOUT, {"Content-Type": "application/json", "Host": "victim",
                                           "Idempotency-Key": key})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return answer.status, dict(answer.headers), body


def learn_headers(target):
    """Whoever may read the topics learns the headers of an answer, and the game's producer id."""
    shout(target, "probe", target.sources[0])
    line = target.kafka()
    for _, _, headers in line.read_all("shouts"):
        if "steelthread-request" in headers:
            target.notes["headers"] = headers
    target.notes["server"] = last_batch(line, "game")[:2]
    line.close()
    target.notes["checks"] = 0


def forged_headers(target, key):
    answer = FORGED_ANSWERS[int(key.rpartition("-")[2]) % len(FORGED_ANSWERS)]
    forged = {"idempotency-key": key.encode(), "steelthread-answer": answer,
              "steelthread-answer-body": SCRIPT}
    return list({**target.notes["headers"], **forged}.items())


def forge(encode):
    """Writes answers for keys that nobody has used yet."""
    def run(target, until):
        count = itertools.count()

        def write(line):
            n = next(count)
            line.produce("shouts", 0, encode(target, f"forged-{n % FORGED_KEYS}", n))
        return repeat(target, until, write)
    run.__doc__ = forge.__doc__
    return run


def forged_are_not_served(target):
    """The forged keys are free: the event is stored, the answer is the declared one."""
    wrong = []
    target.notes["checks"] += 1  # a key that was sent is known, so each check has keys of its own
    for n in range(target.notes["checks"], FORGED_KEYS, 100):
        status, headers, body = shout(target, f"forged-{n}")
        if (status, body) != (200, REPLY) or "X-Injected" in headers:
            wrong.append(f"key forged-{n} was answered {status} {headers} {body!r}")
    return wrong


def plain(target, key, _):
    return batch(SHOUT, headers=forged_headers(target, key))


def compressed(target, key, _):
    one = record(SHOUT, headers=forged_headers(target, key))
    return batch_of(zstandard.ZstdCompressor().compress(one), attributes=4)


def flagged(target, key, n):
    """Every bit of the attributes that has no meaning, in turn."""
    one = record(SHOUT, headers=forged_headers(target, key))
    return batch_of(one, attributes=-(1 << 15) if n % 10 == 9 else 1 << (6 + n % 9))


def as_the_server(target, key, n):
    """Under the server's own producer id, with the sequences that come next."""
    producer = (*target.notes["server"], n)
    return batch(SHOUT, producer, headers=forged_headers(target, key))


for _name, _encode in [("forged answers", plain), ("forged answers, compressed", compressed),
                       ("forged answers with flags", flagged)]:
    attack("H7", _name, 1, prepare=learn_headers, check=forged_are_not_served)(forge(_encode))
attack("H7", "forged answers under the server's producer id", 1, prepare=learn_headers,
       check=forged_are_not_served)(forge(as_the_server))


# --- H8: acknowledged without being stored --------------------------------------------------------

def steal(read, write_to, epochs=0, ahead=3):
    """Reads who wrote last to a topic and sends that producer's next sequences to another."""
    def run(target, until):
        def write(line):
            seen = last_batch(line, read)
            if seen and seen[0] >= 0:
                producer, epoch, sequence = seen
                for n in range(1, ahead + 1):
                    line.produce(write_to, 0, batch(b'{"event_type":"stolen"}', (
                        producer, epoch + epochs, 0 if epochs else sequence + n)))
        return repeat(target, until, write)
    run.__doc__ = steal.__doc__
    return run


MAY_BE_REFUSED = "the producer id is public in a log that everybody may read"
attack("H8", "the next sequence of who wrote last", 1, errors_allowed=MAY_BE_REFUSED)(
    steal("measured", "measured"))
attack("H8", "a later epoch of who wrote last", 1, errors_allowed=MAY_BE_REFUSED)(
    steal("measured", "measured", epochs=1))
attack("H8", "the next sequence of the game itself", 1)(steal("game", "game"))
attack("H8", "the game's producer in another topic", 1)(steal("game", "shouts"))
attack("H8", "a later epoch of the game's producer", 1)(steal("game", "measured", epochs=1))


@attack("H8", "ids beside one's own", 1)
def neighbours(target, until):
    """Asks for an id and sends sequences of the ids around it."""
    count = itertools.count()

    def write(line):
        error, own, _ = line.producer_id()
        if error:
            raise Closed
        n = next(count)
        for other in range(own - 40, own + 40):
            line.produce("measured", 0, batch(b"neighbour", (other, 0, n % 3000)))
    return repeat(target, until, write)


@attack("H8", "sequences that wrap and leap", 1)
def wraps(target, until):
    """One's own ids with the last sequence, then 0, then any, with epochs back and forth."""
    last = 0x7FFFFFFF

    def write(line):
        _, own, epoch = line.producer_id()
        for e, sequence in [(0, last), (0, 0), (0, last), (5, 0), (4, 1), (5, 1), (32767, 0),
                            (0, 0), (-1, 0), (0, -1)]:
            line.produce("measured", 0, batch(b"wrap", (own, epoch + e if e > 0 else e, sequence)))
    return repeat(target, until, write)


# --- H9: a cache where a promise is ---------------------------------------------------------------

def victim(target):
    """A producer at 127.0.0.1 whose first batch is acknowledged, and will be sent again."""
    target.make_topic("wide", WIDE)
    line = Connection(target.endpoints["kafka"])
    line.create_topic("victim")
    _, own, epoch = line.producer_id()
    raw = batch(b"once", (own, epoch, 0))
    target.notes["victim"] = raw, line.produce("victim", 0, raw)
    line.close()


def victim_is_stored_once(target):
    raw, first = target.notes["victim"]
    line = Connection(target.endpoints["kafka"])
    again = line.produce("victim", 0, raw)
    stored = [offset for offset, value, _ in line.read_all("victim") if value == b"once"]
    line.close()
    if stored != [0] or again != first:
        return [f"a repeat was answered {again}, first {first}; stored at {stored}"]
    return []


def batches_of(producer, epoch):
    """One batch of a producer: the partition is not in it."""
    return batch(b"f", (producer, epoch, 0))


@attack("H9", "producers, each to 1,024 partitions", 1, prepare=victim, check=victim_is_stored_once)
def pairs(target, until):
    """A new producer id with one batch to each of 1,024 partitions."""
    def write(line):
        error, own, epoch = line.producer_id()
        if error:
            raise Closed
        raw = batches_of(own, epoch)
        line.call(PRODUCE, produce_body({"wide": [(n, raw) for n in range(WIDE)]}))
    return repeat(target, until, write)


@attack("H9", "invented producer ids", 1, prepare=victim, check=victim_is_stored_once)
def invented(target, until):
    """Producer ids that nobody was given, one batch to each of 1,024 partitions."""
    count = itertools.count(1 << 40)

    def write(line):
        raw = batches_of(next(count), 0)
        line.call(PRODUCE, produce_body({"wide": [(n, raw) for n in range(WIDE)]}))
    return repeat(target, until, write)


@attack("H9", "producers of eight addresses", 8, prepare=victim, check=victim_is_stored_once,
        addresses=8)
def pairs_everywhere(target, until, turn_s=0.5):
    """The same from eight addresses in turn."""
    tally, turn = Tally(), itertools.cycle(list(target.sources))
    while time.monotonic() < until:
        target.sources[:] = [next(turn)]
        tally += pairs(target, min(until, time.monotonic() + turn_s))
    return tally


@attack("H9", "producers of 250 addresses", 8, prepare=victim, check=victim_is_stored_once,
        addresses=250)
def pairs_of_many(target, until):
    """The same from 250 addresses in turn, each for an instant."""
    return pairs_everywhere(target, until, 0.05)


@attack("H9", "ids asked for", 16)
def ids(target, until):
    """InitProducerId, pipelined."""
    payload = frame(22, struct.pack(">hi", -1, 30_000)) * 64
    return target.flood("kafka", 16, lambda _: itertools.repeat(payload), until)
