#!/usr/bin/env python3
"""Captures the golden requests of src/format/kafka from real clients.

    .deps/venv/bin/python tests/clients/capture_requests.py     (needs make, tools/setup --tests)

Real clients talk to the real server through a proxy, which notes each kind of request and lowers
the versions that ApiVersions offers, round by round, so that every version a client speaks comes
by. What the requests mean is written down by kafka-python's own decoder, for the test to compare.
"""
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from conftest import Server  # noqa: E402

GOLDEN = ROOT / "src/format/kafka/golden_requests.txt"
API_VERSIONS = 18
# Requests of consumer groups; encode_groups.py writes them in every version.
GROUPS = {8, 9, 11, 12, 13, 14}
FLOORS = {0: 3, 1: 4}  # produce and fetch below these are not served
DEADLINE_S = 8  # a client that gets nowhere with the versions on offer tells what it asked first


def meaning(key, version, frame):
    """What a request says, in the words of the tests of format/kafka, by kafka-python's decoder."""
    from kafka.protocol import admin, consumer, metadata, producer
    classes = {0: producer.ProduceRequest, 1: consumer.FetchRequest, 2: consumer.ListOffsetsRequest,
               3: metadata.MetadataRequest, 10: metadata.FindCoordinatorRequest,
               19: admin.CreateTopicsRequest, 22: producer.InitProducerIdRequest, 32: admin.DescribeConfigsRequest}
    if key not in classes:
        return "-"
    r = classes[key].decode(frame, version=version, header=True)
    if key == 0:
        parts = [f"{t.topic_id if version >= 13 else t.name}/{p.index}:{len(p.records)}" for t in r.topic_data
                 for p in t.partition_data]
        return " ".join([f"tx={r.transactional_id or '-'} acks={r.acks}", *parts])
    if key == 1:
        parts = [f"{t.topic_id if version >= 13 else t.topic}/{p.partition}@{p.fetch_offset}:{p.partition_max_bytes}"
                 for t in r.topics for p in t.partitions]
        return " ".join([f"wait={r.max_wait_ms} min={r.min_bytes} max={r.max_bytes}", *parts])
    if key == 2:
        return " ".join(f"{t.name}/{p.partition_index}@{p.timestamp}" for t in r.topics
                        for p in t.partitions)
    if key == 3:
        is_all = r.topics is None or (version == 0 and not r.topics)
        may_create = version < 4 or r.allow_auto_topic_creation
        names = "*" if is_all else ",".join(t.name for t in r.topics)
        return f"topics={names} create={int(may_create)}"
    if key == 10:
        return f"key={r.key} transactions={int(version >= 1 and r.key_type == 1)}"
    if key == 19:
        dry = int(version >= 1 and r.validate_only)
        return " ".join([f"dry={dry}", *[f"{t.name}:{t.num_partitions}x{t.replication_factor}"
                                         for t in r.topics]])
    if key == 32:
        return " ".join(f"{x.resource_type}:{x.resource_name}="
                        f"{'*' if x.configuration_keys is None else ','.join(x.configuration_keys)}"
                        for x in r.resources)
    return f"tx={r.transactional_id or '-'}"


class Proxy:
    """Passes frames both ways, notes requests, caps the versions on offer."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.upstream = None
        self.cap = 99
        self.client = None
        self.seen = {}  # (client, key, version): frame
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            host, port = self.upstream.rsplit(":", 1)
            far = socket.create_connection((host, int(port)))
            asked = {}
            for job in ((self.requests, near, far, asked), (self.responses, far, near, asked)):
                threading.Thread(target=job[0], args=job[1:], daemon=True).start()

    @staticmethod
    def frames(source):
        stream = source.makefile("rb")
        while len(head := stream.read(4)) == 4:
            yield stream.read(struct.unpack(">i", head)[0])

    def pass_on(self, source, sink, change):
        try:
            for frame in self.frames(source):
                frame = change(frame)
                sink.sendall(struct.pack(">i", len(frame)) + frame)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def requests(self, near, far, asked):
        def note(frame):
            key, version, correlation = struct.unpack(">hhi", frame[:8])
            self.seen.setdefault((key, version, self.client), frame)
            if key == API_VERSIONS:
                asked[correlation] = version
            return frame
        self.pass_on(near, far, note)

    def responses(self, far, near, asked):
        def lower(frame):
            version = asked.pop(struct.unpack(">i", frame[:4])[0], None)
            return frame if version is None else self.lowered(frame, version)
        self.pass_on(far, near, lower)

    def lowered(self, frame, version):
        if struct.unpack(">h", frame[4:6])[0] != 0:
            return frame
        out = bytearray(frame)
        at, step = (7, 7) if version >= 3 else (10, 6)
        count = frame[6] - 1 if version >= 3 else struct.unpack(">i", frame[6:10])[0]
        for i in range(count):
            key, low, high = struct.unpack_from(">hhh", out, at + i * step)
            if key != API_VERSIONS:
                high = min(high, max(self.cap, FLOORS.get(key, 0)))
            struct.pack_into(">hhh", out, at + i * step, key, low, high)
        return bytes(out)


def write(proxy):
    rows = [f"{client} {key} {version} | {meaning(key, version, frame)} | {frame.hex()}"
            for (key, version, client), frame in sorted(list(proxy.seen.items()))
            if key not in GROUPS]
    GOLDEN.write_text("# client key version | meaning | frame; made by "
                      "tests/clients/capture_requests.py\n" + "\n".join(rows) + "\n")


def run(proxy, client, command, deadline_s=DEADLINE_S):
    proxy.client = client
    try:
        subprocess.run([str(c) for c in command], input="golden", text=True, timeout=deadline_s,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        print(f"{client} did not end at cap {proxy.cap}", file=sys.stderr)
    write(proxy)


def kcat(proxy):
    base = ["kcat", "-b", proxy.address]
    run(proxy, "kcat-1.7.1", [*base, "-P", "-t", "golden", "-X", "enable.idempotence=true"])
    run(proxy, "kcat-1.7.1", [*base, "-L"])
    run(proxy, "kcat-1.7.1", [*base, "-C", "-t", "golden", "-o", "beginning", "-e"])
    run(proxy, "kcat-1.7.1", [*base, "-Q", "-t", "golden:0:-1"])
    run(proxy, "kcat-1.7.1", [*base, "-G", "group", "golden"])


KAFKA_PYTHON = """
import sys
from kafka import KafkaProducer, KafkaConsumer, TopicPartition
options = dict(bootstrap_servers=sys.argv[1], **eval(sys.argv[2]))
producer = KafkaProducer(**options)
producer.send('golden', b'golden')
producer.flush(10)
consumer = KafkaConsumer(**options, consumer_timeout_ms=500)
part = TopicPartition('golden', 0)
consumer.assign([part])
consumer.seek_to_beginning()
list(consumer)
consumer.end_offsets([part])
consumer.offsets_for_times({part: 5})
consumer.topics()
from kafka.admin import KafkaAdminClient, NewTopic, ConfigResource, ConfigResourceType
admin = KafkaAdminClient(**options)
admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, 'golden')])
admin.create_topics([NewTopic('golden-made', 2, 1)], timeout_ms=5000)
"""
CONFLUENT = """
import sys
from confluent_kafka import Producer, Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic
options = {'bootstrap.servers': sys.argv[1]}
producer = Producer({**options, 'enable.idempotence': True})
producer.produce('golden', b'golden')
producer.flush(10)
consumer = Consumer({**options, 'group.id': 'none'})
consumer.assign([TopicPartition('golden', 0, 0)])
consumer.poll(5)
consumer.get_watermark_offsets(TopicPartition('golden', 0), timeout=5)
consumer.offsets_for_times([TopicPartition('golden', 0, 5)], timeout=5)
consumer.close()
admin = AdminClient(options)
for described in admin.describe_configs([ConfigResource('TOPIC', 'golden')]).values():
    described.exception(10)
for made in admin.create_topics([NewTopic('golden-made', 2, 1)]).values():
    made.exception(10)
"""
SPARK = """
import sys, glob
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false')
         .config('spark.jars', ','.join(glob.glob(sys.argv[2] + '/kafka/*.jar'))).getOrCreate())
options = {'kafka.bootstrap.servers': sys.argv[1], 'subscribe': 'golden', 'topic': 'golden'}
spark.createDataFrame([('golden',)], 'value string').write.format('kafka').options(**options).save()
spark.read.format('kafka').options(**options).load().count()
spark.read.format('kafka').options(startingTimestamp='5', **options).load().count()
admin = spark._jvm.org.apache.kafka.clients.admin.Admin
new = spark._jvm.org.apache.kafka.clients.admin.NewTopic('golden-made', 2, 1)
properties = spark._jvm.java.util.Properties()
properties.put('bootstrap.servers', sys.argv[1])
kafka = admin.create(properties)
kafka.createTopics(spark._jvm.java.util.List.of(new)).all().get()
kind = spark._jvm.org.apache.kafka.common.config.ConfigResource
topic = kind(getattr(kind, 'Type').valueOf('TOPIC'), 'golden')
kafka.describeConfigs(spark._jvm.java.util.List.of(topic)).all().get()
"""


def main():
    deps = ROOT / ".deps"
    python = deps / "venv/bin/python"
    proxy = Proxy()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
        server = Server(pathlib.Path(folder))
        server.settings["kafka.advertise"] = proxy.address
        server.start()
        proxy.upstream = server.endpoints["kafka"]
        try:
            os.environ.update({"SPARK_HOME": f"{deps}/spark/pyspark", "PYTHONPATH": f"{deps}/spark",
                               "PYSPARK_PYTHON": str(python), "SPARK_LOCAL_IP": "127.0.0.1"})
            for proxy.cap in (99, 5, 3):
                run(proxy, "kafka-clients-3.9.1", [python, "-c", SPARK, proxy.address,
                                                   deps / "spark"], 100)
            proxy.cap = 99
            for version in ["{}", "{'api_version': (0, 11, 0)}", "{'api_version': (1, 0, 0)}"]:
                run(proxy, "kafka-python-2.0.2", ["env", f"PYTHONPATH={deps}/kafka-python-old",
                                                  python, "-c", KAFKA_PYTHON, proxy.address,
                                                  version])
            for proxy.cap in (99, *range(10, -1, -1)):
                kcat(proxy)
                run(proxy, "kafka-python-3.0.12", [python, "-c", KAFKA_PYTHON, proxy.address, "{}"])
                run(proxy, "confluent-kafka-2.16.1", [python, "-c", CONFLUENT, proxy.address])
        finally:
            server.stop()


if __name__ == "__main__":
    main()
