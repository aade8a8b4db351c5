"""kill -9 while producers fill two topics of one pipeline: every record once in its table or in bad.rows."""
import os
import signal
import threading

import pytest
import trino
from confluent_kafka import Producer
from pyiceberg.catalog.rest import RestCatalog

from conftest import DEADLINE_S, Server
from killing import workers

CYCLES = 10
# So many records of a topic wait for their acknowledgement at the most.
IN_FLIGHT = 200
PIPELINE = """CREATE STREAMING TABLE activity
TBLPROPERTIES ('steelthread.trigger' = '200 milliseconds')
AS SELECT topic, partition, offset, CAST(CAST(value AS STRING) AS INT) AS number, 'click' AS kind
FROM STREAM(clicks)
UNION ALL
SELECT topic, partition, offset, CAST(CAST(value AS STRING) AS INT), 'visit' FROM STREAM(visits)
"""


def value(number):
    """One record of fifty is no number and becomes a dead letter."""
    return f"no number {number}" if number % 50 == 49 else str(number)


class Client:
    """An idempotent producer of one topic, which rides out the kills."""

    def __init__(self, server, topic, stop):
        self.topic = topic
        self.stop = stop
        self.sent = 0
        self.acknowledged = []
        self.producer = Producer({
            "bootstrap.servers": server.endpoints["kafka"], "enable.idempotence": True, "linger.ms": 0,
            "message.timeout.ms": DEADLINE_S * 1000, "retry.backoff.max.ms": 200, "reconnect.backoff.max.ms": 200})
        self.thread = threading.Thread(target=self.play)

    def delivered(self, error, message):
        if error is None:
            self.acknowledged.append(message.value().decode())

    def play(self):
        while not self.stop.is_set():
            while self.sent - len(self.acknowledged) < IN_FLIGHT:
                self.producer.produce(self.topic, value(self.sent), callback=self.delivered)
                self.sent += 1
            self.producer.poll(0.01)
        self.producer.flush(DEADLINE_S)


@pytest.fixture
def server(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/activity.sql").write_text(PIPELINE)
    running = Server(tmp_path).start()
    made = running.run("topic", "create", "clicks", "--partitions", "2")
    assert made.returncode == 0, made.stderr
    yield running
    running.stop()


def stored(server, topic):
    """Each record of the log: topic, partition, offset and value."""
    done = server.run("topic", "consume", topic, "--with-position")
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [(topic, int(row[0]), int(row[1]), row[4]) for row in rows]


def asked(server, sql):
    host, port = server.endpoints["sql"].rsplit(":", 1)
    cursor = trino.dbapi.connect(host=host, port=int(port), user="ann", catalog="lake",
                                 schema="default").cursor()
    cursor.execute(sql)
    return [tuple(row) for row in cursor.fetchall()]


def test_every_record_of_both_topics_once_whatever_was_killed(server):
    stop = threading.Event()
    # Nobody creates `visits` before the third kill: the pipeline moves the other topic without it.
    clients = [Client(server, topic, stop) for topic in ("clicks", "visits")]
    killed_workers = 0
    clients[0].thread.start()
    try:
        for cycle in range(CYCLES):
            if cycle == 3:
                done = server.run("pipeline", "run", "activity")
                assert done.returncode == 0, done.stderr
                assert asked(server, "select count(*) > 0 from activity where kind = 'click'") == [(True,)]
                clients[1].thread.start()
            for _ in range(4):
                stop.wait(0.15)
                for pid in workers(server)[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed_workers += 1
            stop.wait(0.1 + 0.1 * (cycle % 4))
            server.kill9()
            server.start()
    finally:
        stop.set()
        for client in clients:
            if client.thread.ident is not None:
                client.thread.join(DEADLINE_S)
    assert killed_workers > 0
    done = server.run("pipeline", "run", "activity", "--once")
    assert done.returncode == 0, done.stderr

    in_log = []
    for client in clients:
        records = stored(server, client.topic)
        assert client.sent > CYCLES * 10 and len(client.acknowledged) == client.sent
        assert sorted(record[3] for record in records) == sorted(map(value, range(client.sent))), "once each"
        in_log += records
    good = sorted(record for record in in_log if record[3].isdigit())
    bad = sorted(record for record in in_log if not record[3].isdigit())
    kinds = {"clicks": "click", "visits": "visit"}

    catalog = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")
    rows = catalog.load_table("default.activity").scan().to_arrow().to_pylist()
    assert sorted((row["topic"], row["partition"], row["offset"], str(row["number"])) for row in rows) == good
    assert all(row["kind"] == kinds[row["topic"]] for row in rows)
    letters = catalog.load_table("bad.rows").scan().to_arrow().to_pylist()
    assert sorted((row["topic"], row["partition"], row["offset"], row["raw_value"].decode())
                  for row in letters) == bad
    assert {row["code"] for row in letters} == {"sql_error"}

    counted = asked(server, 'select topic, count(*), count(distinct number) from activity group by topic order by 1')
    wanted = [(topic, sum(record[0] == topic for record in good)) for topic in ("clicks", "visits")]
    assert counted == [(topic, count, count) for topic, count in wanted]
    assert asked(server, "select topic, count(*) from bad.rows group by topic order by 1") == [
        (topic, sum(record[0] == topic for record in bad)) for topic in ("clicks", "visits")]
