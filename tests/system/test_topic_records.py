"""`steelthread topic delete-records`, and what `topic describe` and `status` say of records and who keeps them."""
import json
import urllib.request

import pytest
from confluent_kafka import Producer

from conftest import DEADLINE_S, poll

NOON_MS = 1_700_000_000_000  # 2023-11-14T22:13:20Z
SHOUTED = """CREATE STREAMING TABLE shouted
TBLPROPERTIES ('steelthread.trigger' = '1 second')
AS SELECT CAST(value AS STRING) AS shout FROM STREAM(shouts);
"""


def produce(server, topic, counts):
    """So many records in each partition, a second apart."""
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"]})
    for partition, count in enumerate(counts):
        for n in range(count):
            producer.produce(topic, f"{partition}/{n}", partition=partition, timestamp=NOON_MS + 1000 * n)
    assert producer.flush(DEADLINE_S) == 0


@pytest.fixture
def clicks(server):
    assert server.run("topic", "create", "clicks", "--partitions", "2").returncode == 0
    produce(server, "clicks", [5, 3])
    return server


def described(server, topic):
    shown = server.run("topic", "describe", topic, "--format", "json")
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


def starts(server, topic="clicks"):
    return [one["start_offset"] for one in described(server, topic)["partitions"]]


def test_the_oldest_records_go_when_a_person_is_sure(clicks):
    words = ["topic", "delete-records", "clicks:0", "--before", "3"]
    dry = clicks.run(*words)
    assert dry.returncode == 2 and "nothing was changed" in dry.stderr
    assert dry.stdout == "clicks/0: 3 records would be deleted, the start would go from 0 to 3\n"
    assert starts(clicks) == [0, 0]
    done = clicks.run(*words, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "clicks/0: 3 records deleted, the start went from 0 to 3\n"
    clicks.kill9()
    clicks.start()
    assert starts(clicks) == [3, 0]
    again = clicks.run(*words, "--yes")
    assert again.stdout == "clicks/0: 0 records deleted, the start went from 3 to 3\n"
    assert clicks.run("topic", "consume", "clicks", "--partition", "0").stdout == "0/3\n0/4\n"
    over = clicks.run("topic", "delete-records", "clicks", "--before", "4", "--yes")
    assert over.returncode == 1 and "partition 1 ends at offset 3" in over.stderr, over.stderr
    assert starts(clicks) == [3, 0], "one partition is refused, so nothing is deleted"
    whole = clicks.run("topic", "delete-records", "clicks", "--before", "end", "--yes")
    assert whole.stdout == ("clicks/0: 2 records deleted, the start went from 3 to 5\n"
                            "clicks/1: 3 records deleted, the start went from 0 to 3\n")
    assert clicks.run("topic", "consume", "clicks").stdout == ""


def test_records_before_a_time_go(clicks):
    done = clicks.run("topic", "delete-records", "clicks", "--before", "2023-11-14T22:13:22Z", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("clicks/0: 2 records deleted, the start went from 0 to 2\n"
                           "clicks/1: 2 records deleted, the start went from 0 to 2\n")
    later = clicks.run("topic", "delete-records", "clicks:1", "--before", "2023-11-14T22:13:22.001Z")
    assert later.stdout == "clicks/1: 1 record would be deleted, the start would go from 2 to 3\n"


@pytest.mark.parametrize("place, before, said, code", [
    ("clicks:x", "1", '"clicks:x" is no TOPIC or TOPIC:PARTITION', 2), ("clicks", "", '"" is no offset such as 1000', 2),
    ("click", "1", 'did you mean "clicks"?', 1), ("clicks:7", "1", "has partitions 0 to 1, not 7", 1),
    ("clicks", "soon", '"soon" is no offset such as 1000', 2), ("clicks", "-1", '"-1" is no offset', 2),
    ("clicks", "2023-13-01T00:00:00Z", "is no offset such as 1000, no time such as", 2)])
def test_mistakes_delete_nothing(clicks, place, before, said, code):
    refused = clicks.run("topic", "delete-records", place, "--before", before, "--yes")
    assert refused.returncode == code and said in refused.stderr, refused.stderr
    assert starts(clicks) == [0, 0]


def test_partitions_are_described_with_size_and_times(clicks):
    assert clicks.run("topic", "delete-records", "clicks:0", "--before", "1", "--yes").returncode == 0
    first, second = described(clicks, "clicks")["partitions"]
    assert (first["start_offset"], first["end_offset"], first["records"]) == (1, 5, 4)
    assert first["oldest_time"] == "2023-11-14T22:13:21.000Z", "of the first record that is left"
    assert first["newest_time"] == "2023-11-14T22:13:24.000Z"
    assert first["bytes"] > second["bytes"] > 0 and first["holds"] == second["holds"] == []
    shown = clicks.run("topic", "describe", "clicks").stdout.splitlines()
    assert shown[0].endswith("\tPartitionCount: 2\tReplicationFactor: 1")
    assert shown[2] == (f"\tPartition: 1\tStartOffset: 0\tEndOffset: 3\tRecords: 3\tBytes: {second['bytes']}"
                        "\tOldest: 2023-11-14T22:13:20.000Z\tNewest: 2023-11-14T22:13:22.000Z")
    assert clicks.run("topic", "delete-records", "clicks", "--before", "end", "--yes").returncode == 0
    assert "\tRecords: 0\tBytes: 0\tOldest: none\tNewest: none\n" in clicks.run("topic", "describe", "clicks").stdout


def test_what_is_kept_is_refused_and_its_holder_named(server):
    (server.project / "pipelines/shouted.sql").write_text(SHOUTED)
    assert server.run("topic", "create", "shouts").returncode == 0
    assert server.run("reload").returncode == 0
    produce(server, "shouts", [2])
    poll("the rows", lambda: server.run("sql", "--format", "csv", "select count(*) from shouted").stdout.split()[-1:]
         == ["2"])
    assert server.run("pipeline", "pause", "shouted").returncode == 0
    produce(server, "shouts", [3])
    refused = server.run("topic", "delete-records", "shouts", "--before", "end", "--yes")
    assert refused.returncode == 1, refused.stdout
    assert 'hold "pipeline shouted" keeps the records from offset 2 on in partition 0' in refused.stderr
    assert "nothing was deleted" in refused.stderr and "--force" in refused.stderr
    (partition,) = described(server, "shouts")["partitions"]
    assert partition["holds"] == [{"name": "pipeline shouted", "from": 2, "records": 3}]
    assert "\t\tHold: pipeline shouted\tFrom: 2\tRecords: 3\n" in server.run("topic", "describe", "shouts").stdout
    text = server.run("status", "--all").stdout
    assert "\nholds on the log\n" in text and "\n  pipeline shouted " in text
    assert "holds on the log" not in server.run("status").stdout
    assert server.run("topic", "delete-records", "shouts", "--before", "2", "--yes").returncode == 0
    assert starts(server, "shouts") == [2]


def test_keys_of_events_and_the_servers_own_topics_are_kept(server):
    urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_sword", timeout=DEADLINE_S).close()
    for topic, holder in (("events", "idempotency keys"), ("_declarations", "the declarations of events")):
        refused = server.run("topic", "delete-records", topic, "--before", "end", "--yes")
        assert refused.returncode == 1 and f'hold "{holder}" keeps the records from offset 0 on' in refused.stderr
        assert starts(server, topic) == [0]
    forced = server.run("topic", "delete-records", "_declarations", "--before", "end", "--yes", "--force")
    assert forced.returncode == 1 and "The server itself needs them, also with --force" in forced.stderr
    assert starts(server, "_declarations") == [0]


def test_the_partition_may_be_named_beside_the_topic(clicks):
    done = clicks.run("topic", "delete-records", "clicks", "--partition", "1", "--before", "2", "--yes")
    assert done.stdout == "clicks/1: 2 records deleted, the start went from 0 to 2\n", done.stderr
    both = clicks.run("topic", "delete-records", "clicks:0", "--partition", "1", "--before", "3", "--yes")
    assert both.returncode == 2 and '"clicks:0" and --partition 1 name two partitions' in both.stderr
    assert starts(clicks) == [0, 2]


def pipeline(server, name):
    pipelines = json.loads(server.run("status", "--format", "json").stdout)["pipelines"]
    return next(one for one in pipelines if one["name"] == name)


def values(server):
    return server.run("sql", "--format", "csv", "select shout from shouted order by shout").stdout.split()[1:]


def test_force_leaves_a_gap_that_a_person_accepts(server):
    (server.project / "pipelines/shouted.sql").write_text(SHOUTED)
    assert server.run("topic", "create", "shouts").returncode == 0
    assert server.run("reload").returncode == 0
    produce(server, "shouts", [1])
    poll("the row", lambda: values(server) == ["0/0"])
    assert server.run("pipeline", "pause", "shouted").returncode == 0
    produce(server, "shouts", [4])  # offsets 1 to 4
    words = ["topic", "delete-records", "shouts", "--before", "3", "--force"]
    dry = server.run(*words)
    assert dry.returncode == 2 and "pipeline shouted has not read 2 of these records of shouts/0" in dry.stdout
    assert starts(server, "shouts") == [0]
    done = server.run(*words, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "shouts/0: 3 records deleted, the start went from 0 to 3\n"
        "  pipeline shouted has not read 2 of these records of shouts/0, from offset 1 on: it stops there, "
        "until `steelthread pipeline accept shouted` has it go on without them\n")
    assert server.run("pipeline", "resume", "shouted").returncode == 0

    def waits():
        return pipeline(server, "shouted")["state"] == "needs a person"
    poll("the pipeline to stop at the gap", waits)
    server.kill9()
    server.start()
    poll("the pipeline to stop at the gap", waits)
    error = pipeline(server, "shouted")["last_error"]
    assert "records were removed before they were read" in error and "`steelthread pipeline accept shouted`" in error
    accepted = server.run("pipeline", "accept", "shouted")
    assert accepted.stdout == "shouted: goes on without shouts/0 offsets 1 to 2 (2 records)\n", accepted.stderr
    poll("the rows behind the gap", lambda: values(server) == ["0/0", "0/2", "0/3"])
    again = server.run("pipeline", "accept", "shouted")
    assert again.returncode == 0 and "no records of its topics that were not accepted" in again.stdout


def buy(server, key):
    request = urllib.request.Request(f"http://{server.endpoints['http']}/purchase_a_sword",
                                     headers={"Idempotency-Key": key})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        return answer.headers["Steelthread-Position"]


def test_requests_whose_records_went_by_force_act_again(server):
    assert [buy(server, "order-1"), buy(server, "order-2"), buy(server, "order-1")] == [
        "events/0:0", "events/0:1", "events/0:0"]
    poll("both rows", lambda: server.run("sql", "--format", "csv", "select count(*) from sword_purchases"
                                         ).stdout.split()[-1:] == ["2"])
    forced = server.run("topic", "delete-records", "events", "--before", "1", "--yes", "--force")
    assert forced.returncode == 0 and "act again" in forced.stdout, forced.stderr
    assert buy(server, "order-1") == "events/0:2", "its record is gone"
    assert buy(server, "order-2") == "events/0:1", "its record is there"
    server.kill9()
    server.start()
    assert [buy(server, "order-1"), buy(server, "order-2")] == ["events/0:2", "events/0:1"]
