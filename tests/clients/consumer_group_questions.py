"""What members of the new protocol of groups (KIP-848) are answered: asked of Kafka by record_kafka.py, of us by a
test. kafka-python's schemas speak the protocol, and kafka_schemas those messages that it does not have.

Members choose their ids, so they are told as they are; ids of topics are told as the topics' names.
"""
import re
import time
import uuid

from kafka.protocol import metadata

import group_questions
import kafka_schemas
from group_questions import DEADLINE_S

TOPIC, OTHER = "consumed", "consumed-too"
JOIN, LEAVE, LEAVE_STATIC = 0, -1, -2
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Consumer(group_questions.Member):
    """A connection of one member, which remembers its epoch and does what it is told."""

    def __init__(self, address, client_id):
        super().__init__(address, client_id)
        self.id, self.epoch, self.owned = client_id, JOIN, {}

    def beat(self, group, version=1, epoch=None, owned=None, **fields):
        """A heartbeat with these fields; `owned` is {topic id: partitions}."""
        one = kafka_schemas.ConsumerGroupHeartbeatRequest.TopicPartitions
        parts = None if owned is None else [one(topic_id=t, partitions=sorted(p)) for t, p in owned.items()]
        answer = self.call("ConsumerGroupHeartbeat", version, **{
            "group_id": group, "member_id": self.id, "member_epoch": self.epoch if epoch is None else epoch,
            "topic_partitions": parts, **fields})
        if answer.error_code == 0:
            self.epoch = answer.member_epoch
            if answer.assignment is not None:
                self.owned = {t.topic_id: set(t.partitions) for t in answer.assignment.topic_partitions}
        return answer

    def enter(self, group, topics=(TOPIC,), version=1, **fields):
        fields.setdefault("subscribed_topic_names", None if topics is None else list(topics))
        return self.beat(group, version, JOIN, {}, rebalance_timeout_ms=60000, **fields)

    def settle(self, group):
        """Does what it is told and says so, as consumers do."""
        return self.beat(group, owned=self.owned)

    def quit(self, group, epoch=LEAVE, **fields):
        return self.beat(group, epoch=epoch, **fields)

    def fetch_as(self, group, member, epoch):
        of_group = group_questions.consumer.OffsetFetchRequest.OffsetFetchRequestGroup
        one = of_group.OffsetFetchRequestTopics
        return self.call("OffsetFetch", 9, require_stable=True, groups=[of_group(
            group_id=group, member_id=member, member_epoch=epoch,
            topics=[one(name=TOPIC, partition_indexes=[0])])])

    def describe(self, version, *groups):
        return self.call("ConsumerGroupDescribe", version, group_ids=list(groups),
                         include_authorized_operations=True)


class Talk(group_questions.Talk):
    def __init__(self, asker):
        super().__init__()
        self.asker, self.topics = asker, {}

    def name_of(self, topic):
        if topic not in self.topics:
            one = metadata.MetadataRequest.MetadataRequestTopic
            answer = self.asker.call("Metadata", 12, topics=[one(topic_id=topic, name=None)],
                                     allow_auto_topic_creation=False)
            self.topics[topic] = f"id of {answer.topics[0].name}"
        return self.topics[topic]

    def plain(self, value):
        if isinstance(value, str) and UUID.fullmatch(value):
            return self.name_of(uuid.UUID(value))
        told = super().plain(value)
        if isinstance(told, dict):
            for key in ("topic_partitions", "subscribed_topic_names"):
                if isinstance(told.get(key), list):
                    told[key].sort(key=repr)
        return told


def one_member(talk, make):
    for version in (0, 1):
        group, member = f"one-{version}", make(f"alone-{version}")
        talk.note("join", member.enter(group, version=version))
        talk.note("nothing new", member.beat(group, version))
        talk.note("has it", member.beat(group, version, owned=member.owned))
        talk.note("all fields", member.beat(group, version, owned=member.owned, rebalance_timeout_ms=60000,
                                            subscribed_topic_names=[TOPIC]))
        talk.note("no topics", member.beat(group, version, subscribed_topic_names=[]))
        talk.note("gave them up", member.beat(group, version, owned={}))
        talk.note("both topics", member.beat(group, version, subscribed_topic_names=[TOPIC, OTHER, "no"]))
        talk.note("joins again", member.enter(group, version=version))
        talk.note("leaves", member.quit(group))
        talk.note("leaves again", member.beat(group, version, epoch=LEAVE))
        talk.note("is not there", member.beat(group, version, epoch=1))
        talk.note("comes back", member.enter(group, version=version))


def two_members(talk, make):
    first, second = make("m1"), make("m2")
    talk.note("the first joins", first.enter("two"))
    talk.note("the second joins", second.enter("two"))
    talk.note("state", first.describe(1, "two"))
    talk.note("the first is told", first.beat("two"))
    talk.note("is told again", first.beat("two"))
    talk.note("the second waits", second.beat("two"))
    talk.note("the first still has all", first.beat("two", owned={t: {0, 1, 2, 3} for t in first.owned}))
    talk.note("the first gave it up", first.settle("two"))
    talk.note("the second gets it", second.beat("two"))
    talk.note("the second has it", second.settle("two"))
    talk.note("state", first.describe(1, "two"))
    talk.note("the second leaves", second.quit("two"))
    talk.note("state", first.describe(0, "two"))
    talk.note("the first gets all", first.beat("two"))
    third = make("m3")
    talk.note("a third joins", third.enter("two"))
    talk.note("the first is told", first.beat("two"))
    talk.note("the third leaves before that", third.quit("two"))
    talk.note("the first keeps it", first.settle("two"))
    talk.note("and again", first.settle("two"))
    talk.note("state", first.describe(1, "two"))


def epochs(talk, make):
    first, second = make("m1"), make("m2")
    first.enter("epochs")
    second.enter("epochs")
    first.beat("epochs")
    talk.note("gave it up", first.settle("epochs"))
    talk.note("the epoch before", first.beat("epochs", epoch=1, owned=first.owned))
    talk.note("the epoch before, of more", first.beat("epochs", epoch=1, owned={t: {0, 1, 2, 3} for t in first.owned}))
    talk.note("the epoch before, of nothing", first.beat("epochs", epoch=1))
    talk.note("a greater epoch", first.beat("epochs", epoch=9))
    talk.note("another member", make("m9").beat("epochs", epoch=1))
    for generation in (2, 1, 9, -1):
        talk.note(f"commit in {generation}", first.commit("epochs", topic=TOPIC, generation=generation))
        talk.note(f"fetch in {generation}", first.fetch_as("epochs", "m1", generation))
    talk.note("commit of another", first.commit("epochs", topic=TOPIC, member="m9", generation=2))
    talk.note("commit of nobody", first.commit("epochs", topic=TOPIC, member="", generation=-1))
    talk.note("an old commit", first.commit("epochs", 8, topic=TOPIC, generation=2))
    talk.note("fetch of another", first.fetch_as("epochs", "m9", 2))
    talk.note("fetch of anybody", first.fetch_as("epochs", None, -1))
    talk.note("fetch of a group that is not there", first.fetch_as("nowhere", "m1", 2))
    talk.note("classic heartbeat", first.heartbeat("epochs", generation=2))
    talk.note("classic sync", first.sync("epochs", generation=2))
    talk.note("classic leave", first.leave("epochs", members=[("m1", None)]))
    talk.note("the one before beats", first.beat("epochs"))
    talk.note("classic leave of others", second.leave("epochs", members=[("m9", None), ("m2", "two"), ("m2", None)]))
    talk.note("state", first.describe(1, "epochs"))
    talk.note("commit of nobody to nobody", first.commit("epochs", topic=TOPIC, member="", generation=-1))


def refusals(talk, make):
    member = make("m1")
    for version in (0, 1):
        talk.note("no epoch", member.beat("refused", version, epoch=-3))
        talk.note("no id", member.beat("refused", version, epoch=1, member_id=""))
        talk.note("no group", member.beat(" ", version, epoch=1))
        talk.note("no instance", member.beat("refused", version, epoch=1, instance_id=""))
        talk.note("no rack", member.beat("refused", version, epoch=1, rack_id=" "))
        talk.note("no time-out", member.beat("refused", version, JOIN, {}, subscribed_topic_names=[TOPIC]))
        talk.note("no partitions", member.beat("refused", version, JOIN, None, rebalance_timeout_ms=5,
                                               subscribed_topic_names=[TOPIC]))
        talk.note("partitions", member.beat("refused", version, JOIN, {uuid.UUID(int=5): {1}},
                                            rebalance_timeout_ms=5, subscribed_topic_names=[TOPIC]))
        talk.note("no subscription", member.enter("refused", None, version))
        talk.note("no assignor", member.enter("refused", version=version, server_assignor="sticky"))
        talk.note("leaves for good without an instance", member.beat("refused", version, epoch=LEAVE_STATIC))
        talk.note("no such group", member.beat("refused", version, epoch=1))
        talk.note("leaves no such group", member.quit("refused"))
    for pattern in ("[a", "(a", "a)", "*", "a**", "\\", "[z-a]", "a{2000}", "(?z)", "[[:no:]]", "\\8"):
        talk.note(pattern, member.enter("refused", None, subscribed_topic_regex=pattern))
    talk.note("still no such group", member.describe(1, "refused", ""))


def static_members(talk, make):
    first, second = make("m1"), make("m2")
    talk.note("join", first.enter("fixed", instance_id="one", rack_id="here"))
    talk.note("join of the second", second.enter("fixed", instance_id="two"))
    first.beat("fixed", instance_id="one")
    first.settle("fixed")
    talk.note("the second gets it", second.beat("fixed"))
    again = make("m3")
    talk.note("its instance is not free", again.enter("fixed", instance_id="two"))
    talk.note("another's instance", again.beat("fixed", epoch=2, instance_id="two"))
    talk.note("an instance that is not there", again.beat("fixed", epoch=2, instance_id="three"))
    talk.note("another's leave", again.quit("fixed", LEAVE_STATIC, instance_id="two"))
    talk.note("leaves for a while", second.quit("fixed", LEAVE_STATIC, instance_id="two"))
    talk.note("state", first.describe(1, "fixed"))
    talk.note("beats while away", second.beat("fixed", epoch=2))
    talk.note("the first meanwhile", first.beat("fixed"))
    talk.note("comes back", again.enter("fixed", instance_id="two"))
    talk.note("the one before", second.beat("fixed", epoch=2, instance_id="two"))
    talk.note("goes on", again.settle("fixed"))
    talk.note("state", first.describe(1, "fixed"))
    again.quit("fixed", LEAVE_STATIC, instance_id="two")
    talk.note("comes back for both topics", make("m4").enter("fixed", (TOPIC, OTHER), instance_id="two"))
    talk.note("state", first.describe(1, "fixed"))
    talk.note("leaves for good", first.quit("fixed", instance_id="one"))


def settled(group, members):
    """Beats until all members have what they are to have."""
    for _ in range(4):
        for member in members:
            member.settle(group)


def assignors(talk, make):
    for name, wanted in (("range", ("range", None, None)), ("uniform", ("uniform",) * 3),
                         ("mostly range", ("range", "range", "uniform"))):
        group, members = name.replace(" ", "-"), []
        for n, assignor in enumerate(wanted):
            members.append(make(f"{group}-{n}"))
            members[-1].enter(group, server_assignor=assignor)
            settled(group, members)
            talk.note(f"{name} of {n + 1}", members[0].describe(1, group))
        members[1].quit(group)
        settled(group, members[::2])
        talk.note(f"{name} without the second", members[0].describe(1, group))
    members = [make(f"mixed-{n}") for n in range(3)]
    for member, topics in zip(members, ((TOPIC,), (TOPIC, OTHER), (OTHER,))):
        member.enter("mixed", topics)
        settled("mixed", members[:members.index(member) + 1])
    talk.note("mixed subscriptions", members[0].describe(1, "mixed"))
    members[0].beat("mixed", subscribed_topic_names=[OTHER])
    settled("mixed", members)
    talk.note("another subscription", members[0].describe(1, "mixed"))


def await_topics(make, *topics):
    """Kafka's coordinator learns of a new topic some time after its client did."""
    member = make("early")
    member.enter("early-consumers", topics)
    beat_until(member, "early-consumers", lambda _: len(member.owned) == len(topics))
    member.quit("early-consumers")


def beat_until(member, group, is_over):
    end = time.monotonic() + DEADLINE_S
    while not is_over(answer := member.settle(group)):
        assert time.monotonic() < end, answer
        time.sleep(0.02)


def patterns(talk, make):
    first, second = make("m1"), make("m2")
    talk.note("join", first.enter("matched", None, subscribed_topic_regex="consumed.*"))
    beat_until(first, "matched", lambda answer: answer.member_epoch > 1)
    talk.note("state", first.describe(1, "matched"))
    talk.note("the same pattern", second.enter("matched", None, subscribed_topic_regex="consumed.*"))
    settled("matched", (first, second))
    talk.note("state", first.describe(1, "matched"))
    talk.note("no pattern any more", second.beat("matched", subscribed_topic_names=[OTHER], subscribed_topic_regex=""))
    settled("matched", (first, second))
    talk.note("state", first.describe(1, "matched"))
    talk.note("an old request", first.beat("matched", 0))
    talk.note("delete offsets", first.delete_offsets("matched", [(TOPIC, [0])]))


def new_topics(talk, make):
    member = make("m1")
    talk.note("no topic", member.enter("early-bird", ("consumed-later",)))
    make.topic("consumed-later", 3)
    beat_until(member, "early-bird", lambda answer: answer.member_epoch > 1)
    talk.note("state", member.describe(1, "early-bird"))


def administration(talk, make):
    member, nobody = make("m1"), make("nobody")
    member.enter("administered")
    classic = make("classic")
    classic.id = ""
    classic.join("administered-classic")
    nobody.commit("administered-simple", member="", generation=-1)
    names = ("administered", "administered-classic", "administered-simple", "nowhere")
    for version in (0, 1):
        talk.note("describe", nobody.describe(version, *names))
    for version in (5, 6):
        talk.note("describe as classic", nobody.call("DescribeGroups", version, groups=list(names),
                                                      include_authorized_operations=True))
    for states, types in (([], []), (["stable"], []), ([], ["Consumer"]), (["Stable"], ["classic"])):
        listed = nobody.call("ListGroups", 5, states_filter=states, types_filter=types)
        listed.groups = [g for g in listed.groups if g.group_id in names]
        talk.note(f"list {states} {types}", listed)
    talk.note("joins a classic group", member.enter("administered-classic"))
    talk.note("beats in a classic group", member.beat("administered-classic", epoch=1))
    talk.note("leaves a classic group", member.quit("administered-classic"))
    talk.note("joins a group of offsets", make("m2").enter("administered-simple"))
    member.epoch = 1
    member.commit("administered", topic=TOPIC, generation=1)
    talk.note("delete offsets", nobody.delete_offsets("administered", [(TOPIC, [0]), (OTHER, [0])]))
    talk.note("delete", nobody.call("DeleteGroups", 2, groups_names=["administered"]))
    member.quit("administered")
    talk.note("state", nobody.describe(1, "administered"))
    talk.note("delete when it is empty", nobody.call("DeleteGroups", 2, groups_names=["administered"]))
    talk.note("it is gone", nobody.describe(1, "administered"))
    talk.note("fetch by an id that is not there", nobody.call(
        "Metadata", 12, topics=[metadata.MetadataRequest.MetadataRequestTopic(topic_id=uuid.UUID(int=77), name=None)],
        allow_auto_topic_creation=False).topics[0].error_code)
    emptied = make("m3")
    emptied.enter("emptied")
    emptied.quit("emptied")
    classic = make("oldtimer")
    classic.id = ""
    talk.note("a classic member joins an empty group", classic.join("emptied"))
    talk.note("its assignment", classic.sync("emptied", assignments=[(classic, b"all")]))
    talk.note("it is classic", nobody.describe(1, "emptied"))


TALKS = {"one member": one_member, "two members": two_members, "epochs": epochs, "refusals": refusals,
         "static members": static_members, "assignors": assignors, "patterns": patterns, "new topics": new_topics,
         "administration": administration}


def ask(address, make_topic):
    """{title: [[step, answer]]}"""
    return hold_talks(address, make_topic, TALKS, {TOPIC: 4, OTHER: 3}, lambda asker, _: Talk(asker))


def hold_talks(address, make_topic, talks, topics, begin):
    """{title: [[step, answer]]} of the talks about topics, {name: partitions}. Each notes what it hears in a Talk that
    begin(asker, members) makes; its members close at its end."""
    for name, partitions in topics.items():
        make_topic(name, partitions)
    group_questions.await_coordinator(address, next(iter(topics)))
    answers = {}
    for title, talk in talks.items():
        members = []

        def make(client_id):
            members.append(Consumer(address, client_id))
            return members[-1]
        make.topic = make_topic
        await_topics(make, *topics)
        noted = begin(make("asker"), members)
        talk(noted, make)
        answers[title] = noted.said
        for member in members:
            member.close()
    return answers
