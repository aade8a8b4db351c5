"""Sessions of fetches and epochs of last records, compared with Apache Kafka's answers."""
import json
import re
import shutil
import urllib.request

import pytest
from confluent_kafka import Producer
from kafka import KafkaConsumer, TopicPartition

import session_questions
from conftest import DEADLINE_S, ROOT, Server, poll

RECORDED = json.loads((ROOT / "tests/clients/kafka_session_answers.json").read_text())


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sessions")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    server = Server(folder)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("title", session_questions.TALKS)
def test_fetches_are_answered_as_kafka_answers(running, title):
    ours = session_questions.ask_one(title, running.endpoints["kafka"])
    kafkas = RECORDED[title]
    assert [name for name, _ in ours] == [name for name, _ in kafkas]
    for (name, our), (_, kafka) in zip(ours, kafkas):
        assert json.loads(json.dumps(our)) == kafka, name


def sessions(server):
    """How many there are now, by the metrics."""
    with urllib.request.urlopen(f"http://{server.endpoints['sql']}/metrics", timeout=DEADLINE_S) as page:
        return int(re.search(r"^steelthread_kafka_fetch_sessions (\d+)$", page.read().decode(), re.M)[1])


def test_a_consumer_reads_all_in_a_session_that_it_begins_anew(server):
    """kafka-python's, over a crash of the server, which keeps no session."""
    assert server.run("topic", "create", "lines", "--partitions", "20").returncode == 0
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"]})
    consumer = KafkaConsumer(bootstrap_servers=server.endpoints["kafka"], auto_offset_reset="earliest",
                             group_id=None, fetch_max_wait_ms=100)
    consumer.assign([TopicPartition("lines", partition) for partition in range(20)])
    read = {}

    def all_of(partitions, each):
        for batches in consumer.poll(timeout_ms=200).values():
            for record in batches:
                read.setdefault(record.partition, []).append((record.offset, record.value.decode()))
        return len(read) == partitions and all(len(records) == each for records in read.values())

    def produce(partitions, number):
        for partition in range(partitions):
            producer.produce("lines", f"{number} of {partition}", partition=partition)
        assert producer.flush(DEADLINE_S) == 0

    for number in range(3):
        produce(20, number)
        poll("the records", lambda: all_of(20, number + 1))
    assert sessions(server) == 1
    server.kill9()
    server.start()
    produce(20, 3)
    poll("the records after a restart", lambda: all_of(20, 4))
    assert sessions(server) == 1
    assert read == {partition: [(n, f"{n} of {partition}") for n in range(4)] for partition in range(20)}
    consumer.close()
