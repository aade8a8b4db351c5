"""Brokers that a benchmark measures in turns: steelthread, Apache Kafka, and one that keeps nothing."""
import pathlib
import socket
import subprocess
import time

from shared.server import Server, children, stat_of

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
JARS = ROOT / ".deps/kafka"
# As kafka-server-start.sh and kafka-run-class.sh start it.
JAVA_BROKER = ["java", "-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
               "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent",
               "-Djava.awt.headless=true"]
START_S = 60
MOCK = """
import sys
from confluent_kafka import Producer
producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 3})
while not (brokers := producer.list_topics(timeout=10).brokers):
    pass
broker = next(iter(brokers.values()))
print(f"{broker.host}:{broker.port}", flush=True)
sys.stdin.read()
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident_mib(pid):
    """The proportional set size of a process and its children."""
    total = 0
    for one in (pid, *children(pid)):
        for line in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


class Steelthread:
    name = "steelthread"

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        folder.mkdir()
        self.start()

    def start(self):
        """Seconds until it is ready; its folder may be one that it left by any way."""
        (self.folder / ".steelthread/run/endpoints.json").unlink(missing_ok=True)
        began = time.monotonic()
        self.server = Server(self.binary, self.folder)
        self.address = self.server.endpoints["kafka"]
        return time.monotonic() - began

    @property
    def pid(self):
        return self.server.process.pid

    def create(self, topic, partitions):
        self.server.run("topic", "create", topic, "--partitions", str(partitions))

    def delete(self, topic):
        self.server.run("topic", "delete", topic, "--yes")

    def cpu_seconds(self):
        return self.server.cpu_seconds()

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()

    def stop(self):
        self.server.stop()


class Kafka:
    """One node that is broker and controller (KRaft), with Kafka's own defaults: it syncs nothing by itself."""
    name = "Kafka"

    def __init__(self, folder):
        folder.mkdir()
        port, controller = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        config = folder / "server.properties"
        config.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
offsets.topic.replication.factor=1
""")
        classes = ["-cp", f"{JARS}/*"]
        subprocess.run(["java", *classes, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk",
                        "-c", config], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(folder / "said", "wb") as said:
            self.process = subprocess.Popen([*JAVA_BROKER, *classes, "kafka.Kafka", config], stdout=said, stderr=said)
        until = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until and self.process.poll() is None, (folder / "said").read_text()[-2000:]
                time.sleep(0.1)
        from confluent_kafka.admin import AdminClient
        self.admin = AdminClient({"bootstrap.servers": self.address})

    @property
    def pid(self):
        return self.process.pid

    def create(self, topic, partitions):
        from confluent_kafka.admin import NewTopic
        self.admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(START_S)

    def delete(self, topic):
        self.admin.delete_topics([topic])[topic].result(START_S)

    def cpu_seconds(self):
        return sum(stat_of(f"/proc/{self.process.pid}"))

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Null:
    """librdkafka's mock broker in a process of its own: it answers, and keeps nothing."""
    name = "null"

    def __init__(self):
        self.process = subprocess.Popen([ROOT / ".deps/venv/bin/python", "-c", MOCK], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def create(self, topic, partitions):
        """The mock makes topics at their first use, with one partition that this benchmark asks for."""

    def delete(self, topic):
        """It keeps nothing."""

    def cpu_seconds(self):
        return sum(stat_of(f"/proc/{self.process.pid}"))

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
