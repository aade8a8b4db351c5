"""Each version of each request that the server offers is sent by software that nobody here wrote.

What counts: the requests that the servers of all other tests in this folder got from their clients, and the golden
requests of src/format/kafka, which are bytes of real clients or of kafka-python's encoder.
"""
import pathlib
import re

import pytest
from conftest import ROOT
from kafka.protocol.metadata import ApiVersionsRequest, ApiVersionsResponse
from test_kafka_versions import Connection


def offered(server):
    request = ApiVersionsRequest(client_software_name="census", client_software_version="1")
    answer = Connection(server).call(request, ApiVersionsResponse, 4)
    assert answer.error_code == 0
    return {(api.api_key, version) for api in answer.api_keys
            for version in range(api.min_version, api.max_version + 1)}


def golden():
    found = set()
    for file in sorted((ROOT / "src/format/kafka").glob("*_requests.txt")):
        for line in file.read_text().splitlines():
            if not line.startswith("#"):
                found.add(tuple(int(word) for word in line.split()[1:3]))
    return found


def asked(requests):
    """The keys of APIs in place of their names, by the table that test_kafka_versions.py compares with the server."""
    rows = re.findall(r"^\| (\d+) \| (\w+) \| \d+-\d+ \|", (ROOT / "docs/kafka.md").read_text(), re.M)
    keys = {name: int(key) for key, name in rows}
    return {(keys[name], version) for name, version in requests}


def left_out(session):
    """Why the run says nothing about what nobody asks for, or None."""
    ran = {item.path.name for item in session.items}
    missing = {path.name for path in pathlib.Path(__file__).parent.glob("test_*.py")} - ran
    if missing:
        return f"a part of the suite alone: without {', '.join(sorted(missing))}"
    options = session.config.option
    if options.keyword or options.markexpr or any("::" in word for word in session.config.args):
        return "chosen tests alone"
    return None


def test_a_server_counts_what_its_clients_ask_for(server):
    assert ("ApiVersions", 4) not in server.kafka_requests()
    assert (18, 4) in offered(server)
    assert server.kafka_requests() == {("ApiVersions", 4)}
    assert asked(server.kafka_requests()) == {(18, 4)}


def test_golden_requests_are_counted():
    assert {(0, 3), (1, 4), (11, 9), (60, 0), (19, 1)} <= golden()
    assert (18, 99) not in golden()


def test_every_version_that_is_offered_is_asked_for(server, request):
    reason = left_out(request.session)
    if reason:
        pytest.skip(reason)
    nobody = offered(server) - golden() - asked(server.requests)
    assert not nobody, (f"no client asks for these (key, version): {sorted(nobody)}; "
                        "tests/clients/franz_go/versions.go is where to ask for them")
