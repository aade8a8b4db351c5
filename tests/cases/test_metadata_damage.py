"""A flipped digit in a table's metadata is told, in one sentence everywhere, and nothing goes on from it."""
import json
import re
import urllib.request

import pytest

from conftest import DEADLINE_S, poll

TABLE = "sword_purchases"
REMEDY = "; stop the server and restore the data folder as a whole from a copy"


def buy(server):
    url = f"http://{server.endpoints['http']}/purchase_a_sword"
    assert urllib.request.urlopen(url, timeout=DEADLINE_S).status == 200


def run_pipeline(server):
    return server.run("pipeline", "run", TABLE, "--once")


def status_of(server):
    return json.loads(server.run("status", "--format", "json").stdout)


def rows(server):
    done = server.run("sql", "--format", "json", f"select count(*) as n from {TABLE}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]["n"]


def newest_version(server):
    folder = server.data / "warehouse/default" / TABLE / "metadata"
    return max(folder.glob("v*.metadata.json"), key=lambda path: int(path.name[1:].split(".")[0]))


@pytest.fixture
def filled(server):
    """The example, stopped, with three rows that two commits added."""
    for count in (2, 1):
        for _ in range(count):
            buy(server)
        assert run_pipeline(server).returncode == 0
    server.stop()
    return server


def damaged_digit(server):
    """Changes the position of the newest version from 3 to 2, as one flipped bit does; returns (file, its bytes)."""
    path = newest_version(server)
    whole = path.read_bytes()
    properties = whole.index(b'"properties"')
    at = re.compile(rb'\\"next\\":(3)').search(whole, properties)
    path.write_bytes(whole[:at.start(1)] + b"2" + whole[at.end(1):])
    return path, whole


def test_a_flipped_digit_of_a_position_is_told_and_no_record_is_read_again(filled):
    server = filled
    path, whole = damaged_digit(server)
    sentence = f"table default.{TABLE}: its metadata file {path} is damaged: its bytes have the checksum "

    verified = server.run("table", "verify", TABLE)
    assert verified.returncode == 5 and verified.stdout.startswith(sentence), verified
    assert verified.stdout.count("restore") == 1 and verified.stdout.rstrip().endswith(REMEDY)
    said = verified.stdout.strip()
    examined = json.loads(server.run("doctor", "--format", "json").stdout)
    assert [one["found"] + "; " + one["remedy"] for one in examined["findings"]
            if one["area"] == "tables"] == [said]

    server.start()
    buy(server)
    failed = run_pipeline(server)
    assert failed.returncode != 0 and said in failed.stderr, failed
    status = status_of(server)
    assert said in status["problems"] and f"pipeline {TABLE} needs a person: {said}" in status["problems"]
    asked = server.run("sql", f"select count(*) from {TABLE}")
    assert asked.returncode != 0 and said in asked.stderr, asked
    page = urllib.request.urlopen(f"http://{server.endpoints['sql']}/metrics", timeout=DEADLINE_S).read().decode()
    assert f'steelthread_table_damaged_files{{table="default.{TABLE}"}} 1\n' in page
    assert newest_version(server) == path, "no version was made behind the damaged one"
    examined = json.loads(server.run("doctor", "--format", "json").stdout)
    assert [one["found"] for one in examined["findings"] if one["needs_person"]] == [said.removesuffix(REMEDY)], \
        "the server and its pipeline tell the same cause"

    path.write_bytes(whole)
    poll("the pipeline to go on by itself", lambda: run_pipeline(server).returncode == 0)
    assert rows(server) == 4
    assert status_of(server)["problems"] == []


def test_a_damaged_list_of_an_earlier_snapshot_is_found_before_anybody_goes_back_to_it(filled):
    server = filled
    path = next(newest_version(server).parent.glob("snap-1-*.avro"))
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + bytes([whole[40] ^ 4]) + whole[41:])
    sentence = f"table default.{TABLE}: its metadata file {path} is damaged: "
    server.start()
    assert rows(server) == 3 and status_of(server)["problems"] == []
    verified = server.run("table", "verify")
    assert verified.returncode == 5 and verified.stdout.count(sentence) == 1, verified
    assert re.search(rf"^default\.{TABLE}: .*: DAMAGED, in the metadata alone$", verified.stdout, re.M), verified
    first = json.loads(server.run("table", "history", TABLE, "--format", "json").stdout)[-1]["snapshot"]
    refused = server.run("table", "rollback", TABLE, "--to", str(first))
    assert refused.returncode == 5 and sentence in refused.stderr, refused
    path.write_bytes(whole)
    assert server.run("table", "verify").returncode == 0
