"""What administrators are answered, in every version of each request: asked of Kafka by record_kafka.py, of us by
a test. kafka-python's schemas speak the protocol.

Sizes are told as whether they are above 0, folders and ids by what they stand for.
"""
import pathlib
import sys

from kafka.protocol import admin, consumer

from group_questions import DEADLINE_S, Member

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "hostile"))
import kafka_wire  # noqa: E402
from producer_sequences import new_id  # noqa: E402

TOPIC, EMPTY = "admin", "admin-empty"
SIZES = ("partition_size", "total_bytes", "usable_bytes")
LEFT_OUT = ("throttle_time_ms", "port")
ASKED = (TOPIC, EMPTY, TOPIC + "x", "no", "")


def is_of_others(one):
    """Whether it is about a topic of the broker's own."""
    return isinstance(one, dict) and one.get("name", one.get("topic", "")) not in ASKED


class Asker:
    """Notes answers; a connection that the broker closes is noted as "closed", and opened again."""

    def __init__(self, address):
        self.address, self.said, self.names = address, [], {}
        self.member = Member(address, "asker")

    def note(self, title, name, version, **fields):
        try:
            answer = self.member.call(name, version, **fields)
        except (AssertionError, ConnectionError):
            self.member.close()
            self.member = Member(self.address, "asker")
            self.said.append([title, version, "closed"])
            return None
        self.said.append([title, version, self.plain(answer.to_dict())])
        return answer

    def every(self, title, name, versions, fields):
        for version in versions:
            self.note(title, name, version, **fields)

    def name(self, kind, value):
        return self.names.setdefault(value, f"{kind} {sum(n.startswith(kind) for n in self.names.values())}")

    def plain(self, value, key=""):
        if isinstance(value, dict):
            return {k: self.plain(v, k) for k, v in value.items() if not k.startswith("_") and k not in LEFT_OUT}
        if isinstance(value, (list, tuple, set, frozenset)):
            kept = [self.plain(one) for one in value if not is_of_others(one)]
            return sorted(kept, key=repr)
        if key in SIZES:
            return value > 0
        if key in ("cluster_id", "log_dir", "producer_id"):
            return self.name(key, value)
        return value


def at_time(time_ms, producer=kafka_wire.NO_PRODUCER):
    return kafka_wire.batch_of(kafka_wire.record(b"x"), producer, times=(time_ms, time_ms))


def cluster(asker, broker):
    for operations in (False, True):
        asker.every(f"operations {operations}", "DescribeCluster", range(3),
                    dict(include_cluster_authorized_operations=operations, endpoint_type=1,
                         include_fenced_brokers=False))
    asker.every("with fenced brokers", "DescribeCluster", [2], dict(
        include_cluster_authorized_operations=False, endpoint_type=1, include_fenced_brokers=True))
    for kind in (0, 2, 3):
        asker.every(f"endpoints of type {kind}", "DescribeCluster", [1, 2], dict(
            include_cluster_authorized_operations=False, endpoint_type=kind, include_fenced_brokers=False))


def log_dirs(asker, broker):
    one = admin.DescribeLogDirsRequest.DescribableLogDirTopic

    def asked(*topics):
        return dict(topics=[one(topic=name, partitions=list(numbers)) for name, numbers in topics])
    asker.every("all", "DescribeLogDirs", range(1, 5), dict(topics=None))
    asker.every("one of two", "DescribeLogDirs", range(1, 5), asked((TOPIC, [0])))
    asker.every("some, and what is not there", "DescribeLogDirs", [4], asked(
        (TOPIC, [1, 0]), (EMPTY, [0]), (TOPIC + "x", [0]), (EMPTY, [7])))
    asker.every("one twice", "DescribeLogDirs", [4], asked((TOPIC, [0, 0])))
    asker.every("a topic twice", "DescribeLogDirs", [4], asked((TOPIC, [0]), (TOPIC, [1])))
    asker.every("none", "DescribeLogDirs", [1, 4], asked())
    asker.every("no partitions", "DescribeLogDirs", [4], asked((TOPIC, [])))


def moves_between_dirs(asker, broker):
    dirs = admin.AlterReplicaLogDirsRequest.AlterReplicaLogDir
    topics = dirs.AlterReplicaLogDirTopic

    def asked(*moves):
        return dict(dirs=[dirs(path=path, topics=[topics(name=name, partitions=numbers) for name, numbers in parts])
                          for path, parts in moves])
    here = asker.member.call("DescribeLogDirs", 1, topics=None).results[0].log_dir
    asker.every("to where it is", "AlterReplicaLogDirs", [1, 2], asked((here, [(TOPIC, [0, 1])])))
    asker.every("to another folder", "AlterReplicaLogDirs", [1, 2], asked(("/nowhere", [(TOPIC, [0]), (EMPTY, [0])])))
    asker.every("unknown partitions", "AlterReplicaLogDirs", [2], asked((here, [(TOPIC, [7]), ("no", [0])])))
    asker.every("unknown everything", "AlterReplicaLogDirs", [2], asked(("/nowhere", [(TOPIC, [7]), ("no", [0])])))
    asker.every("a relative folder", "AlterReplicaLogDirs", [2], asked(("nowhere", [(TOPIC, [0])])))
    asker.every("to two folders", "AlterReplicaLogDirs", [2], asked(("/nowhere", [(TOPIC, [0])]), (here, [(TOPIC, [0])])))
    asker.every("nothing", "AlterReplicaLogDirs", [1, 2], asked())


def epochs(asker, broker):
    one = consumer.OffsetForLeaderEpochRequest.OffsetForLeaderTopic

    def asked(*parts):
        return dict(replica_id=-1, topics=[
            one(topic=name, partitions=[one.OffsetForLeaderPartition(
                partition=number, current_leader_epoch=current, leader_epoch=epoch)])
            for name, number, current, epoch in parts])
    for current in (-1, 0, 1, -2):
        for epoch in (-1, 0, 1, 7, -2):
            asker.every(f"epoch {epoch} while {current}", "OffsetForLeaderEpoch", range(2, 5), asked((TOPIC, 0, current, epoch)))
    asker.every("an empty partition", "OffsetForLeaderEpoch", range(2, 5), asked((EMPTY, 0, 0, 0)))
    asker.every("unknown partitions", "OffsetForLeaderEpoch", range(2, 5), asked((TOPIC, 7, 0, 0), ("no", 0, 0, 0)))
    asker.every("none", "OffsetForLeaderEpoch", range(2, 5), asked())
    asked_twice = one(topic=TOPIC, partitions=[one.OffsetForLeaderPartition(
        partition=0, current_leader_epoch=0, leader_epoch=epoch) for epoch in (0, 1)])
    asker.every("a partition twice", "OffsetForLeaderEpoch", [4], dict(replica_id=-1, topics=[asked_twice]))


def offsets(asker, broker):
    """The epochs of ListOffsets, which are the same as those above."""
    one = consumer.ListOffsetsRequest.ListOffsetsTopic
    for current in (-1, 0, 1, -2):
        for timestamp in (-1, -2, 1000, 10**15):
            asker.every(f"time {timestamp} while {current}", "ListOffsets", [4, 5], dict(
                replica_id=-1, isolation_level=0, topics=[one(name=TOPIC, partitions=[one.ListOffsetsPartition(
                    partition_index=0, current_leader_epoch=current, timestamp=timestamp)])]))
    for name, number in ((EMPTY, 0), (TOPIC, 7), ("no", 0)):
        asker.every(f"{name}/{number}", "ListOffsets", [4, 5], dict(
            replica_id=-1, isolation_level=0, topics=[one(name=name, partitions=[one.ListOffsetsPartition(
                partition_index=number, current_leader_epoch=-1, timestamp=-1)])]))


def fetches(asker, broker):
    """The epochs of Fetch: errors alone, since nothing is there to read."""
    one = consumer.FetchRequest.FetchTopic
    for current in (-1, 0, 1, -2):
        for version in (9, 10, 11):
            answer = asker.member.call("Fetch", version, max_wait_ms=1, min_bytes=1, max_bytes=1 << 20, topics=[one(
                topic=TOPIC, partitions=[one.FetchPartition(partition=0, current_leader_epoch=current, fetch_offset=3,
                                                            partition_max_bytes=1 << 20)])])
            part = answer.responses[0].partitions[0]
            asker.said.append([f"while {current}", version, [part.error_code, part.high_watermark, part.log_start_offset]])


def producers(asker, broker):
    one = admin.DescribeProducersRequest.TopicRequest

    def asked(*topics):
        return dict(topics=[one(name=name, partition_indexes=numbers) for name, numbers in topics])
    asker.note("before", "DescribeProducers", 0, **asked((TOPIC, [0])))
    connection = kafka_wire.Connection(broker)
    for number in range(2):
        error, given, _ = new_id(connection)
        assert error == 0
        for sequence in range(3 - number):
            batch = at_time(5000 + 10 * sequence + number, (given, number, sequence))
            assert connection.produce(TOPIC, 0, batch)[0] == 0
        asker.name("producer_id", given)
    connection.close()
    asker.note("two", "DescribeProducers", 0, **asked((TOPIC, [0])))
    asker.note("some, and what is not there", "DescribeProducers", 0, **asked((TOPIC, [1, 7, 0]), ("no", [0]), (EMPTY, [0])))
    asker.note("none", "DescribeProducers", 0, **asked())


def elections(asker, broker):
    one = admin.ElectLeadersRequest.TopicPartitions

    def asked(kind, *topics):
        named = None if topics == (None,) else [one(topic=name, partitions=numbers) for name, numbers in topics]
        return dict(election_type=kind, topic_partitions=named, timeout_ms=5000)
    for kind in (0, 1):
        asker.every(f"type {kind} of all", "ElectLeaders", range(3), asked(kind, None))
        asker.every(f"type {kind} of some", "ElectLeaders", range(3), asked(
            kind, (TOPIC, [0, 1, 7]), (EMPTY, [0]), ("no", [0, 1])))
    asker.every("of none", "ElectLeaders", range(3), asked(0))
    asker.every("of no partitions", "ElectLeaders", range(3), asked(0, (TOPIC, [])))
    asker.every("one twice", "ElectLeaders", [2], asked(0, (TOPIC, [0, 0])))
    asker.every("another type", "ElectLeaders", range(3), asked(5, (TOPIC, [0])))
    asker.every("another type of none", "ElectLeaders", [2], asked(5))
    asker.every("another type of all", "ElectLeaders", [1, 2], asked(5, None))


def reassignments(asker, broker):
    of = admin.ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics
    topics = admin.AlterPartitionReassignmentsRequest.ReassignableTopic

    def asked(*moves, may=True):
        return dict(timeout_ms=5000, allow_replication_factor_change=may, topics=[
            topics(name=name, partitions=[topics.ReassignablePartition(partition_index=number, replicas=replicas)
                                          for number, replicas in parts]) for name, parts in moves])

    def listed(title):
        asker.note(title, "ListPartitionReassignments", 0, timeout_ms=5000, topics=None)
        asker.note(title + ", of some", "ListPartitionReassignments", 0, timeout_ms=5000, topics=[
            of(name=TOPIC, partition_indexes=[0, 7]), of(name="no", partition_indexes=[0])])
        asker.note(title + ", of none", "ListPartitionReassignments", 0, timeout_ms=5000, topics=[])
    listed("before")
    both = range(2)
    name = "AlterPartitionReassignments"
    asker.every("where it is", name, both, asked((TOPIC, [(0, [1])])))
    asker.every("to another", name, both, asked((TOPIC, [(0, [2])])))
    asker.every("to one more", name, both, asked((TOPIC, [(0, [1, 2])])))
    asker.every("to others", name, both, asked((TOPIC, [(0, [3, 1, 2])])))
    asker.every("to one twice", name, both, asked((TOPIC, [(0, [1, 1])])))
    asker.every("to one twice and another", name, both, asked((TOPIC, [(0, [2, 2])])))
    asker.every("to none", name, both, asked((TOPIC, [(0, [])])))
    asker.every("below none", name, both, asked((TOPIC, [(0, [-1])])))
    asker.every("cancel", name, both, asked((TOPIC, [(0, None), (1, [1])])))
    asker.every("unknown ones", name, both, asked((TOPIC, [(7, [1])]), ("no", [(0, [1]), (1, None)])))
    asker.every("cancel unknown ones", name, both, asked((TOPIC, [(7, None)]), ("no", [(0, None)])))
    asker.every("a partition twice", name, both, asked((TOPIC, [(0, [1]), (0, None)])))
    asker.every("a topic twice", name, both, asked((TOPIC, [(0, [1])]), (TOPIC, [(1, [1])])))
    asker.every("a topic without partitions", name, both, asked((TOPIC, [])))
    asker.every("no other number of replicas", name, [1], asked(
        (TOPIC, [(0, [1, 2]), (1, [1])]), (EMPTY, [(0, [2])]), may=False))
    asker.every("nothing", name, both, asked())
    listed("after")


def acls(asker, broker):
    create = admin.CreateAclsRequest.AclCreation
    delete = admin.DeleteAclsRequest.DeleteAclsFilter
    every = range(1, 4)

    def wanted(**changed):
        return {**dict(resource_type_filter=2, resource_name_filter=TOPIC, pattern_type_filter=3, principal_filter=None,
                       host_filter=None, operation=3, permission_type=3), **changed}

    def made(**changed):
        return create(**{**dict(resource_type=2, resource_name=TOPIC, resource_pattern_type=3, principal="User:ada",
                                host="*", operation=3, permission_type=3), **changed})
    asker.every("describe", "DescribeAcls", every, wanted())
    asker.every("describe all", "DescribeAcls", every, wanted(
        resource_type_filter=1, resource_name_filter=None, pattern_type_filter=1, operation=1, permission_type=1))
    for field in ("resource_type_filter", "pattern_type_filter", "operation", "permission_type"):
        for value in (0, 99, -1):
            asker.every(f"describe {field} {value}", "DescribeAcls", [1, 3], wanted(**{field: value}))
    asker.every("describe users", "DescribeAcls", every, wanted(resource_type_filter=7))
    asker.every("create", "CreateAcls", every, dict(creations=[made(), made(principal="User:bob")]))
    asker.every("create none", "CreateAcls", every, dict(creations=[]))
    for field in ("resource_type", "resource_pattern_type", "operation", "permission_type"):
        for value in (0, 1, 99):
            asker.every(f"create {field} {value}", "CreateAcls", [1, 3], dict(creations=[made(**{field: value})]))
    asker.every("create a principal without a type", "CreateAcls", [3], dict(creations=[made(principal="ada")]))
    asker.every("delete", "DeleteAcls", every, dict(filters=[delete(**wanted()), delete(**wanted(host_filter="*"))]))
    asker.every("delete none", "DeleteAcls", every, dict(filters=[]))
    for field in ("resource_type_filter", "pattern_type_filter", "operation", "permission_type"):
        for value in (0, 99):
            asker.every(f"delete {field} {value}", "DeleteAcls", [1, 3], dict(filters=[delete(**wanted(**{field: value}))]))


def users(asker, broker):
    one = admin.DescribeUserScramCredentialsRequest.UserName
    gone = admin.AlterUserScramCredentialsRequest.ScramCredentialDeletion
    made = admin.AlterUserScramCredentialsRequest.ScramCredentialUpsertion

    def upsert(name="ada", mechanism=1, iterations=4096, salt=b"salt", password=b"x" * 32):
        return made(name=name, mechanism=mechanism, iterations=iterations, salt=salt, salted_password=password)
    describe, alter = "DescribeUserScramCredentials", "AlterUserScramCredentials"
    asker.note("all", describe, 0, users=None)
    asker.note("no names", describe, 0, users=[])
    asker.note("some", describe, 0, users=[one(name="ada"), one(name="bob")])
    asker.note("one twice", describe, 0, users=[one(name="ada"), one(name="ada"), one(name="bob")])
    asker.note("the empty name", describe, 0, users=[one(name="")])
    asker.note("delete", alter, 0, deletions=[gone(name="ada", mechanism=1), gone(name="bob", mechanism=2)], upsertions=[])
    asker.note("delete twice", alter, 0, deletions=[gone(name="ada", mechanism=1), gone(name="ada", mechanism=2)], upsertions=[])
    asker.note("delete one twice", alter, 0, deletions=[gone(name="ada", mechanism=1), gone(name="ada", mechanism=1)], upsertions=[])
    asker.note("delete of no mechanism", alter, 0, deletions=[gone(name="ada", mechanism=0), gone(name="bob", mechanism=9)], upsertions=[])
    asker.note("delete the empty name", alter, 0, deletions=[gone(name="", mechanism=1)], upsertions=[])
    asker.note("nothing", alter, 0, deletions=[], upsertions=[])
    asker.note("one deleted and made", alter, 0, deletions=[gone(name="ada", mechanism=1)], upsertions=[upsert()])
    asker.note("made wrongly", alter, 0, deletions=[], upsertions=[
        upsert("a", mechanism=0), upsert("b", mechanism=7), upsert("c", iterations=1), upsert("d", iterations=16385),
        upsert("")])
    asker.note("made twice", alter, 0, deletions=[], upsertions=[upsert(), upsert()])
    asker.note("still none", describe, 0, users=None)


def quotas(asker, broker):
    one = admin.DescribeClientQuotasRequest.ComponentData
    entry = admin.AlterClientQuotasRequest.EntryData

    def wanted(*parts, strict=False):
        return dict(strict=strict, components=[one(entity_type=k, match_type=how, match=name) for k, how, name in parts])

    def change(*entity, ops=(("producer_byte_rate", 0.0, True),)):
        return entry(entity=[entry.EntityData(entity_type=k, entity_name=name) for k, name in entity],
                     ops=[entry.OpData(key=key, value=value, remove=remove) for key, value, remove in ops])
    both = range(2)
    describe, alter = "DescribeClientQuotas", "AlterClientQuotas"
    asker.every("all", describe, both, wanted())
    asker.every("of one user", describe, both, wanted(("user", 0, "ada")))
    asker.every("of the user by default", describe, both, wanted(("user", 1, None)))
    asker.every("of users and clients", describe, both, wanted(("user", 2, None), ("client-id", 0, "c"), strict=True))
    asker.every("of an address", describe, both, wanted(("ip", 0, "127.0.0.1")))
    asker.every("of an address and a user", describe, both, wanted(("ip", 0, "127.0.0.1"), ("user", 2, None)))
    asker.every("of another kind", describe, both, wanted(("planet", 2, None)))
    asker.every("of no kind", describe, both, wanted(("", 2, None)))
    asker.every("a kind twice", describe, both, wanted(("user", 2, None), ("user", 0, "ada")))
    asker.every("an exact match without a name", describe, both, wanted(("user", 0, None)))
    asker.every("a default with a name", describe, both, wanted(("user", 1, "ada")))
    asker.every("any with a name", describe, both, wanted(("user", 2, "ada")))
    asker.every("another match", describe, both, wanted(("user", 9, None)))
    for dry in (True, False):
        def changes(*entries, dry=dry):
            return dict(entries=list(entries), validate_only=dry)
        asker.every(f"remove what is not there, {dry}", alter, both, changes(change(("user", "ada")), change(("client-id", None))))
        asker.every(f"remove of an address, {dry}", alter, both, changes(
            change(("ip", "127.0.0.1"), ops=(("connection_creation_rate", 0.0, True),))))
        asker.every(f"an unknown key, {dry}", alter, both, changes(change(("user", "ada"), ops=(("speed", 1.0, False),))))
        asker.every(f"removal of an unknown key, {dry}", alter, both, changes(change(("user", "ada"), ops=(("speed", 1.0, True),))))
        asker.every(f"another kind, {dry}", alter, both, changes(change(("planet", "earth"))))
        asker.every(f"no kind, {dry}", alter, both, changes(change()))
        asker.every(f"kinds that do not go together, {dry}", alter, both, changes(change(("user", "ada"), ("ip", "127.0.0.1"))))
        asker.every(f"a kind twice, {dry}", alter, both, changes(change(("user", "ada"), ("user", "bob"))))
        asker.every(f"an empty name, {dry}", alter, both, changes(change(("user", ""))))
        asker.every(f"no address, {dry}", alter, both, changes(
            change(("ip", "not an address"), ops=(("connection_creation_rate", 0.0, True),))))
        asker.every(f"a key of another kind, {dry}", alter, both, changes(
            change(("ip", "127.0.0.1")), change(("user", "ada"), ops=(("connection_creation_rate", 5.0, False),))))
        asker.every(f"wrong numbers, {dry}", alter, both, changes(
            change(("user", "a"), ops=(("producer_byte_rate", -1.0, False),)),
            change(("user", "b"), ops=(("producer_byte_rate", 0.0, False),)),
            change(("user", "c"), ops=(("producer_byte_rate", 1.5, False),)),
            change(("user", "d"), ops=(("request_percentage", -1.5, False),))))
        asker.every(f"an entity twice, {dry}", alter, both, changes(change(("user", "ada")), change(("user", "ada"))))
        asker.every(f"a key twice, {dry}", alter, both, changes(
            change(("user", "ada"), ops=(("producer_byte_rate", 0.0, True), ("producer_byte_rate", 0.0, True)))))
        asker.every(f"no operations, {dry}", alter, both, changes(change(("user", "ada"), ops=())))
        asker.every(f"nothing, {dry}", alter, both, changes())
    asker.every("still none", describe, both, wanted())


TALKS = {"cluster": cluster, "log dirs": log_dirs, "moves between dirs": moves_between_dirs, "epochs": epochs,
         "offsets": offsets, "fetches": fetches, "producers": producers, "elections": elections, "reassignments": reassignments,
         "acls": acls, "users": users, "quotas": quotas}


def ask(address, make_topic):
    """{title: [[question, version, answer]]}"""
    make_topic(TOPIC, 2)
    make_topic(EMPTY, 1)
    connection = kafka_wire.Connection(address)
    for number in range(3):
        assert connection.produce(TOPIC, 0, at_time(1000 + number))[0] == 0
    connection.close()
    answers = {}
    for title, talk in TALKS.items():
        asker = Asker(address)
        asker.member.socket.settimeout(DEADLINE_S)
        talk(asker, address)
        asker.member.close()
        answers[title] = asker.said
    return answers
