"""What members of both protocols in one group are answered, and a group that changes its protocol while it has members:
asked of Kafka by record_kafka.py, of us by a test.

Ids that the server gives out are told as the id of the client that got them. The order of those ids decides who gets
what cannot be shared evenly, so everything here can be.
"""
import struct

import consumer_group_questions
import group_questions
from consumer_group_questions import LEAVE, LEAVE_STATIC, Consumer

TOPIC, OTHER = "shared", "shared-too"
PARTITIONS = 6
HALF = (0, 1, 2)


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def partitions(topics):
    return struct.pack(">i", len(topics)) + b"".join(
        text(name) + struct.pack(f">i{len(of_topic)}i", len(of_topic), *of_topic) for name, of_topic in topics.items())


def subscription(topics=(TOPIC,), owned=(), version=3, generation=-1, rack=None):
    """A consumer's metadata in JoinGroup."""
    out = struct.pack(">hi", version, len(topics)) + b"".join(text(topic) for topic in topics)
    out += struct.pack(">i", -1)
    if version >= 1:
        out += partitions({TOPIC: owned} if owned else {})
    if version >= 2:
        out += struct.pack(">i", generation)
    if version >= 3:
        out += struct.pack(">h", -1) if rack is None else text(rack)
    return out


def assignment(parts, version=3, user_data=b""):
    return struct.pack(">h", version) + partitions({TOPIC: parts} if parts else {}) + \
        (struct.pack(">i", len(user_data)) + user_data if user_data else struct.pack(">i", -1))


def range_of(**how):
    return (("range", subscription(**how)),)


def sticky(*owned, **how):
    """What a member of the cooperative assignor says."""
    return (("cooperative-sticky", subscription(owned=owned, **how)), ("range", subscription(owned=owned, **how)))


class Talk(consumer_group_questions.Talk):
    def __init__(self, asker, members):
        super().__init__(asker)
        self.members, self.given = members, {}

    def plain(self, value):
        for member in self.members:
            if member.id and member.id != member.client_id:
                self.given.setdefault(member.id, f"id of {member.client_id}")
        if isinstance(value, str):
            for given, name in self.given.items():
                value = value.replace(given, name)
        return super().plain(value)


def classic(make, name):
    member = make(name)
    member.id = ""
    return member


def alone(make, group, name="old", protocols=None, parts=range(PARTITIONS), **how):
    """A classic member that has these partitions, in a group of its own."""
    member = classic(make, name)
    member.join(group, protocols=protocols or range_of(), **how)
    member.sync(group, assignments=[(member, assignment(parts))], instance=how.get("instance"),
                protocol=(protocols or range_of())[0][0])
    return member


def epochs(asker, group):
    """Of the group and its members, where the rest depends on ids."""
    told = asker.describe(1, group).groups[0]
    return {"state": told.group_state, "epoch": told.group_epoch,
            "members": sorted((m.member_type, m.member_epoch, sorted(m.subscribed_topic_names)) for m in told.members)}


def upgrade(talk, make):
    old, new = alone(make, "up"), make("new")
    talk.note("state before", new.call("DescribeGroups", 6, groups=["up"], include_authorized_operations=False))
    talk.note("a member of the new protocol joins", new.enter("up", (TOPIC,)))
    talk.note("state", new.describe(1, "up"))
    talk.note("an old question for the state", new.describe(0, "up"))
    talk.note("as a classic group", new.call("DescribeGroups", 6, groups=["up"], include_authorized_operations=False))
    listed = new.call("ListGroups", 5, states_filter=[], types_filter=[])
    listed.groups = [one for one in listed.groups if one.group_id == "up"]
    talk.note("listed", listed)
    talk.note("the classic one commits", old.commit("up", topic=TOPIC))
    talk.note("it commits in another generation", old.commit("up", topic=TOPIC, generation=9))
    talk.note("it commits by an old request", old.commit("up", 8, topic=TOPIC))
    talk.note("it fetches", old.fetch_as("up", old.id, old.generation))
    talk.note("it fetches in another generation", old.fetch_as("up", old.id, 9))
    talk.note("its heartbeat", old.heartbeat("up"))
    talk.note("its sync", old.sync("up"))
    talk.note("its heartbeat in another generation", old.heartbeat("up", generation=9))
    talk.note("its sync in another generation", old.sync("up", generation=9))
    talk.note("the new one waits", new.beat("up"))
    talk.note("the classic one joins again", old.join("up", protocols=range_of()))
    talk.note("its sync by another type", old.sync("up", protocol_type="connect"))
    talk.note("its sync by another assignor", old.sync("up", protocol="sticky"))
    talk.note("its sync without a protocol", old.sync("up", protocol=None, protocol_type=None))
    for version in range(6):
        talk.note(f"its sync, version {version}", old.sync("up", version))
    talk.note("the new one gets its part", new.beat("up"))
    talk.note("its heartbeat", old.heartbeat("up"))
    talk.note("state", new.describe(1, "up"))
    talk.note("the new one commits", new.commit("up", topic=TOPIC, generation=new.epoch))
    talk.note("the classic one commits", old.commit("up", topic=TOPIC))
    talk.note("nobody commits", new.commit("up", topic=TOPIC, member="", generation=-1))
    talk.note("a heartbeat of the new one, classic", new.heartbeat("up", generation=new.epoch))
    talk.note("a sync of the new one, classic", new.sync("up", generation=new.epoch))
    talk.note("delete offsets", new.delete_offsets("up", [(TOPIC, [0]), (OTHER, [0])]))


def downgrade(talk, make):
    old, new = alone(make, "down"), make("new")
    new.enter("down", (TOPIC,))
    old.join("down", protocols=range_of())
    old.sync("down")
    new.settle("down")
    talk.note("the new one leaves", new.quit("down"))
    talk.note("state", new.call("DescribeGroups", 6, groups=["down"], include_authorized_operations=False))
    talk.note("not a consumer group", new.describe(1, "down"))
    talk.note("the one that left beats", new.beat("down", epoch=2))
    talk.note("it leaves again", new.beat("down", epoch=LEAVE))
    talk.note("the classic one commits", old.commit("down", topic=TOPIC))
    talk.note("its heartbeat", old.heartbeat("down"))
    talk.note("its sync", old.sync("down"))
    talk.note("it joins again", old.join("down", protocols=range_of()))
    talk.note("its sync", old.sync("down", assignments=[(old, assignment(range(PARTITIONS)))]))
    talk.note("state", new.call("DescribeGroups", 6, groups=["down"], include_authorized_operations=False))
    talk.note("the new one comes again", new.enter("down", (TOPIC,)))
    talk.note("the classic one leaves", old.leave("down"))
    talk.note("the new one has all", new.beat("down"))
    talk.note("and leaves", new.quit("down"))
    talk.note("state", new.describe(1, "down"))


def cooperative(talk, make):
    old, new = alone(make, "coop", protocols=sticky()), make("new")
    talk.note("a member of the new protocol joins", new.enter("coop", (TOPIC,)))
    talk.note("the classic one's heartbeat", old.heartbeat("coop"))
    talk.note("it joins with what it has", old.join("coop", protocols=sticky(*range(PARTITIONS))))
    talk.note("its sync", old.sync("coop", protocol="cooperative-sticky"))
    talk.note("its heartbeat", old.heartbeat("coop"))
    talk.note("state", new.describe(1, "coop"))
    talk.note("it still has all", old.join("coop", protocols=sticky(*range(PARTITIONS))))
    talk.note("the new one waits", new.beat("coop"))
    talk.note("it gave up its part", old.join("coop", protocols=sticky(0, 1, 2)))
    talk.note("its sync", old.sync("coop", protocol="cooperative-sticky"))
    talk.note("its heartbeat", old.heartbeat("coop"))
    talk.note("the new one gets it", new.beat("coop"))
    third = classic(make, "third")
    talk.note("a third, classic, joins", third.join("coop", protocols=sticky()))
    talk.note("its sync", third.sync("coop", protocol="cooperative-sticky"))
    talk.note("its heartbeat", third.heartbeat("coop"))
    talk.note("the first classic one's heartbeat", old.heartbeat("coop"))
    talk.note("the new one gives up", new.beat("coop"))
    talk.note("it gave it up", new.settle("coop"))
    old.join("coop", protocols=sticky(0, 1))
    talk.note("the third's heartbeat", third.heartbeat("coop"))
    talk.note("the third joins again", third.join("coop", protocols=sticky()))
    talk.note("its sync", third.sync("coop", protocol="cooperative-sticky"))
    talk.note("state", new.describe(1, "coop"))
    talk.note("the new one leaves", new.quit("coop"))
    state = new.call("DescribeGroups", 6, groups=["coop"], include_authorized_operations=False)
    talk.note("state", {"state": state.groups[0].group_state, "members": len(state.groups[0].members)})
    talk.note("the first's heartbeat", old.heartbeat("coop"))


def refused_upgrades(talk, make):
    new = make("new")
    for title, how, parts in (
            ("another protocol type", {"protocols": (("range", subscription()),), "protocol_type": "connect"}, None),
            ("data of an assignor", {"protocols": range_of()}, assignment((0,), user_data=b"mine")),
            ("an assignment that is none", {"protocols": range_of()}, b"all"),
            ("half an assignment", {"protocols": range_of()}, assignment((0, 1))[:15]),
            ("version -1", {"protocols": range_of(version=-1)}, assignment(HALF)),
            ("half a subscription", {"protocols": (("range", subscription(version=1)[:-2]),)}, assignment(HALF)),
            ("a topic that is not there", {"protocols": range_of(topics=("no",))}, assignment(HALF)),
            *((f"version {v}", {"protocols": range_of(version=v)}, assignment(HALF, v)) for v in (0, 1, 2, 3, 4)),
            ("a rack", {"protocols": range_of(rack="here")}, assignment(HALF))):
        group = "refused " + title
        old = classic(make, "old")
        old.join(group, **how)
        old.sync(group, assignments=[(old, b"x" if parts is None else parts)],
                 protocol_type=how.get("protocol_type", "consumer"))
        talk.note(title, new.enter(group, (TOPIC,)))
        talk.note(f"{title}: it beats", new.beat(group, epoch=2))
        talk.note(f"{title}: the classic one's heartbeat", old.heartbeat(group))
        talk.note(f"{title}: state", new.describe(1, group))
    old = classic(make, "old")
    old.join("unassigned", protocols=range_of())
    old.sync("unassigned", assignments=[(old, b"")])
    talk.note("no assignment", new.enter("unassigned", (TOPIC,)).error_code)
    talk.note("no assignment: the classic one's heartbeat", old.heartbeat("unassigned"))


def classic_joins(talk, make):
    new = make("new")
    new.enter("joined", (TOPIC,))
    for version in range(10):
        old = classic(make, f"old{version}")
        group = f"joined-{version}"
        first = make(f"new{version}")
        first.enter(group, (TOPIC,))
        old.send_join(group, version, protocols=range_of())
        talk.note("a classic member joins", old.joined())
        if not version < 4:
            old.send_join(group, version, protocols=range_of())
            talk.note("with its id", old.joined())
        talk.note("its sync", old.sync(group, min(version, 5)))
        talk.note("the new one gives up", first.beat(group))
        first.settle(group)
        talk.note("its heartbeat", old.heartbeat(group, min(version, 4)))
        old.join(group, version, protocols=range_of())
        talk.note("its sync", old.sync(group, min(version, 5)))
        talk.note("it leaves", old.leave(group, min(version, 5)))
        talk.note("the new one has all", first.beat(group))
        talk.note("the one that left", old.heartbeat(group, min(version, 4)))
    old = classic(make, "odd")
    talk.note("another type", old.join("joined", protocols=range_of(), protocol_type="connect"))
    old = classic(make, "bare")
    talk.note("no protocols", old.join("joined", protocols=()))
    old = classic(make, "short")
    talk.note("a session that is too short", old.join("joined", protocols=range_of(), session=1))
    old = classic(make, "first")
    old.join("joined", protocols=range_of())
    other = classic(make, "second")
    talk.note("no assignor in common", other.join("joined", protocols=(("sticky", subscription()),)))
    other = classic(make, "third")
    talk.note("another preferred", other.join("joined", protocols=(("sticky", subscription()), *range_of())))
    talk.note("the sync of the other", other.sync("joined", protocol="sticky"))
    talk.note("an id that nobody gave", old.join("joined", protocols=range_of(topics=(OTHER,)), member="mine"))
    talk.note("other topics", other.join("joined", protocols=range_of(topics=(OTHER,))))
    talk.note("the id of the new one", old.join("joined", protocols=range_of(), member="new"))
    talk.note("state", epochs(new, "joined"))


def static_members(talk, make):
    old = alone(make, "pinned", instance="one")
    new, again = make("new"), make("again")
    talk.note("a member of the new protocol joins", new.enter("pinned", (TOPIC,), instance_id="two"))
    talk.note("an instance that is not there", old.heartbeat("pinned", instance="three"))
    talk.note("another's instance", old.heartbeat("pinned", instance="two"))
    talk.note("its own", old.heartbeat("pinned", instance="one"))
    talk.note("it joins with another's instance", old.join("pinned", protocols=range_of(), instance="two"))
    talk.note("it joins with one that is not there", old.join("pinned", protocols=range_of(), instance="three"))
    talk.note("it joins", old.join("pinned", protocols=range_of(), instance="one"))
    talk.note("its sync", old.sync("pinned", instance="one"))
    new.settle("pinned")
    talk.note("its instance is started anew", again.enter("pinned", (TOPIC,), instance_id="one"))
    talk.note("state", new.describe(1, "pinned"))
    talk.note("the one before", old.heartbeat("pinned", instance="one"))
    talk.note("it joins", old.join("pinned", protocols=range_of(), instance="one"))
    talk.note("its commit", old.commit("pinned", topic=TOPIC, instance="one"))
    back = classic(make, "back")
    talk.note("classic again", back.join("pinned", protocols=range_of(), instance="one"))
    talk.note("its sync", back.sync("pinned", instance="one"))
    talk.note("the one before", again.beat("pinned", instance_id="one"))
    newer = classic(make, "newer")
    talk.note("and anew", newer.join("pinned", protocols=range_of(), instance="one"))
    last = classic(make, "last")
    talk.note("the last one is started anew as a classic one", last.join("pinned", protocols=range_of(), instance="two"))
    talk.note("the one before", new.beat("pinned", instance_id="two"))
    talk.note("its heartbeat", last.heartbeat("pinned", instance="two"))
    talk.note("its sync", last.sync("pinned", instance="two"))
    state = new.call("DescribeGroups", 6, groups=["pinned"], include_authorized_operations=False)
    talk.note("state", {"state": state.groups[0].group_state, "members": len(state.groups[0].members)})

    old, new = alone(make, "moved", instance="one"), make("new")
    new.enter("moved", (TOPIC,), instance_id="two")
    last = classic(make, "other")
    talk.note("with other topics", last.join("moved", protocols=range_of(topics=(OTHER,)), instance="two"))
    state = new.call("DescribeGroups", 6, groups=["moved"], include_authorized_operations=False)
    talk.note("state", {"state": state.groups[0].group_state, "members": len(state.groups[0].members)})
    talk.note("its heartbeat", last.heartbeat("moved", instance="two"))
    talk.note("the other's heartbeat", old.heartbeat("moved", instance="one"))

    old, new = alone(make, "away", instance="one"), make("new")
    new.enter("away", (TOPIC,), instance_id="two")
    talk.note("leaves for a while", new.quit("away", LEAVE_STATIC, instance_id="two"))
    talk.note("state", new.describe(1, "away"))
    talk.note("leaves by an administrator", old.leave("away", members=[("", "two"), ("", "three")]))
    talk.note("not a consumer group", new.describe(1, "away"))


def switches(talk, make):
    """A member that goes on by the other protocol under its id."""
    member, other = alone(make, "switched"), make("new")
    other.enter("switched", (TOPIC,))
    member.join("switched", protocols=range_of())
    given = member.id
    talk.note("beats by the new protocol", member.beat("switched", member_id=given, epoch=member.generation, owned={}))
    talk.note("its classic heartbeat", member.heartbeat("switched"))
    talk.note("state", other.describe(1, "switched"))
    talk.note("joins as a classic member", member.join("switched", protocols=range_of()))
    talk.note("leaves by the new protocol", member.beat("switched", member_id=given, epoch=LEAVE))
    talk.note("state", other.describe(1, "switched"))


def rebalances(talk, make):
    old, new = alone(make, "busy"), make("new")
    second = classic(make, "second")
    second.send_join("busy", protocols=range_of())
    second.joined()
    second.send_join("busy", protocols=range_of())
    group_questions.wait_for_rebalance(old, "busy")
    talk.note("during the join phase", new.enter("busy", (TOPIC,)))
    talk.note("who waited is told", second.joined())
    talk.note("the other's heartbeat", old.heartbeat("busy"))
    talk.note("who waited joins", second.join("busy", protocols=range_of()))
    talk.note("the other joins", old.join("busy", protocols=range_of()))
    talk.note("its sync", old.sync("busy"))
    talk.note("the sync of who waited", second.sync("busy"))

    old, new = alone(make, "halfway"), make("new")
    second = classic(make, "second")
    second.send_join("halfway", protocols=range_of())
    second.joined()
    second.send_join("halfway", protocols=range_of())
    group_questions.wait_for_rebalance(old, "halfway")
    old.join("halfway", protocols=range_of())
    second.joined()
    second.send_sync("halfway")
    talk.note("during the sync phase", new.enter("halfway", (TOPIC,)))
    talk.note("who waited is told", second.receive())
    talk.note("the leader's sync", old.sync("halfway", assignments=[(old, assignment((0, 1))),
                                                                     (second, assignment((2, 3)))]))
    talk.note("state", epochs(new, "halfway"))


TALKS = {"upgrade": upgrade, "downgrade": downgrade, "cooperative members": cooperative,
         "refused upgrades": refused_upgrades, "classic members join": classic_joins,
         "static members": static_members, "members that switch": switches, "rebalances": rebalances}


def ask(address, make_topic):
    """{title: [[step, answer]]}"""
    return consumer_group_questions.hold_talks(address, make_topic, TALKS, {TOPIC: PARTITIONS, OTHER: 3}, Talk)
