"""`steelthread group`: what it shows and changes, over a group that a client made."""
import json
import subprocess
import sys
import urllib.request

import pytest

from conftest import DEADLINE_S

COMMIT = """
import sys
from confluent_kafka import Consumer, Producer, TopicPartition
producer = Producer({"bootstrap.servers": sys.argv[1]})
for i in range(10):
    producer.produce("events", str(i), partition=i % 2, timestamp=1_700_000_000_000 + 1000 * i)
producer.flush()
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "shop"})
consumer.commit(offsets=[TopicPartition("events", 0, 2)], asynchronous=False)
consumer.close()
"""


@pytest.fixture
def shop(server):
    assert server.run("topic", "create", "events", "--partitions", "2").returncode == 0
    subprocess.run([sys.executable, "-c", COMMIT, server.endpoints["kafka"]], check=True,
                   timeout=DEADLINE_S)
    return server


def rows(server, *words):
    done = server.run("group", *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def offsets(server):
    return {row["partition"]: row["offset"] for row in rows(server, "describe", "shop")["partitions"]}


def test_groups_are_listed_and_described_with_their_lag(shop):
    (listed,) = rows(shop, "ls")
    assert (listed["group"], listed["state"], listed["lag"]) == ("shop", "Empty", 3)
    assert listed["lag seconds"] > 10**6, "the first record that is left is of 2023"
    described = rows(shop, "describe", "shop")
    (partition,) = described.pop("partitions")
    assert listed["group type"] == "classic"
    assert described == {"group": "shop", "group_type": "classic", "state": "Empty", "type": "", "protocol": "", "members": [],
                         "left_out": 0}
    assert partition.pop("lag_seconds") > 10**6
    assert partition == {"topic": "events", "partition": 0, "offset": 2, "end": 5, "lag": 3,
                         "metadata": "", "member": None}
    shown = shop.run("group", "describe", "shop", "--format", "csv")
    assert "shop: Empty, 0 members" in shown.stderr
    head, row = shown.stdout.splitlines()
    assert head == "topic,partition,offset,end,lag,lag seconds,member,client,host"
    assert row.startswith("events,0,2,5,3,") and row.endswith(",,,")
    assert "consumer groups\n" in shop.run("status").stdout
    with urllib.request.urlopen(f"http://{shop.endpoints['sql']}/metrics", timeout=DEADLINE_S) as page:
        metrics = page.read().decode()
    assert 'steelthread_group_lag_records{group="shop",topic="events"} 3\n' in metrics
    assert 'steelthread_groups{state="Empty"} 1\n' in metrics
    missing = shop.run("group", "describe", "nobody")
    assert missing.returncode != 0 and 'no group "nobody"' in missing.stderr


@pytest.mark.parametrize("way,want,why", [
    (["--to-earliest"], 0, ""), (["--to-latest"], 5, ""), (["--to-offset", "4"], 4, ""),
    (["--to-offset", "5"], 5, ""), (["--to-offset", "99"], 5, ", its end: 99 is beyond it"),
    (["--shift-by", "-1"], 1, ""), (["--shift-by", "2"], 4, ""), (["--shift-by", "-2"], 0, ""),
    (["--shift-by", "-99"], 0, ", its start: -97 is before it"),
    (["--shift-by", "9223372036854775807"], 5, ", its end: 9223372036854775807 is beyond it"),
    (["--to-datetime", "2023-11-14T22:13:24Z"], 2, ""),
    (["--to-datetime", "2100-01-01T00:00:00Z"], 5, ", its end: no record is of 2100-01-01T00:00:00Z or later")])
def test_offsets_are_moved_when_a_person_is_sure(shop, way, want, why):
    dry = shop.run("group", "reset-offsets", "shop", *way)
    assert dry.returncode == 2, dry.stderr
    assert dry.stdout == f"shop: events/0 would move from 2 to {want}{why}\n"
    assert "nothing was changed" in dry.stderr and offsets(shop) == {0: 2}
    done = shop.run("group", "reset-offsets", "shop", *way, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"shop: events/0 moved from 2 to {want}{why}\n"
    assert offsets(shop) == {0: want}


def test_offsets_of_a_topic_and_of_a_new_group(shop):
    words = ("group", "reset-offsets", "new", "--topic", "events", "--to-latest")
    dry = shop.run(*words)
    assert dry.returncode == 2 and dry.stdout.startswith("new: would be a new group\nnew: events/0 would move")
    assert [row["group"] for row in rows(shop, "ls")] == ["shop"]
    done = shop.run(*words, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("new: a new group\nnew: events/0 moved from no offset to 5\n"
                           "new: events/1 moved from no offset to 5\n")
    again = shop.run(*words, "--yes")
    assert again.stdout == "new: events/0 moved from 5 to 5\nnew: events/1 moved from 5 to 5\n"


def test_mistakes_of_a_reset_are_refused(shop):
    for words, said in [(["shop"], "say where to"), (["shop", "--to-latest", "--to-earliest"], "by one of"),
                        (["nobody", "--to-latest"], "has no offsets"),
                        (["shop", "--topic", "none", "--to-latest"], 'no topic "none"'),
                        (["shop", "--to-datetime", "noon"], "is no time"),
                        (["shop", "--topic", "events", "--shift-by", "1"], "no offset that could be")]:
        refused = shop.run("group", "reset-offsets", *words)
        assert refused.returncode != 0 and said in refused.stderr, refused.stderr


def test_a_group_with_members_is_left_alone_and_one_without_is_deleted(shop):
    from confluent_kafka import Consumer
    shop.stop()
    shop.settings["group.initial_rebalance_delay_ms"] = "0"
    shop.start()
    consumer = Consumer({"bootstrap.servers": shop.endpoints["kafka"], "group.id": "shop"})
    consumer.subscribe(["events"])
    while not consumer.assignment():
        consumer.poll(0.1)
    for words in (["reset-offsets", "shop", "--to-earliest", "--yes"], ["delete", "shop"]):
        refused = shop.run("group", *words)
        assert refused.returncode != 0 and "has members" in refused.stderr
    consumer.close()
    done = shop.run("group", "delete", "shop")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("shop: deleted, with ")
    assert rows(shop, "ls") == []
