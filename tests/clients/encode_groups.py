#!/usr/bin/env python3
"""Writes requests, answers and assignments of consumer groups, in every version, as kafka-python encodes them.

    .deps/venv/bin/python tests/clients/encode_groups.py

The tests of src/format/kafka decode group_requests.txt and assignments.txt, and encode group_answers.txt.
"""
import pathlib
import uuid

import kafka_schemas
from kafka.protocol import admin, consumer, metadata
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment

FORMAT = pathlib.Path(__file__).resolve().parent.parent.parent / "src/format/kafka"
CLIENT = "kafka-python-3.0.12"


def schema(name):
    return next(getattr(m, name) for m in (consumer, admin, metadata, kafka_schemas) if hasattr(m, name))


def requests():
    """(name, versions, fields of a version, meaning in a version)"""
    protocol = consumer.JoinGroupRequest.JoinGroupRequestProtocol
    yield ("JoinGroup", range(10), lambda v: dict(
        group_id="g", session_timeout_ms=10, rebalance_timeout_ms=20, member_id="m",
        group_instance_id="i" if v >= 5 else None, protocol_type="consumer", reason="why" if v >= 8 else None,
        protocols=[protocol(name="range", metadata=b"one"), protocol(name="sticky", metadata=b"")]),
        lambda v: f"g 10 {20 if v else 10} m {'i' if v >= 5 else '-'} consumer range=one sticky=")
    assigned = consumer.SyncGroupRequest.SyncGroupRequestAssignment
    yield ("SyncGroup", range(6), lambda v: dict(
        group_id="g", generation_id=3, member_id="m", group_instance_id="i" if v >= 3 else None,
        protocol_type="consumer" if v >= 5 else None, protocol_name="range" if v >= 5 else None,
        assignments=[assigned(member_id="m", assignment=b"all"), assigned(member_id="n", assignment=b"")]),
        lambda v: f"g 3 m {'i' if v >= 3 else '-'} {'consumer range' if v >= 5 else '- -'} m=all n=")
    yield ("Heartbeat", range(5), lambda v: dict(
        group_id="g", generation_id=3, member_id="m", group_instance_id="i" if v >= 3 else None),
        lambda v: f"g 3 m {'i' if v >= 3 else '-'}")
    leaving = consumer.LeaveGroupRequest.MemberIdentity
    yield ("LeaveGroup", range(6), lambda v: dict(group_id="g", member_id="m") if v < 3 else dict(
        group_id="g", members=[leaving(member_id="m", group_instance_id="i", reason="why"),
                               leaving(member_id="n", group_instance_id=None, reason=None)]),
        lambda v: "g m:-" if v < 3 else "g m:i n:-")
    commit = consumer.OffsetCommitRequest.OffsetCommitRequestTopic
    part = commit.OffsetCommitRequestPartition
    yield ("OffsetCommit", range(2, 10), lambda v: dict(
        group_id="g", generation_id_or_member_epoch=3, member_id="m", retention_time_ms=9,
        group_instance_id="i" if v >= 7 else None, topics=[
            commit(name="t", partitions=[
                part(partition_index=1, committed_offset=7, committed_leader_epoch=5, committed_metadata="x"),
                part(partition_index=2, committed_offset=8, committed_leader_epoch=-1, committed_metadata=None)]),
            commit(name="u", partitions=[
                part(partition_index=0, committed_offset=9, committed_leader_epoch=6, committed_metadata="")])]),
        lambda v: f"g 3 m {'i' if v >= 7 else '-'} {9 if v <= 4 else -1} t/1@7:{5 if v >= 6 else -1}=x "
        f"t/2@8:-1= u/0@9:{6 if v >= 6 else -1}=")
    fetch, groups = consumer.OffsetFetchRequest.OffsetFetchRequestTopic, consumer.OffsetFetchRequest.OffsetFetchRequestGroup
    yield ("OffsetFetch", range(1, 10), lambda v: dict(
        group_id="g", require_stable=True, topics=[fetch(name="t", partition_indexes=[1, 2]),
                                                   fetch(name="u", partition_indexes=[0])])
        if v < 8 else dict(require_stable=True, groups=[
            groups(group_id="g", member_id="m" if v >= 9 else None, member_epoch=1, topics=[
                groups.OffsetFetchRequestTopics(name="t", partition_indexes=[1, 2])]),
            groups(group_id="h", member_id=None, member_epoch=-1, topics=None)]),
        lambda v: "g:t/1,t/2,u/0" if v < 8 else "g:t/1,t/2 h:*")
    yield ("DescribeGroups", range(7), lambda v: dict(
        groups=["g", "h"], include_authorized_operations=v >= 3), lambda v: f"g,h {int(v >= 3)}")
    yield ("ListGroups", range(6), lambda v: dict(
        states_filter=["Stable", "Empty"] if v >= 4 else [], types_filter=["classic"] if v >= 5 else []),
        lambda v: f"states={'Stable,Empty' if v >= 4 else ''} types={'classic' if v >= 5 else ''}")
    yield ("DeleteGroups", range(3), lambda v: dict(groups_names=["g", "h"]), lambda v: "g,h")
    delete = consumer.OffsetDeleteRequest.OffsetDeleteRequestTopic
    yield ("OffsetDelete", range(1), lambda v: dict(group_id="g", topics=[
        delete(name="t", partitions=[delete.OffsetDeleteRequestPartition(partition_index=p) for p in (1, 2)])]),
        lambda v: "g t/1 t/2")
    yield ("FindCoordinator", range(7), lambda v: dict(key="g", key_type=0) if v < 4 else dict(
        key_type=0, coordinator_keys=["g", "h"]),
        lambda v: f"key={'g' if v < 4 else 'g,h'} transactions=0")


    topic = metadata.MetadataRequest.MetadataRequestTopic
    yield ("Metadata", range(9, 13), lambda v: dict(
        topics=[topic(name="t"), topic(name=None, topic_id=uuid.UUID(int=5)) if v >= 12 else topic(name="u")],
        allow_auto_topic_creation=False), lambda v: "topics=t create=0 ids=00000000-0000-0000-0000-000000000005"
        if v >= 12 else "topics=t,u create=0")
    owned = kafka_schemas.ConsumerGroupHeartbeatRequest.TopicPartitions
    yield ("ConsumerGroupHeartbeat", range(2), lambda v: dict(
        group_id="g", member_id="m", member_epoch=3, instance_id="i", rack_id="r", rebalance_timeout_ms=9,
        subscribed_topic_names=["t", "u"], subscribed_topic_regex="p" if v >= 1 else None, server_assignor="range",
        topic_partitions=[owned(topic_id=uuid.UUID(int=5), partitions=[1, 2])]),
        lambda v: f"g m 3 i r 9 t,u {'p' if v >= 1 else '-'} range 00000000-0000-0000-0000-000000000005/1,2")
    yield ("ConsumerGroupHeartbeat", range(2), lambda v: dict(group_id="g", member_id="m", member_epoch=-1),
           lambda v: "g m -1 - - -1 - - - -")
    yield ("ConsumerGroupDescribe", range(2), lambda v: dict(
        group_ids=["g", "h"], include_authorized_operations=True), lambda v: "g,h 1")


def answers():
    """(name, versions, fields of a version)"""
    member = consumer.JoinGroupResponse.JoinGroupResponseMember
    yield ("JoinGroup", range(10), lambda v: dict(
        error_code=0, generation_id=3, protocol_type="consumer", protocol_name="range", leader="m",
        skip_assignment=v >= 9, member_id="m", members=[
            member(member_id="m", group_instance_id="i" if v >= 5 else None, metadata=b"one"),
            member(member_id="n", group_instance_id=None, metadata=b"")]))
    yield ("SyncGroup", range(6), lambda v: dict(error_code=27, protocol_type="consumer",
                                                 protocol_name=None, assignment=b"all"))
    yield ("Heartbeat", range(5), lambda v: dict(error_code=27))
    left = consumer.LeaveGroupResponse.MemberResponse
    yield ("LeaveGroup", range(6), lambda v: dict(error_code=0 if v >= 3 else 25, members=[
        left(member_id="m", group_instance_id="i", error_code=25)]))
    topic = consumer.OffsetCommitResponse.OffsetCommitResponseTopic
    done = topic.OffsetCommitResponsePartition
    yield ("OffsetCommit", range(2, 10), lambda v: dict(topics=[
        topic(name="t", partitions=[done(partition_index=1, error_code=0),
                                    done(partition_index=2, error_code=3)]),
        topic(name="u", partitions=[done(partition_index=0, error_code=12)])]))
    old = consumer.OffsetFetchResponse.OffsetFetchResponseTopic
    of_group = consumer.OffsetFetchResponse.OffsetFetchResponseGroup
    new = of_group.OffsetFetchResponseTopics

    def fetched(cls, partition):
        return [cls(name="t", partitions=[
            partition(partition_index=1, committed_offset=7, committed_leader_epoch=5, metadata="x",
                      error_code=0),
            partition(partition_index=2, committed_offset=-1, committed_leader_epoch=-1, metadata="",
                      error_code=0)])]
    yield ("OffsetFetch", range(1, 10), lambda v: dict(
        error_code=0, topics=fetched(old, old.OffsetFetchResponsePartition)) if v < 8 else dict(groups=[
            of_group(group_id="g", error_code=0, topics=fetched(new, new.OffsetFetchResponsePartitions))]))
    described = admin.DescribeGroupsResponse.DescribedGroup
    who = described.DescribedGroupMember
    yield ("DescribeGroups", range(7), lambda v: dict(groups=[
        described(error_code=0, error_message=None, group_id="g", group_state="Stable",
                  protocol_type="consumer", protocol_data="range", authorized_operations={3, 6, 8, 10, 11}, members=[
                      who(member_id="m", group_instance_id="i", client_id="c", client_host="/h",
                          member_metadata=b"one", member_assignment=b"all")]),
        described(error_code=69 if v >= 6 else 0, error_message="no" if v >= 6 else None, group_id="h",
                  group_state="Dead", protocol_type="", protocol_data="", members=[],
                  authorized_operations={31} if v >= 6 else {3, 6, 8, 10, 11})]))
    listed = admin.ListGroupsResponse.ListedGroup
    yield ("ListGroups", range(6), lambda v: dict(error_code=0, groups=[
        listed(group_id="g", protocol_type="consumer", group_state="Stable", group_type="classic")]))
    gone = admin.DeleteGroupsResponse.DeletableGroupResult
    yield ("DeleteGroups", range(3), lambda v: dict(results=[gone(group_id="g", error_code=0),
                                                             gone(group_id="h", error_code=68)]))
    removed = consumer.OffsetDeleteResponse.OffsetDeleteResponseTopic
    yield ("OffsetDelete", range(1), lambda v: dict(error_code=0, topics=[removed(name="t", partitions=[
        removed.OffsetDeleteResponsePartition(partition_index=1, error_code=0),
        removed.OffsetDeleteResponsePartition(partition_index=2, error_code=86)])]))

    beat = kafka_schemas.ConsumerGroupHeartbeatResponse
    yield ("ConsumerGroupHeartbeat", range(2), lambda v: dict(
        error_code=0, error_message=None, member_id="m", member_epoch=3, heartbeat_interval_ms=5,
        assignment=beat.Assignment(topic_partitions=[
            beat.Assignment.TopicPartitions(topic_id=uuid.UUID(int=5), partitions=[1, 2])])))
    seen = kafka_schemas.ConsumerGroupDescribeResponse.DescribedGroup
    who = seen.Member
    yield ("ConsumerGroupDescribe", range(2), lambda v: dict(groups=[
        seen(error_code=0, error_message=None, group_id="g", group_state="Stable", group_epoch=3, assignment_epoch=2,
             assignor_name="range", authorized_operations=3400, members=[who(
                 member_id="m", instance_id="i", rack_id="r", member_epoch=2, client_id="c", client_host="/h",
                 subscribed_topic_names=["t"], subscribed_topic_regex="p", member_type=1,
                 assignment=who.Assignment(topic_partitions=[who.Assignment.TopicPartitions(
                     topic_id=uuid.UUID(int=5), topic_name="t", partitions=[1, 2])]),
                 target_assignment=who.Assignment(topic_partitions=[]))]),
        seen(error_code=69, error_message="no", group_id="h", group_state="", group_epoch=0, assignment_epoch=0,
             assignor_name="", members=[], authorized_operations=-2147483648)]))


def assignments():
    """(version, meaning, bytes)"""
    cls = ConsumerProtocolAssignment
    for version in range(4):
        for meaning, topics, data in (("t=1,2 u=0", (("t", [1, 2]), ("u", [0])), None), ("nothing", (), b""),
                                      ("events=7", (("events", [7]),), b"of the assignor")):
            parts = [cls.TopicPartition(topic=name, partitions=numbers) for name, numbers in topics]
            made = cls(assigned_partitions=parts, user_data=data)
            yield version, meaning, made.encode(version=version)


def main():
    rows = []
    for name, versions, fields, meaning in requests():
        for version in versions:
            request = schema(f"{name}Request")(**fields(version))
            request.with_header(correlation_id=7, client_id="c")
            frame = request.encode(version=version, header=True)
            rows.append(f"{CLIENT} {request.API_KEY} {version} | {meaning(version)} | {frame.hex()}")
    head = "# client key version | meaning | frame; made by tests/clients/encode_groups.py\n"
    (FORMAT / "group_requests.txt").write_text(head + "\n".join(rows) + "\n")
    rows = []
    for name, versions, fields in answers():
        for version in versions:
            answer = schema(f"{name}Response")(throttle_time_ms=0, **fields(version))
            body = answer.encode(version=version).hex()
            rows.append(f"{CLIENT} {answer.API_KEY} {version} | - | {body}")
    head = "# client key version | - | answer behind its header; made by tests/clients/encode_groups.py\n"
    (FORMAT / "group_answers.txt").write_text(head + "\n".join(rows) + "\n")
    rows = [f"{CLIENT} {version} | {meaning} | {frame.hex()}" for version, meaning, frame in assignments()]
    head = "# client version | meaning | assignment; made by tests/clients/encode_groups.py\n"
    (FORMAT / "assignments.txt").write_text(head + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
