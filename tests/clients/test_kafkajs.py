"""kafkajs against our server: it produces, consumes in a group and administers topics and groups."""
import json
import os
import subprocess

from conftest import DEADLINE_S, ROOT
from kafka.partitioner.default import murmur2

RECORDS = 100


def partition_of(key, partitions=2):
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def test_kafkajs_produces_consumes_and_administers(server):
    server.stop()
    server.settings["group.initial_rebalance_delay_ms"] = "0"
    server.start()
    done = subprocess.run(["node", ROOT / "tests/clients/kafkajs_client.js", server.endpoints["kafka"]],
                          env=os.environ | {"NODE_PATH": str(ROOT / ".deps/node"),
                                            "KAFKAJS_NO_PARTITIONER_WARNING": "1"},
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout)
    assert (saw["created"], saw["again"], saw["topics"]) == (True, False, ["javascript"])
    assert all(code == 0 for codes in saw["sent"] for code in codes) and len(saw["sent"]) == 2
    want = {(partition_of(f"k{i % 7}"), f"k{i % 7}", f"v{i}", "test") for i in range(3 * RECORDS)}
    read = saw["read"] + saw["later"]
    assert {(partition, key, value, kind) for partition, _, key, value, kind in read} == want
    assert len(read) == len(want), "nothing that was committed is read again"
    ends = [[p, sum(1 for one in want if one[0] == p)] for p in (0, 1)]
    assert saw["offsets"] == saw["ends"] == ends
    for partition, end in ends:
        assert [offset for p, offset, *_ in read if p == partition] == list(range(end)), "in order"
    assert saw["settings"] == [["cleanup.policy", "delete"], ["max.message.bytes", "50000"]]
    assert (saw["partitions"], saw["state"], saw["reset"], saw["left"]) == (3, "Empty", 3 * RECORDS, [])
    assert [group["protocolType"] for group in saw["groups"]] == ["consumer"]
