"""Consumer groups of the new protocol (KIP-848) through clients that nobody here wrote, and compared with Apache
Kafka's answers."""
import json
import subprocess
import sys
import textwrap

import pytest

import consumer_group_questions
import group_questions
from conftest import DEADLINE_S, ROOT, poll
from test_kafka_groups import ask_ours, compare, described, produce, read

RECORDED = json.loads((ROOT / "tests/clients/kafka_consumer_group_answers.json").read_text())


@pytest.fixture
def groups(server):
    """A server whose members hurry, with topic "events" of four partitions."""
    server.stop()
    server.settings["group.consumer_heartbeat_interval_ms"] = "200"
    server.settings["group.consumer_session_timeout_ms"] = "10000"
    server.start()
    made = server.run("topic", "create", "events", "--partitions", "4")
    assert made.returncode == 0, made.stderr
    return server


def consumer(server, group="shop", **options):
    from confluent_kafka import Consumer
    return Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": group, "group.protocol": "consumer",
                     "auto.offset.reset": "earliest", "enable.auto.commit": False, **options})


def ask(address, make):
    make(group_questions.TOPIC, 2)  # which the coordinator is tried with
    return consumer_group_questions.ask(address, make)


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """With the partitions of two topics shared as when Kafka was asked: which topic's come first depends on the topics'
    random ids, there as here, so each server has one of two ways."""
    for _ in range(20):
        answers = ask_ours(tmp_path_factory.mktemp("consumers"), ask)
        if answers["patterns"] == RECORDED["patterns"]:
            break
    return answers


@pytest.mark.parametrize("title", consumer_group_questions.TALKS)
def test_members_are_answered_as_kafka_answers(answered, title):
    compare(answered[title], RECORDED[title])


@pytest.mark.parametrize("assignor, held", [("range", [[0, 1], [2], [3]]), ("uniform", None)])
def test_three_members_share_a_topic_as_the_server_assigns_it(groups, assignor, held):
    produce(groups, 12)
    members = [consumer(groups, **{"group.remote.assignor": assignor, "client.id": f"till {n}"}) for n in range(3)]
    for member in members:
        member.subscribe(["events"])
    values = []

    def is_shared():
        for member in members:
            message = member.poll(0.05)
            if message is not None and message.error() is None:
                values.append(message.value().decode())
        return (sorted(len(member.assignment()) for member in members) == [1, 1, 2]
                and described(groups, "shop")["state"] == "Stable")
    poll("a stable group", is_shared)
    group = described(groups, "shop")
    assert (group["group_type"], group["type"], group["protocol"]) == ("consumer", "consumer", assignor)
    assert group["epoch"] == group["assignment_epoch"] == max(m["epoch"] for m in group["members"])
    shared = sorted(sorted(p["partition"] for p in member["partitions"]) for member in group["members"])
    assert sorted(sum(shared, [])) == [0, 1, 2, 3]
    assert held is None or shared == held
    listed = json.loads(groups.run("group", "ls", "--format", "json").stdout)
    assert [(row["group"], row["group type"], row["type"]) for row in listed] == [("shop", "consumer", "consumer")]
    assert "shop: Stable, consumer group, protocol " in groups.run("group", "describe", "shop").stderr
    refused = groups.run("group", "reset-offsets", "shop", "--topic", "events", "--to-earliest", "--yes")
    assert refused.returncode != 0 and "has members" in refused.stderr
    for member in members:
        member.close()
    poll("an empty group", lambda: described(groups, "shop")["state"] == "Empty")


def test_a_member_goes_on_where_it_committed_over_a_kill(groups):
    produce(groups, 8)
    first = consumer(groups)
    first.subscribe(["events"])
    assert len(read(first, 8)) == 8
    first.commit(asynchronous=False)
    epoch = described(groups, "shop")["epoch"]
    groups.kill9()
    groups.start()
    assert described(groups, "shop")["epoch"] == epoch
    produce(groups, 4, 8)
    assert sorted(read(first, 4)) == [f"event {i}" for i in (10, 11, 8, 9)]
    assert described(groups, "shop")["epoch"] == epoch, "it is the same member"
    first.close()
    second = consumer(groups)
    second.subscribe(["events"])
    assert len(read(second, 4)) == 4, "what was not committed comes again"
    second.close()


def test_a_pattern_finds_topics_that_come_later(groups):
    produce(groups, 4)
    member = consumer(groups, **{"topic.metadata.refresh.interval.ms": 1000})
    member.subscribe(["^ev.*"])
    assert len(read(member, 4)) == 4
    member.close()


def test_the_admin_client_describes_and_lists(groups):
    from confluent_kafka.admin import AdminClient
    produce(groups, 4)
    member = consumer(groups, "admins", **{"group.instance.id": "one"})
    member.subscribe(["events"])
    read(member, 4)
    member.commit(asynchronous=False)
    admin = AdminClient({"bootstrap.servers": groups.endpoints["kafka"]})
    (listed,) = admin.list_consumer_groups().result(DEADLINE_S).valid
    assert (listed.group_id, listed.state.name, listed.type.name) == ("admins", "STABLE", "CONSUMER")
    group = admin.describe_consumer_groups(["admins"])["admins"].result(DEADLINE_S)
    assert (group.state.name, group.type.name, group.partition_assignor) == ("STABLE", "CONSUMER", "uniform")
    assert len(group.members[0].assignment.topic_partitions) == 4
    assert len(group.members[0].target_assignment.topic_partitions) == 4
    assert "NON_EMPTY_GROUP" in str(admin.delete_consumer_groups(["admins"])["admins"].exception(DEADLINE_S))
    member.close()  # its instance may come back until its session ends
    assert described(groups, "admins")["members"][0]["epoch"] == -2
    poll("an empty group", lambda: described(groups, "admins")["state"] == "Empty")
    assert admin.delete_consumer_groups(["admins"])["admins"].result(DEADLINE_S) is None


@pytest.mark.parametrize("assignor", ["range", "uniform"])
def test_three_consumers_share_a_topic_while_the_server_is_killed(groups, tmp_path, assignor):
    """Nothing is lost, nothing is read twice but what was not committed, and no epoch moves back."""
    script = tmp_path / "consumer.py"
    script.write_text(textwrap.dedent("""
        import sys
        from confluent_kafka import Consumer, KafkaException, TopicPartition
        consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "trio", "group.protocol": "consumer",
                             "group.remote.assignor": sys.argv[2], "auto.offset.reset": "earliest",
                             "enable.auto.commit": False, "reconnect.backoff.max.ms": 200})
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
    members = [subprocess.Popen([sys.executable, script, groups.endpoints["kafka"], assignor],
                                stdout=out.open("w"), stderr=subprocess.DEVNULL) for out in outputs]

    def lines(kind):
        found = []
        for out in outputs:
            whole = out.read_text().rpartition("\n")[0]
            found += [tuple(line.split(" ", 3)[1:]) for line in whole.split("\n") if line.startswith(kind)]
        return found

    def epochs():
        group = described(groups, "trio")
        return group["epoch"], {member["id"]: member["epoch"] for member in group["members"]}

    try:
        for cycle in range(3):
            produce(groups, 40, 40 * cycle)
            poll("a commit", lambda: len(lines("committed")) > 30 * cycle)
            epoch, of_members = epochs()
            groups.kill9()
            groups.start()
            epoch_now, now_of_members = epochs()
            assert epoch_now >= epoch
            assert all(now_of_members[id] >= before for id, before in of_members.items())
        total = 120
        poll("all records", lambda: len(set(lines("read"))) == total)
        poll("all commits", lambda: len(set(lines("committed"))) == total)
        produce(groups, 8, total)
        poll("the last records", lambda: len(set(lines("committed"))) == total + 8)
    finally:
        for member in members:
            member.kill()
            member.wait(DEADLINE_S)
    committed = lines("committed")
    assert len(committed) == len(set(committed)), "nobody reads again what was committed"
    assert {value for _, _, value in committed} == {f"event {i}" for i in range(total + 8)}
    assert set(lines("read")) == set(committed)
    assert sum(row["lag"] for row in described(groups, "trio")["partitions"]) == 0
