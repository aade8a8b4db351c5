"""kill -9 of the real program under load: nothing that was acknowledged is lost."""
import http.client
import threading

from confluent_kafka import Producer

from conftest import DEADLINE_S
from killing import kill_while_playing

CYCLES = 10


def test_nothing_acknowledged_is_lost_over_ten_kills(server):
    acknowledged = set()
    sent = 0
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"], "enable.idempotence": True,
                         "linger.ms": 0, "message.timeout.ms": DEADLINE_S * 1000,
                         "retry.backoff.max.ms": 200, "reconnect.backoff.max.ms": 200})

    def delivered(error, message):
        if error is None:
            acknowledged.add(message.value())

    for cycle in range(CYCLES):
        kill = threading.Timer(0.15 + 0.05 * (cycle % 4), server.kill9)
        kill.start()
        while kill.is_alive():
            for _ in range(20):
                producer.produce("events", str(sent), callback=delivered)
                sent += 1
            producer.poll(0.002)
        kill.join()
        server.start()
    assert producer.flush(DEADLINE_S) == 0
    server.stop()
    dump = server.run("log", "dump")
    rows = [row.split("\t") for row in dump.stdout.splitlines()]
    values = [row[4].encode() for row in rows if row[0] == "events"]
    assert len(acknowledged) == sent, "an idempotent producer rides out the restarts"
    assert sorted(values, key=int) == [str(i).encode() for i in range(sent)], "once each"
    verify = server.run("log", "verify")
    assert verify.returncode == 0, verify.stdout


def test_every_answered_request_is_in_the_log_at_its_position(server):
    """HTTP load with a ledger: each 200 names a position, and its event stands there afterwards."""
    ledger = {}
    stop = threading.Event()

    def play(player):
        number = 0
        connection = None
        while not stop.is_set():
            name = f"user{player}-{number}.comcast.com"
            number += 1
            try:
                if connection is None:
                    host, port = server.settings["http.listen"].split(":")
                    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
                connection.request("GET", "/purchase_a_sword", headers={"Host": name})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
                ledger[name] = answer.headers["Steelthread-Position"]
            except (OSError, http.client.HTTPException):
                connection = None  # the server was killed: whether it was stored is not known
                stop.wait(0.01)

    kill_while_playing(server, play, 8, CYCLES, stop)
    server.stop()
    stored = {}
    for row in server.run("log", "dump").stdout.splitlines():
        topic, partition, offset, _, value = row.split("\t")
        stored[f"{topic}/{partition}:{offset}"] = value
    assert len(ledger) > CYCLES
    for name, position in ledger.items():
        assert f'"Host": "{name}"' in stored[position], (name, position)
    assert server.run("log", "verify").returncode == 0
