"""`steelthread generate spark`: spark-pipelines of PySpark runs what it writes, and makes our rows."""
import os
import subprocess
import sys

import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.table import StaticTable

from conftest import BINARY, ROOT, TEST_DEADLINE_S

SPARK_DEADLINE_S = TEST_DEADLINE_S - 50
TABLES = ("extracted_events", "purchases", "sword_purchases")
NESTED = """
CREATE TEMPORARY VIEW parsed AS
SELECT timestamp, offset, from_json(CAST(value AS STRING),
  'player STRING, items ARRAY<STRUCT<sku: STRING, qty: INT>>') AS event
FROM STREAM(events);
CREATE STREAMING TABLE sold_items AS
SELECT offset, event.player AS player, item.sku AS sku, item.qty * 2 AS twice
FROM STREAM(parsed) LATERAL VIEW explode(event.items) i AS item WHERE item.qty > 0;
"""
EVENTS = [
    '{"Host": "user1.comcast.com", "Accept": "*/*", "User-Agent": "curl", "event_type": "purchase_sword"}',
    '{"Host": "Zoë", "event_type": "purchase_knife", "n": 1.50}',
    '{"event_type": "join_guild", "Host": null}',
    '{"event_type": "shop", "player": "ada", "items": [{"sku": "bow", "qty": 2}, {"sku": "map", "qty": 0}]}',
]


def spark_pipelines(server, verb):
    deps = ROOT / ".deps"
    environment = {**os.environ, "SPARK_HOME": str(deps / "spark/pyspark"),
                   "PYTHONPATH": f"{deps / 'spark'}:{deps / 'spark-pipelines'}",
                   "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable,
                   "SPARK_LOCAL_IP": "127.0.0.1", "STEELTHREAD_KAFKA": server.endpoints["kafka"]}
    if os.path.exists("/usr/lib/jvm/java-17-openjdk-amd64"):
        environment["JAVA_HOME"] = "/usr/lib/jvm/java-17-openjdk-amd64"
    jars = [str(jar) for folder in ("spark/kafka", "iceberg") for jar in sorted((deps / folder).glob("*.jar"))]
    return subprocess.run([deps / "spark/pyspark/bin/spark-pipelines", "--conf", "spark.ui.enabled=false",
                           "--jars", ",".join(jars), verb], cwd=server.project, env=environment,
                          capture_output=True, text=True, timeout=SPARK_DEADLINE_S)


def sparks_rows(server, table):
    folder = server.project / "spark-warehouse/default" / table / "metadata"
    version = (folder / "version-hint.text").read_text().strip()
    return rows(StaticTable.from_metadata(str(folder / f"v{version}.metadata.json")))


def rows(table):
    return sorted((sorted(row.items()) for row in table.scan().to_arrow().to_pylist()), key=repr)


def test_spark_runs_the_generated_project_and_makes_equal_rows(server):
    (server.project / "pipelines/sold_items.sql").write_text(NESTED)
    assert server.run("reload").returncode == 0
    done = server.run("topic", "create", "events", "--if-not-exists")
    assert done.returncode == 0, done.stderr
    done = server.run("topic", "produce", "events", input="\n".join(EVENTS) + "\n")
    assert done.returncode == 0, done.stderr
    done = server.run("generate", "spark")
    assert done.returncode == 0, done.stderr
    assert "spark-sql-kafka-0-10_2.13:4.1.1" in done.stdout
    done = spark_pipelines(server, "run")
    assert "Run is COMPLETED." in done.stdout + done.stderr, (done.stdout + done.stderr)[-5000:]
    catalog = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")
    for table in (*TABLES, "sold_items"):
        assert server.run("pipeline", "run", table).returncode == 0
        ours = rows(catalog.load_table(f"default.{table}"))
        assert ours and ours == sparks_rows(server, table), table


def test_the_packages_are_those_of_the_tests(server):
    done = server.run("generate", "spark")
    text = (server.project / "spark-pipeline.yml").read_text()
    lock = (ROOT / "tools/lock.txt").read_text()
    for package in ("org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.1",
                    "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0"):
        assert package in text and package in done.stdout and package in lock
    assert "pyspark[pipelines]==4.1.1" in text and "spark pyspark==4.1.1 " in lock
    assert 'spark.sql.iceberg.check-ordering: "false"' in text
    assert (server.project / "spark-warehouse/default").is_dir()


@pytest.fixture
def project(tmp_path):
    assert subprocess.run([BINARY, "init", tmp_path / "mine"], capture_output=True).returncode == 0
    return tmp_path / "mine"


def generate(project, *words):
    return subprocess.run([str(word) for word in (BINARY, "generate", "spark", "-C", project, *words)],
                          capture_output=True, text=True)


def test_files_that_are_there_are_replaced_by_force_alone(project, tmp_path):
    assert generate(project).returncode == 0
    (project / "spark_sources.py").write_text("mine")
    done = generate(project)
    assert done.returncode == 1 and "exists: nothing was written; --force" in done.stderr
    assert (project / "spark_sources.py").read_text() == "mine"
    assert generate(project, "--force").returncode == 0
    assert 'topic("events")' in (project / "spark_sources.py").read_text()
    done = generate(project, "--to", tmp_path / "spark")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "spark/pipelines/slow_levels.sql").read_text() == (
        project / "pipelines/slow_levels.sql").read_text()
    assert '"pipelines/slow_levels.sql"' in (tmp_path / "spark/spark-pipeline.yml").read_text()
    (project / "pipelines/slow_levels.sql").unlink()
    done = generate(project, "--force")
    assert done.returncode == 1 and "has no pipelines" in done.stderr
