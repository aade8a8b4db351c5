"""`steelthread generate spark`: spark-pipelines of PySpark runs what it writes, and makes our rows."""
import json
import os
import shutil
import subprocess
import sys

import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.table import StaticTable

from conftest import BINARY, ROOT, TEST_DEADLINE_S

SPARK_DEADLINE_S = TEST_DEADLINE_S - 50
PIPELINES = ROOT / "tests/clients/spark_pipelines"
TABLES = ("extracted_events", "purchases", "sword_purchases", "orders", "order_items", "order_positions",
          "order_sums", "coupons", "visits", "visit_facts", "signups", "activity", "badges", "traces")
# Of the game and of three applications: nested, in part, with fields of other types and with none.
EVENTS = [
    {"Host": "user1.comcast.com", "Accept": "*/*", "User-Agent": "curl", "event_type": "purchase_sword"},
    {"Host": "Zoë", "event_type": "purchase_knife", "n": 1.50},
    {"event_type": "join_guild", "Host": None},
    {"event_type": "order", "order_id": "o-1", "player": " Ada ", "placed": "2026-11-30T23:59:59.5Z", "total": "129.90",
     "coupons": ["SALE-10", "SALE-10", "XMAS-5"], "address": {"street": "Ring 1", "zip": "01067", "country": "DE"},
     "items": [{"sku": "bow", "qty": 2, "price": 9.95, "options": {"colour": "red", "size": "L"}},
               {"sku": "map", "qty": 1, "price": 110.0}, {"sku": "gift", "qty": 0, "price": 0}]},
    {"event_type": "order", "order_id": "o-2", "player": "BOB", "placed": "2026-02-28", "total": "5", "coupons": [],
     "items": []},
    {"event_type": "order", "order_id": "o-3", "player": "zoë", "placed": None, "total": None, "coupons": None,
     "address": {"zip": "x"}, "items": [{"sku": "é😀", "qty": 3, "price": 0.1, "options": {}}]},
    {"event_type": "visit", "player": "ada", "url": "https://shop.example/a/b?campaign=xmas&x=1#top",
     "agent": "Firefox/128.0", "at_ms": 1767323045123, "extra": {"lang": "de", "dark": True, "n": None}},
    {"event_type": "visit", "player": "bob", "url": "not a url", "agent": "curl", "at_ms": 0, "extra": {}},
    {"event_type": "visit", "player": None, "url": None, "agent": None},
    {"event_type": "signup", "name": "ada", "email": "Ada@Example.org", "born": "1990-03-01", "level": 3},
    {"event_type": "signup", "name": "bob", "email": "bob@example.org", "born": "1999-12-31", "level": 50,
     "friends": ["ada", "zoë LÉ"], "badges": [{"id": 1, "points": 10, "won": "2026-01-01 10:00:00"}, {"id": None}]},
    {"event_type": "signup", "email": "nobody@example.org"},
]
# Of the second topic that the pipeline `traces` reads.
LOGINS = [{"name": "ada", "level": 3}, {"name": "Zoë", "level": "many"}, {"level": 7}]


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
    for file in PIPELINES.glob("*.sql"):
        shutil.copy(file, server.project / "pipelines")
    assert server.run("reload").returncode == 0
    for topic, records in (("events", EVENTS[:6]), ("logins", LOGINS), ("events", EVENTS[6:])):
        done = server.run("topic", "create", topic, "--if-not-exists")
        assert done.returncode == 0, done.stderr
        done = server.run("topic", "produce", topic, input="".join(json.dumps(record) + "\n" for record in records))
        assert done.returncode == 0, done.stderr
    done = server.run("generate", "spark")
    assert done.returncode == 0, done.stderr
    assert "spark-sql-kafka-0-10_2.13:4.1.1" in done.stdout
    done = spark_pipelines(server, "run")
    assert "Run is COMPLETED." in done.stdout + done.stderr, (done.stdout + done.stderr)[-5000:]
    catalog = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}")
    for table in TABLES:
        assert server.run("pipeline", "run", table).returncode == 0
        ours = rows(catalog.load_table(f"default.{table}"))
        assert ours and ours == sparks_rows(server, table), table
    topics = catalog.load_table("default.traces").scan().to_arrow().column("topic").to_pylist()
    assert (topics.count("events"), topics.count("logins")) == (len(EVENTS) + 3, len(LOGINS))


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
