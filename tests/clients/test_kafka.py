"""The log through clients that nobody here wrote: kcat, kafka-python old and new, librdkafka."""
import subprocess
import sys
import textwrap
import time

import pytest

from conftest import DEADLINE_S, poll


def kcat(server, *words, stdin=None):
    return subprocess.run(["kcat", "-b", server.endpoints["kafka"], *words], input=stdin,
                          capture_output=True, text=True, timeout=DEADLINE_S)


def consume(server, topic="events"):
    done = kcat(server, "-C", "-t", topic, "-o", "beginning", "-e")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def old_kafka_python(server, deps, script):
    """Runs a script with kafka-python 2.0.2, which Debian 12 ships."""
    program = textwrap.dedent(script).format(address=server.endpoints["kafka"])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          timeout=DEADLINE_S, env={"PYTHONPATH": str(deps / "kafka-python-old")})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_kcat_lists_the_broker_and_its_topics(server):
    made = server.run("topic", "create", "events", "--partitions", "1", "--replication-factor", "1",
                      "--if-not-exists")
    assert made.stdout == 'Created topic "events".\n'
    listing = kcat(server, "-L").stdout
    assert f"broker 1 at {server.endpoints['kafka']} (controller)" in listing
    assert 'topic "events" with 1 partitions:' in listing
    assert "partition 0, leader 1, replicas: 1, isrs: 1" in listing


def test_kcat_produces_to_a_new_topic_and_reads_it_back(server):
    lines = [f"line {i}" for i in range(1000)]
    assert kcat(server, "-P", "-t", "events", stdin="\n".join(lines)).returncode == 0
    assert consume(server) == lines
    assert kcat(server, "-Q", "-t", "events:0:-1").stdout == "events [0] offset 1000\n"


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_pass_verbatim(server, codec):
    lines = [f"{codec} {i} " + "x" * 100 for i in range(500)]
    assert kcat(server, "-P", "-t", "events", "-z", codec, stdin="\n".join(lines)).returncode == 0
    assert consume(server) == lines
    segment = server.data / "log/00000000000000000001.log"
    assert lines[250].encode() not in segment.read_bytes(), "the batch was stored uncompressed"
    server.stop()
    dumped = server.run("log", "dump").stdout.splitlines()
    values = [row.split("\t")[4] for row in dumped if row.startswith("events\t")]
    assert values == lines


def test_eight_producers_of_one_address_wait_for_room_and_lose_no_connection(server, tmp_path):
    """Together they have more on its way than the address may: then reading pauses."""
    assert server.run("topic", "create", "loads", "--partitions", "8").returncode == 0
    lines = 100_000
    source = tmp_path / "lines"
    source.write_text("".join(f"{n:0155}\n" for n in range(lines)))
    command = ["kcat", "-P", "-b", server.endpoints["kafka"], "-t", "loads", "-l", source, "-p"]
    producers = [subprocess.Popen([*command, str(p)], stderr=subprocess.PIPE, text=True) for p in range(8)]
    assert [(p.communicate(timeout=DEADLINE_S)[1], p.returncode) for p in producers] == [("", 0)] * 8
    ends = [kcat(server, "-Q", "-t", f"loads:{p}:-1").stdout.split()[-1] for p in range(8)]
    assert ends == [str(lines)] * 8


def test_kcat_tails_what_arrives(server):
    kcat(server, "-P", "-t", "events", stdin="before")
    tail = subprocess.Popen(["kcat", "-b", server.endpoints["kafka"], "-C", "-t", "events", "-o",
                             "beginning", "-u", "-q"], stdout=subprocess.PIPE, text=True)
    try:
        assert tail.stdout.readline() == "before\n"
        kcat(server, "-P", "-t", "events", stdin="after")
        assert tail.stdout.readline() == "after\n"
    finally:
        tail.terminate()
        tail.wait(DEADLINE_S)


def test_a_transactional_producer_is_refused_within_ten_seconds(server):
    from confluent_kafka import KafkaException, Producer
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"], "transactional.id": "t"})
    start = time.monotonic()
    with pytest.raises(KafkaException) as refused:
        producer.init_transactions(DEADLINE_S)
    assert time.monotonic() - start < 10
    error = refused.value.args[0]
    assert error.name() == "TRANSACTIONAL_ID_AUTHORIZATION_FAILED" and not error.retriable(), error


def test_kafka_python_as_debian_ships_it(server, deps):
    out = old_kafka_python(server, deps, """
        from kafka import KafkaProducer, KafkaConsumer, TopicPartition
        producer = KafkaProducer(bootstrap_servers='{address}')
        for i in range(100):
            producer.send('events', ('event %d' % i).encode())
        producer.flush()
        consumer = KafkaConsumer(bootstrap_servers='{address}', consumer_timeout_ms=2000)
        consumer.assign([TopicPartition('events', 0)])
        consumer.seek_to_beginning()
        print(len([m for m in consumer]))
    """)
    assert out == "100\n"


def test_newest_kafka_python_with_its_idempotent_producer(server):
    import kafka
    producer = kafka.KafkaProducer(bootstrap_servers=server.endpoints["kafka"])
    futures = [producer.send("events", f"event {i}".encode()) for i in range(100)]
    producer.flush(timeout=DEADLINE_S)
    assert [f.get(DEADLINE_S).offset for f in futures] == list(range(100))
    producer.close()
    assert consume(server) == [f"event {i}" for i in range(100)]


def test_confluent_kafka_idempotent_producer_and_assigned_consumer_over_a_kill(server):
    from confluent_kafka import Consumer, Producer, TopicPartition
    failures = []
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"],
                         "enable.idempotence": True})
    for i in range(200):
        producer.produce("events", f"event {i}", callback=lambda e, m: e and failures.append(e))
        if i == 100:
            assert producer.flush(DEADLINE_S) == 0
            server.kill9()
            server.start()
    assert producer.flush(DEADLINE_S) == 0
    assert not failures
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "unused",
                         "enable.auto.commit": False})
    consumer.assign([TopicPartition("events", 0, 0)])
    values = []

    def read():
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            values.append(message.value().decode())
        return len(values) >= 200

    poll("200 messages", read)
    consumer.close()
    assert values == [f"event {i}" for i in range(200)]


@pytest.mark.parametrize("topic", ["_declarations", "game"])
def test_a_topic_of_the_servers_own_takes_nothing_from_clients(server, topic):
    from confluent_kafka import KafkaException, Producer
    from confluent_kafka.admin import AdminClient, NewTopic
    admin = AdminClient({"bootstrap.servers": server.endpoints["kafka"]})
    made = admin.create_topics([NewTopic(topic, num_partitions=3)])[topic]
    with pytest.raises(KafkaException) as refused:
        made.result(DEADLINE_S)
    assert "server's own" in str(refused.value)
    before = kcat(server, "-L", "-t", topic).stdout
    failures = []
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"],
                         "enable.idempotence": True, "message.timeout.ms": 5000})
    producer.produce(topic, b"x", callback=lambda error, _: failures.append(error))
    producer.flush(DEADLINE_S)
    assert failures and failures[0] is not None
    assert kcat(server, "-P", "-t", topic, "-X", "message.timeout.ms=3000",
                stdin="x").returncode != 0
    assert kcat(server, "-L", "-t", topic).stdout == before


def test_kcat_says_why_a_topic_of_the_servers_own_takes_nothing(server):
    refused = kcat(server, "-P", "-t", "_declarations", stdin="x")
    assert "Topic authorization failed" in refused.stderr
    assert 'topic "_declarations" with 1 partitions' in kcat(server, "-L").stdout
