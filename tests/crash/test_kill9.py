"""kill -9 of the real program under load: nothing that was acknowledged is lost."""
import subprocess
import threading
import time

from confluent_kafka import KafkaException, Producer

from conftest import DEADLINE_S

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
    values = [row.split("\t")[4].encode() for row in dump.stdout.splitlines()]
    assert len(acknowledged) == sent, "an idempotent producer rides out the restarts"
    assert sorted(values, key=int) == [str(i).encode() for i in range(sent)], "once each"
    verify = server.run("log", "verify")
    assert verify.returncode == 0, verify.stdout
