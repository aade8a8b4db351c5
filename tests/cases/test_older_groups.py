"""A folder with changed topics and consumer groups that a head made: all of it holds for whoever opens it."""
import json
import tarfile

import pytest
from confluent_kafka import Consumer, TopicPartition

from conftest import DEADLINE_S, ROOT, Server

FOLDERS = sorted((ROOT / "tests/folders/groups").glob("*.tar.xz"))


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def server(request, tmp_path):
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)
    running = Server(tmp_path).start()
    yield running
    running.stop()


def described(server, group):
    shown = server.run("group", "describe", group, "--format", "json")
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


def offsets(server, group):
    return {row["partition"]: row["offset"] for row in described(server, group)["partitions"]}


def test_topics_and_groups_are_as_they_were_left_and_go_on(server):
    for restart in (None, server.kill9, server.stop):
        if restart:
            restart()
            server.start()
        assert "gone" not in server.run("topic", "ls").stdout.split()
        topic = server.run("topic", "describe", "clicks").stdout
        assert topic.count("\tPartition: ") == 3 and topic.count("\tEndOffset: 2\t") == 3
        assert "Setting: max.message.bytes\tValue: 100000\tSource: set\n" in topic
        assert "Setting: message.timestamp.type\tValue: LogAppendTime\tSource: set\n" in topic
        shop = described(server, "shop")
        assert (shop["group_type"], shop["state"]) == ("classic", "Empty")
        (row,) = shop["partitions"]
        assert (row["partition"], row["offset"]) == (2, 1)
        assert row["metadata"].rstrip("\0") == "here", "librdkafka sends the NUL behind it"
        assert offsets(server, "crew") == {0: 2, 1: 2, 2: 2}
    verified = server.run("log", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_member_that_was_there_is_there_when_the_folder_is_opened(server):
    crew = described(server, "crew")
    (member,) = crew["members"]
    assert sorted(one["partition"] for one in member["partitions"]) == [0, 1, 2]
    assert crew["group_type"] == "consumer"


def test_a_group_goes_on_behind_what_it_committed(server):
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "shop"})
    (committed,) = consumer.committed([TopicPartition("clicks", 2)], DEADLINE_S)
    assert (committed.offset, committed.metadata) == (1, "here")
    consumer.assign([TopicPartition("clicks", 2)])
    message = consumer.poll(DEADLINE_S)
    assert (message.offset(), message.value()) == (1, b"5")
    consumer.close()
