"""What Apache Kafka answers to fetches of a session (KIP-227), and to those that tell the epoch of their last record
(KIP-320): asked of Kafka by record_kafka.py, of us by a test. kafka-python's schemas speak the protocol.

Sessions are noted by the order in which their ids came, partitions in the order of the answer.
"""
import time
import uuid

from kafka.protocol import admin
from kafka.protocol.consumer import FetchRequest, FetchResponse

from topic_questions import Asker, batch

VERSIONS = (7, 11, 12, 13, 18)  # by names, from 13 on by ids; those between answer as these
NOBODYS = 77  # no session has this id
# Of no topic. (Kafka never answers a session that has the id of zeroes.)
UNUSED = {"nowhere": uuid.UUID("0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0ff"),
          "nobodys": uuid.UUID("1f1e2d3c-4b5a-4978-8695-a4b3c2d1e0ff")}
BIG = 1 << 20
WAIT_MS = 100
LONG_MS = 2000


class SessionAsker(Asker):
    def __init__(self, address, settle):
        super().__init__(address, settle)
        self.sessions = []  # their ids
        self.ids = dict(UNUSED)

    def topic(self, name, partitions=1):
        made = self.create(f"topic {name}", 7, {"name": name, "partitions": partitions})
        self.said.pop()  # topic_questions.py notes what is told of new topics
        self.ids[name] = made.topics[0].topic_id
        self.metadata(f"{name} is there", name, partitions)
        return name

    def label(self, session):
        if session == 0:
            return "none"
        if session not in self.sessions:
            self.sessions.append(session)
        return f"session {self.sessions.index(session)}"

    def name_of(self, topic):
        named = {key: name for name, key in self.ids.items()}
        return topic.topic or named.get(topic.topic_id, str(topic.topic_id))

    def fetch(self, title, version, session, epoch, *parts, forget=(), max_bytes=BIG, wait_ms=WAIT_MS):
        """Fetches (topic, partition, offset) and notes what comes; returns the session's id. A part may have more:
        the leader's epoch and the epoch of the last record."""
        one = FetchRequest.FetchTopic
        topics = []
        for name, partition, offset, *rest in parts:
            leader, last = [*rest, -1, -1][:2]
            asked = one.FetchPartition(partition=partition, fetch_offset=offset, current_leader_epoch=leader,
                                       last_fetched_epoch=last, partition_max_bytes=BIG)
            if topics and topics[-1][0] == name:
                topics[-1][1].append(asked)
            else:
                topics.append((name, [asked]))
        began = time.monotonic()
        answer = self.call(FetchRequest(
            max_wait_ms=wait_ms, min_bytes=1, max_bytes=max_bytes, session_id=session, session_epoch=epoch,
            topics=[one(topic=name, topic_id=self.ids[name], partitions=of) for name, of in topics],
            forgotten_topics_data=[FetchRequest.ForgottenTopic(
                topic=name, topic_id=self.ids[name], partitions=list(numbers))
                for name, numbers in forget]), FetchResponse, version)
        told = {"error": answer.error_code, "session": self.label(answer.session_id), "partitions": [
            self.part(topic, part, version) for topic in answer.responses for part in topic.partitions]}
        if wait_ms == LONG_MS:
            told["waited"] = time.monotonic() - began > 0.75 * LONG_MS / 1000
        self.said.append([f"{title}, Fetch {version}", told])
        return answer.session_id

    def part(self, topic, part, version):
        told = [self.name_of(topic), part.partition_index, part.error_code, part.high_watermark,
                part.last_stable_offset, part.log_start_offset, len(part.records or b""),
                part.aborted_transactions is None]
        diverging = part.diverging_epoch if version >= 12 else None
        if diverging is not None and (diverging.epoch, diverging.end_offset) != (-1, -1):
            told.append([diverging.epoch, diverging.end_offset])
        return told

    def cut(self, topic, partition, offset):
        """Deletes the records before the offset."""
        one = admin.DeleteRecordsRequest.DeleteRecordsTopic
        answer = self.call(admin.DeleteRecordsRequest(timeout_ms=10000, topics=[
            one(name=topic, partitions=[one.DeleteRecordsPartition(partition_index=partition, offset=offset)])]),
            admin.DeleteRecordsResponse, 2)
        assert answer.topics[0].partitions[0].error_code == 0
        self.settle()

    def grow(self, topic, partitions):
        self.partitions("more partitions", 3, (topic, partitions, None))
        self.metadata("they are there", topic, partitions)

    def remove(self, topic):
        self.delete("the topic goes", 6, topic)
        self.metadata("it went", topic, 0)


def filled(asker, name, *records):
    """A topic whose n-th partition has so many records."""
    asker.topic(name, len(records))
    for partition, count in enumerate(records):
        for n in range(count):
            asker.produce("a record", name, batch(b"%d" % n, 1_700_000_000_000 + n), partition)
    return name


def life(asker, version):
    """A session from its first fetch to its end."""
    a, b = filled(asker, f"a-{version}", 2, 0), filled(asker, f"b-{version}", 1)
    all_ = ((a, 0, 0), (a, 1, 0), (b, 0, 0))
    asker.fetch("without a session", version, 0, -1, *all_)
    one = asker.fetch("a new session", version, 0, 0, *all_)
    asker.fetch("what was not taken comes again", version, one, 1)
    asker.fetch("nothing is new", version, one, 2, (a, 0, 2), (b, 0, 1))
    asker.fetch("nothing is new again", version, one, 3)
    asker.produce("a record", a, batch(b"new"), 1)
    asker.fetch("one has a record", version, one, 4)
    asker.fetch("it was taken", version, one, 5, (a, 1, 1))
    asker.cut(a, 0, 1)
    asker.fetch("a start has moved", version, one, 6)
    asker.fetch("it was told", version, one, 7)
    asker.fetch("out of range", version, one, 8, (a, 0, 99))
    asker.fetch("still out of range", version, one, 9)
    asker.fetch("in the range again", version, one, 10, (a, 0, 2))
    asker.fetch("nothing is new after all", version, one, 11)
    asker.fetch("back to the start", version, one, 12, (a, 0, 1))
    asker.fetch("the end", version, one, -1)
    asker.fetch("it is over", version, one, 13)
    asker.fetch("it is over for an end, too", version, one, -1)


def epochs(asker, version):
    a = filled(asker, f"epochs-{version}", 1)
    all_ = ((a, 0, 1),)
    asker.fetch("no such session", version, NOBODYS, 1, *all_)
    asker.fetch("no such session to end", version, NOBODYS, -1, *all_)
    other = asker.fetch("no such session to begin anew", version, NOBODYS, 0, *all_)
    asker.fetch("without an id", version, 0, 1, *all_)
    asker.fetch("a negative id", version, -5, 1, *all_)
    asker.fetch("a negative epoch", version, other, -2, *all_)
    one = asker.fetch("a new session", version, 0, 0, *all_)
    asker.fetch("an epoch too early", version, one, 2)
    asker.fetch("the right one", version, one, 1)
    asker.fetch("an epoch again", version, one, 1)
    asker.fetch("the right one again", version, one, 2)
    asker.fetch("another session goes on", version, other, 1)
    two = asker.fetch("anew in its place", version, one, 0, *all_)
    asker.fetch("the old one is over", version, one, 3)
    asker.fetch("the new one goes on", version, two, 1)
    asker.fetch("its end with partitions", version, two, -1, (a, 0, 0))
    asker.fetch("it is over", version, two, 2)
    asker.fetch("the end of the other", version, other, -1, *all_)
    asker.fetch("a session of nothing", version, 0, 0)


def forgotten(asker, version):
    a, b = filled(asker, f"forget-a-{version}", 1, 1, 1), filled(asker, f"forget-b-{version}", 1)
    one = asker.fetch("a new session", version, 0, 0, (a, 0, 0), (a, 1, 0), (b, 0, 0))
    asker.fetch("one is forgotten", version, one, 1, forget=[(a, [0])])
    asker.fetch("it stays so", version, one, 2)
    asker.fetch("what is not in it", version, one, 3, forget=[(a, [0, 2, 9]), ("nowhere", [0])])
    asker.fetch("one comes to it", version, one, 4, (a, 2, 0))
    asker.fetch("one comes back", version, one, 5, (a, 0, 0))
    asker.fetch("one is asked and forgotten", version, one, 6, (a, 1, 0), forget=[(a, [1])])
    asker.fetch("one comes and is forgotten", version, one, 7, (a, 1, 0), forget=[(a, [1])])
    asker.fetch("one twice", version, one, 8, (a, 1, 0), (a, 0, 1), (a, 1, 1))
    asker.fetch("all are forgotten", version, one, 9, forget=[(a, [0, 1, 2]), (b, [0])])
    asker.fetch("it is over", version, one, 10)
    two = asker.fetch("a new session", version, 0, 0, (a, 0, 0))
    asker.fetch("another and all are forgotten", version, two, 1, (a, 1, 0), forget=[(a, [0, 1])])
    asker.fetch("it is over, too", version, two, 2)
    three = asker.fetch("one twice in a new session", version, 0, 0, (a, 0, 0), (a, 1, 0), (a, 0, 1))
    asker.fetch("it has it once", version, three, 1)
    asker.fetch("a new session that forgets", version, 0, 0, (a, 0, 0), (a, 1, 0), forget=[(a, [0])])
    asker.fetch("no session that forgets", version, 0, -1, (a, 0, 0), (a, 1, 0), forget=[(a, [0])])


def turns(asker, version):
    """Which partitions come first where not all fit."""
    a, b = filled(asker, f"turns-a-{version}", 1, 1, 1), filled(asker, f"turns-b-{version}", 1, 1)
    all_ = [(a, 0, 0), (b, 0, 0), (a, 1, 0), (b, 1, 0), (a, 2, 0)]
    one = asker.fetch("a new session of a few bytes", version, 0, 0, *all_, max_bytes=1)
    for n in range(1, 7):
        asker.fetch(f"fetch {n}", version, one, n, max_bytes=1)
    asker.fetch("two of them", version, one, 7, max_bytes=138)
    asker.fetch("two others", version, one, 8, max_bytes=138)
    asker.fetch("all of them", version, one, 9)
    asker.fetch("all of them again", version, one, 10)
    asker.fetch("an offset keeps its place", version, one, 11, (a, 1, 1))
    asker.fetch("and has it later", version, one, 12, (a, 1, 0))


def unknown(asker, version):
    a = filled(asker, f"unknown-{version}", 1)
    at_end = (a, 0, 1)
    one = asker.fetch("one is not there", version, 0, 0, (a, 3, 0), at_end)
    asker.fetch("it is told each time", version, one, 1)
    asker.fetch("whoever waits is told later", version, one, 2, wait_ms=LONG_MS)
    asker.grow(a, 4)
    asker.fetch("it is there", version, one, 3)
    asker.fetch("nothing is new", version, one, 4)
    asker.fetch("it comes first", version, one, 5, (a, 3, 5), wait_ms=LONG_MS)
    asker.fetch("without a session, too", version, 0, -1, (a, 9, 0), at_end, wait_ms=LONG_MS)
    asker.fetch("alone", version, 0, -1, (a, 9, 0), wait_ms=LONG_MS)
    asker.fetch("a negative one", version, 0, 0, (a, -1, 0))
    two = asker.fetch("topics that are not there", version, 0, 0, ("nowhere", 0, 0), at_end, ("nobodys", 1, 0))
    asker.fetch("they are told again", version, two, 1)
    asker.fetch("and forgotten", version, two, 2, forget=[("nowhere", [0]), ("nobodys", [1])])


def removed(asker, version):
    """Topics that go, and come again, while a session reads them."""
    a, b = filled(asker, f"goes-{version}", 1), filled(asker, f"stays-{version}", 1)
    one = asker.fetch("a new session", version, 0, 0, (a, 0, 1), (b, 0, 1))
    asker.fetch("nothing is new", version, one, 1)
    asker.remove(a)
    asker.fetch("the topic went", version, one, 2)
    asker.fetch("it is told again", version, one, 3)
    asker.fetch("with its offset", version, one, 4, (a, 0, 0))
    old = asker.ids[a]
    filled(asker, a, 1)
    new, asker.ids[a] = asker.ids[a], old
    asker.fetch("another topic of its name", version, one, 5)
    asker.fetch("it is told again", version, one, 6)
    asker.fetch("without a session", version, 0, -1, (a, 0, 0), (b, 0, 1))
    asker.fetch("forgotten", version, one, 7, forget=[(a, [0])])
    asker.ids[a] = new
    asker.fetch("the new one", version, one, 8, (a, 0, 0))


def versions(asker):
    """One session by names and one by ids, each continued in the other's versions."""
    a = filled(asker, "in-two-ways", 1)
    named = asker.fetch("a session by names", 12, 0, 0, (a, 0, 1))
    asker.fetch("in another version by names", 7, named, 1)
    asker.fetch("by ids", 13, named, 2)
    asker.fetch("by names again", 12, named, 2)
    by_id = asker.fetch("a session by ids", 18, 0, 0, (a, 0, 1))
    asker.fetch("in another version by ids", 13, by_id, 1)
    asker.fetch("by names", 12, by_id, 2)
    asker.fetch("by names with a wrong epoch", 12, by_id, 5)
    asker.fetch("by ids again", 13, by_id, 2)
    asker.fetch("the end by names", 12, by_id, -1, (a, 0, 0))
    asker.fetch("it is over", 13, by_id, 3)
    asker.fetch("anew by ids in its place", 13, named, 0, (a, 0, 1))
    asker.fetch("the other is over, too", 12, named, 3)


def leader_epochs(asker, version):
    a = filled(asker, f"leaders-{version}", 2, 0)
    one = asker.fetch("in its epoch", version, 0, 0, (a, 0, 2, 0), (a, 1, 0, 0))
    asker.fetch("in a later epoch", version, one, 1, (a, 0, 2, 9))
    asker.fetch("still in it", version, one, 2)
    asker.fetch("in its epoch again", version, one, 3, (a, 0, 2, 0))
    asker.fetch("without one", version, one, 4, (a, 0, 2, -1), (a, 1, 0, -3))
    asker.fetch("a later epoch behind the end", version, one, 5, (a, 0, 99, 9))
    if version < 12:
        return
    for leader in (-1, 0, 9):
        for last in (-2, 0, 5):
            for offset in (-1, 0, 1, 2, 3):
                asker.fetch(f"{offset} in {leader} behind one of {last}", version, 0, -1, (a, 0, offset, leader, last))
            for offset in (0, 1):
                asker.fetch(f"of an empty one: {offset} in {leader} behind one of {last}", version, 0, -1,
                            (a, 1, offset, leader, last))
    asker.cut(a, 0, 1)
    asker.fetch("below the start", version, 0, -1, (a, 0, 0, 0, 0))
    two = asker.fetch("a new session", version, 0, 0, (a, 0, 2, 0, 0), (a, 1, 0, 0, -1))
    asker.fetch("nothing is new", version, two, 1)
    asker.fetch("its records were others", version, two, 2, (a, 0, 5, 0, 0), wait_ms=LONG_MS)
    asker.fetch("it is told again", version, two, 3)
    asker.fetch("it was truncated", version, two, 4, (a, 0, 2, 0, 0))
    asker.fetch("nothing is new again", version, two, 5)


TALKS = {f"{title}, version {version}": (talk, version)
         for title, talk in (("life", life), ("epochs", epochs), ("forgotten", forgotten), ("turns", turns),
                             ("unknown", unknown), ("removed", removed), ("leader epochs", leader_epochs))
         for version in VERSIONS if talk is not leader_epochs or version >= 9}
TALKS["versions"] = (versions, None)


def ask_one(title, address, settle=lambda: None):
    """[[step, answer]]"""
    talk, version = TALKS[title]
    asker = SessionAsker(address, settle)
    talk(asker, version) if version else talk(asker)
    asker.socket.close()
    return asker.said


def ask(address, settle):
    """{title: [[step, answer]]}"""
    return {title: ask_one(title, address, settle) for title in TALKS}
