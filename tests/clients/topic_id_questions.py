"""What Apache Kafka answers where ids name topics, and about topics' partitions a part at a time: asked of Kafka by
record_kafka.py, of us by a test. kafka-python's schemas speak the protocol.
"""
import uuid

from kafka.protocol import admin, metadata
from kafka.protocol.consumer import FetchRequest, FetchResponse
from kafka.protocol.producer import ProduceRequest, ProduceResponse

from topic_questions import NOT_READY, Asker, batch

NO_ID = uuid.UUID(int=0)
OTHER_ID = uuid.UUID("0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0ff")
FETCHES = range(13, 19)
BIG = 1 << 20
DESCRIBED = admin.DescribeTopicPartitionsRequest


# What differs from run to run, and the words of errors; how many bytes of records there are is told beside them.
UNTOLD = ("throttle_time_ms", "cluster_id", "brokers", "records", "error_message")


def place(item):
    """Where an answer's topic or partition stands in what is noted."""
    return [str(item.get(key)) for key in ("topic_id", "name", "partition_index", "index")]


class IdAsker(Asker):
    """Tells ids by the names of their topics."""

    def __init__(self, address, settle):
        super().__init__(address, settle)
        self.names = {str(OTHER_ID): "another id"}

    def note(self, title, answer):
        self.said.append([title, self.told(answer.to_dict())])

    def told(self, value):
        if isinstance(value, dict):
            return {k: self.names[v] if k == "topic_id" and v else self.told(v) for k, v in value.items()
                    if not k.startswith("_") and k not in UNTOLD}
        if isinstance(value, (list, tuple)):
            items = [self.told(one) for one in value]
            return sorted(items, key=place) if items and isinstance(items[0], dict) else items
        return value

    def topic(self, name, partitions=1):
        made = self.create(f"topic {name}", 7, {"name": name, "partitions": partitions})
        self.said.pop()  # topic_questions.py notes what is told of new topics
        self.names[str(made.topics[0].topic_id)] = name
        return made.topics[0].topic_id

    def produced(self, title, version, *parts, acks=-1):
        """Notes what is answered once the new topics are ready."""
        one = ProduceRequest.TopicProduceData
        topics = {}
        for topic, partition, records in parts:
            topics.setdefault(topic, []).append(one.PartitionProduceData(index=partition, records=records))
        for _ in range(100):
            answer = self.call(ProduceRequest(acks=acks, timeout_ms=10000, topic_data=[
                one(topic_id=topic, partition_data=partitions) for topic, partitions in topics.items()]),
                ProduceResponse, version)
            codes = [p.error_code for t in answer.responses for p in t.partition_responses]
            if 0 in codes or not set(NOT_READY) & set(codes) or title.startswith("no "):
                break
            self.settle()
        self.note(f"{title}, Produce {version}", answer)

    def fetched(self, title, version, *parts, epoch=-1):
        one = FetchRequest.FetchTopic
        topics = {}
        for topic, partition, offset in parts:
            topics.setdefault(topic, []).append(one.FetchPartition(
                partition=partition, fetch_offset=offset, partition_max_bytes=BIG, current_leader_epoch=epoch))
        answer = self.call(FetchRequest(
            max_wait_ms=100, min_bytes=1, max_bytes=BIG, topics=[
                one(topic_id=topic, partitions=partitions) for topic, partitions in topics.items()],
            forgotten_topics_data=[]), FetchResponse, version)
        self.note(f"{title}, Fetch {version}", answer)
        self.said.append(["bytes of records", sorted(
            [self.names.get(str(topic.topic_id)), partition.partition_index, len(partition.records)]
            for topic in answer.responses for partition in topic.partitions if partition.records)])

    def described(self, title, names, limit=2000, cursor=None):
        self.ask(title, "DescribeTopicPartitions", 0, topics=[DESCRIBED.TopicRequest(name=name) for name in names],
                 response_partition_limit=limit,
                 cursor=cursor and DESCRIBED.Cursor(topic_name=cursor[0], partition_index=cursor[1]))

    def told_metadata(self, title, version, *topics):
        one = metadata.MetadataRequest.MetadataRequestTopic
        self.note(f"{title}, Metadata {version}", self.call(metadata.MetadataRequest(
            topics=[one(name=name, topic_id=topic) for name, topic in topics], allow_auto_topic_creation=False),
            metadata.MetadataResponse, version))


def produce_by_id(asker):
    version = 13
    one, two = asker.topic("one", 2), asker.topic("two")
    asker.produced("one record", version, (one, 0, batch(b"a")))
    asker.produced("to another partition", version, (one, 1, batch(b"b")))
    asker.produced("to two topics", version, (one, 0, batch(b"c")), (two, 0, batch(b"d")))
    asker.produced("no such topic", version, (OTHER_ID, 0, batch(b"e")))
    asker.produced("no id", version, (NO_ID, 0, batch(b"e")))
    asker.produced("no such partition", version, (one, 9, batch(b"e")))
    asker.produced("a negative partition", version, (one, -1, batch(b"e")))
    asker.produced("to one that is there and one that is not", version, (one, 0, batch(b"f")),
                   (OTHER_ID, 0, batch(b"g")))
    asker.produced("other acks", version, (one, 0, batch(b"h")), acks=7)
    asker.produced("a broken batch", version, (one, 0, batch(b"i")[:-1] + b"x"))
    asker.delete("the topic goes", 6, two)
    asker.produced("no topic any more", version, (two, 0, batch(b"j")))
    asker.topic("two")
    asker.produced("no topic of this id", version, (two, 0, batch(b"k")))


def fetch_by_id(asker):
    one, two = asker.topic("read-one", 2), asker.topic("read-two")
    asker.produced("records", 13, (one, 0, batch(b"a")))
    asker.produced("more", 13, (one, 0, batch(b"bb")))
    asker.produced("of another topic", 13, (two, 0, batch(b"ccc")))
    gone = asker.topic("read-gone")
    asker.delete("a topic goes", 6, gone)
    for version in FETCHES:
        asker.fetched("from the start", version, (one, 0, 0))
        asker.fetched("from an offset", version, (one, 0, 1))
        asker.fetched("at the end", version, (one, 0, 2))
        asker.fetched("of an empty partition", version, (one, 1, 0))
        asker.fetched("of two topics", version, (one, 0, 0), (one, 1, 0), (two, 0, 0))
        asker.fetched("behind the end", version, (one, 0, 3))
        asker.fetched("before the start", version, (one, 0, -1))
        asker.fetched("no such topic", version, (OTHER_ID, 0, 0))
        asker.fetched("no id", version, (NO_ID, 0, 0))
        asker.fetched("no such partition", version, (one, 9, 0))
        asker.fetched("a topic that went", version, (gone, 0, 0))
        asker.fetched("one that is there and one that is not", version, (one, 0, 0), (OTHER_ID, 0, 0))
        asker.fetched("in its epoch", version, (one, 0, 0), epoch=0)
        asker.fetched("in a later epoch", version, (one, 0, 0), epoch=9)
        asker.fetched("nothing", version)


def metadata_by_id(asker):
    one = asker.topic("told", 2)
    asker.metadata("it is there", "told", 2)
    for version in (12, 13):
        asker.told_metadata("by name", version, ("told", NO_ID))
        asker.told_metadata("by id", version, (None, one))
        asker.told_metadata("by another id", version, (None, OTHER_ID))
        asker.told_metadata("by a name that is not there", version, ("nowhere", NO_ID))
        asker.told_metadata("a bad name", version, ("a b", NO_ID))
        asker.told_metadata("no topic", version)


def partitions_by_parts(asker):
    for name, partitions in (("part-a", 3), ("part-b", 1), ("part-c", 4)):
        asker.topic(name, partitions)
        asker.metadata(f"{name} is there", name, partitions)
    three = ["part-c", "part-a", "part-b"]
    asker.described("one", ["part-a"])
    asker.described("three", three)
    for limit in (-1, 0, 1, 2, 3, 4, 5, 8, 9, 5000):
        asker.described(f"{limit} partitions", three, limit)
    for cursor in (("part-a", 0), ("part-a", 2), ("part-a", 3), ("part-a", 9), ("part-b", 0), ("part-b", 1),
                   ("part-c", 3), ("part-d", 0), ("a", 0), ("", 0), ("part-a", -1)):
        asker.described(f"from {cursor}", three, 3, cursor)
    asker.described("nowhere", ["nowhere", "part-a"])
    asker.described("nowhere first and last", ["nowhere", "part-a", "z"], 3)
    asker.described("a bad name", ["a b", "part-b"])
    asker.described("no name", ["", "part-b"])
    asker.described("no name before the cursor", ["", "part-b"], 3, ("part-b", 0))
    asker.described("twice", ["part-b", "part-b"])
    asker.described("a cursor of what is not there", ["nowhere", "part-a"], 3, ("nowhere", 2))
    asker.described("a cursor of another topic", ["part-a"], 3, ("part-b", 0))


TALKS = {"produce by id": produce_by_id, "fetch by id": fetch_by_id, "metadata by id": metadata_by_id,
         "partitions by parts": partitions_by_parts}


def ask(address, settle=lambda: None):
    """{title: [[step, answer]]}"""
    answers = {}
    for title, talk in TALKS.items():
        asker = IdAsker(address, settle)
        talk(asker)
        answers[title] = asker.said
        asker.socket.close()
    return answers
