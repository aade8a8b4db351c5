"""Groups with members of both protocols, compared with Apache Kafka's answers and through clients that nobody here
wrote."""
import json

import pytest
from confluent_kafka import KafkaError, KafkaException

import mixed_group_questions
from conftest import ROOT, poll
from test_kafka_groups import ask_ours, compare, described, produce

RECORDED = json.loads((ROOT / "tests/clients/kafka_mixed_group_answers.json").read_text())

# Of a commit in a rebalance or after a kill: what it was about is read again.
PASSING = {KafkaError.ILLEGAL_GENERATION, KafkaError.REBALANCE_IN_PROGRESS, KafkaError.UNKNOWN_MEMBER_ID,
           KafkaError.STALE_MEMBER_EPOCH, KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.NOT_COORDINATOR,
           KafkaError._ASSIGNMENT_LOST, KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError._WAIT_COORD}


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    return ask_ours(tmp_path_factory.mktemp("mixed"), mixed_group_questions.ask)


@pytest.mark.parametrize("title", mixed_group_questions.TALKS)
def test_members_are_answered_as_kafka_answers(answered, title):
    compare(answered[title], RECORDED[title])


@pytest.fixture
def groups(server):
    """A server whose members hurry, with topic "events" of four partitions."""
    server.stop()
    server.settings["group.consumer_heartbeat_interval_ms"] = "200"
    server.settings["group.consumer_session_timeout_ms"] = "10000"
    server.settings["group.initial_rebalance_delay_ms"] = "0"
    server.start()
    made = server.run("topic", "create", "events", "--partitions", "4")
    assert made.returncode == 0, made.stderr
    return server


def consumer(server, protocol, **options):
    from confluent_kafka import Consumer
    if protocol == "classic":
        options |= {"heartbeat.interval.ms": 200, "session.timeout.ms": 10000}
    made = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "shop", "group.protocol": protocol,
                     "auto.offset.reset": "earliest", "enable.auto.commit": False, **options})
    made.subscribe(["events"])
    return made


def shares(group):
    return sorted(sorted(one["partition"] for one in member["partitions"]) for member in group["members"])


class Readers:
    """Consumers that are polled in turn, with the values that each record came with."""

    def __init__(self):
        self.members, self.values = [], []

    def add(self, member):
        self.members.append(member)
        return member

    def poll(self):
        for member in self.members:
            message = member.poll(0.02)
            if message is not None and message.error() is None:
                self.values.append(message.value().decode())
                try:
                    member.commit(message, asynchronous=False)
                except KafkaException as error:
                    assert error.args[0].code() in PASSING, error


@pytest.fixture
def readers(groups):
    made = Readers()
    yield made
    for member in made.members:  # one that lives on would take the processor from other tests
        member.close()


def awaits(server, readers):
    """Polls until the group is of this type and stable, and so many members share all partitions."""
    def is_shared(kind, count):
        readers.poll()
        if server.run("group", "describe", "shop").returncode != 0:
            return False  # nobody has joined yet
        group = described(server, "shop")
        parts = shares(group)
        return (group["group_type"] == kind and group["state"] == "Stable" and len(parts) == count
                and sorted(sum(parts, [])) == [0, 1, 2, 3])

    def awaited(kind, count):
        poll(f"a {kind} group of {count}", lambda: is_shared(kind, count))
    return awaited


def read_until(readers, count):
    poll(f"{count} records", lambda: readers.poll() or len(set(readers.values)) == count)


def test_a_group_moves_to_the_new_protocol_and_back_while_it_reads(groups, readers):
    await_group = awaits(groups, readers)
    old = [readers.add(consumer(groups, "classic")) for _ in range(2)]
    await_group("classic", 2)
    produce(groups, 20)
    new = readers.add(consumer(groups, "consumer"))
    await_group("consumer", 3)
    produce(groups, 20, 20)
    read_until(readers, 40)
    groups.kill9()
    groups.start()
    await_group("consumer", 3)
    produce(groups, 20, 40)
    read_until(readers, 60)
    readers.members.remove(new)
    new.close()
    await_group("classic", 2)
    produce(groups, 20, 60)
    read_until(readers, 80)
    readers.add(consumer(groups, "consumer"))
    await_group("consumer", 3)
    for member in old:
        readers.members.remove(member)
        member.close()
    await_group("consumer", 1)
    assert sorted(set(readers.values), key=lambda value: int(value.split()[1])) == [f"event {i}" for i in range(80)]


def test_members_that_rebalance_cooperatively_join_the_new_protocol(groups, readers):
    await_group = awaits(groups, readers)
    new = readers.add(consumer(groups, "consumer"))
    await_group("consumer", 1)
    produce(groups, 20)
    for count in (2, 3):
        readers.add(consumer(groups, "classic", **{"partition.assignment.strategy": "cooperative-sticky"}))
        await_group("consumer", count)
    produce(groups, 20, 20)
    read_until(readers, 40)
    groups.kill9()
    groups.start()
    await_group("consumer", 3)
    readers.members.remove(new)
    new.close()
    await_group("classic", 2)
    produce(groups, 20, 40)
    read_until(readers, 60)


def test_kafka_python_and_the_new_protocol_share_a_topic(groups):
    from kafka import KafkaConsumer
    produce(groups, 8)
    old = KafkaConsumer(bootstrap_servers=groups.endpoints["kafka"], group_id="shop", auto_offset_reset="earliest",
                        enable_auto_commit=False, heartbeat_interval_ms=200, session_timeout_ms=10000)
    assert "events" in old.topics()  # else it may join before it knows the topic, and assign nothing
    old.subscribe(["events"])
    values = []

    def read_old():
        for messages in old.poll(timeout_ms=20).values():
            values.extend(message.value.decode() for message in messages)
    poll("all records", lambda: read_old() or len(values) == 8)
    old.commit()
    new = consumer(groups, "consumer")

    def is_shared():
        read_old()
        message = new.poll(0.02)
        if message is not None and message.error() is None:
            values.append(message.value().decode())
        return len(old.assignment()) == len(new.assignment()) == 2
    poll("halves", is_shared)
    produce(groups, 8, 8)
    poll("all records", lambda: is_shared() and len(set(values)) == 16)
    assert len(values) == 16, "what was committed is not read again"
    old.commit()
    old.close()
    poll("all partitions", lambda: new.poll(0.02) or len(new.assignment()) == 4)
    new.close()
