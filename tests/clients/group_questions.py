"""What members of consumer groups are answered, in every version of each request: asked of Kafka by
record_kafka.py, of us by a test. kafka-python's schemas speak the protocol.

Ids of members are told as their client's id and a number, in the order in which they were given out.
"""
import re
import socket
import struct
import time

from kafka.protocol import admin, consumer, metadata, producer

import kafka_schemas

DEADLINE_S = 120
UUID = re.compile(r"-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|-[A-Za-z0-9_-]{22}")
TOPIC = "groups"
MODULES = (consumer, admin, metadata, producer, kafka_schemas)


def subscription(*topics):
    """A consumer's, of version 1."""
    names = b"".join(struct.pack(">h", len(t)) + t.encode() for t in topics)
    return struct.pack(">hi", 1, len(topics)) + names + struct.pack(">ii", -1, 0)


# Kafka reads the subscriptions of consumers; a group with one that is none never ends its rebalance.
RANGE = (("range", subscription(TOPIC)),)


def schema(name):
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


class Member:
    """A connection with a client id of its own."""

    def __init__(self, address, client_id):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), DEADLINE_S)
        self.stream = self.socket.makefile("rb")
        self.client_id = client_id
        self.waiting = None
        self.id, self.generation = "", -1

    def send(self, name, version, **fields):
        request = schema(f"{name}Request")(**fields)
        request.with_header(correlation_id=7, client_id=self.client_id)
        self.socket.sendall(request.encode(version=version, header=True, framed=True))
        self.waiting = (name, version)

    def receive(self):
        name, version = self.waiting
        head = self.stream.read(4)
        assert len(head) == 4, f"{name} version {version}: the connection was closed"
        frame = self.stream.read(struct.unpack(">i", head)[0])
        return schema(f"{name}Response").decode(frame, version=version, header=True)

    def call(self, name, version, **fields):
        self.send(name, version, **fields)
        return self.receive()

    def close(self):
        self.socket.close()

    # The requests of a member of `group`.
    def send_join(self, group, version=9, protocols=RANGE, instance=None, member=None,
                  protocol_type="consumer", session=30000):
        one = consumer.JoinGroupRequest.JoinGroupRequestProtocol
        self.send("JoinGroup", version, group_id=group, session_timeout_ms=session,
                  rebalance_timeout_ms=60000, member_id=self.id if member is None else member,
                  group_instance_id=instance, protocol_type=protocol_type,
                  protocols=[one(name=name, metadata=data) for name, data in protocols], reason="asked")

    def joined(self):
        answer = self.receive()
        if answer.member_id:
            self.id = answer.member_id
        if answer.error_code == 0:
            self.generation = answer.generation_id
        return answer

    def join(self, group, version=9, **how):
        """Joins; where an id is required, a second time with it."""
        self.send_join(group, version, **how)
        answer = self.joined()
        if answer.error_code != 79 or how.get("member") is not None:
            return answer
        self.send_join(group, version, **how)
        return self.joined()

    def send_sync(self, group, version=5, assignments=(), instance=None, generation=None, **how):
        one = consumer.SyncGroupRequest.SyncGroupRequestAssignment
        self.send("SyncGroup", version, group_id=group, member_id=self.id, group_instance_id=instance,
                  generation_id=self.generation if generation is None else generation,
                  protocol_type=how.get("protocol_type", "consumer"),
                  protocol_name=how.get("protocol", "range"),
                  assignments=[one(member_id=m.id, assignment=data) for m, data in assignments])

    def sync(self, group, version=5, **how):
        self.send_sync(group, version, **how)
        return self.receive()

    def heartbeat(self, group, version=4, generation=None, member=None, instance=None):
        return self.call("Heartbeat", version, group_id=group, group_instance_id=instance,
                         member_id=self.id if member is None else member,
                         generation_id=self.generation if generation is None else generation)

    def leave(self, group, version=5, members=None):
        one = consumer.LeaveGroupRequest.MemberIdentity
        if version < 3:
            return self.call("LeaveGroup", version, group_id=group, member_id=self.id)
        leaving = [(self.id, None)] if members is None else members
        return self.call("LeaveGroup", version, group_id=group, members=[
            one(member_id=m, group_instance_id=i, reason="asked") for m, i in leaving])

    def commit(self, group, version=9, offset=5, topic=TOPIC, partition=0, metadata="note", **who):
        topics = consumer.OffsetCommitRequest.OffsetCommitRequestTopic
        part = topics.OffsetCommitRequestPartition(partition_index=partition, committed_offset=offset,
                                                   committed_leader_epoch=0,
                                                   committed_metadata=metadata)
        return self.call("OffsetCommit", version, group_id=group, retention_time_ms=-1,
                         generation_id_or_member_epoch=who.get("generation", self.generation),
                         member_id=who.get("member", self.id), group_instance_id=who.get("instance"),
                         topics=[topics(name=topic, partitions=[part])])

    def fetch(self, group, version=9, topics=((TOPIC, (0, 1)),)):
        if version < 8:
            one = consumer.OffsetFetchRequest.OffsetFetchRequestTopic
            asked = None if topics is None else [one(name=n, partition_indexes=list(p)) for n, p in topics]
            return self.call("OffsetFetch", version, group_id=group, topics=asked, require_stable=True)
        of_group = consumer.OffsetFetchRequest.OffsetFetchRequestGroup
        one = of_group.OffsetFetchRequestTopics
        asked = None if topics is None else [one(name=n, partition_indexes=list(p)) for n, p in topics]
        return self.call("OffsetFetch", version, require_stable=True, groups=[
            of_group(group_id=group, member_id=None, member_epoch=-1, topics=asked)])

    def delete_offsets(self, group, topics):
        one = consumer.OffsetDeleteRequest.OffsetDeleteRequestTopic
        return self.call("OffsetDelete", 0, group_id=group, topics=[
            one(name=name, partitions=[one.OffsetDeleteRequestPartition(partition_index=p) for p in parts])
            for name, parts in topics])


class Talk:
    """One list of answers, with the ids of its members told by number."""

    def __init__(self):
        self.said, self.ids = [], {}

    def note(self, name, answer):
        told = answer.to_dict() if hasattr(answer, "to_dict") else answer
        self.said.append([name, self.plain(told)])
        return answer

    def plain(self, value):
        if isinstance(value, dict):
            kept = {k: self.plain(v) for k, v in value.items()
                    if not k.startswith("_") and k not in ("throttle_time_ms", "port")}
            for key in ("members", "groups", "topics", "partitions", "results"):
                if isinstance(kept.get(key), list):
                    kept[key].sort(key=repr)
            return kept
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        if isinstance(value, (list, tuple)):
            return [self.plain(one) for one in value]
        if isinstance(value, bytes):
            return value.decode("latin-1")
        if isinstance(value, str):
            return UUID.sub(lambda m: self.ids.setdefault(m[0], f"-#{len(self.ids)}"), value)
        return value


def stable(talk, make, group, protocols=RANGE):
    """A stable group of two; the first leads."""
    first, second = make("first"), make("second")
    first.join(group, protocols=protocols)
    first.sync(group, assignments=[(first, b"all")])
    second.send_join(group, protocols=protocols)
    if second.joined().error_code == 79:
        second.send_join(group, protocols=protocols)
    wait_for_rebalance(first, group)
    first.join(group, protocols=protocols)
    second.joined()
    second.send_sync(group)
    first.sync(group, assignments=[(first, b"a"), (second, b"b")])
    talk.note("the second's assignment", second.receive())
    return first, second


def wait_for_rebalance(member, group):
    end = time.monotonic() + DEADLINE_S
    while member.heartbeat(group).error_code != 27:
        assert time.monotonic() < end
        time.sleep(0.01)


def every_join_version(talk, make):
    for version in range(10):
        member = make(f"join{version}")
        group = f"join-{version}"
        talk.note("join", member.join(group, version))
        talk.note("join in vain", make("x").join(group, version, member="unknown"))
        talk.note("bad session", make("x").join(group, version, session=1))
        talk.note("other protocol", make("x").join(group, version, protocol_type="connect"))
        talk.note("sync", member.sync(group, min(version, 5), assignments=[(member, b"all")]))
        talk.note("sync of another generation", member.sync(group, min(version, 5), generation=9))
        talk.note("heartbeat", member.heartbeat(group, min(version, 4)))
        talk.note("heartbeat of another generation", member.heartbeat(group, min(version, 4), 9))
        talk.note("heartbeat of another member", member.heartbeat(group, min(version, 4), member="no"))
        talk.note("leave", member.leave(group, min(version, 5)))
        talk.note("leave again", member.leave(group, min(version, 5)))
        talk.note("leave a group that is not there", member.leave("nowhere", min(version, 5)))


def every_offset_version(talk, make):
    nobody = make("nobody")
    for version in range(2, 10):
        group = f"offsets-{version}"
        talk.note("commit", nobody.commit(group, version, member=""))
        talk.note("unknown topic", nobody.commit(group, version, topic="no", member=""))
        talk.note("unknown partition", nobody.commit(group, version, partition=77, member=""))
        talk.note("metadata too large", nobody.commit(group, version, metadata="x" * 4097, member=""))
        talk.note("as a member", nobody.commit(group, version, member="m", generation=1))
        talk.note("a group that is not there",
                  nobody.commit("nowhere", version, member="m", generation=1))
    for version in range(1, 10):
        talk.note("fetch", nobody.fetch("offsets-9", version))
        talk.note("fetch what is not there",
                  nobody.fetch("nowhere", version, (("no", (0,)), (TOPIC, (0, 77)))))
        if version >= 2:
            talk.note("fetch all", nobody.fetch("offsets-9", version, None))
            talk.note("fetch all of nothing", nobody.fetch("nowhere", version, None))


def every_admin_version(talk, make):
    first, second = stable(talk, make, "described")
    asker = make("asker")
    asker.commit("simple", member="")
    for version in range(7):
        talk.note("coordinator", {"error": answer_of_coordinator(asker, version)})
        talk.note("describe", asker.call(
            "DescribeGroups", version, groups=["described", "simple", "nowhere"],
            include_authorized_operations=True))
    for version in range(6):
        listed = asker.call("ListGroups", version, states_filter=[], types_filter=[])
        listed.groups = [g for g in listed.groups if g.group_id in ("described", "simple")]
        talk.note("list", listed)
    for states in (["stable"], ["Empty"], ["nonsense"]):
        listed = asker.call("ListGroups", 4, states_filter=states)
        listed.groups = [g for g in listed.groups if g.group_id in ("described", "simple")]
        talk.note(f"list {states}", listed)
    for types in (["classic"], ["Consumer"]):
        listed = asker.call("ListGroups", 5, states_filter=[], types_filter=types)
        listed.groups = [g for g in listed.groups if g.group_id in ("described", "simple")]
        talk.note(f"list {types}", listed)
    for version in range(3):
        asker.commit(f"gone-{version}", member="")
        talk.note("delete", asker.call("DeleteGroups", version, groups_names=[
            f"gone-{version}", "nowhere", "described", ""]))


def answer_of_coordinator(asker, version):
    if version < 4:
        return asker.call("FindCoordinator", version, key="g", key_type=0).error_code
    answer = asker.call("FindCoordinator", version, key_type=0, coordinator_keys=["g", "h"])
    return [(one.key, one.error_code) for one in answer.coordinators]


def rebalances(talk, make):
    first, second = stable(talk, make, "moves")
    talk.note("a follower asks again", second.join("moves"))
    third = make("third")
    talk.note("a third", third.join("moves", member=""))
    third.send_join("moves")
    wait_for_rebalance(first, "moves")
    talk.note("sync in a rebalance", second.sync("moves"))
    talk.note("commit in a rebalance", second.commit("moves"))
    talk.note("commit of an older generation", second.commit("moves", generation=1))
    talk.note("commit of nobody", second.commit("moves", member="", generation=-1))
    talk.note("leave", third_leaves(make, third, "moves"))
    first.send_join("moves")
    talk.note("the second of two", second.join("moves"))
    talk.note("the first of two", first.joined())
    talk.note("commit before the sync", first.commit("moves"))
    talk.note("delete offsets of members", make("x").delete_offsets("moves", [(TOPIC, [0])]))
    talk.note("sync by another protocol", first.sync("moves", protocol="sticky"))
    talk.note("sync by another type", first.sync("moves", protocol_type="connect"))


def third_leaves(make, third, group):
    """Leaves on another connection, since its own waits."""
    other = make("other")
    other.id = third.id
    answer = other.leave(group)
    third.receive()
    return answer


def static_members(talk, make):
    leader, member = make("leader"), make("member")
    talk.note("join", leader.join("static", instance="one"))
    leader.sync("static", assignments=[(leader, b"all")], instance="one")
    member.send_join("static", instance="two")
    wait_for_rebalance(leader, "static")
    leader.join("static", instance="one")
    talk.note("the second", member.joined())
    member.send_sync("static", instance="two")
    leader.sync("static", assignments=[(leader, b"a"), (member, b"b")], instance="one")
    member.receive()
    for version in (5, 8, 9):
        again = make("again")
        talk.note("the second comes back", again.join("static", version, instance="two"))
        talk.note("its sync", again.sync("static", instance="two"))
        talk.note("the one before", member.heartbeat("static", instance="two"))
        member = again
        lead = make("lead")
        talk.note("the leader comes back", lead.join("static", version, instance="one"))
        talk.note("the leader before", leader.heartbeat("static", instance="one"))
        leader = lead
    talk.note("an instance that is not there", leader.heartbeat("static", instance="three"))
    talk.note("commit of the one before", member.commit("static", member="old", instance="two"))
    talk.note("leave", leader.leave("static", members=[("", "two"), ("", "three"), ("no", "one"),
                                                       ("no", None)]))


def subscribed(talk, make):
    first, second = stable(talk, make, "reads", (("range", subscription(TOPIC)),))
    first.commit("reads")
    asker = make("asker")
    talk.note("delete offsets that are read", asker.delete_offsets("reads", [(TOPIC, [0]), ("no", [0])]))
    talk.note("delete offsets of nothing", asker.delete_offsets("nowhere", [(TOPIC, [0])]))
    asker.commit("simple-reads", member="")
    talk.note("delete offsets", asker.delete_offsets("simple-reads", [(TOPIC, [0, 1, 77]), ("no", [0])]))
    talk.note("what is left", asker.fetch("simple-reads"))


def odd_ids(talk, make):
    nobody = make("nobody")
    talk.note("join", nobody.join("", session=30000))
    talk.note("sync", nobody.sync(""))
    talk.note("heartbeat", nobody.heartbeat(""))
    talk.note("leave", nobody.leave("", members=[("m", None)]))
    talk.note("commit", nobody.commit("", member=""))
    talk.note("fetch", nobody.fetch("", topics=((TOPIC, (0,)),)))
    talk.note("no protocols", nobody.join("empty", protocols=(), member=""))
    talk.note("no type", nobody.join("empty", protocol_type="", member=""))


TALKS = {"every version of members": every_join_version, "every version of offsets": every_offset_version,
         "every version of administration": every_admin_version, "rebalances": rebalances,
         "static members": static_members, "subscribed topics": subscribed, "odd ids": odd_ids}


def await_coordinator(address, topic=TOPIC):
    """A broker that just started has no coordinator for a while."""
    end = time.monotonic() + 10 * DEADLINE_S
    while True:
        member = Member(address, "early")
        member.call("FindCoordinator", 1, key="early", key_type=0)
        answer = member.commit("early", topic=topic, member="")
        member.close()
        if answer.topics[0].partitions[0].error_code == 0:
            return
        assert time.monotonic() < end, answer
        time.sleep(0.2)


def ask(address, make_topic):
    """{title: [[step, answer]]}"""
    make_topic(TOPIC, 2)
    await_coordinator(address)
    answers = {}
    for title, talk in TALKS.items():
        members = []

        def make(client_id):
            members.append(Member(address, client_id))
            return members[-1]
        noted = Talk()
        talk(noted, make)
        answers[title] = noted.said
        for member in members:
            member.close()
    return answers
