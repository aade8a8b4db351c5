"""What Apache Kafka answers about records that are deleted, and about what is left, in every version that it serves:
asked of Kafka by record_kafka.py, of us by a test.
"""
from kafka.protocol import admin, consumer

from topic_questions import Asker, batch

LATEST, EARLIEST, LARGEST_TIME = -1, -2, -3


class DeletionAsker(Asker):
    def cut(self, title, version, *topics):
        """Asks DeleteRecords; `topics` are names with offsets by partition."""
        one = admin.DeleteRecordsRequest.DeleteRecordsTopic
        answer = self.call(admin.DeleteRecordsRequest(timeout_ms=10000, topics=[
            one(name=name, partitions=[one.DeleteRecordsPartition(partition_index=p, offset=offset)
                                       for p, offset in offsets]) for name, offsets in topics]),
            admin.DeleteRecordsResponse, version)
        self.said.append([f"{title}, DeleteRecords {version}", sorted(
            [topic.name, part.partition_index, part.low_watermark, part.error_code]
            for topic in answer.topics for part in topic.partitions)])

    def offset(self, title, topic, timestamp):
        one = consumer.ListOffsetsRequest.ListOffsetsTopic
        answer = self.call(consumer.ListOffsetsRequest(replica_id=-1, isolation_level=0, topics=[one(
            name=topic, partitions=[one.ListOffsetsPartition(partition_index=0, timestamp=timestamp)])]),
            consumer.ListOffsetsResponse, 7)
        part = answer.topics[0].partitions[0]
        self.said.append([f"{title}, ListOffsets at {timestamp}", [part.error_code, part.offset, part.timestamp]])

    def fetch(self, title, topic, offset):
        one = consumer.FetchRequest.FetchTopic
        answer = self.call(consumer.FetchRequest(
            replica_id=-1, max_wait_ms=0, min_bytes=0, max_bytes=1 << 20, isolation_level=0, session_id=0,
            session_epoch=-1, forgotten_topics_data=[], rack_id="", topics=[one(topic=topic, partitions=[
                one.FetchPartition(partition=0, current_leader_epoch=-1, fetch_offset=offset, log_start_offset=-1,
                                   partition_max_bytes=1 << 20)])]), consumer.FetchResponse, 11)
        part = answer.responses[0].partitions[0]
        self.said.append([f"{title}, Fetch from {offset}", [part.error_code, part.high_watermark,
                                                            part.log_start_offset, bool(part.records)]])


def left(asker, topic):
    for timestamp in (EARLIEST, LATEST, LARGEST_TIME, 0, 1_700_000_000_002, 1_700_000_000_004):
        asker.offset("left", topic, timestamp)
    for offset in range(7):
        asker.fetch("left", topic, offset)


def deletions(asker):
    for version in range(3):
        name = f"cut-{version}"
        asker.create("a topic", 4, {"name": name, "partitions": 2})
        for n in range(5):
            asker.produce("a record", name, batch(b"%d" % n, 1_700_000_000_000 + n))
        asker.produce("a record beside", name, batch(b"x", 1_700_000_000_000), 1)
        asker.cut("none yet", version, (name, [(0, 0)]))
        asker.cut("some", version, (name, [(0, 2)]))
        left(asker, name)
        asker.cut("some again", version, (name, [(0, 2)]))
        asker.cut("fewer", version, (name, [(0, 1)]))
        asker.cut("behind the end", version, (name, [(0, 6)]))
        asker.cut("below any", version, (name, [(0, -2)]))
        asker.cut("no such partition", version, (name, [(2, 0), (-1, 0)]))
        asker.cut("no such topic", version, ("nowhere", [(0, 0)]))
        asker.cut("a bad name", version, ("a b", [(0, 0)]))
        asker.cut("no name", version, ("", [(0, 0)]))
        asker.cut("some of each", version, (name, [(0, 3), (1, 7)]), ("nowhere", [(0, 0)]))
        asker.cut("a partition twice", version, (name, [(0, 9), (0, 3)]))
        asker.cut("a topic twice", version, (name, [(0, 9)]), (name, [(0, 4), (1, 1)]))
        asker.cut("no partition", version, (name, []))
        asker.cut("nothing", version)
        asker.cut("to the high watermark", version, (name, [(0, -1), (1, -1)]))
        left(asker, name)
        asker.produce("a record behind", name, batch(b"x", 1_700_000_000_009))
        left(asker, name)


TALKS = {"deletions": deletions}


def ask(address, settle=lambda: None):
    """{title: [[step, answer]]}"""
    answers = {}
    for title, talk in TALKS.items():
        asker = DeletionAsker(address, settle)
        talk(asker)
        answers[title] = asker.said
        asker.socket.close()
    return answers
