"""kill -9 under load with idempotency keys: each key is one record, and its answer stays."""
import http.client
import threading

from conftest import DEADLINE_S
from killing import kill_while_playing

CYCLES = 10
CLIENTS = 6


def test_a_key_repeated_until_answered_is_one_record(server):
    positions = {}  # key -> what was answered first
    stop = threading.Event()

    def play(client):
        number = 0
        connection = None
        while not stop.is_set():
            key = f"client-{client}-{number}"
            try:
                if connection is None:
                    host, port = server.settings["http.listen"].split(":")
                    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
                connection.request("GET", "/purchase_a_sword",
                                   headers={"Host": f"{key}.example", "Idempotency-Key": key})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection = None  # killed: the same key again
                stop.wait(0.01)
                continue
            if answer.status in (409, 503):
                stop.wait(0.01)
                continue
            assert answer.status == 200, answer.status
            positions[key] = answer.headers["Steelthread-Position"]
            number += 1

    kill_while_playing(server, play, CLIENTS, CYCLES, stop)
    assert len(positions) > CYCLES
    host, port = server.endpoints["http"].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
    for key, position in positions.items():
        connection.request("GET", "/purchase_a_sword",
                           headers={"Host": f"{key}.example", "Idempotency-Key": key})
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.headers["Steelthread-Position"]) == (200, position), key
    server.stop()
    times_stored = {}
    for row in server.run("log", "dump").stdout.splitlines():
        topic, partition, offset, _, value = row.split("\t")
        if topic != "events":
            continue
        host = value.split('"Host": "')[1].split('"')[0]
        times_stored.setdefault(host, []).append(f"{topic}/{partition}:{offset}")
    for key, position in positions.items():
        assert times_stored[f"{key}.example"] == [position], key
    # Of the last request of each client the answer may not have been read.
    assert len(times_stored) <= len(positions) + CLIENTS
    assert all(len(found) == 1 for found in times_stored.values())
