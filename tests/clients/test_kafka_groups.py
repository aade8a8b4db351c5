"""Consumer groups through clients that nobody here wrote, and compared with Apache Kafka's answers."""
import csv
import io
import json
import shutil
import subprocess
import sys
import textwrap

import pytest
from confluent_kafka import TopicPartition
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment

import group_questions
from conftest import DEADLINE_S, ROOT, Server, poll

RECORDED = json.loads((ROOT / "tests/clients/kafka_group_answers.json").read_text())


@pytest.fixture
def groups(server):
    """A server whose groups rebalance at once, with topic "events" of four partitions."""
    server.stop()
    server.settings["group.initial_rebalance_delay_ms"] = "0"
    server.start()
    made = server.run("topic", "create", "events", "--partitions", "4")
    assert made.returncode == 0, made.stderr
    return server


def produce(server, count, start=0):
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"]})
    for i in range(start, start + count):
        producer.produce("events", f"event {i}", partition=i % 4)
    assert producer.flush(DEADLINE_S) == 0


def confluent(server, group="shop", **options):
    from confluent_kafka import Consumer
    return Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": group,
                     "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     "session.timeout.ms": 6000, "heartbeat.interval.ms": 200, **options})


def read(consumer, count):
    """The values of so many records."""
    from confluent_kafka import KafkaException
    values = []

    def more():
        message = consumer.poll(0.5)
        if message is not None and message.error():
            raise KafkaException(message.error())
        if message is not None:
            values.append(message.value().decode())
        return len(values) >= count
    poll(f"{count} records", more)
    return values


def ask_ours(folder, ask):
    """The answers of ask(address, make) by a server whose groups rebalance at once; make(name, partitions) makes a
    topic."""
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    running = Server(folder)
    running.settings["group.initial_rebalance_delay_ms"] = "0"
    running.start()

    def make(name, partitions):
        done = running.run("topic", "create", name, "--partitions", str(partitions))
        assert done.returncode == 0, done.stderr
    try:
        return ask(running.endpoints["kafka"], make)
    finally:
        running.stop()


def compare(ours, kafkas):
    """Each [step, answer] of a talk with Kafka's."""
    assert [name for name, _ in ours] == [name for name, _ in kafkas]
    for (name, our), (_, kafka) in zip(ours, kafkas):
        assert our == kafka, name


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    return ask_ours(tmp_path_factory.mktemp("groups"), group_questions.ask)


@pytest.mark.parametrize("title", group_questions.TALKS)
def test_members_are_answered_as_kafka_answers(answered, title):
    compare(answered[title], RECORDED[title])


def test_a_group_goes_on_where_it_committed_over_a_kill(groups):
    produce(groups, 8)
    first = confluent(groups)
    first.subscribe(["events"])
    assert len(read(first, 8)) == 8
    first.commit(asynchronous=False)
    groups.kill9()
    groups.start()
    produce(groups, 4, 8)
    assert sorted(read(first, 4)) == [f"event {i}" for i in (10, 11, 8, 9)]
    first.close()
    second = confluent(groups)
    second.subscribe(["events"])
    assert len(read(second, 4)) == 4, "what was not committed comes again"
    second.close()


def test_a_consumer_that_assigns_gets_data_alone(groups):
    from confluent_kafka import Consumer, TopicPartition
    produce(groups, 4)
    consumer = Consumer({"bootstrap.servers": groups.endpoints["kafka"], "group.id": "unused",
                         "enable.auto.commit": False})
    consumer.assign([TopicPartition("events", 0, 0)])
    message = poll("a message", lambda: consumer.poll(1))
    assert message.error() is None and message.value() == b"event 0"
    consumer.commit(message, asynchronous=False)
    assert consumer.committed([TopicPartition("events", 0)], DEADLINE_S)[0].offset == 1
    consumer.close()


def test_kcat_with_a_group(groups):
    produce(groups, 4)
    done = subprocess.run(["kcat", "-b", groups.endpoints["kafka"], "-q", "-e", "-X",
                           "auto.offset.reset=earliest", "-G", "kcats", "events"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split("\n")[:-1]) == [f"event {i}" for i in range(4)]


KAFKA_PYTHON = """
    from kafka import KafkaConsumer
    consumer = KafkaConsumer("events", bootstrap_servers="{address}", group_id="pythons",
                             auto_offset_reset="earliest", enable_auto_commit=False)
    values = [next(consumer).value.decode() for _ in range(4)]
    consumer.commit()
    print(sorted(values))
    consumer.close()
"""


@pytest.mark.parametrize("old", [True, False], ids=["2.0.2", "3.0.12"])
def test_kafka_python_with_a_group(groups, deps, old):
    produce(groups, 4)
    script = textwrap.dedent(KAFKA_PYTHON).format(address=groups.endpoints["kafka"])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=DEADLINE_S,
                          env={"PYTHONPATH": str(deps / "kafka-python-old")} if old else None)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{[f'event {i}' for i in range(4)]}\n"
    described = groups.run("group", "describe", "pythons", "--format", "json")
    assert [row["lag"] for row in json.loads(described.stdout)["partitions"]] == [0, 0, 0, 0]


def described(server, group):
    done = server.run("group", "describe", group, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shown(server, group):
    """The rows of the command."""
    done = server.run("group", "describe", group, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.mark.parametrize("assignor", ["range", "roundrobin", "cooperative-sticky"])
def test_describe_shows_who_has_which_partition(groups, assignor):
    produce(groups, 8)
    consumers = [confluent(groups, **{"client.id": f"till {n}", "group.instance.id": f"i{n}",
                                      "partition.assignment.strategy": assignor}) for n in range(5)]
    for consumer in consumers:
        consumer.subscribe(["events"])

    def is_stable():
        for consumer in consumers:
            consumer.poll(0.05)
        if sorted(len(consumer.assignment()) for consumer in consumers) != [0, 1, 1, 1, 1]:
            return False
        group = described(groups, "shop")
        return (group["state"], len(group["members"])) == ("Stable", 5)
    poll("a stable group", is_stable)
    (first,) = [c for c in consumers if [tp.partition for tp in c.assignment()] == [2]]
    first.commit(offsets=[TopicPartition("events", 2, 1)], asynchronous=False)
    group = described(groups, "shop")
    assert (group["type"], group["protocol"], group["left_out"]) == ("consumer", assignor, 0)
    held = {member["client"]: member["partitions"] for member in group["members"]}
    assert held == {f"till {n}": [{"topic": tp.topic, "partition": tp.partition}
                                  for tp in consumer.assignment()] for n, consumer in enumerate(consumers)}
    assert {(m["instance"], m["host"]) for m in group["members"]} == {(f"i{n}", "/127.0.0.1") for n in range(5)}
    ids = {member["id"]: member["client"] for member in group["members"]}
    assert {(row["topic"], row["partition"], row["offset"], row["end"], row["lag"])
            for row in group["partitions"]} == {
        ("events", 0, None, 2, None), ("events", 1, None, 2, None), ("events", 2, 1, 2, 1),
        ("events", 3, None, 2, None)}
    assert all({"topic": "events", "partition": row["partition"]} in held[ids[row["member"]]]
               for row in group["partitions"])
    rows = shown(groups, "shop")
    assert [row["partition"] for row in rows] == ["0", "1", "2", "3", ""]
    assert {row["client"] for row in rows} == set(held) and {row["host"] for row in rows} == {"/127.0.0.1"}
    assert {row["member"]: row["client"] for row in rows} == ids
    assert [(row["topic"], row["offset"], row["end"], row["lag"]) for row in rows[2:]] == [
        ("events", "1", "2", "1"), ("events", "", "2", ""), ("", "", "", "")]
    for consumer in consumers:
        consumer.close()


def assigned(topic, partitions):
    made = ConsumerProtocolAssignment(user_data=None, assigned_partitions=[
        ConsumerProtocolAssignment.TopicPartition(topic=topic, partitions=list(partitions))])
    return made.encode(version=3)


@pytest.mark.parametrize("data, rows", [
    (b"all", 0), (assigned("none", [3]), 1), (assigned("events", [7]), 1),
    (assigned("events", range(60_000)), 50_000), (assigned("events", range(100_001)), 0)],
    ids=["other bytes", "no such topic", "no such partition", "more than is shown", "too many"])
def test_describe_shows_odd_assignments(groups, data, rows):
    """An assignment is a member's own bytes: whatever they are, the group is described."""
    member = group_questions.Member(groups.endpoints["kafka"], "odd")
    assert member.join("odd").error_code == 0
    assert member.sync("odd", assignments=[(member, data)]).error_code == 0
    group = described(groups, "odd")
    assert (len(group["partitions"]), len(group["members"][0]["partitions"])) == (rows, rows)
    assert group["left_out"] == (10_000 if rows == 50_000 else 0)
    assert all(row["offset"] is None and row["lag"] is None for row in group["partitions"])
    assert {row["end"] for row in group["partitions"][4:]} <= {None}
    done = groups.run("group", "describe", "odd", "--format", "ndjson")
    assert len(done.stdout.splitlines()) == max(rows, 1)
    assert ("10000 assigned partitions more than are shown" in done.stderr) == (rows == 50_000)
    member.close()


def test_other_groups_than_consumers_have_no_partitions(groups):
    member = group_questions.Member(groups.endpoints["kafka"], "worker")
    how = {"protocol_type": "connect"}
    assert member.join("workers", **how).error_code == 0
    done = member.sync("workers", assignments=[(member, assigned("events", [1]))], **how)
    assert done.error_code == 0
    group = described(groups, "workers")
    assert group["type"] == "connect" and group["partitions"] == group["members"][0]["partitions"] == []
    member.close()


def test_the_admin_client_describes_lists_and_deletes(groups):
    from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
    from confluent_kafka.admin import AdminClient
    produce(groups, 4)
    consumer = confluent(groups, "admins")
    consumer.subscribe(["events"])
    read(consumer, 4)
    consumer.commit(asynchronous=False)
    admin = AdminClient({"bootstrap.servers": groups.endpoints["kafka"]})
    listed = admin.list_consumer_groups().result(DEADLINE_S)
    assert [one.group_id for one in listed.valid] == ["admins"]
    described = admin.describe_consumer_groups(["admins"])["admins"].result(DEADLINE_S)
    assert described.state.name == "STABLE"
    assert len(described.members[0].assignment.topic_partitions) == 4
    assert "NON_EMPTY_GROUP" in str(admin.delete_consumer_groups(["admins"])["admins"].exception(DEADLINE_S))
    consumer.close()
    moved = ConsumerGroupTopicPartitions("admins", [TopicPartition("events", 1, 0)])
    admin.alter_consumer_group_offsets([moved])["admins"].result(DEADLINE_S)
    offsets = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions("admins")])
    found = offsets["admins"].result(DEADLINE_S).topic_partitions
    assert sorted((tp.partition, tp.offset) for tp in found) == [(0, 1), (1, 0), (2, 1), (3, 1)]
    assert admin.delete_consumer_groups(["admins"])["admins"].result(DEADLINE_S) is None


def test_three_consumers_share_a_topic_while_the_server_is_killed(groups, tmp_path):
    """Nothing is lost, and nothing is read twice but what was not committed."""
    script = tmp_path / "consumer.py"
    script.write_text(textwrap.dedent("""
        import sys
        from confluent_kafka import Consumer, KafkaException, TopicPartition
        consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "trio",
                             "auto.offset.reset": "earliest", "enable.auto.commit": False,
                             "session.timeout.ms": 6000, "heartbeat.interval.ms": 200,
                             "reconnect.backoff.max.ms": 200})
        consumer.subscribe(["events"])
        while True:
            message = consumer.poll(0.2)
            if message is None or message.error():
                continue
            place = f"{message.partition()} {message.offset()} {message.value().decode()}"
            print("read", place, flush=True)
            try:
                consumer.commit(message, asynchronous=False)
                print("committed", place, flush=True)
            except KafkaException:  # it comes again, here or at another member
                try:
                    consumer.seek(TopicPartition("events", message.partition(), message.offset()))
                except KafkaException:
                    pass
    """))
    outputs = [tmp_path / f"out{n}" for n in range(3)]
    consumers = [subprocess.Popen([sys.executable, script, groups.endpoints["kafka"]],
                                  stdout=out.open("w"), stderr=subprocess.DEVNULL) for out in outputs]

    def lines(kind):
        found = []
        for out in outputs:
            whole = out.read_text().rpartition("\n")[0]
            found += [line.split(" ", 3)[1:] for line in whole.split("\n") if line.startswith(kind)]
        return found

    try:
        for cycle in range(3):
            produce(groups, 40, 40 * cycle)
            poll("a commit", lambda: len(lines("committed")) > 30 * cycle)
            groups.kill9()
            groups.start()
        total = 120
        poll("all records", lambda: len({tuple(place) for place in lines("read")}) == total)
        poll("all commits", lambda: len({tuple(place) for place in lines("committed")}) == total)
        produce(groups, 8, total)
        poll("the last records", lambda: len({tuple(p) for p in lines("committed")}) == total + 8)
    finally:
        for consumer in consumers:
            consumer.kill()
            consumer.wait(DEADLINE_S)
    committed = [tuple(place) for place in lines("committed")]
    assert len(committed) == len(set(committed)), "nobody reads again what was committed"
    assert {value for _, _, value in committed} == {f"event {i}" for i in range(total + 8)}
    assert {tuple(place) for place in lines("read")} == set(committed)
    described = groups.run("group", "describe", "trio", "--format", "json")
    assert sum(row["lag"] for row in json.loads(described.stdout)["partitions"]) == 0
