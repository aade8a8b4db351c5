#!/usr/bin/env python3
"""Writes requests and answers about topics, in every version, as kafka-python encodes them.

    .deps/venv/bin/python tests/clients/encode_topics.py

The tests of src/format/kafka decode topic_requests.txt and encode topic_answers.txt.
"""
import pathlib
import uuid

from kafka.protocol import admin

FORMAT = pathlib.Path(__file__).resolve().parent.parent.parent / "src/format/kafka"
CLIENT = "kafka-python-3.0.12"


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
    yield ("ListConfigResources", range(2), lambda v: dict(resource_types=[2, 4] if v else []),
           lambda v: "types=2,4" if v else "types=16")


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
    resource = admin.ListConfigResourcesResponse.ConfigResource
    yield ("ListConfigResources", range(2), lambda v: dict(error_code=0, config_resources=[
        resource(resource_name="t", resource_type=2), resource(resource_name="1", resource_type=4)]))


def main():
    rows = []
    for name, versions, fields, meaning in requests():
        for version in versions:
            request = getattr(admin, f"{name}Request")(**fields(version))
            request.with_header(correlation_id=7, client_id="c")
            frame = request.encode(version=version, header=True)
            rows.append(f"{CLIENT} {request.API_KEY} {version} | {meaning(version)} | {frame.hex()}")
    head = "# client key version | meaning | frame; made by tests/clients/encode_topics.py\n"
    (FORMAT / "topic_requests.txt").write_text(head + "\n".join(rows) + "\n")
    rows = []
    for name, versions, fields in answers():
        for version in versions:
            answer = getattr(admin, f"{name}Response")(throttle_time_ms=0, **fields(version))
            rows.append(f"{CLIENT} {answer.API_KEY} {version} | - | {answer.encode(version=version).hex()}")
    head = "# client key version | - | answer behind its header; made by tests/clients/encode_topics.py\n"
    (FORMAT / "topic_answers.txt").write_text(head + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
