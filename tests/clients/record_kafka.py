#!/usr/bin/env python3
"""Records what Apache Kafka answers to odd sequences, odd batches, members of groups of either protocol and of both,
administrators and about topics, their ids, deleted records, its own settings and sessions of fetches into
kafka_answers.json, kafka_group_answers.json, kafka_consumer_group_answers.json, kafka_mixed_group_answers.json,
kafka_admin_answers.json, kafka_topic_answers.json, kafka_topic_id_answers.json, kafka_deletion_answers.json,
kafka_broker_answers.json and kafka_session_answers.json.

    .deps/venv/bin/python tests/clients/record_kafka.py JARS [answers] [groups] [consumers] [mixed] [administration]
                                                             [topics] [ids] [deletions] [broker] [sessions]

JARS is a folder with org.apache.kafka:kafka_2.13 and what it depends on, as Maven's
dependency:copy-dependencies lays it; a Java of 17 or newer is found on the path.
"""
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

import admin_questions
import broker_questions
import consumer_group_questions
import deletion_questions
import group_questions
import mixed_group_questions
import odd_batches
import producer_sequences
import session_questions
import topic_id_questions
import topic_questions

CLIENTS = pathlib.Path(__file__).resolve().parent
DEADLINE_S = 300
# A broker sees a change a little after the controller has answered it.
SETTLE_S = 0.3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(folder, client_port, controller_port):
    return f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{client_port},CONTROLLER://127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
"""


def make_topic(address):
    from confluent_kafka.admin import AdminClient, NewTopic
    admin = AdminClient({"bootstrap.servers": address})

    def make(name, partitions=1):
        for made in admin.create_topics([NewTopic(name, partitions, 1)]).values():
            made.result(DEADLINE_S)
    return make


def ask_answers(address):
    make = make_topic(address)
    return {"sequences": producer_sequences.ask(address, make), "batches": odd_batches.ask(address, make)}


# By the file that has them.
QUESTIONS = {"answers": ("kafka_answers.json", ask_answers),
             "groups": ("kafka_group_answers.json",
                        lambda address: group_questions.ask(address, make_topic(address))),
             "consumers": ("kafka_consumer_group_answers.json",
                           lambda address: consumer_group_questions.ask(address, make_topic(address))),
             "mixed": ("kafka_mixed_group_answers.json",
                       lambda address: mixed_group_questions.ask(address, make_topic(address))),
             "administration": ("kafka_admin_answers.json",
                                lambda address: admin_questions.ask(address, make_topic(address))),
             "topics": ("kafka_topic_answers.json",
                        lambda address: topic_questions.ask(address, lambda: time.sleep(SETTLE_S))),
             "ids": ("kafka_topic_id_answers.json",
                     lambda address: topic_id_questions.ask(address, lambda: time.sleep(SETTLE_S))),
             "deletions": ("kafka_deletion_answers.json",
                           lambda address: deletion_questions.ask(address, lambda: time.sleep(SETTLE_S))),
             "broker": ("kafka_broker_answers.json",
                        lambda address: broker_questions.ask(address, make_topic(address))),
             "sessions": ("kafka_session_answers.json",
                          lambda address: session_questions.ask(address, lambda: time.sleep(SETTLE_S)))}


def main():
    jars = pathlib.Path(sys.argv[1])
    wanted = sys.argv[2:] or list(QUESTIONS)
    version = re.search(r"kafka_2\.13-([\d.]+)\.jar", " ".join(p.name for p in jars.iterdir())).group(1)
    java = ["java", "-Xmx512m", "-cp", f"{jars}/*"]
    with tempfile.TemporaryDirectory() as folder:
        client_port = free_port()
        config = pathlib.Path(folder) / "server.properties"
        config.write_text(settings(folder, client_port, free_port()))
        subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk",
                        "-c", str(config)], check=True, stdout=subprocess.DEVNULL)
        with open(f"{folder}/log", "wb") as log:
            broker = subprocess.Popen([*java, "kafka.Kafka", str(config)], stdout=log, stderr=log)
        try:
            end = time.monotonic() + DEADLINE_S
            while True:
                try:
                    socket.create_connection(("127.0.0.1", client_port), 1).close()
                    break
                except OSError:
                    assert time.monotonic() < end and broker.poll() is None, \
                        pathlib.Path(f"{folder}/log").read_text()[-3000:]
                    time.sleep(0.1)
            answers = {name: QUESTIONS[name][1](f"127.0.0.1:{client_port}") for name in wanted}
        finally:
            broker.terminate()
            broker.wait(DEADLINE_S)
    for name, told in answers.items():
        out = CLIENTS / QUESTIONS[name][0]
        out.write_text(json.dumps({"kafka": version, **told}, indent=1) + "\n")
        print(f"{out.name}: answers of Kafka {version}")


if __name__ == "__main__":
    main()
