"""Each version of each request that is offered, with kafka-python's schemas on the other side."""
import gzip
import re
import socket
import struct
import uuid

import pytest
from kafka.protocol.admin import (CreateTopicsRequest, CreateTopicsResponse,
                                  DescribeConfigsRequest, DescribeConfigsResponse)
from kafka.protocol.consumer import (FetchRequest, FetchResponse, ListOffsetsRequest,
                                     ListOffsetsResponse)
from kafka.protocol.metadata import (ApiVersionsRequest, ApiVersionsResponse,
                                     MetadataRequest, MetadataResponse)
from kafka.protocol.producer import (InitProducerIdRequest, InitProducerIdResponse, ProduceRequest,
                                     ProduceResponse)
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.util import calc_crc32c

from conftest import DEADLINE_S, ROOT

# What is offered, and what of it is served: produce below 3 is offered for librdkafka's sake.
OFFERED = {0: (0, 13), 1: (4, 18), 2: (0, 10), 3: (0, 13), 8: (2, 9), 9: (1, 9), 10: (0, 6), 11: (0, 9),
           12: (0, 4), 13: (0, 5), 14: (0, 5), 15: (0, 6), 16: (0, 5), 18: (0, 4), 19: (0, 7), 20: (0, 6), 21: (0, 2), 22: (0, 5),
           23: (2, 4), 29: (1, 3), 30: (1, 3), 31: (1, 3), 32: (0, 4), 33: (0, 2), 34: (1, 2), 35: (1, 4), 37: (0, 3),
           42: (0, 2), 43: (0, 2), 44: (0, 1), 45: (0, 1), 46: (0, 0), 47: (0, 0), 48: (0, 1), 49: (0, 1), 50: (0, 0),
           51: (0, 0), 60: (0, 2), 61: (0, 0), 68: (0, 1), 69: (0, 1), 74: (0, 1), 75: (0, 0)}
# The first version whose answers have a header with tagged fields, of the requests that are sent here.
FLEXIBLE_FROM = {0: 9, 1: 12, 2: 6, 3: 9, 19: 5, 22: 2, 32: 4}
# The first versions that name topics by their ids.
BY_ID_FROM = {0: 13, 1: 13}
LOWEST_SERVED = {**{key: low for key, (low, _) in OFFERED.items()}, 0: 3}


def versions(key):
    return range(LOWEST_SERVED[key], OFFERED[key][1] + 1)


class Connection:
    def __init__(self, server):
        host, port = server.endpoints["kafka"].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), DEADLINE_S)
        self.stream = self.socket.makefile("rb")

    def call(self, request, answer, version):
        """The answer, decoded; that it encodes to the same bytes says that nothing was left."""
        request.with_header(correlation_id=7, client_id="versions")
        self.socket.sendall(request.encode(version=version, header=True, framed=True))
        head = self.stream.read(4)
        assert len(head) == 4, "the connection was closed"
        frame = self.stream.read(struct.unpack(">i", head)[0])
        assert struct.unpack(">i", frame[:4])[0] == 7
        body = frame[4:]
        if version >= FLEXIBLE_FROM.get(request.API_KEY, 99):
            assert body[0] == 0  # no tagged fields of the header
            body = body[1:]
        decoded = answer.decode(body, version=version)
        decoded._header = None  # decode leaves it unset, encode looks at it
        assert bytes(decoded.encode(version=version)) == body
        return decoded


@pytest.fixture
def connection(server):
    made = server.run("topic", "create", "events")
    assert made.returncode == 0, made.stderr
    connected = Connection(server)
    yield connected
    connected.socket.close()


def batch(values):
    builder = DefaultRecordBatchBuilder(magic=2, compression_type=0, is_transactional=False,
                                        producer_id=-1, producer_epoch=-1, base_sequence=-1,
                                        batch_size=1 << 20)
    for i, value in enumerate(values):
        builder.append(i, 1000 + i, None, value.encode(), [])
    return bytes(builder.build())


def compressed(records, count):
    """A gzip batch of these record bytes, whatever they hold, that says it has `count` records."""
    tail = struct.pack(">hiqqqhii", 1, count - 1, 1000, 1000, -1, -1, -1, count) + records
    return (struct.pack(">qiibI", 0, len(tail) + 9, 0, 2, calc_crc32c(tail)) + tail)


def produce(connection, version, values, topic="events"):
    return produce_batch(connection, version, batch(values), topic)


def named(connection, key, version, field, topic):
    """What names the topic in a request of the version."""
    if version < BY_ID_FROM[key]:
        return {field: topic}
    names = [MetadataRequest.MetadataRequestTopic(name=topic)]
    answer = connection.call(MetadataRequest(topics=names, allow_auto_topic_creation=False), MetadataResponse, 12)
    return {"topic_id": answer.topics[0].topic_id}


def produce_batch(connection, version, records, topic="events"):
    topic_data = ProduceRequest.TopicProduceData
    request = ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[topic_data(
        **named(connection, 0, version, "name", topic),
        partition_data=[topic_data.PartitionProduceData(index=0, records=records)])])
    answer = connection.call(request, ProduceResponse, version)
    return answer.responses[0].partition_responses[0]


def test_what_is_offered(connection):
    for version in versions(18):
        answer = connection.call(ApiVersionsRequest(client_software_name="versions",
                                                    client_software_version="1"),
                                 ApiVersionsResponse, version)
        assert answer.error_code == 0
        assert {api.api_key: (api.min_version, api.max_version)
                for api in answer.api_keys} == OFFERED


def test_the_document_says_what_is_offered():
    rows = re.findall(r"^\| (\d+) \| \w+ \| (\d+)-(\d+) \|", (ROOT / "docs/kafka.md").read_text(),
                      re.M)
    assert {int(key): (int(low), int(high)) for key, low, high in rows} == OFFERED


def test_produce_and_fetch(connection):
    for number, version in enumerate(versions(0)):
        part = produce(connection, version, ["golden"])
        assert (part.error_code, part.base_offset) == (0, number)
        lost = produce(connection, version, ["lost"], topic="nowhere")
        assert lost.error_code == (3 if version < BY_ID_FROM[0] else 100)
    for version in versions(1):
        topic = FetchRequest.FetchTopic
        request = FetchRequest(max_wait_ms=10, min_bytes=1, max_bytes=1 << 20, topics=[topic(
            **named(connection, 1, version, "topic", "events"),
            partitions=[topic.FetchPartition(partition=0, fetch_offset=2, partition_max_bytes=1 << 20)])])
        part = connection.call(request, FetchResponse, version).responses[0].partitions[0]
        assert (part.error_code, part.high_watermark) == (0, len(versions(0)))
        one = batch(["golden"])
        assert len(part.records) == (len(versions(0)) - 2) * len(one)
        # What follows base offset and leader epoch stands as it was sent.
        assert bytes(part.records)[16:len(one)] == one[16:]


def test_a_batch_that_grows_beyond_a_readers_memory_is_refused(connection):
    zeros = gzip.compress(bytes(200 << 20))
    for version in versions(0):
        refused = produce_batch(connection, version, compressed(zeros, 1))
        assert refused.error_code == 10
    assert refused.error_message == "records decompress to more than 67108864 bytes"
    refused = produce_batch(connection, 8, compressed(gzip.compress(b"x" * 100), 1))
    assert (refused.error_code, refused.error_message) == (87, "record 0 of 1 does not decode")
    refused = produce_batch(connection, 8, compressed(b"no gzip", 1))
    assert refused.error_code == 87 and "gzip records do not decompress" in refused.error_message
    assert produce(connection, 8, ["good"]).base_offset == 0


def test_list_offsets(connection):
    produce(connection, 8, ["a", "b"])
    for version in versions(2):
        topic = ListOffsetsRequest.ListOffsetsTopic
        # Times below -2 are known from a version on: the largest time, the earliest local one, the latest tiered one.
        special = [(time, *found, 0 if version >= since else 35) for time, since, found in [
            (-3, 7, (1, 1001)), (-4, 8, (0, -1)), (-5, 9, (-1, -1)), (-6, 99, (-1, -1))]]
        usual = [(-1, 2, -1, 0), (-2, 0, -1, 0), (1001, 1, 1001, 0), (2000, -1, -1, 0)]
        for timestamp, offset, found, error in usual + special:
            request = ListOffsetsRequest(topics=[topic(
                name="events", partitions=[topic.ListOffsetsPartition(
                    partition_index=0, timestamp=timestamp, max_num_offsets=1)])])
            answer = connection.call(request, ListOffsetsResponse, version)
            part = answer.topics[0].partitions[0]
            assert part.error_code == error
            if error:
                continue
            if version == 0:
                assert part.old_style_offsets == ([offset] if offset >= 0 else [])
            else:
                assert (part.offset, part.timestamp) == (offset, found)


def test_metadata(connection, server):
    for version in versions(3):
        names = [MetadataRequest.MetadataRequestTopic(name="events")]
        answer = connection.call(MetadataRequest(topics=names), MetadataResponse, version)
        broker = answer.brokers[0]
        assert f"{broker.host}:{broker.port}" == server.endpoints["kafka"]
        topic = answer.topics[0]
        assert (topic.error_code, topic.name, len(topic.partitions)) == (0, "events", 1)
        part = topic.partitions[0]
        assert (part.leader_id, part.replica_nodes, part.isr_nodes) == (1, [1], [1])
        if version >= 1:
            assert answer.controller_id == broker.node_id == 1
        if version < 12:
            continue
        one, none = MetadataRequest.MetadataRequestTopic, uuid.UUID(int=77)
        answer = connection.call(MetadataRequest(topics=[one(name=None, topic_id=topic.topic_id),
                                                         one(name=None, topic_id=none)]),
                                 MetadataResponse, version)
        assert [(t.error_code, t.name, t.topic_id) for t in answer.topics] == [
            (0, "events", topic.topic_id), (100, None, none)]


def test_create_topics(connection):
    for version in versions(19):
        def create(name, partitions=1):
            topic = CreateTopicsRequest.CreatableTopic(name=name, num_partitions=partitions,
                                                       replication_factor=1, assignments=[],
                                                       configs=[])
            answer = connection.call(CreateTopicsRequest(topics=[topic], timeout_ms=1000),
                                     CreateTopicsResponse, version)
            return answer.topics[0]
        assert create(f"made-{version}", 3).error_code == 0
        again = create(f"made-{version}")
        assert again.error_code == 36
        if version >= 1:
            assert f"made-{version}" in again.error_message


def test_producer_ids(connection):
    given = [connection.call(InitProducerIdRequest(transactional_id=None,
                                                   transaction_timeout_ms=1),
                             InitProducerIdResponse, version) for version in versions(22)]
    assert [answer.error_code for answer in given] == [0] * len(given)
    assert len({answer.producer_id for answer in given}) == len(given)


def test_settings_are_described(connection):
    resource = DescribeConfigsRequest.DescribeConfigsResource
    for version in versions(32):
        answer = connection.call(DescribeConfigsRequest(resources=[
            resource(resource_type=2, resource_name="events", configuration_keys=None),
            resource(resource_type=2, resource_name="nowhere", configuration_keys=None)]),
            DescribeConfigsResponse, version)
        found, missing = answer.results
        assert (found.error_code, missing.error_code) == (0, 3)
        settings = {config.name: config.value for config in found.configs}
        assert settings["message.timestamp.type"] == "CreateTime"
        assert settings["retention.ms"] == "-1"
        assert not any(config.read_only for config in found.configs)


def test_a_newer_version_than_offered_is_answered_in_version_zero(connection):
    request = ApiVersionsRequest(client_software_name="x", client_software_version="1")
    request.with_header(correlation_id=7, client_id="versions")
    frame = bytearray(request.encode(version=4, header=True))
    frame[2:4] = struct.pack(">h", 99)
    connection.socket.sendall(struct.pack(">i", len(frame)) + frame)
    size = struct.unpack(">i", connection.stream.read(4))[0]
    answer = ApiVersionsResponse.decode(connection.stream.read(size), version=0, header=True)
    assert answer.error_code == 35
    assert {api.api_key for api in answer.api_keys} == set(OFFERED)
