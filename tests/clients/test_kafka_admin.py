"""Administration through clients that nobody here wrote, and compared with Apache Kafka's answers."""
import json
import os
import shutil

import pytest
from confluent_kafka import ElectionType, IsolationLevel, KafkaException, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   OffsetSpec, ResourcePatternType, ResourceType, ScramCredentialInfo,
                                   ScramMechanism, UserScramCredentialDeletion, UserScramCredentialUpsertion)

import admin_questions
from conftest import DEADLINE_S, ROOT, Server

RECORDED = json.loads((ROOT / "tests/clients/kafka_admin_answers.json").read_text())
# What sets a quota is refused before its key or its number is looked at, and no name of a host is looked up:
# the errors of the entries, in the order of the answer.
NO_QUOTAS = {"an unknown key": [35], "a key of another kind": [0, 35], "wrong numbers": [35] * 4, "no address": [0]}


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("admin")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    running = Server(folder)
    running.start()

    def make(name, partitions):
        done = running.run("topic", "create", name, "--partitions", str(partitions))
        assert done.returncode == 0, done.stderr
    yield admin_questions.ask(running.endpoints["kafka"], make)
    running.stop()


@pytest.mark.parametrize("title", admin_questions.TALKS)
def test_administrators_are_answered_as_kafka_answers(answered, title):
    ours, kafkas = answered[title], RECORDED[title]
    assert [row[:2] for row in ours] == [row[:2] for row in kafkas]
    differing = 0
    for (name, version, our), (_, _, kafka) in zip(ours, kafkas):
        kind = name.rsplit(",", 1)[0]
        if title == "quotas" and kind in NO_QUOTAS:
            assert our != kafka, f"{name} does not differ any more"
            assert sorted(entry["error_code"] for entry in our["entries"]) == NO_QUOTAS[kind], name
            assert {repr(entry["entity"]) for entry in our["entries"]} == {
                repr(entry["entity"]) for entry in kafka["entries"]}, name
            differing += 1
        else:
            assert our == kafka, f"{name}, version {version}"
    assert differing == (4 * len(NO_QUOTAS) if title == "quotas" else 0)


@pytest.fixture
def admin(server):
    made = server.run("topic", "create", "events", "--partitions", "2")
    assert made.returncode == 0, made.stderr
    return AdminClient({"bootstrap.servers": server.endpoints["kafka"]})


def produce(server, count, **options):
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"], **options})
    for i in range(count):
        producer.produce("events", f"event {i}", partition=0, timestamp=1000 + i)
    assert producer.flush(DEADLINE_S) == 0


def refusal(future):
    with pytest.raises(KafkaException) as refused:
        future.result(DEADLINE_S)
    return refused.value.args[0]


def test_librdkafka_describes_the_cluster_and_offsets(server, admin):
    produce(server, 3)
    cluster = admin.describe_cluster().result(DEADLINE_S)
    assert [f"{node.host}:{node.port}" for node in cluster.nodes] == [server.endpoints["kafka"]]
    assert cluster.controller.id == 1 and cluster.cluster_id == admin.list_topics().cluster_id
    described = admin.describe_topics(TopicCollection(["events"]))["events"].result(DEADLINE_S)
    assert [part.leader.id for part in described.partitions] == [1, 1]
    asked = {TopicPartition("events", 0): OffsetSpec.latest(), TopicPartition("events", 1): OffsetSpec.latest()}
    found = admin.list_offsets(asked, isolation_level=IsolationLevel.READ_COMMITTED)
    assert {tp.partition: (one.result(DEADLINE_S).offset, one.result().leader_epoch) for tp, one in found.items()} == {
        0: (3, 0), 1: (0, 0)}
    asked = {TopicPartition("events", 0): OffsetSpec.for_timestamp(1001)}
    assert [one.result(DEADLINE_S).offset for one in admin.list_offsets(asked).values()] == [1]


def test_librdkafka_is_told_that_there_are_no_acls(admin):
    every = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY,
                             AclPermissionType.ANY)
    one = AclBinding(ResourceType.TOPIC, "events", ResourcePatternType.LITERAL, "User:ada", "*", AclOperation.READ,
                     AclPermissionType.ALLOW)
    assert admin.describe_acls(every).result(DEADLINE_S) == []  # the binding of Python drops the error
    assert refusal(admin.create_acls([one])[one]).name() == "SECURITY_DISABLED"
    assert refusal(admin.delete_acls([every])[every]).name() == "SECURITY_DISABLED"


def test_librdkafka_elects_no_leader(admin):
    partitions = [TopicPartition("events", 0), TopicPartition("events", 1), TopicPartition("nowhere", 0)]
    elected = admin.elect_leaders(ElectionType.PREFERRED, partitions).result(DEADLINE_S)
    assert {(tp.topic, tp.partition): error.name() for tp, error in elected.items()} == {
        ("events", 0): "ELECTION_NOT_NEEDED", ("events", 1): "ELECTION_NOT_NEEDED",
        ("nowhere", 0): "UNKNOWN_TOPIC_OR_PART"}


def test_librdkafka_is_told_why_there_are_no_users(admin):
    assert admin.describe_user_scram_credentials().result(DEADLINE_S) == {}
    named = admin.describe_user_scram_credentials(["ada"])["ada"]
    assert refusal(named).name() == "RESOURCE_NOT_FOUND"
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
    error = refusal(admin.alter_user_scram_credentials([UserScramCredentialUpsertion("ada", info, b"secret")])["ada"])
    assert error.name() == "UNSUPPORTED_VERSION" and not error.retriable()
    assert "this server has no users" in error.str()
    gone = UserScramCredentialDeletion("ada", ScramMechanism.SCRAM_SHA_256)
    assert refusal(admin.alter_user_scram_credentials([gone])["ada"]).name() == "RESOURCE_NOT_FOUND"


def test_librdkafka_consumes_over_a_kill_with_its_check_of_the_epoch(server, admin):
    """It asks OffsetForLeaderEpoch once its connection is back."""
    from confluent_kafka import Consumer
    produce(server, 2)
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "epochs",
                         "auto.offset.reset": "error", "enable.auto.commit": False})
    consumer.assign([TopicPartition("events", 0, 0, leader_epoch=0)])
    values = []

    def read(count):
        while len(values) < count:
            message = consumer.poll(DEADLINE_S)
            assert message is not None
            if message.error() is None:
                values.append(message.value().decode())
            else:
                assert message.error().retriable() or "epoch" not in message.error().str(), message.error()
    read(2)
    server.kill9()
    server.start()
    produce(server, 2)
    read(4)
    consumer.close()
    assert values == ["event 0", "event 1"] * 2


def test_sizes_of_partitions_and_their_volume(server, admin):
    from kafka.admin import KafkaAdminClient
    client = KafkaAdminClient(bootstrap_servers=server.endpoints["kafka"])

    def sizes():
        (broker,) = client.describe_log_dirs()
        (found,) = broker["log_dirs"]
        return found, {(topic["name"], part["partition_index"]): part["partition_size"]
                       for topic in found["topics"] for part in topic["partitions"]}
    assert sizes()[1][("events", 0)] == 0
    produce(server, 1)
    one = sizes()[1][("events", 0)]
    produce(server, 1)
    found, two = sizes()
    batch = len(admin_questions.kafka_wire.batch(b"event 0"))
    assert one > batch and two[("events", 0)] == 2 * one and two[("events", 1)] == 0
    assert found["log_dir"] == str(server.data / "log")
    volume = os.statvfs(server.data)
    assert found["total_bytes"] == volume.f_blocks * volume.f_frsize
    assert 0 < found["usable_bytes"] <= found["total_bytes"]
    server.kill9()
    server.start()
    client = KafkaAdminClient(bootstrap_servers=server.endpoints["kafka"])
    assert sizes()[1][("events", 0)] == 2 * one
    client.close()


def test_producers_are_described_over_a_kill(server, admin):
    produce(server, 3, **{"enable.idempotence": True})

    def described():
        asker = admin_questions.Asker(server.endpoints["kafka"])
        one = admin_questions.admin.DescribeProducersRequest.TopicRequest
        answer = asker.member.call("DescribeProducers", 0, topics=[one(name="events", partition_indexes=[0, 1])])
        asker.member.close()
        return [[(p.producer_epoch, p.last_sequence, p.last_timestamp) for p in part.active_producers]
                for part in answer.topics[0].partitions]
    assert described() == [[(0, 2, 1002)], []]
    server.kill9()
    server.start()
    assert described() == [[(0, 2, 1002)], []]


def test_kafka_python_administers(server, admin):
    from kafka import TopicPartition as Partition
    from kafka import TopicPartitionReplica
    from kafka import errors
    from kafka.admin import (ACLFilter, ACLOperation, ACLPermissionType, ACLResourcePatternType, KafkaAdminClient,
                             ResourcePatternFilter)
    from kafka.admin import ResourceType as Resource
    client = KafkaAdminClient(bootstrap_servers=server.endpoints["kafka"])
    cluster = client.describe_cluster()
    assert [broker["broker_id"] for broker in cluster["brokers"]] == [1] and cluster["controller_id"] == 1
    every = ACLFilter(principal=None, host=None, operation=ACLOperation.ANY, permission_type=ACLPermissionType.ANY,
                      resource_pattern=ResourcePatternFilter(Resource.ANY, None, ACLResourcePatternType.ANY))
    with pytest.raises(errors.SecurityDisabledError):
        client.describe_acls(every)
    client.elect_leaders(0, {"events": [0, 1]})
    one = Partition("events", 0)
    assert client.list_partition_reassignments() == {}
    assert client.alter_partition_reassignments({one: [1]}) == {one: None}
    assert client.alter_partition_reassignments({one: [2]}) == {one: errors.InvalidReplicationAssignmentError}
    assert client.alter_partition_reassignments({one: None}) == {one: errors.NoReassignmentInProgressError}
    replica = TopicPartitionReplica("events", 0, 1)
    here = str(server.data / "log")
    assert client.alter_replica_log_dirs({replica: here}) == {replica: errors.NoError}
    assert client.alter_replica_log_dirs({replica: "/nowhere"}) == {replica: errors.LogDirNotFoundError}
    assert client.describe_user_scram_credentials() == {}
    client.close()
