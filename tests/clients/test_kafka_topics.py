"""Topics, their partitions and settings through clients that nobody here wrote, and compared with Apache Kafka's
answers."""
import json
import shutil

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions,
                                   ResourceType)

import topic_questions
from conftest import DEADLINE_S, ROOT, Server, poll
from kafka.admin import ConfigResource as PythonResource
from kafka.admin import KafkaAdminClient

RECORDED = json.loads((ROOT / "tests/clients/kafka_topic_answers.json").read_text())
# What is told of a setting where the server's differs from Kafka's default (docs/kafka.md).
OURS = {"retention.ms": {"value": "-1", "config_source": 4}}
# Values that Kafka takes, and that are refused here with the reason.
REFUSED = ("max.message.bytes=2147483647",)


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("topics")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    running = Server(folder)
    running.start()
    yield topic_questions.ask(running.endpoints["kafka"])
    running.stop()


def as_here(value):
    """Kafka's answer with what is the server's own, and without the words of errors."""
    if isinstance(value, dict):
        kept = {k: as_here(v) for k, v in value.items()}
        if "error_message" in kept:
            kept["error_message"] = bool(kept["error_message"])
        if (kept.get("name") or "").endswith("-dry"):
            kept["topic_id"] = None  # Kafka gives one to a topic that it does not make
        own = OURS.get(kept.get("name"), {})
        return kept | {k: v for k, v in own.items() if k in kept}
    return [as_here(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("title", topic_questions.TALKS)
def test_topics_are_answered_as_kafka_answers(answered, title):
    ours, kafkas = answered[title], RECORDED[title]
    assert [name for name, _ in ours] == [name for name, _ in kafkas]
    for (name, our), (_, kafka) in zip(ours, kafkas):
        if name.split(", ")[0] in REFUSED:
            assert [one["error_code"] for one in our["responses"]] == [40], name
        else:
            assert as_here(our) == as_here(kafka), name


def admin_of(server):
    return AdminClient({"bootstrap.servers": server.endpoints["kafka"]})


def test_a_topic_grows_under_its_producers_and_consumers(server):
    assert server.run("topic", "create", "events", "--partitions", "2").returncode == 0
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "g",
                         "auto.offset.reset": "earliest", "topic.metadata.refresh.interval.ms": 200})
    consumer.subscribe(["events"])
    poll("an assignment", lambda: consumer.poll(0.1) is None and consumer.assignment())
    admin = admin_of(server)
    admin.create_partitions([NewPartitions("events", 4)])["events"].result(DEADLINE_S)
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"]})
    for partition in range(4):
        producer.produce("events", f"to {partition}", partition=partition)
    assert producer.flush(DEADLINE_S) == 0
    values = []

    def all_are_read():
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            values.append(message.value().decode())
        return len(values) == 4
    poll("records of the new partitions", all_are_read)
    assert sorted(values) == [f"to {partition}" for partition in range(4)]
    consumer.close()
    server.kill9()
    server.start()
    assert len(admin_of(server).list_topics("events", DEADLINE_S).topics["events"].partitions) == 4


def test_fewer_partitions_are_refused(server):
    assert server.run("topic", "create", "events", "--partitions", "2").returncode == 0
    admin = admin_of(server)
    with pytest.raises(KafkaException) as refused:
        admin.create_partitions([NewPartitions("events", 1)])["events"].result(DEADLINE_S)
    assert refused.value.args[0].name() == "INVALID_PARTITIONS"


def test_a_deleted_topic_is_gone_and_one_of_its_name_is_another(server):
    assert server.run("topic", "create", "shouts").returncode == 0
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"]})
    producer.produce("shouts", "gone")
    assert producer.flush(DEADLINE_S) == 0
    admin = admin_of(server)
    admin.delete_topics(["shouts"])["shouts"].result(DEADLINE_S)
    server.kill9()
    server.start()
    admin = admin_of(server)
    assert "shouts" not in admin.list_topics(timeout=DEADLINE_S).topics
    assert server.run("topic", "create", "shouts").returncode == 0
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "g"})
    assert consumer.get_watermark_offsets(TopicPartition("shouts", 0), DEADLINE_S) == (0, 0)
    consumer.close()


def test_a_topic_that_is_read_here_is_not_deleted(server):
    assert server.run("topic", "create", "events").returncode == 0
    admin = admin_of(server)
    for name, error in (("events", "POLICY_VIOLATION"), ("_declarations", "TOPIC_AUTHORIZATION_FAILED")):
        with pytest.raises(KafkaException) as refused:
            admin.delete_topics([name])[name].result(DEADLINE_S)
        assert refused.value.args[0].name() == error
    assert "events" in admin.list_topics(timeout=DEADLINE_S).topics


def test_settings_by_confluents_admin_client(server):
    assert server.run("topic", "create", "events").returncode == 0
    admin = admin_of(server)

    def change(name, value):
        resource = ConfigResource(ResourceType.TOPIC, "events", incremental_configs=[
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)])
        for done in admin.incremental_alter_configs([resource]).values():
            done.result(DEADLINE_S)
    change("max.message.bytes", "2000")
    with pytest.raises(KafkaException) as refused:
        change("cleanup.policy", "compact")
    assert refused.value.args[0].name() == "INVALID_CONFIG"
    assert "nothing is compacted" in refused.value.args[0].str()
    server.kill9()
    server.start()
    admin = admin_of(server)
    described = admin.describe_configs([ConfigResource(ResourceType.TOPIC, "events")])
    settings = next(iter(described.values())).result(DEADLINE_S)
    assert settings["max.message.bytes"].value == "2000"
    assert settings["retention.ms"].value == "-1"


def test_settings_by_kafka_python(server):
    assert server.run("topic", "create", "events").returncode == 0
    admin = KafkaAdminClient(bootstrap_servers=server.endpoints["kafka"])
    admin.alter_configs([PythonResource("TOPIC", "events", configs={"message.timestamp.type": "LogAppendTime"})])
    described = admin.describe_configs([PythonResource("TOPIC", "events")])
    assert "LogAppendTime" in repr(described)
    admin.close()
