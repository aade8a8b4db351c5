"""What Apache Kafka answers about topics, their partitions and their settings, in every version that it serves:
asked of Kafka by record_kafka.py, of us by a test. kafka-python's schemas speak the protocol.
"""
import socket
import struct
import time
import uuid

from kafka.protocol import admin, metadata
from kafka.protocol.producer import ProduceRequest, ProduceResponse
from kafka.record.default_records import DefaultRecordBatchBuilder

DEADLINE_S = 60
TOPIC, BROKER = 2, 4
SET, DELETE, APPEND, SUBTRACT = range(4)
# Answers of a broker that does not know yet that it leads a new topic.
NOT_READY = (3, 5, 6)
ORDERED_BY = ("name", "config_key", "resource_name", "index")


def schema(name):
    return next(getattr(m, name) for m in (admin, metadata) if hasattr(m, name))


class Asker:
    """A connection, and what it was answered. `settle` is called behind each change: a broker of Kafka sees it a
    little after the controller has answered."""

    def __init__(self, address, settle):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), DEADLINE_S)
        self.stream = self.socket.makefile("rb")
        self.settle = settle
        self.said = []

    def call(self, request, answer, version):
        request.with_header(correlation_id=7, client_id="asker")
        self.socket.sendall(request.encode(version=version, header=True, framed=True))
        head = self.stream.read(4)
        assert len(head) == 4, f"{type(request).__name__} version {version}: the connection was closed"
        frame = self.stream.read(struct.unpack(">i", head)[0])
        return answer.decode(frame, version=version, header=True)

    def ask(self, title, name, version, **fields):
        """Notes the answer under the title."""
        answer = self.call(schema(f"{name}Request")(**fields), schema(f"{name}Response"), version)
        if name not in ("DescribeConfigs", "Metadata", "ListConfigResources", "DescribeTopicPartitions"):
            self.settle()
        self.said.append([f"{title}, {name} {version}", self.plain(answer.to_dict())])
        return answer

    def plain(self, value):
        if isinstance(value, dict):
            return {k: value[k] and "an id" if k == "topic_id" else self.plain(v) for k, v in value.items()
                    if not k.startswith("_") and k != "throttle_time_ms"}
        if isinstance(value, (list, tuple)):
            items = [self.plain(one) for one in value]
            for key in ORDERED_BY:
                if items and isinstance(items[0], dict) and key in items[0]:
                    items.sort(key=lambda one: one[key] or "")
                    break
            return items
        return value

    # Requests that several talks send.
    def create(self, title, version, *topics, only_check=False):
        return self.ask(title, "CreateTopics", version, topics=[new_topic(**t) for t in topics], timeout_ms=10000,
                        validate_only=only_check)

    def partitions(self, title, version, *topics, only_check=False):
        one = admin.CreatePartitionsRequest.CreatePartitionsTopic
        return self.ask(title, "CreatePartitions", version, timeout_ms=10000, validate_only=only_check, topics=[
            one(name=name, count=count, assignments=None if assigned is None else [
                one.CreatePartitionsAssignment(broker_ids=list(ids)) for ids in assigned])
            for name, count, assigned in topics])

    def metadata(self, title, name, partitions):
        """Notes the topic once it has so many partitions, or as it is after a while."""
        one = metadata.MetadataRequest.MetadataRequestTopic
        for _ in range(100):
            answer = self.call(metadata.MetadataRequest(topics=[one(name=name)], allow_auto_topic_creation=False),
                               metadata.MetadataResponse, 4)
            topic = answer.topics[0]
            if len(topic.partitions) == partitions:
                break
            time.sleep(0.1)
        self.said.append([title, [topic.name, topic.error_code, len(topic.partitions)]])

    def describe(self, title, version, *resources, synonyms=True, documentation=False):
        one = admin.DescribeConfigsRequest.DescribeConfigsResource
        return self.ask(title, "DescribeConfigs", version, include_synonyms=synonyms,
                        include_documentation=documentation, resources=[
                            one(resource_type=kind, resource_name=name, configuration_keys=keys)
                            for kind, name, keys in resources])

    def resources(self, version, types):
        request = admin.ListConfigResourcesRequest(resource_types=types)
        answer = self.call(request, admin.ListConfigResourcesResponse, version)
        named = [[one.resource_type, one.resource_name] for one in answer.config_resources
                 if one.resource_type != TOPIC or one.resource_name == "described"]
        self.said.append([f"resources {types}, ListConfigResources {version}", [answer.error_code, sorted(named)]])

    def alter(self, title, version, *resources, only_check=False):
        one = admin.AlterConfigsRequest.AlterConfigsResource
        return self.ask(title, "AlterConfigs", version, validate_only=only_check, resources=[
            one(resource_type=kind, resource_name=name, configs=[
                one.AlterableConfig(name=k, value=v) for k, v in settings]) for kind, name, settings in resources])

    def change(self, title, version, *resources, only_check=False):
        one = admin.IncrementalAlterConfigsRequest.AlterConfigsResource
        return self.ask(title, "IncrementalAlterConfigs", version, validate_only=only_check, resources=[
            one(resource_type=kind, resource_name=name, configs=[
                one.AlterableConfig(name=k, config_operation=op, value=v) for k, op, v in settings])
            for kind, name, settings in resources])

    def delete(self, title, version, *topics):
        if version < 6:
            return self.ask(title, "DeleteTopics", version, topic_names=list(topics), timeout_ms=10000)
        one = admin.DeleteTopicsRequest.DeleteTopicState
        return self.ask(title, "DeleteTopics", version, timeout_ms=10000, topics=[
            one(name=t, topic_id=uuid.UUID(int=0)) if t is None or isinstance(t, str) else
            one(name=None, topic_id=t) for t in topics])

    def produce(self, title, topic, records, partition=0):
        part = ProduceRequest.TopicProduceData
        for _ in range(100):
            answer = self.call(ProduceRequest(acks=-1, timeout_ms=10000, topic_data=[part(
                name=topic, partition_data=[part.PartitionProduceData(index=partition, records=records)])]),
                ProduceResponse, 8)
            of = answer.responses[0].partition_responses[0]
            if of.error_code not in NOT_READY:
                break
            time.sleep(0.1)
        self.said.append([title, [of.error_code, of.base_offset]])
        return of


def new_topic(name, partitions=1, replication=1, assignments=(), settings=()):
    one = admin.CreateTopicsRequest.CreatableTopic
    return one(name=name, num_partitions=partitions, replication_factor=replication,
               assignments=[one.CreatableReplicaAssignment(partition_index=p, broker_ids=list(ids))
                            for p, ids in assignments],
               configs=[one.CreatableTopicConfig(name=k, value=v) for k, v in settings])


def batch(value, time_ms=None, compression=0):
    builder = DefaultRecordBatchBuilder(magic=2, compression_type=compression, is_transactional=False,
                                        producer_id=-1, producer_epoch=-1, base_sequence=-1, batch_size=1 << 24)
    builder.append(0, int(time.time() * 1000) if time_ms is None else time_ms, None, value, [])
    return bytes(builder.build())


def more_partitions(asker):
    for version in range(4):
        name = f"grows-{version}"
        asker.create("a topic", 4, {"name": name, "partitions": 2})
        asker.partitions("more", version, (name, 5, None))
        asker.metadata("it has them", name, 5)
        asker.partitions("as many", version, (name, 5, None))
        asker.partitions("fewer", version, (name, 3, None))
        asker.partitions("none", version, (name, 0, None))
        asker.partitions("a negative number", version, (name, -1, None))
        asker.partitions("only checked", version, (name, 9, None), only_check=True)
        asker.partitions("only checked, fewer", version, (name, 1, None), only_check=True)
        asker.metadata("nothing was changed", name, 5)
        asker.partitions("of nothing", version, ("nowhere", 3, None))
        asker.partitions("no name", version, ("", 3, None))
        asker.partitions("twice", version, (name, 6, None), (name, 7, None))
        asker.partitions("one of two", version, (name, 6, None), ("nowhere", 7, None))
        asker.partitions("to this node", version, (name, 8, [[1], [1]]))
        asker.partitions("to another node", version, (name, 9, [[2]]))
        asker.partitions("to two nodes", version, (name, 9, [[1, 2]]))
        asker.partitions("to one node twice", version, (name, 9, [[1, 1]]))
        asker.partitions("to no node", version, (name, 9, [[]]))
        asker.partitions("too few assignments", version, (name, 10, [[1]]))
        asker.partitions("no assignments", version, (name, 10, []))
        asker.partitions("nothing", version)
        asker.metadata("in the end", name, 8)


def new_topics(asker):
    for version in range(2, 8):
        name = f"made-{version}"
        asker.create("a topic", version, {"name": name, "partitions": 2})
        asker.create("again", version, {"name": name})
        asker.create("settings", version, {"name": f"{name}-set", "settings": [
            ("max.message.bytes", "2000"), ("min.insync.replicas", "1")]})
        asker.create("an unknown setting", version, {"name": f"{name}-no", "settings": [("no.such", "1")]})
        asker.create("a bad value", version, {"name": f"{name}-no", "settings": [("max.message.bytes", "x")]})
        asker.create("a negative value", version, {"name": f"{name}-no", "settings": [("max.message.bytes", "-1")]})
        asker.create("null", version, {"name": f"{name}-no", "settings": [("max.message.bytes", None)]})
        asker.create("a bad choice", version, {"name": f"{name}-no", "settings": [
            ("message.timestamp.type", "Never")]})
        asker.create("twice in one", version, {"name": f"{name}-two", "settings": [
            ("max.message.bytes", "3000"), ("max.message.bytes", "4000")]})
        asker.create("defaults", version, {"name": f"{name}-default", "partitions": -1, "replication": -1})
        asker.create("assigned", version, {"name": f"{name}-assigned", "partitions": -1, "replication": -1,
                                           "assignments": [(0, [1]), (1, [1])]})
        asker.create("assigned to another", version, {"name": f"{name}-no", "partitions": -1, "replication": -1,
                                                      "assignments": [(0, [2])]})
        asker.create("assigned with a hole", version, {"name": f"{name}-no", "partitions": -1, "replication": -1,
                                                       "assignments": [(0, [1]), (2, [1])]})
        asker.create("assigned and counted", version, {"name": f"{name}-no", "partitions": 1, "replication": 1,
                                                       "assignments": [(0, [1])]})
        asker.create("no partitions", version, {"name": f"{name}-no", "partitions": 0})
        asker.create("two replicas", version, {"name": f"{name}-no", "replication": 2})
        asker.create("a bad name", version, {"name": "a b"})
        asker.create("only checked", version, {"name": f"{name}-dry", "partitions": 3, "settings": [
            ("max.message.bytes", "2000")]}, only_check=True)
        asker.create("only checked, bad", version, {"name": f"{name}-dry", "settings": [
            ("max.message.bytes", "x")]}, only_check=True)
        asker.describe("what was set", 1, (TOPIC, f"{name}-set", ["max.message.bytes", "min.insync.replicas"]))


def settings(asker):
    asker.create("a topic", 4, {"name": "described", "settings": [("max.message.bytes", "2000")]})
    for version in range(1, 5):
        asker.describe("all", version, (TOPIC, "described", None))
        asker.describe("without synonyms", version, (TOPIC, "described", None), synonyms=False)
        asker.describe("some", version, (TOPIC, "described", ["max.message.bytes", "no.such", "cleanup.policy"]))
        asker.describe("none", version, (TOPIC, "described", []))
        asker.describe("of nothing", version, (TOPIC, "nowhere", None), (TOPIC, "", None), (TOPIC, "a b", None))
        asker.describe("of other things", version, (7, "described", ["x"]), (0, "described", None))
        asker.describe("of another broker", version, (BROKER, "2", None))
        asker.describe("of a broker without a number", version, (BROKER, "x", None))
    asker.resources(0, [])
    for types in ([], [TOPIC], [BROKER], [8], [16], [32], [0], [99], [TOPIC, 99]):
        asker.resources(1, types)


def changes(asker):
    keys = ["max.message.bytes", "message.timestamp.type", "min.insync.replicas", "cleanup.policy"]
    for version in range(3):
        name = f"altered-{version}"
        asker.create("a topic", 4, {"name": name})
        asker.alter("one", version, (TOPIC, name, [("max.message.bytes", "2000")]))
        asker.describe("one is set", 1, (TOPIC, name, keys))
        asker.alter("another", version, (TOPIC, name, [("message.timestamp.type", "LogAppendTime")]))
        asker.describe("the other went", 1, (TOPIC, name, keys))
        asker.alter("only checked", version, (TOPIC, name, [("max.message.bytes", "9")]), only_check=True)
        asker.alter("a bad one with a good one", version, (TOPIC, name, [
            ("max.message.bytes", "5000"), ("no.such", "1")]))
        asker.alter("a bad value", version, (TOPIC, name, [("max.message.bytes", "x")]))
        asker.alter("null", version, (TOPIC, name, [("max.message.bytes", None)]))
        asker.alter("of nothing", version, (TOPIC, "nowhere", [("max.message.bytes", "1")]))
        asker.alter("no name", version, (TOPIC, "", [("max.message.bytes", "1")]))
        asker.alter("one key twice", version, (TOPIC, name, [("max.message.bytes", "10"),
                                                             ("max.message.bytes", "20")]))
        asker.alter("another kind", version, (7, name, []))
        asker.describe("after those", 1, (TOPIC, name, keys))
        asker.alter("none", version, (TOPIC, name, []))
        asker.describe("all went", 1, (TOPIC, name, keys))
    for version in range(2):
        name = f"changed-{version}"
        asker.create("a topic", 4, {"name": name})
        asker.change("set", version, (TOPIC, name, [("max.message.bytes", SET, "2000"),
                                                    ("message.timestamp.type", SET, "LogAppendTime")]))
        asker.describe("set", 1, (TOPIC, name, keys))
        asker.change("delete", version, (TOPIC, name, [("max.message.bytes", DELETE, None)]))
        asker.change("delete again", version, (TOPIC, name, [("max.message.bytes", DELETE, "5")]))
        asker.describe("deleted", 1, (TOPIC, name, keys))
        asker.change("append", version, (TOPIC, name, [("cleanup.policy", APPEND, "delete")]))
        asker.describe("appended", 1, (TOPIC, name, keys))
        asker.change("subtract what is not there", version, (TOPIC, name, [("cleanup.policy", SUBTRACT, "compact")]))
        asker.change("append to a number", version, (TOPIC, name, [("max.message.bytes", APPEND, "1")]))
        asker.change("subtract from a text", version, (TOPIC, name, [("message.timestamp.type", SUBTRACT, "x")]))
        asker.change("append to a lone setting", version, (TOPIC, name, [
            ("leader.replication.throttled.replicas", APPEND, "0:1")]))
        asker.change("subtract from it", version, (TOPIC, name, [
            ("leader.replication.throttled.replicas", SUBTRACT, "0:1")]))
        asker.change("an unknown key", version, (TOPIC, name, [("no.such", SET, "1")]))
        asker.change("delete an unknown key", version, (TOPIC, name, [("no.such", DELETE, None)]))
        asker.change("an unknown operation", version, (TOPIC, name, [("max.message.bytes", 9, "1")]))
        asker.change("set null", version, (TOPIC, name, [("max.message.bytes", SET, None)]))
        asker.change("one key twice", version, (TOPIC, name, [("max.message.bytes", SET, "10"),
                                                              ("max.message.bytes", DELETE, None)]))
        asker.change("only checked", version, (TOPIC, name, [("max.message.bytes", SET, "9")]), only_check=True)
        asker.change("only checked, bad", version, (TOPIC, name, [("max.message.bytes", SET, "x")]), only_check=True)
        asker.change("of nothing", version, (TOPIC, "nowhere", [("max.message.bytes", SET, "1")]))
        asker.change("twice", version, (TOPIC, name, []), (TOPIC, name, []))
        asker.change("another kind", version, (7, name, []))
        for key, value in VALUES:
            asker.change(f"{key}={value}", version, (TOPIC, name, [(key, SET, value)]), only_check=True)
        asker.describe("in the end", 1, (TOPIC, name, keys))


# Values at the edges of what Kafka takes.
VALUES = [("max.message.bytes", "0"), ("max.message.bytes", "2147483647"), ("max.message.bytes", "2147483648"),
          ("max.message.bytes", " 12 "), ("max.message.bytes", ""), ("max.message.bytes", "1.5"),
          ("message.timestamp.type", "createtime"), ("message.timestamp.type", " CreateTime "),
          ("message.timestamp.before.max.ms", "-1"), ("message.timestamp.before.max.ms", "0"),
          ("message.timestamp.after.max.ms", "9223372036854775807"),
          ("message.timestamp.after.max.ms", "9223372036854775808"),
          ("min.insync.replicas", "0"), ("min.insync.replicas", "1"), ("min.insync.replicas", "2147483648"),
          ("compression.type", "producer"), ("compression.type", "none"), ("compression.type", "Producer"),
          ("cleanup.policy", "delete"), ("cleanup.policy", "no"), ("cleanup.policy", "Delete"),
          ("retention.ms", "-1"), ("retention.ms", "-2"), ("retention.bytes", "-1"), ("retention.bytes", "x"),
          ("unclean.leader.election.enable", "false"), ("unclean.leader.election.enable", "no"),
          ("unclean.leader.election.enable", "FALSE"), ("preallocate", "false"),
          ("min.cleanable.dirty.ratio", "0.5"), ("min.cleanable.dirty.ratio", "2"),
          ("min.cleanable.dirty.ratio", "half"), ("flush.messages", "0"), ("flush.ms", "-1"),
          ("segment.bytes", "1"), ("segment.ms", "0"), ("index.interval.bytes", "-1"),
          ("leader.replication.throttled.replicas", "*"), ("leader.replication.throttled.replicas", "x"),
          ("remote.storage.enable", "false"), ("message.format.version", "3.0"),
          ("message.downconversion.enable", "true")]


def honoured(asker):
    now = int(time.time() * 1000)
    day = 24 * 3600 * 1000
    asker.create("small", 4, {"name": "small", "settings": [("max.message.bytes", "1000")]})
    asker.produce("a large batch", "small", batch(b"x" * 2000))
    asker.produce("a batch that fits", "small", batch(b"x" * 900))
    asker.produce("a batch that does not fit by a little", "small", batch(b"x" * 950))
    asker.create("default", 4, {"name": "default"})
    asker.produce("a batch above a megabyte", "default", batch(b"x" * (1 << 20)))
    asker.create("timed", 4, {"name": "timed", "settings": [
        ("message.timestamp.before.max.ms", str(day)), ("message.timestamp.after.max.ms", str(day))]})
    asker.produce("now", "timed", batch(b"x", now))
    asker.produce("an old one", "timed", batch(b"x", now - 2 * day))
    asker.produce("a future one", "timed", batch(b"x", now + 2 * day))
    asker.produce("a future one where the default holds", "default", batch(b"x", now + 2 * day))
    asker.produce("an old one where the default holds", "default", batch(b"x", 1))
    asker.produce("one without a time", "timed", batch(b"x", -1))
    asker.create("appended", 4, {"name": "appended", "settings": [
        ("message.timestamp.type", "LogAppendTime"), ("message.timestamp.before.max.ms", "1")]})
    answer = asker.produce("an old one by its append", "appended", batch(b"x", 1))
    asker.said.append(["its time is the append's", [answer.log_append_time_ms >= now]])
    answer = asker.produce("by its creation", "default", batch(b"x", now))
    asker.said.append(["no time is told", [answer.log_append_time_ms]])


def deletions(asker):
    for version in range(1, 7):
        name = f"gone-{version}"
        asker.create("topics", 4, {"name": name}, {"name": f"{name}-two"}, {"name": f"{name}-three"})
        asker.produce("a record", name, batch(b"x"))
        asker.delete("one", version, name)
        asker.metadata("it went", name, 0)
        asker.delete("again", version, name)
        asker.delete("two", version, f"{name}-two", "nowhere")
        asker.delete("twice in one", version, f"{name}-three", f"{name}-three")
        asker.delete("no name", version, "")
        asker.delete("a bad name", version, "a b")
        asker.delete("nothing", version)
        made = asker.create("made again", 7, {"name": name, "partitions": 2})
        asker.metadata("it is new", name, 2)
        asker.produce("its first record", name, batch(b"x"))
        if version == 6:
            asker.delete("by id", version, made.topics[0].topic_id)
            asker.delete("by an id that went", version, made.topics[0].topic_id)
            asker.delete("by no id", version, None)
            asker.metadata("it went by id", name, 0)


TALKS = {"more partitions": more_partitions, "new topics": new_topics, "settings": settings, "changes": changes,
         "settings in force": honoured, "deletions": deletions}


def ask(address, settle=lambda: None):
    """{title: [[step, answer]]}"""
    answers = {}
    for title, talk in TALKS.items():
        asker = Asker(address, settle)
        talk(asker)
        answers[title] = asker.said
        asker.socket.close()
    return answers
