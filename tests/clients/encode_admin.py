#!/usr/bin/env python3
"""Writes requests and answers of administration, in every version, as kafka-python encodes them.

    .deps/venv/bin/python tests/clients/encode_admin.py

The tests of src/format/kafka decode admin_requests.txt and encode admin_answers.txt.
"""
from kafka.protocol import admin, consumer

from encode_groups import CLIENT, FORMAT, schema


def requests():
    """(name, versions, fields of a version, meaning in a version)"""
    yield ("DescribeCluster", range(3), lambda v: dict(
        include_cluster_authorized_operations=True, endpoint_type=2 if v >= 1 else 1, include_fenced_brokers=v >= 2),
        lambda v: f"operations=1 endpoints={2 if v >= 1 else 1}")
    dirs = admin.DescribeLogDirsRequest.DescribableLogDirTopic
    yield ("DescribeLogDirs", range(1, 5), lambda v: dict(topics=None if v == 3 else [
        dirs(topic="t", partitions=[1, 2]), dirs(topic="u", partitions=[])]), lambda v: "*" if v == 3 else "t:1,2 u:")
    move = admin.AlterReplicaLogDirsRequest.AlterReplicaLogDir
    of = move.AlterReplicaLogDirTopic
    yield ("AlterReplicaLogDirs", range(1, 3), lambda v: dict(dirs=[
        move(path="/a", topics=[of(name="t", partitions=[1, 2]), of(name="u", partitions=[0])]),
        move(path="/b", topics=[of(name="t", partitions=[3])])]), lambda v: "t/1>/a t/2>/a u/0>/a t/3>/b")
    epochs = consumer.OffsetForLeaderEpochRequest.OffsetForLeaderTopic
    yield ("OffsetForLeaderEpoch", range(2, 5), lambda v: dict(replica_id=-2, topics=[
        epochs(topic=name, partitions=[epochs.OffsetForLeaderPartition(
            partition=n, current_leader_epoch=n + 1, leader_epoch=n + 2) for n in parts])
        for name, parts in (("t", [1, 2]), ("u", [0]))]), lambda v: "t:1@3while2,2@4while3 u:0@2while1")
    producers = admin.DescribeProducersRequest.TopicRequest
    yield ("DescribeProducers", range(1), lambda v: dict(topics=[
        producers(name="t", partition_indexes=[1, 2]), producers(name="u", partition_indexes=[0])]), lambda v: "t:1,2 u:0")
    elect = admin.ElectLeadersRequest.TopicPartitions
    yield ("ElectLeaders", range(3), lambda v: dict(
        election_type=1 if v >= 1 else 0, timeout_ms=9, topic_partitions=None if v == 1 else [
            elect(topic="t", partitions=[1, 2]), elect(topic="u", partitions=[0])]),
        lambda v: f"type={1 if v >= 1 else 0} {'*' if v == 1 else 't:1,2 u:0'}")
    alter = admin.AlterPartitionReassignmentsRequest.ReassignableTopic
    yield ("AlterPartitionReassignments", range(2), lambda v: dict(
        timeout_ms=9, allow_replication_factor_change=v == 0, topics=[alter(name="t", partitions=[
            alter.ReassignablePartition(partition_index=1, replicas=[1, 2]),
            alter.ReassignablePartition(partition_index=2, replicas=None),
            alter.ReassignablePartition(partition_index=3, replicas=[])])]),
        lambda v: f"may={1 - v} t:1>1+2,2>-,3>")
    listed = admin.ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics
    yield ("ListPartitionReassignments", range(1), lambda v: dict(
        timeout_ms=9, topics=[listed(name="t", partition_indexes=[1, 2])]), lambda v: "t:1,2")
    every = range(1, 4)
    wanted = dict(resource_type_filter=2, resource_name_filter="t", pattern_type_filter=3, principal_filter="User:ada",
                  host_filter=None, operation=4, permission_type=5)
    yield ("DescribeAcls", every, lambda v: wanted, lambda v: "2 t 3 User:ada - 4 5")
    create, delete = admin.CreateAclsRequest.AclCreation, admin.DeleteAclsRequest.DeleteAclsFilter
    yield ("CreateAcls", every, lambda v: dict(creations=[
        create(resource_type=2, resource_name=name, resource_pattern_type=3, principal="User:ada", host="*", operation=4,
               permission_type=5) for name in ("t", "u")]), lambda v: "2 t 3 User:ada * 4 5; 2 u 3 User:ada * 4 5")
    yield ("DeleteAcls", every, lambda v: dict(filters=[delete(**wanted), delete(**{**wanted, "host_filter": "h"})]),
           lambda v: "2 t 3 User:ada - 4 5; 2 t 3 User:ada h 4 5")
    user = admin.DescribeUserScramCredentialsRequest.UserName
    yield ("DescribeUserScramCredentials", range(1), lambda v: dict(users=[user(name="ada"), user(name="bob")]),
           lambda v: "ada,bob")
    gone = admin.AlterUserScramCredentialsRequest.ScramCredentialDeletion
    made = admin.AlterUserScramCredentialsRequest.ScramCredentialUpsertion
    yield ("AlterUserScramCredentials", range(1), lambda v: dict(
        deletions=[gone(name="ada", mechanism=1)], upsertions=[
            made(name=name, mechanism=2, iterations=4096, salt=b"salt", salted_password=b"password")
            for name in ("bob", "eve")]), lambda v: "-ada:1 +bob:2x4096 +eve:2x4096")
    part = admin.DescribeClientQuotasRequest.ComponentData
    yield ("DescribeClientQuotas", range(2), lambda v: dict(strict=True, components=[
        part(entity_type="user", match_type=0, match="ada"), part(entity_type="ip", match_type=2, match=None)]),
        lambda v: "user:0:ada ip:2:-")
    entry = admin.AlterClientQuotasRequest.EntryData
    yield ("AlterClientQuotas", range(2), lambda v: dict(validate_only=True, entries=[
        entry(entity=[entry.EntityData(entity_type="user", entity_name="ada"),
                      entry.EntityData(entity_type="client-id", entity_name=None)],
              ops=[entry.OpData(key="a", value=1.5, remove=True), entry.OpData(key="b", value=2.0, remove=False)]),
        entry(entity=[], ops=[entry.OpData(key="c", value=0.0, remove=True)])]), lambda v: "user=ada,client-id=-:b :-")


def answers():
    """(name, versions, fields of a version)"""
    broker = admin.DescribeClusterResponse.DescribeClusterBroker
    yield ("DescribeCluster", range(3), lambda v: dict(
        error_code=0, error_message=None, endpoint_type=1, cluster_id="log", controller_id=1, brokers=[
            broker(broker_id=1, host="h", port=9, rack=None, is_fenced=False)],
        authorized_operations={5, 7, 8, 9, 10, 11, 12}))
    result = admin.DescribeLogDirsResponse.DescribeLogDirsResult
    topic = result.DescribeLogDirsTopic
    yield ("DescribeLogDirs", range(1, 5), lambda v: dict(error_code=0, results=[result(
        error_code=0, log_dir="/log", total_bytes=90, usable_bytes=80, topics=[topic(name="t", partitions=[
            topic.DescribeLogDirsPartition(partition_index=n, partition_size=10 * n, offset_lag=0, is_future_key=False)
            for n in (1, 2)])])]))
    moved = admin.AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult
    yield ("AlterReplicaLogDirs", range(1, 3), lambda v: dict(results=[moved(topic_name="t", partitions=[
        moved.AlterReplicaLogDirPartitionResult(partition_index=n, error_code=57 * (n - 1)) for n in (1, 2)])]))
    ends = consumer.OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
    yield ("OffsetForLeaderEpoch", range(2, 5), lambda v: dict(topics=[ends(topic="t", partitions=[
        ends.EpochEndOffset(error_code=0, partition=1, leader_epoch=0, end_offset=7),
        ends.EpochEndOffset(error_code=75, partition=2, leader_epoch=-1, end_offset=-1)])]))
    of = admin.DescribeProducersResponse.TopicResponse
    state = of.PartitionResponse.ProducerState
    yield ("DescribeProducers", range(1), lambda v: dict(topics=[of(name="t", partitions=[
        of.PartitionResponse(partition_index=1, error_code=0, error_message=None, active_producers=[state(
            producer_id=7, producer_epoch=2, last_sequence=5, last_timestamp=1000, coordinator_epoch=-1,
            current_txn_start_offset=-1)]),
        of.PartitionResponse(partition_index=2, error_code=3, error_message="no", active_producers=[])])]))
    elected = admin.ElectLeadersResponse.ReplicaElectionResult
    yield ("ElectLeaders", range(3), lambda v: dict(error_code=0, replica_election_results=[
        elected(topic="t", partition_result=[
            elected.PartitionResult(partition_id=1, error_code=84, error_message="no"),
            elected.PartitionResult(partition_id=2, error_code=0, error_message=None)])]))
    answer = admin.AlterPartitionReassignmentsResponse.ReassignableTopicResponse
    yield ("AlterPartitionReassignments", range(2), lambda v: dict(
        allow_replication_factor_change=v == 0, error_code=0, error_message=None, responses=[answer(name="t", partitions=[
            answer.ReassignablePartitionResponse(partition_index=1, error_code=39, error_message="no"),
            answer.ReassignablePartitionResponse(partition_index=2, error_code=0, error_message=None)])]))
    yield ("ListPartitionReassignments", range(1), lambda v: dict(error_code=0, error_message=None, topics=[]))
    every = range(1, 4)
    yield ("DescribeAcls", every, lambda v: dict(error_code=54, error_message="no", resources=[]))
    created = admin.CreateAclsResponse.AclCreationResult
    yield ("CreateAcls", every, lambda v: dict(results=[created(error_code=54, error_message="no")] * 2))
    deleted = admin.DeleteAclsResponse.DeleteAclsFilterResult
    yield ("DeleteAcls", every, lambda v: dict(
        filter_results=[deleted(error_code=54, error_message="no", matching_acls=[])] * 2))
    user = admin.DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult
    yield ("DescribeUserScramCredentials", range(1), lambda v: dict(error_code=0, error_message="", results=[
        user(user="ada", error_code=91, error_message="no", credential_infos=[])]))
    altered = admin.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult
    yield ("AlterUserScramCredentials", range(1), lambda v: dict(results=[
        altered(user="ada", error_code=91, error_message="no"), altered(user="bob", error_code=0, error_message=None)]))
    yield ("DescribeClientQuotas", range(2), lambda v: dict(
        error_code=0 if v else 42, error_message="" if v else "no", entries=[] if v else None))
    entry = admin.AlterClientQuotasResponse.EntryData
    yield ("AlterClientQuotas", range(2), lambda v: dict(entries=[
        entry(error_code=35, error_message="no", entity=[
            entry.EntityData(entity_type="user", entity_name="ada"),
            entry.EntityData(entity_type="client-id", entity_name=None)]),
        entry(error_code=0, error_message=None, entity=[])]))


def main():
    rows = []
    for name, versions, fields, meaning in requests():
        for version in versions:
            request = schema(f"{name}Request")(**fields(version))
            request.with_header(correlation_id=7, client_id="c")
            frame = request.encode(version=version, header=True)
            rows.append(f"{CLIENT} {request.API_KEY} {version} | {meaning(version)} | {frame.hex()}")
    head = "# client key version | meaning | frame; made by tests/clients/encode_admin.py\n"
    (FORMAT / "admin_requests.txt").write_text(head + "\n".join(rows) + "\n")
    rows = []
    for name, versions, fields in answers():
        for version in versions:
            answer = schema(f"{name}Response")(throttle_time_ms=0, **fields(version))
            body = answer.encode(version=version).hex()
            rows.append(f"{CLIENT} {answer.API_KEY} {version} | - | {body}")
    head = "# client key version | - | answer behind its header; made by tests/clients/encode_admin.py\n"
    (FORMAT / "admin_answers.txt").write_text(head + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
