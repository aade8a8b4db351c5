"""Measured clients at 127.0.0.1: players who buy, a declared event, producers, a reader of SQL.

Each runs in its own process at a calm pace, records each latency, what was acknowledged and each
error. `verify` reads the log and compares: what was acknowledged is stored exactly once.
"""
import collections
import dataclasses
import http.client
import json
import multiprocessing
import time

from conftest import poll
from kafka_wire import Closed, Connection, batch

FORK = multiprocessing.get_context("fork")
PACE_S = 0.01
SQL_PACE_S = 2
ANSWER_S = 10
KEPT_ERRORS = 20
TOPIC = "measured"


@dataclasses.dataclass
class Ledger:
    """What one client saw. Latencies in seconds; acknowledged: (position, identity)."""
    latencies: list = dataclasses.field(default_factory=list)
    acknowledged: list = dataclasses.field(default_factory=list)
    errors: list = dataclasses.field(default_factory=list)
    failed: int = 0

    def error(self, text):
        self.failed += 1
        if len(self.errors) < KEPT_ERRORS:
            self.errors.append(text)


def buy(endpoints, name, until):
    """A purchase a request, each under its own key."""
    return requests(endpoints, name, until, lambda line, key: line.request(
        "GET", "/purchase_a_sword", headers={"Host": f"{name}.measured", "Idempotency-Key": key}))


def shout(endpoints, name, until):
    """A declared event a request, without a key."""
    return requests(endpoints, name, until, lambda line, text: line.request(
        "POST", "/shout", json.dumps({"text": text}), {"Content-Type": "application/json"}))


def requests(endpoints, name, until, send):
    """Requests of the game's port one after the other; each has an identity of its own."""
    ledger, number, line = Ledger(), 0, None
    while time.monotonic() < until:
        number += 1
        key = f"{name}-{number}"
        began = time.monotonic()
        try:
            line = line or http.client.HTTPConnection(endpoints["http"], timeout=ANSWER_S)
            send(line, key)
            answer = line.getresponse()
            text = answer.read()
            if answer.status == 200:
                ledger.latencies.append(time.monotonic() - began)
                ledger.acknowledged.append((answer.headers["Steelthread-Position"], key))
            else:
                ledger.error(f"{answer.status} {text[:200]!r}")
        except (OSError, http.client.HTTPException) as error:
            ledger.error(f"{type(error).__name__} {error} after {time.monotonic() - began:.1f} s")
            line = None
        time.sleep(PACE_S)
    return ledger


def produce(endpoints, name, until):
    """One record a request, acks of all, under a producer id: a sequence shows a loss at once."""
    ledger, number, line, producer = Ledger(), 0, None, None
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            if line is None:
                line = Connection(endpoints["kafka"], timeout=ANSWER_S)
                refused, *producer = line.producer_id()
                sequence, producer = 0, None if refused else producer
                if refused:
                    raise Closed(f"no producer id: error {refused}")
            number += 1
            value = f"{name}-{number}"
            began = time.monotonic()
            code, offset = line.produce(TOPIC, 0, batch(value.encode(), (*producer, sequence)))
            if code == 0:
                ledger.latencies.append(time.monotonic() - began)
                ledger.acknowledged.append((f"{TOPIC}/0:{offset}", value))
                sequence += 1
            else:
                ledger.error(f"produce: error {code}")
                line.close()
                line = None
        except (OSError, Closed) as error:
            ledger.error(f"{type(error).__name__} {error} after {time.monotonic() - began:.1f} s")
            line = None
        time.sleep(PACE_S)
    return ledger


def ask(endpoints, _, until):
    """A statement now and then, read to its end."""
    ledger = Ledger()
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            rows = statement(endpoints["sql"], "SELECT count(*) FROM default_hits")
            ledger.latencies.append(time.monotonic() - began)
            if len(rows) != 1:
                ledger.error(f"{len(rows)} rows of count(*)")
        except (OSError, http.client.HTTPException, ValueError, RuntimeError) as error:
            ledger.error(f"{type(error).__name__} {error} after {time.monotonic() - began:.1f} s")
        time.sleep(SQL_PACE_S)
    return ledger


def statement(address, text, user="measured", source="127.0.0.1"):
    """All rows of a statement; RuntimeError with the server's words if it fails."""
    line = http.client.HTTPConnection(address, timeout=ANSWER_S, source_address=(source, 0))
    line.request("POST", "/v1/statement", text, {"X-Trino-User": user})
    rows = []
    while True:
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {body[:200]!r}")
        page = json.loads(body)
        if "error" in page:
            raise RuntimeError(page["error"]["message"])
        rows += page.get("data", [])
        if "nextUri" not in page:
            line.close()
            return rows
        line.request("GET", "/" + page["nextUri"].split("/", 3)[3], headers={"X-Trino-User": user})


CLIENTS = [("purchase", buy, "player0"), ("purchase", buy, "player1"),
           ("event", shout, "herald"),
           ("produce", produce, "producer0"), ("produce", produce, "producer1"),
           ("sql", ask, "reader")]


def work(client, endpoints, name, until, pipe):
    pipe.send(client(endpoints, name, until))
    pipe.close()


class Measured:
    """Starts all clients for so many seconds; `join` gives their ledgers by kind."""

    def __init__(self, endpoints, seconds):
        until = time.monotonic() + seconds
        self.running = []
        for kind, client, name in CLIENTS:
            ours, theirs = FORK.Pipe(duplex=False)
            process = FORK.Process(target=work, args=(client, endpoints, name, until, theirs))
            process.start()
            theirs.close()
            self.running.append((kind, process, ours))

    def join(self):
        ledgers = collections.defaultdict(list)
        for kind, process, pipe in self.running:
            try:
                ledgers[kind].append(pipe.recv())
            except EOFError:
                ledger = Ledger()
                ledger.error("the measuring process died")
                ledgers[kind].append(ledger)
            process.join()
        return ledgers


def is_there(endpoints):
    try:
        return statement(endpoints["sql"], "SELECT count(*) FROM default_hits")
    except RuntimeError:
        return None


def warm_up(endpoints):
    """What the clients need before the clock starts: the topic, the players, a worker for SQL."""
    line = Connection(endpoints["kafka"])
    code = line.create_topic(TOPIC)
    assert code in (0, 36), f"topic {TOPIC}: error {code}"
    line.close()
    for _, client, name in CLIENTS:
        if client in (buy, shout):
            ledger = client(endpoints, name + "-warm", time.monotonic() + 0.1)
            assert not ledger.failed, ledger.errors
    poll("the table that is read", lambda: is_there(endpoints))


def text_of(value):
    try:
        return str(json.loads(value)["text"])
    except (ValueError, TypeError, KeyError):
        return ""


def verify(endpoints, ledgers):
    """What is wrong with the stored records, as sentences; empty: each is stored exactly once."""
    line = Connection(endpoints["kafka"], timeout=60)
    stored = collections.defaultdict(list)
    for offset, value, _ in line.read_all(TOPIC):
        stored[(value or b"").decode(errors="replace")].append(f"{TOPIC}/0:{offset}")
    for offset, _, headers in line.read_all("game"):
        key = headers.get("idempotency-key")
        if key:
            stored[key.decode(errors="replace")].append(f"game/0:{offset}")
    for offset, value, _ in line.read_all("shouts"):
        stored[text_of(value)].append(f"shouts/0:{offset}")
    line.close()
    wrong = []
    for ledger in ledgers["purchase"] + ledgers["produce"] + ledgers["event"]:
        for position, identity in ledger.acknowledged:
            if stored[identity] != [position]:
                wrong.append(f"{identity} was acknowledged at {position}, stored at "
                             f"{', '.join(stored[identity]) or 'no place'}")
    return wrong
