"""Fixtures: a running server on a scratch project, and how to wait for things."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/steelthread"
# Options that give each listener a free port: the default ones may be another's on this machine.
PORTS = [word for part in ("http", "kafka", "sql", "catalog")
         for word in ("--set", f"{part}.listen=127.0.0.1:0")]
DEADLINE_S = 60
TEST_DEADLINE_S = int(os.environ.get("ST_TEST_DEADLINE_S", "300"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """No test waits for ever, with its fixtures: the alarm fails it where it waits."""
    def late(*_):
        raise TimeoutError(f"{item.nodeid} has not ended after {TEST_DEADLINE_S} s")
    signal.signal(signal.SIGALRM, late)
    signal.alarm(TEST_DEADLINE_S)
    try:
        return (yield)
    finally:
        signal.alarm(0)


def pytest_collection_modifyitems(items):
    """The census counts what the clients of all other tests asked for, so it comes last."""
    items.sort(key=lambda item: item.path.name == "test_census.py")
    Server.counts_requests = bool(items) and items[-1].path.name == "test_census.py"


def poll(what, ready, deadline_s=DEADLINE_S):
    """The first truthy result of ready(); fails after the deadline, naming what was waited for."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        result = ready()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {deadline_s} s for {what}")


class Server:
    """`steelthread up` on a project folder; ports stay the same over restarts."""
    counts_requests = False  # whether a stop adds to `requests`
    requests = set()  # name and version of each Kafka API that the servers of this run were asked for

    def __init__(self, project):
        self.project = project
        self.data = project / ".steelthread"
        self.settings = {f"{part}.listen": "127.0.0.1:0" for part in ("http", "kafka", "sql", "catalog")}
        self.popen = {}  # more for subprocess.Popen, of the next start
        self.process = None
        self.endpoints = {}

    def command(self, *words):
        return [str(BINARY), *words, "-C", str(self.project)]

    def start(self):
        flags = [word for key, value in self.settings.items() for word in ("--set", f"{key}={value}")]
        output = open(self.project / "server.log", "ab")
        self.process = subprocess.Popen(self.command("up") + flags, stdout=output, stderr=output,
                                        **self.popen)
        path = self.data / "run/endpoints.json"
        poll("endpoints.json", lambda: path.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, (self.project / "server.log").read_text()
        self.endpoints = json.loads(path.read_text())
        self.settings.update({f"{part}.listen": at for part, at in self.endpoints.items()})
        return self

    def kill9(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)
        stale = self.data / "run/endpoints.json"
        stale.unlink(missing_ok=True)

    def stop(self):
        if self.process and self.process.poll() is None:
            if self.counts_requests:
                self.requests.update(self.kafka_requests())
            self.process.terminate()
            assert self.process.wait(DEADLINE_S) == 0, (self.project / "server.log").read_text()

    def kafka_requests(self):
        """Name and version of each Kafka API that clients asked for since the start."""
        with urllib.request.urlopen(f"http://{self.endpoints['sql']}/metrics", timeout=DEADLINE_S) as page:
            found = re.findall(r'^steelthread_kafka_requests_total{api="(\w+)",version="(\d+)"}',
                               page.read().decode(), re.M)
        return {(name, int(version)) for name, version in found}

    def run(self, *words, **options):
        if words[0] in ("up", "check") and not any("listen" in word for word in words):
            words += tuple(PORTS)
        return subprocess.run(self.command(*words), capture_output=True, text=True,
                              timeout=DEADLINE_S, **options)


@pytest.fixture(scope="module")
def game(tmp_path_factory):
    """One running server of examples/game for the tests of a file that only ask."""
    folder = tmp_path_factory.mktemp("game")
    shutil.copytree(ROOT / "examples/game", folder, dirs_exist_ok=True)
    running = Server(folder).start()
    yield running
    running.stop()


@pytest.fixture
def server(tmp_path):
    """A server on a scratch copy of the example project."""
    shutil.copytree(ROOT / "examples/w205", tmp_path, dirs_exist_ok=True)
    running = Server(tmp_path).start()
    yield running
    running.stop()


@pytest.fixture
def deps():
    return ROOT / ".deps"


@pytest.fixture(scope="session")
def spark():
    """One Spark session for all tests of a run: a JVM takes many seconds to start."""
    home = ROOT / ".deps/spark"
    environment = {"SPARK_HOME": str(home / "pyspark"), "PYTHONPATH": str(home),
                   "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    debian = pathlib.Path("/usr/lib/jvm/java-17-openjdk-amd64")
    if debian.exists():
        environment["JAVA_HOME"] = str(debian)
    os.environ.update(environment)
    sys.path.insert(0, str(home))
    from pyspark.sql import SparkSession
    jars = [str(jar) for folder in (home / "kafka", ROOT / ".deps/iceberg") for jar in sorted(folder.glob("*.jar"))]
    assert any("kafka" in jar for jar in jars) and any("iceberg" in jar for jar in jars), (
        "no jars of Spark's Kafka source or of Iceberg: run tools/setup --tests")
    with tempfile.TemporaryDirectory() as scratch:
        session = (SparkSession.builder.master("local[1]").appName("steelthread-tests")
                   .config("spark.jars", ",".join(jars))
                   .config("spark.ui.enabled", "false")
                   .config("spark.ui.showConsoleProgress", "false")
                   .config("spark.sql.shuffle.partitions", "1")
                   .config("spark.sql.session.timeZone", "UTC")
                   .config("spark.local.dir", scratch)
                   .config("spark.sql.warehouse.dir", f"{scratch}/warehouse")
                   .getOrCreate())
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()
