"""franz-go against our server: it produces, consumes in groups of three kinds and administers."""
import go_program
import pytest
from test_kafka_versions import OFFERED

CODECS = ["gzip", "lz4", "none", "snappy", "zstd"]
RECORDS = 100  # of each codec, and of each time that a group reads more
TWICE = 2  # how often the members of a group read more


@pytest.fixture
def quick(server):
    """A server whose groups do not wait for more members."""
    server.stop()
    server.settings |= {"group.initial_rebalance_delay_ms": "0", "group.consumer_heartbeat_interval_ms": "100"}
    return server.start()


# As a client of the newest Kafka, of one before KIP-848 and of one before topic ids.
@pytest.mark.parametrize("release", [None, "3.5", "2.4"])
def test_franz_go_produces_consumes_and_administers(quick, release):
    address = quick.endpoints["kafka"]
    saw = go_program.run("life", address, *([release] if release else []))
    assert saw["Again"].startswith("TOPIC_ALREADY_EXISTS")
    assert saw["Brokers"] == [f"1 {address}"]
    assert {codec: sum(counts) for codec, counts in saw["Sent"].items()} == dict.fromkeys(CODECS, RECORDS)
    assert all(min(counts) > 0 for counts in saw["Sent"].values()), "each partition has records of each codec"

    kinds = {"eager": ("classic", "range"), "cooperative": ("classic", "cooperative-sticky")}
    if release is None:
        kinds["server-side"] = ("consumer", "uniform")
    assert set(saw["Groups"]) == set(kinds)
    for number, (name, (kind, protocol)) in enumerate(kinds.items(), start=1):
        group = saw["Groups"][name]
        assert group["Read"] == (len(CODECS) + number * TWICE) * RECORDS
        assert group["Repeated"] is None, "what was committed is not read again"
        assert (group["State"], group["Protocol"], group["Members"]) == ("Stable", protocol, 2)
        assert sorted(group["Assigned"]) == [1, 2]
        assert group["Type"] == (kind if release is None else ""), "3.5 and 2.4 do not ask for the type"
        assert sum(group["Committed"].values()) == group["Read"]
        assert (group["Lag"], group["StateAfter"]) == (0, "Empty")

    assert saw["Ends"] == saw["Groups"][list(kinds)[-1]]["Committed"]
    assert (saw["LowWatermark"], saw["Starts"]) == (10, {"0": 10, "1": 0, "2": 0})
    assert saw["LogBytes"] > 0
    assert (saw["Settings"], saw["Source"]) == (
        {"max.message.bytes": "50000", "retention.ms": "-1"}, "DYNAMIC_TOPIC_CONFIG")
    assert saw["Altered"] == {"max.message.bytes": "1048588", "retention.ms": "86400000"}
    assert saw["Partitions"] == 4
    assert (saw["DeletedGroups"], saw["GroupsLeft"], saw["Topics"]) == (sorted(kinds), [], None)


def test_franz_go_understands_each_version_that_is_offered(quick):
    saw = go_program.run("versions", quick.endpoints["kafka"])
    assert saw["Failures"] is None
    want = {(key, version) for key, (low, high) in OFFERED.items() for version in range(low, high + 1)}
    assert {tuple(one) for one in saw["Asked"]} == want
