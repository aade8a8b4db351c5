"""Ids of topics and their partitions by parts, compared with Apache Kafka's answers."""
import json
import shutil

import pytest

import topic_id_questions
from conftest import ROOT, Server
from test_kafka_topics import as_here

RECORDED = json.loads((ROOT / "tests/clients/kafka_topic_id_answers.json").read_text())


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ids")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    running = Server(folder)
    running.start()
    yield topic_id_questions.ask(running.endpoints["kafka"])
    running.stop()


@pytest.mark.parametrize("title", topic_id_questions.TALKS)
def test_ids_are_answered_as_kafka_answers(answered, title):
    ours, kafkas = answered[title], RECORDED[title]
    assert [name for name, _ in ours] == [name for name, _ in kafkas]
    for (name, our), (_, kafka) in zip(ours, kafkas):
        assert as_here(our) == as_here(kafka), name
