"""The commands around a running server: in the background, topics filled and read."""
import json
import os
import subprocess

from conftest import DEADLINE_S


def test_up_in_the_background_and_down(tmp_path):
    from conftest import Server
    place = Server(tmp_path)
    flags = [word for key, value in place.settings.items() for word in ("--set", f"{key}={value}")]
    up = place.run("up", "-d", *flags)
    assert up.returncode == 0, up.stderr
    assert "ready" in up.stdout
    endpoints = json.loads((place.data / "run/endpoints.json").read_text())
    assert endpoints["kafka"] in up.stdout
    again = place.run("up", "-d", *flags)
    assert again.returncode == 1 and "runs on" in again.stderr
    assert place.run("down").returncode == 0
    assert not (place.data / "run/endpoints.json").exists()
    assert place.run("down").returncode == 3
    first = (place.data / "run/server.log").read_text()
    assert "ready" in first
    assert place.run("up", "-d", *flags).returncode == 0
    assert (place.data / "run/server.log.1").read_text() == first, "what a crash said is kept"
    assert place.run("down").returncode == 0


def test_up_in_the_background_says_why_it_did_not_start(server, tmp_path_factory):
    from conftest import Server
    place = Server(tmp_path_factory.mktemp("other"))
    up = place.run("up", "-d", "--set", f"kafka.listen={server.endpoints['kafka']}")
    assert up.returncode == 1
    assert "kafka.listen" in up.stderr and server.endpoints["kafka"] in up.stderr


def test_lines_go_in_and_come_out(server):
    server.run("topic", "create", "lines", "--partitions", "2")
    lines = [f"line {i} é" for i in range(30_000)]
    produced = server.run("topic", "produce", "lines", "--partition", "1", input="\n".join(lines))
    assert produced.returncode == 0
    assert produced.stderr == '30000 records are durable in "lines"\n'
    consumed = server.run("topic", "consume", "lines")
    assert consumed.stdout.splitlines() == lines
    tail = server.run("topic", "consume", "lines", "--partition", "1", "--from", "29998",
                      "--with-position")
    rows = [line.split("\t") for line in tail.stdout.splitlines()]
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("1", "29998", lines[29998]), ("1", "29999", lines[29999])]
    kcat = subprocess.run(["kcat", "-C", "-b", server.endpoints["kafka"], "-t", "lines", "-p", "1",
                           "-o", "beginning", "-e", "-q"], capture_output=True, text=True,
                          timeout=DEADLINE_S).stdout
    assert kcat.splitlines() == lines


def test_keys_and_limits(server):
    server.run("topic", "create", "keys")
    server.run("topic", "produce", "keys", "--key-separator", ":", input="a:1\nb:2\nc\n")
    got = server.run("topic", "consume", "keys", "--with-position", "--max", "2").stdout
    assert [line.split("\t")[3:] for line in got.splitlines()] == [["a", "1"], ["b", "2"]]


def test_words_that_name_nothing(server):
    server.run("topic", "create", "events")
    wrong = server.run("topic", "consume", "event")
    assert wrong.returncode == 1 and 'did you mean "events"' in wrong.stderr
    wrong = server.run("topic", "consume", "events", "--from", "yesterday")
    assert wrong.returncode == 2 and '"yesterday"' in wrong.stderr
    wrong = server.run("topic", "produce", "events", "--partition", "7", input="x\n")
    assert wrong.returncode == 1 and "partitions 0 to 0" in wrong.stderr


def test_a_broken_librdkafka_is_named_where_a_client_is_made(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("libraries")
    (folder / "librdkafka.so.1").write_text("no library")
    broken = {**os.environ, "LD_LIBRARY_PATH": str(folder)}
    made = server.run("topic", "create", "lines", env=broken)
    assert made.returncode == 1
    assert "librdkafka.so.1" in made.stderr and "apt-get install librdkafka1" in made.stderr
    assert server.run("status", env=broken).returncode == 0


def test_status_names_topics_with_their_end(server):
    server.run("topic", "create", "lines")
    server.run("topic", "produce", "lines", input="a\nb\n")
    status = json.loads(server.run("status", "--format", "json").stdout)
    assert status["endpoints"] == server.endpoints
    topics = [topic for topic in status["topics"] if not topic["name"].startswith("_")]
    assert topics == [{"name": "lines", "partitions": [
        {"partition": 0, "start_offset": 0, "end_offset": 2}]}]
    table = server.run("status").stdout
    assert ["lines", "1", "2"] in [line.split() for line in table.splitlines()]
    server.stop()
    stopped = server.run("status")
    assert stopped.returncode == 3 and "steelthread up" in stopped.stderr
