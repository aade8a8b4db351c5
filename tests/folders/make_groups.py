#!/usr/bin/env python3
"""Makes a folder of tests/folders/groups with a built program: make_groups.py PROGRAM NAME

Run it with .deps/venv/bin/python. The folder has a topic that was changed, one that was deleted and consumer groups of
both protocols, one with a member; tests/cases/test_older_groups.py opens it.
"""
import json
import pathlib
import signal
import subprocess
import sys
import tempfile

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic

from packing import pack

HERE = pathlib.Path(__file__).resolve().parent
WAIT_S = 60
# A member that commits what it read, and then is as good as dead.
MEMBER = """
import sys, time
from confluent_kafka import Consumer
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "crew", "group.protocol": "consumer",
                     "auto.offset.reset": "earliest", "enable.auto.commit": False})
consumer.subscribe(["clicks"])
read = 0
while read < 6:
    message = consumer.poll(1)
    read += message is not None and message.error() is None
consumer.commit(asynchronous=False)
print("committed", flush=True)
time.sleep(600)
"""


def wait(futures):
    for future in futures.values():
        future.result(WAIT_S)


def fill(address):
    admin = AdminClient({"bootstrap.servers": address})
    wait(admin.create_topics([NewTopic("clicks", 2, 1, config={"max.message.bytes": "100000"}),
                              NewTopic("gone", 1, 1)]))
    wait(admin.create_partitions([NewPartitions("clicks", 3)]))
    wait(admin.incremental_alter_configs([ConfigResource("TOPIC", "clicks", incremental_configs=[
        ConfigEntry("message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET)])]))
    producer = Producer({"bootstrap.servers": address})
    for number in range(6):
        producer.produce("clicks", str(number), partition=number % 3)
    producer.produce("gone", "gone")
    assert producer.flush(WAIT_S) == 0
    wait(admin.delete_topics(["gone"]))
    classic = Consumer({"bootstrap.servers": address, "group.id": "shop"})
    classic.commit(offsets=[TopicPartition("clicks", 2, 1, metadata="here")], asynchronous=False)
    classic.close()


def main():
    program, name = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "groups"
        (project / "pipelines").mkdir(parents=True)
        listen = [word for part in ("http", "kafka", "sql", "catalog")
                  for word in ("--set", f"{part}.listen=127.0.0.1:0")]
        subprocess.run([program, "up", "-d", "-C", project, *listen], check=True)
        run = project / ".steelthread/run"
        address = json.loads((run / "endpoints.json").read_text())["kafka"]
        fill(address)
        member = subprocess.Popen([sys.executable, "-c", MEMBER, address], stdout=subprocess.PIPE, text=True)
        assert member.stdout.readline() == "committed\n"
        member.send_signal(signal.SIGKILL)
        member.wait()
        subprocess.run([program, "down", "-C", project], check=True)
        pack(project, HERE / "groups" / f"{name}.tar.xz")


if __name__ == "__main__":
    main()
