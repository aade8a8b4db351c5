"""Spark's Kafka source, unmodified (kafka-clients 3.9.1 inside), on the embedded log."""
import json
import subprocess

import pytest

from conftest import DEADLINE_S


def produce(server, values, *words):
    done = subprocess.run(["kcat", "-b", server.endpoints["kafka"], "-P", "-t", "events", *words],
                          input="\n".join(values), capture_output=True, text=True,
                          timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr


def reader(server, source, **options):
    return (source.format("kafka").option("kafka.bootstrap.servers", server.endpoints["kafka"])
            .option("subscribe", "events").options(**options))


def read_all(server, spark, **options):
    return reader(server, spark.read, **{"startingOffsets": "earliest", "endingOffsets": "latest",
                                         **options}).load()


def test_a_batch_reads_every_record_with_all_columns(server, spark):
    produce(server, [f"event {i}" for i in range(1000)])
    rows = read_all(server, spark).orderBy("offset").collect()
    assert [bytes(row.value).decode() for row in rows] == [f"event {i}" for i in range(1000)]
    assert [row.offset for row in rows] == list(range(1000))
    assert {(row.topic, row.partition, row.timestampType, row.key) for row in rows} == {
        ("events", 0, 0, None)}
    assert all(row.timestamp is not None for row in rows)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_are_read(server, spark, codec):
    produce(server, [f"{codec} {i}" for i in range(200)], "-z", codec)
    rows = read_all(server, spark).selectExpr("CAST(value AS STRING) AS text").collect()
    assert [row.text for row in rows] == [f"{codec} {i}" for i in range(200)]


def test_named_offsets_bound_a_batch_in_each_partition(server, spark):
    server.run("topic", "create", "events", "--partitions", "3")
    for partition in range(3):
        produce(server, [f"{partition}-{i}" for i in range(10)], "-p", str(partition))
    ends = {"events": {"0": 5, "1": -1, "2": 8}}
    starts = {"events": {"0": 2, "1": -2, "2": 8}}
    rows = read_all(server, spark, startingOffsets=json.dumps(starts),
                    endingOffsets=json.dumps(ends)).collect()
    assert sorted(bytes(row.value).decode() for row in rows) == sorted(
        [f"0-{i}" for i in range(2, 5)] + [f"1-{i}" for i in range(10)])


def test_a_timestamp_starts_a_batch(server, spark):
    produce(server, ["early"])
    first = read_all(server, spark).selectExpr("unix_millis(timestamp) AS ms").collect()[0].ms
    produce(server, ["late"])
    rows = read_all(server, spark, startingTimestamp=str(first + 1)).collect()
    assert [bytes(row.value).decode() for row in rows] == ["late"]


def test_an_empty_topic_is_an_empty_frame(server, spark):
    server.run("topic", "create", "events")
    assert read_all(server, spark).count() == 0


def test_a_missing_topic_is_an_error_and_is_not_made(server, spark):
    with pytest.raises(Exception, match="UnknownTopicOrPartition"):
        read_all(server, spark).count()
    assert "events" not in server.run("topic", "ls").stdout


def test_a_stream_goes_on_where_its_checkpoint_stands_over_a_kill(server, spark, tmp_path):
    def run_stream():
        query = (reader(server, spark.readStream, startingOffsets="earliest").load()
                 .selectExpr("CAST(value AS STRING) AS text", "offset").writeStream
                 .format("parquet").option("checkpointLocation", str(tmp_path / "checkpoint"))
                 .option("path", str(tmp_path / "rows")).trigger(availableNow=True).start())
        assert query.awaitTermination(DEADLINE_S), "the stream did not end"
        assert query.exception() is None

    produce(server, [f"event {i}" for i in range(50)])
    run_stream()
    server.kill9()
    server.start()
    produce(server, [f"event {i}" for i in range(50, 80)])
    run_stream()
    rows = spark.read.parquet(str(tmp_path / "rows")).orderBy("offset").collect()
    assert [row.text for row in rows] == [f"event {i}" for i in range(80)]


def test_sparks_kafka_sink_writes_idempotently(server, spark):
    frame = spark.createDataFrame([(f"event {i}",) for i in range(300)], "value string")
    (frame.write.format("kafka").option("kafka.bootstrap.servers", server.endpoints["kafka"])
     .option("topic", "events").save())
    rows = read_all(server, spark).selectExpr("CAST(value AS STRING) AS text").collect()
    assert [row.text for row in rows] == [f"event {i}" for i in range(300)]
