"""Spark with Iceberg's runtime reads tables through the REST catalog: before, while and after they are
put together, renamed and rolled back."""
import json
import pathlib
import threading
import urllib.request

import duckdb
import pytest
from pyiceberg.catalog.rest import RestCatalog

from conftest import DEADLINE_S

ORDER = "ORDER BY timestamp, raw_event"


def buy(server, count):
    for _ in range(count):
        urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_sword",
                               timeout=DEADLINE_S).read()
    ok(server, "pipeline", "run", "sword_purchases", "--once")


def ok(server, *words):
    done = server.run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def lake(server, spark):
    """A catalog of Spark on the running server, whose upkeep is off; it remembers no table."""
    server.stop()
    server.settings["lake.upkeep"] = "false"
    server.start()
    name = f"lake_{server.endpoints['catalog'].rpartition(':')[2]}"
    for key, value in {"": "org.apache.iceberg.spark.SparkCatalog", ".type": "rest",
                       ".uri": f"http://{server.endpoints['catalog']}", ".cache-enabled": "false"}.items():
        spark.conf.set(f"spark.sql.catalog.{name}{key}", value)
    return name


def rows(spark, text):
    return [tuple(row) for row in spark.sql(text).collect()]


def test_spark_reads_a_table_through_all_that_happens_to_it(server, spark, lake):
    table = f"{lake}.default.sword_purchases"
    for _ in range(3):
        buy(server, 2)
    assert rows(spark, f"SELECT count(*), count(timestamp), min(event_type) FROM {table}") == [
        (6, 6, "purchase_sword")]
    before = rows(spark, f"SELECT * FROM {table} {ORDER}")
    snapshots = rows(spark, f"SELECT operation, summary['total-records'], snapshot_id FROM {table}.snapshots "
                            "ORDER BY committed_at")
    assert [one[:2] for one in snapshots] == [("append", "2"), ("append", "4"), ("append", "6")]
    assert len(rows(spark, f"SELECT made_current_at FROM {table}.history")) == 3
    # Iceberg shows offsets only beside the file's size, with which it compares them.
    files = rows(spark, f"SELECT record_count, file_format, split_offsets[0], sort_order_id, content, "
                        f"size(column_sizes), size(lower_bounds), file_size_in_bytes > 4 FROM {table}.files")
    assert files == [(2, "PARQUET", 4, 0, 0, 6, 5, True)] * 3
    assert rows(spark, f"SELECT sum(added_data_files_count), sum(existing_data_files_count) FROM "
                       f"{table}.manifests") == [(3, 0)]
    middle = before[2][1].isoformat(sep=" ")
    assert rows(spark, f"SELECT count(*) FROM {table} WHERE timestamp >= TIMESTAMP '{middle}'") == [(4,)]

    ok(server, "table", "compact", "sword_purchases")
    assert rows(spark, f"SELECT record_count FROM {table}.files") == [(6,)]
    assert rows(spark, f"SELECT * FROM {table} {ORDER}") == before
    assert rows(spark, f"SELECT count(*) FROM {table} VERSION AS OF {snapshots[1][2]}") == [(4,)]
    assert rows(spark, f"SELECT status, count(*) FROM {table}.entries GROUP BY status ORDER BY status") == [
        (1, 1), (2, 3)]

    ok(server, "pipeline", "pause", "sword_purchases")
    ok(server, "table", "rollback", "sword_purchases", "--to", str(snapshots[1][2]))
    assert rows(spark, f"SELECT * FROM {table} {ORDER}") == before[:4]
    assert rows(spark, f"SELECT is_current_ancestor, count(*) FROM {table}.history GROUP BY 1 ORDER BY 1") == [
        (False, 2), (True, 3)]

    (server.project / "pipelines/sword_purchases.sql").unlink()
    ok(server, "reload")
    ok(server, "table", "rename", "sword_purchases", "swords")
    table = f"{lake}.default.swords"
    assert rows(spark, f"SELECT * FROM {table} {ORDER}") == before[:4]
    assert ("default", "swords", False) in rows(spark, f"SHOW TABLES IN {lake}.default")


def test_spark_loses_no_file_and_no_row_while_files_are_put_together(server, spark, lake):
    """Each read in a loop is whole, beside commits, compactions and expiries, and none is shorter than the last."""
    table = f"{lake}.default.sword_purchases"
    buy(server, 2)
    done, bought, expired = threading.Event(), [2], []

    def change():
        while not done.is_set():
            buy(server, 2)
            bought[0] += 2
            ok(server, "table", "compact", "sword_purchases")
            expired.append(ok(server, "table", "expire", "sword_purchases", "--older-than", "1s", "--keep", "5"))
    changing = threading.Thread(target=change)
    changing.start()
    try:
        last = 2
        for _ in range(8):
            [(count, hosts, least)] = rows(spark, f"SELECT count(*), count(raw_event), min(event_type) FROM {table}")
            assert (hosts, least) == (count, "purchase_sword") and count % 2 == 0 and last <= count <= bought[0] + 2
            last = count
    finally:
        done.set()
        changing.join()
    assert len(expired) == bought[0] / 2 - 1 > 1, "each change went through"
    assert rows(spark, f"SELECT count(*) FROM {table}") == [(bought[0],)]


def extract(server, numbers):
    """A file of the table extracted_events for a step over so many events."""
    lines = "".join(json.dumps({"Host": f"user{n}.comcast.com", "event_type": f"kind {n % 5}"}) + "\n"
                    for n in numbers)
    done = server.run("topic", "produce", "events", input=lines)
    assert done.returncode == 0, done.stderr
    ok(server, "pipeline", "run", "extracted_events", "--once")


def test_others_read_row_groups_that_were_copied(server, spark, lake):
    many, few = 62_000, 10  # row groups of the first are copied, the others are written again
    ok(server, "topic", "create", "events", "--if-not-exists")
    for first, end in ((0, many), (many, 2 * many), (2 * many, 2 * many + few),
                       (2 * many + few, 3 * many)):
        extract(server, range(first, end))
    table = f"{lake}.default.extracted_events"
    metrics = (f"SELECT max(readable_metrics.host.upper_bound), min(readable_metrics.offset.lower_bound), "
               f"max(readable_metrics.offset.upper_bound), sum(readable_metrics.host.value_count), "
               f"sum(readable_metrics.host.null_value_count) FROM {table}.files")
    before = rows(spark, metrics)
    content = f"SELECT count(*), sum(hash(*)), sum(CAST(offset AS BIGINT)) FROM {table}"
    sums = rows(spark, content)
    ok(server, "table", "compact", "extracted_events")
    [(file, offsets, size)] = rows(
        spark, f"SELECT file_path, size(split_offsets), file_size_in_bytes FROM {table}.files")
    assert offsets == 3 and size == pathlib.Path(file.removeprefix("file://")).stat().st_size
    groups = duckdb.sql("SELECT DISTINCT row_group_id, row_group_num_rows FROM "
                        f"parquet_metadata('{file.removeprefix('file://')}') ORDER BY 1").fetchall()
    assert groups == [(0, many), (1, many), (2, many)]
    assert rows(spark, metrics) == before
    assert rows(spark, content) == sums
    for n in (0, many, 3 * many - 1):
        assert rows(spark, f"SELECT offset FROM {table} WHERE host = 'user{n}.comcast.com'") == [(n,)]
    assert rows(spark, f"SELECT count(*) FROM {table} WHERE event_type = 'kind 3'") == [(3 * many // 5,)]
    seen = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}").load_table(
        "default.extracted_events")
    assert seen.scan().to_arrow().column("offset").to_pylist() == list(range(3 * many))
    assert seen.scan(row_filter=f"host = 'user{many}.comcast.com'").to_arrow().num_rows == 1


WIDER = """CREATE STREAMING TABLE wider PARTITIONED BY (n, bucket(4, n), truncate(10, d))
TBLPROPERTIES ('steelthread.trigger' = '1 hour')
AS SELECT CAST(CAST(value AS STRING) AS {number}) AS n, CAST(CAST(value AS STRING) AS {decimal}) AS d,
  timestamp FROM STREAM(numbers)
"""


def test_spark_reads_a_table_whose_partition_columns_became_wider(server, spark, lake):
    table = f"{lake}.default.wider"
    source = server.project / "pipelines/wider.sql"
    ok(server, "topic", "create", "numbers")

    def fill(values, **types):
        source.write_text(WIDER.format(**types))
        ok(server, "reload")
        done = server.run("topic", "produce", "numbers", input="\n".join(map(str, values)) + "\n")
        assert done.returncode == 0, done.stderr
        ok(server, "pipeline", "run", "wider", "--once")

    def check(files):
        assert rows(spark, f"SELECT n, CAST(d AS STRING) FROM {table} ORDER BY n") == [
            (-7, "-7.00"), (5, "5.00"), (5, "5.00"), (5000000000, "5000000000.00")]
        assert rows(spark, f"SELECT count(*) FROM {table} WHERE n = 5") == [(2,)]
        assert rows(spark, f"SELECT count(*) FROM {table} WHERE d > 5 AND n > 5") == [(1,)]
        partitions = rows(spark, f"SELECT partition.n, partition.n_bucket, CAST(partition.d_trunc AS STRING), "
                                 f"record_count FROM {table}.partitions ORDER BY 1")
        assert [(n, trunc, count) for n, _, trunc, count in partitions] == [
            (-7, "-7.00", 1), (5, "5.00", 2), (5000000000, "5000000000.00", 1)]
        assert rows(spark, f"SELECT count(*) FROM {table}.files") == [(files,)]

    fill([5, -7], number="INT", decimal="DECIMAL(9,2)")
    fill([5, 5000000000], number="BIGINT", decimal="DECIMAL(20,2)")
    check(4)
    ok(server, "table", "compact", "wider")
    check(3)
    assert rows(spark, f"SELECT count(*) FROM {table} WHERE n < 0") == [(1,)]
    done = server.run("sql", "select count(*) from wider where n in (5, 6)", "--format", "csv")
    assert done.stdout.split()[1] == "2"
