#!/usr/bin/env python3
"""Writes requests and answers about topics, in every version, as kafka-python encodes them.

    .deps/venv/bin/python tests/clients/encode_topics.py

The tests of src/format/kafka decode topic_requests.txt and encode topic_answers.txt.
"""
import pathlib
import uuid

from kafka.protocol import admin, consumer, metadata, producer

FORMAT = pathlib.Path(__file__).resolve().parent.parent.parent / "src/format/kafka"
CLIENT = "kafka-python-3.0.12"
SEVENS = uuid.UUID(bytes=b"\7" * 16)


def requests():
    """(name, versions, fields of a version, meaning in a version)"""
    grown = admin.CreatePartitionsRequest.CreatePartitionsTopic
    to = grown.CreatePartitionsAssignment
    yield ("CreatePartitions", range(4), lambda v: dict(timeout_ms=9, validate_only=True, topics=[
        grown(name="t", count=3, assignments=[to(broker_ids=[1]), to(broker_ids=[1, 2])]),
        grown(name="u", count=4, assignments=None)]), lambda v: "dry=1 t:3[1][1,2] u:4")
    made = admin.CreateTopicsRequest.CreatableTopic
    yield ("CreateTopics", range(8), lambda v: dict(timeout_ms=9, validate_only=v >= 1, topics=[
        made(name="t", num_partitions=-1, replication_factor=-1, assignments=[
            made.CreatableReplicaAssignment(partition_index=0, broker_ids=[1]),
            made.CreatableReplicaAssignment(partition_index=1, broker_ids=[1, 2])], configs=[]),
        made(name="u", num_partitions=3, replication_factor=1, assignments=[], configs=[
            made.CreatableTopicConfig(name="s", value="1"), made.CreatableTopicConfig(name="n", value=None)])]),
        lambda v: f"dry={int(v >= 1)} t:-1x-1 [0:1] [1:1,2] u:3x1 s=1 n=-")
    described = admin.DescribeConfigsRequest.DescribeConfigsResource
    yield ("DescribeConfigs", range(5), lambda v: dict(
        include_synonyms=v >= 1, include_documentation=v >= 3, resources=[
            described(resource_type=2, resource_name="t", configuration_keys=["s", "n"]),
            described(resource_type=4, resource_name="1", configuration_keys=None)]), lambda v: "2:t=s,n 4:1=*")
    altered = admin.AlterConfigsRequest.AlterConfigsResource
    yield ("AlterConfigs", range(3), lambda v: dict(validate_only=True, resources=[
        altered(resource_type=2, resource_name="t", configs=[
            altered.AlterableConfig(name="s", value="1"), altered.AlterableConfig(name="n", value=None)]),
        altered(resource_type=4, resource_name="1", configs=[])]), lambda v: "dry=1 2:t s0=1 n0=- 4:1")
    changed = admin.IncrementalAlterConfigsRequest.AlterConfigsResource
    yield ("IncrementalAlterConfigs", range(2), lambda v: dict(validate_only=False, resources=[
        changed(resource_type=2, resource_name="t", configs=[
            changed.AlterableConfig(name="s", config_operation=2, value="1"),
            changed.AlterableConfig(name="n", config_operation=1, value=None)]),
        changed(resource_type=4, resource_name="1", configs=[])]), lambda v: "dry=0 2:t s2=1 n1=- 4:1")
    gone = admin.DeleteTopicsRequest.DeleteTopicState
    yield ("DeleteTopics", range(7), lambda v: dict(timeout_ms=9, topic_names=["t", "u"]) if v < 6 else dict(
        timeout_ms=9, topics=[gone(name="t", topic_id=uuid.UUID(int=0)),
                              gone(name=None, topic_id=uuid.UUID(bytes=b"\7" * 16))]),
        lambda v: "t u" if v < 6 else "t sevens")
    cut = admin.DeleteRecordsRequest.DeleteRecordsTopic
    part = cut.DeleteRecordsPartition
    yield ("DeleteRecords", range(3), lambda v: dict(timeout_ms=9, topics=[
        cut(name="t", partitions=[part(partition_index=0, offset=5), part(partition_index=2, offset=-1)]),
        cut(name="u", partitions=[part(partition_index=1, offset=1 << 40)])]),
        lambda v: f"t/0<5 t/2<-1 u/1<{1 << 40}")
    yield ("ListConfigResources", range(2), lambda v: dict(resource_types=[2, 4] if v else []),
           lambda v: "types=2,4" if v else "types=16")
    of_topic = producer.ProduceRequest.TopicProduceData
    yield ("Produce", [13], lambda v: dict(transactional_id=None, acks=-1, timeout_ms=9, topic_data=[
        of_topic(topic_id=SEVENS, partition_data=[of_topic.PartitionProduceData(index=2, records=b"abc")])]),
        lambda v: f"tx=- acks=-1 {SEVENS}/2:3")
    read = consumer.FetchRequest.FetchTopic
    yield ("Fetch", range(12, 19), lambda v: dict(
        cluster_id="c", replica_id=-1, replica_state=consumer.FetchRequest.ReplicaState(replica_id=3, replica_epoch=4),
        max_wait_ms=9, min_bytes=1, max_bytes=99, isolation_level=1, session_id=0, session_epoch=-1, topics=[
            read(topic="t", topic_id=SEVENS, partitions=[read.FetchPartition(
                partition=2, current_leader_epoch=0, fetch_offset=5, last_fetched_epoch=0, log_start_offset=-1,
                partition_max_bytes=77, replica_directory_id=SEVENS, high_watermark=8)])],
        forgotten_topics_data=[consumer.FetchRequest.ForgottenTopic(topic="u", topic_id=SEVENS, partitions=[1, 2])],
        rack_id="r"), lambda v: f"wait=9 min=1 max=99 {SEVENS if v >= 13 else 't'}/2@5:77")
    yield ("Fetch", range(7, 19), lambda v: dict(
        replica_id=-1, max_wait_ms=9, min_bytes=1, max_bytes=99, isolation_level=0, session_id=77, session_epoch=5,
        topics=[read(topic="t", topic_id=SEVENS, partitions=[read.FetchPartition(
            partition=2, current_leader_epoch=3 if v >= 9 else -1, fetch_offset=5,
            last_fetched_epoch=4 if v >= 12 else -1, log_start_offset=-1, partition_max_bytes=77)])],
        forgotten_topics_data=[consumer.FetchRequest.ForgottenTopic(topic=name, topic_id=SEVENS, partitions=numbers)
                               for name, numbers in (("u", [1, 2]), ("t", [9]))], rack_id=""),
        lambda v: "wait=9 min=1 max=99 session=77:5 {0}/2@5:77{1}{2} -{3}/1 -{3}/2 -{0}/9".format(
            SEVENS if v >= 13 else "t", " in 3" if v >= 9 else "", " behind 4" if v >= 12 else "",
            SEVENS if v >= 13 else "u"))
    told = metadata.MetadataRequest.MetadataRequestTopic
    yield ("Metadata", [13], lambda v: dict(
        topics=[told(name="t", topic_id=uuid.UUID(int=0)), told(name=None, topic_id=SEVENS)],
        allow_auto_topic_creation=False, include_topic_authorized_operations=False),
        lambda v: f"topics=t create=0 ids={SEVENS}")
    parts = admin.DescribeTopicPartitionsRequest
    yield ("DescribeTopicPartitions", [0], lambda v: dict(
        topics=[parts.TopicRequest(name="u"), parts.TopicRequest(name="t"), parts.TopicRequest(name="u")],
        response_partition_limit=5, cursor=None), lambda v: "u,t most=5")
    yield ("DescribeTopicPartitions", [0], lambda v: dict(
        topics=[], response_partition_limit=7, cursor=parts.Cursor(topic_name="t", partition_index=3)),
        lambda v: " most=7 t/3")


def diverging(read, version):
    """The tagged field of a fetched partition, from the version on that has it."""
    return {"diverging_epoch": read.PartitionData.EpochEndOffset(epoch=0, end_offset=9)} if version >= 12 else {}


def answers():
    """(name, versions, fields of a version)"""
    grown = admin.CreatePartitionsResponse.CreatePartitionsTopicResult
    yield ("CreatePartitions", range(4), lambda v: dict(results=[
        grown(name="t", error_code=0, error_message=None), grown(name="u", error_code=37, error_message="no")]))
    made = admin.CreateTopicsResponse.CreatableTopicResult
    yield ("CreateTopics", range(8), lambda v: dict(topics=[
        made(name="t", topic_id=uuid.UUID(bytes=b"\7" * 16), error_code=0, error_message=None, num_partitions=3,
             replication_factor=1, configs=[made.CreatableTopicConfigs(
                 name="s", value="1", read_only=False, config_source=1, is_sensitive=False)]),
        made(name="u", topic_id=uuid.UUID(int=0), error_code=17, error_message="no" if v else None,
             num_partitions=-1, replication_factor=-1, configs=[])]))
    described = admin.DescribeConfigsResponse.DescribeConfigsResult
    setting = described.DescribeConfigsResourceResult
    yield ("DescribeConfigs", range(5), lambda v: dict(results=[
        described(error_code=0, error_message="", resource_type=2, resource_name="t", configs=[setting(
            name="s", value="1", read_only=False, is_default=False, config_source=1, is_sensitive=False,
            synonyms=[setting.DescribeConfigsSynonym(name="s", value="1", source=1),
                      setting.DescribeConfigsSynonym(name="log.s", value="2", source=5)],
            config_type=5, documentation=None)]),
        described(error_code=42, error_message="no", resource_type=4, resource_name="9", configs=[])]))
    for name, versions, one in (("AlterConfigs", 3, admin.AlterConfigsResponse.AlterConfigsResourceResponse),
                                ("IncrementalAlterConfigs", 2,
                                 admin.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse)):
        yield (name, range(versions), lambda v, one=one: dict(responses=[
            one(error_code=0, error_message=None, resource_type=2, resource_name="t"),
            one(error_code=40, error_message="no", resource_type=4, resource_name="1")]))
    gone = admin.DeleteTopicsResponse.DeletableTopicResult
    yield ("DeleteTopics", range(7), lambda v: dict(responses=[
        gone(name="t", topic_id=uuid.UUID(bytes=b"\7" * 16), error_code=0, error_message=None),
        gone(name="u", topic_id=uuid.UUID(int=0), error_code=44, error_message="no" if v >= 5 else None)]))
    cut = admin.DeleteRecordsResponse.DeleteRecordsTopicResult
    part = cut.DeleteRecordsPartitionResult
    yield ("DeleteRecords", range(3), lambda v: dict(topics=[cut(name="t", partitions=[
        part(partition_index=0, low_watermark=7, error_code=0),
        part(partition_index=1, low_watermark=-1, error_code=1)])]))
    resource = admin.ListConfigResourcesResponse.ConfigResource
    yield ("ListConfigResources", range(2), lambda v: dict(error_code=0, config_resources=[
        resource(resource_name="t", resource_type=2), resource(resource_name="1", resource_type=4)]))
    read = consumer.FetchResponse.FetchableTopicResponse
    yield ("Fetch", range(4, 19), lambda v: dict(
        error_code=71 if v >= 7 else 0, session_id=77 if v >= 7 else 0, responses=[
            read(topic="t", topic_id=SEVENS, partitions=[
                read.PartitionData(partition_index=3, error_code=0, high_watermark=9, last_stable_offset=9,
                                   log_start_offset=2, aborted_transactions=None, preferred_read_replica=-1,
                                   records=b"rec"),
                read.PartitionData(partition_index=4, error_code=1, high_watermark=-1, last_stable_offset=-1,
                                   log_start_offset=-1, aborted_transactions=None, preferred_read_replica=-1,
                                   records=b""),
                read.PartitionData(partition_index=5, error_code=0, high_watermark=9, last_stable_offset=9,
                                   log_start_offset=2, aborted_transactions=None, preferred_read_replica=-1,
                                   records=b"", **diverging(read, v))])]))
    told = admin.DescribeTopicPartitionsResponse
    topic = told.DescribeTopicPartitionsResponseTopic
    yield ("DescribeTopicPartitions", [0], lambda v: dict(
        topics=[topic(error_code=0, name="t", topic_id=SEVENS, is_internal=False, partitions=[
            topic.DescribeTopicPartitionsResponsePartition(
                error_code=0, partition_index=p, leader_id=1, leader_epoch=0, replica_nodes=[1], isr_nodes=[1],
                eligible_leader_replicas=[], last_known_elr=[], offline_replicas=[]) for p in (1, 2)],
            topic_authorized_operations=3576),
            topic(error_code=17, name="u", topic_id=uuid.UUID(int=0), is_internal=False, partitions=[],
                  topic_authorized_operations=3576)],
        next_cursor=told.Cursor(topic_name="t", partition_index=3)))


def schema(name):
    return next(getattr(module, name) for module in (admin, consumer, metadata, producer) if hasattr(module, name))


def main():
    rows = []
    for name, versions, fields, meaning in requests():
        for version in versions:
            request = schema(f"{name}Request")(**fields(version))
            request.with_header(correlation_id=7, client_id="c")
            frame = request.encode(version=version, header=True)
            rows.append(f"{CLIENT} {request.API_KEY} {version} | {meaning(version)} | {frame.hex()}")
    head = "# client key version | meaning | frame; made by tests/clients/encode_topics.py\n"
    (FORMAT / "topic_requests.txt").write_text(head + "\n".join(rows) + "\n")
    rows = []
    for name, versions, fields in answers():
        for version in versions:
            answer = schema(f"{name}Response")(throttle_time_ms=0, **fields(version))
            rows.append(f"{CLIENT} {answer.API_KEY} {version} | - | {answer.encode(version=version).hex()}")
    head = "# client key version | - | answer behind its header; made by tests/clients/encode_topics.py\n"
    (FORMAT / "topic_answers.txt").write_text(head + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
