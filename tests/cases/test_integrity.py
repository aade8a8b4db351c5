"""Damage shows: `steelthread doctor` reads every byte, with and without a server. One test a promise."""
import json
import os
import re
import shutil
import sys
import threading
import urllib.request

import pytest

from conftest import ROOT, poll

sys.path.insert(0, str(ROOT / "tests/hostile"))
import kafka_wire  # noqa: E402

CORRUPT_MESSAGE = 2  # of Kafka
REMEDY = "restore the data folder as a whole from a copy"


def send(server, count):
    for _ in range(count):
        url = f"http://{server.endpoints['http']}/purchase_a_sword"
        assert urllib.request.urlopen(url, timeout=30).status == 200


def examine(server):
    """Findings of log and tables, and all that need a person."""
    done = server.run("doctor", "--format", "json")
    findings = json.loads(done.stdout)["findings"]
    ill = [one for one in findings if one["needs_person"]]
    assert done.returncode == (1 if ill else 0), done.stdout
    return {one["area"]: one["found"] for one in findings if one["area"] in ("log", "tables")}, ill


def flip(path, at):
    """One bit of a file, in place, as a disk does it."""
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


@pytest.fixture
def filled(server):
    """The example with rows in a table and a closed segment of 1 MiB."""
    server.stop()
    server.settings["log.segment_bytes"] = str(1 << 20)
    server.start()
    send(server, 3)
    lines = "\n".join("x" * 1000 for _ in range(1500))
    produced = server.run("topic", "create", "lines")
    assert produced.returncode == 0, produced.stderr
    produced = server.run("topic", "produce", "lines", input=lines)
    assert produced.returncode == 0, produced.stderr
    assert server.run("pipeline", "run", "sword_purchases", "--once").returncode == 0
    send(server, 1)
    assert len(list(server.data.glob("log/*.log"))) >= 2
    return server


def test_doctor_reads_every_byte_beside_the_server(filled):
    """H23: what was read is said, with its size."""
    said, ill = examine(filled)
    assert ill == []
    assert said["log"].startswith("every durable byte is intact: ") and "segments" in said["log"]
    assert said["log"].endswith("beside the server") and " MiB read " in said["log"]
    assert said["tables"].startswith("every data file is intact: ")
    assert "only the length" not in said["tables"]


@pytest.mark.parametrize("where", ["a closed segment", "the last durable entry", "a data file"])
def test_doctor_finds_a_flipped_bit_beside_the_server(filled, where):
    """H23: with the file, and the same once the server is stopped."""
    status = json.loads(filled.run("status", "--format", "json").stdout)
    segments = sorted(filled.data.glob("log/*.log"))
    if where == "a closed segment":
        path, at = segments[0], segments[0].stat().st_size - 100
    elif where == "the last durable entry":
        path = filled.data / f"log/{status['log']['segment']:020}.log"
        at = status["log"]["position"] - 100
    else:
        path = next(filled.data.glob("warehouse/default/sword_purchases/data/*.parquet"))
        at = path.stat().st_size // 2
    flip(path, at)
    for _ in range(2):
        # The server tells of a pipeline that met the damage, too.
        found = [one for one in examine(filled)[1] if one["area"] in ("log", "tables")]
        assert len(found) == 1, found
        assert str(path) in found[0]["found"] and REMEDY in found[0]["remedy"]
        filled.stop()
    flip(path, at)
    assert examine(filled)[1] == []


def test_doctor_counts_a_cause_once(filled):
    """What the server and its pipelines say of a damaged file is the same finding."""
    # A large batch does not fit behind the declarations of events.
    segment = min(file for file in filled.data.glob("log/*.log") if file.stat().st_size > 100_000)
    flip(segment, segment.stat().st_size - 100)
    consumer = kafka_wire.Connection(filled.endpoints["kafka"])
    assert consumer.fetch("lines", 0, 0)[0] == CORRUPT_MESSAGE
    consumer.close()
    assert any(str(segment) in one for one in
               json.loads(filled.run("status", "--format", "json").stdout)["problems"])
    _, ill = examine(filled)
    assert len(ill) == 1 and str(segment) in ill[0]["found"], ill
    assert "1 of " in filled.run("doctor").stdout.splitlines()[-1]


def test_doctor_raises_no_false_alarm_under_load(filled):
    """H23: doctor, `log verify` and `check` in a loop while records come and tables commit."""
    done = threading.Event()
    sent = []

    def work():
        while not done.is_set():
            send(filled, 20)
            sent.append(20)
            assert filled.run("pipeline", "run", "sword_purchases", "--once").returncode == 0

    def produce():
        lines = "\n".join("y" * 1000 for _ in range(500))
        while not done.is_set():
            assert filled.run("topic", "produce", "lines", input=lines).returncode == 0

    threads = [threading.Thread(target=one) for one in (work, produce)]
    for one in threads:
        one.start()
    poll("the first", lambda: sent)
    try:
        for _ in range(8):
            said, ill = examine(filled)
            assert ill == [] and "every durable byte" in said["log"], ill
            verified = filled.run("log", "verify")
            assert verified.returncode == 0 and "at byte" not in verified.stdout, verified.stdout
            checked = filled.run("check")
            assert checked.returncode == 0, checked.stderr
    finally:
        done.set()
        for one in threads:
            one.join()
    assert len(sent) > 1, "tables committed meanwhile"


def damaged_files(server):
    """The gauge of damaged data files, by table."""
    with urllib.request.urlopen(f"http://{server.endpoints['sql']}/metrics", timeout=30) as reply:
        text = reply.read().decode()
    return {table: int(count) for table, count in
            re.findall(r'^steelthread_table_damaged_files\{table="(.*)"\} (\d+)$', text, re.M)}


def test_a_statement_names_the_data_file_that_it_cannot_read(filled):
    """H23: the error, `status`, the metrics and `doctor` name it; nothing else stops."""
    assert damaged_files(filled) == {}
    [lost] = filled.data.glob("warehouse/default/sword_purchases/data/*.parquet")
    lost.rename(filled.data / "kept.parquet")
    asked = filled.run("sql", "select count(host) from sword_purchases")
    assert asked.returncode == 1
    told = f"table default.sword_purchases: its data file data/{lost.name} is missing or damaged"
    assert told in asked.stderr and REMEDY in asked.stderr
    assert any(told in problem for problem in json.loads(filled.run("status", "--format", "json").stdout)["problems"])
    send(filled, 1)
    _, ill = examine(filled)
    assert any(lost.name in one["found"] + one["remedy"] for one in ill), ill
    assert damaged_files(filled) == {"default.sword_purchases": 1}
    (filled.data / "kept.parquet").rename(lost)
    assert filled.run("sql", "select count(host) from sword_purchases").returncode == 0
    assert damaged_files(filled) == {}
    assert json.loads(filled.run("status", "--format", "json").stdout)["problems"] == []


def test_a_swapped_file_is_read_again_although_its_time_is_the_same(filled):
    """As `rsync -t` and `cp -p` put one: with the time of the first."""
    [path] = filled.data.glob("warehouse/default/sword_purchases/data/*.parquet")
    select = ("sql", "--format", "csv", "select raw_event from sword_purchases")
    assert filled.run(*select).stdout.count("purchase_sword") == 3
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    other = filled.data / "other.parquet"
    shutil.copy2(path, other)
    flip(other, other.read_bytes().index(b"purchase_sword"))
    os.utime(other, ns=times)
    other.rename(path)
    assert path.stat().st_mtime_ns == times[1]
    asked = filled.run(*select)
    assert asked.returncode != 0 and f"its data file data/{path.name} is missing or damaged" in asked.stderr
    assert damaged_files(filled) == {"default.sword_purchases": 1}


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_statement_gives_no_row_of_a_file_with_a_flipped_bit(filled, is_restarted):
    """A file is compared with its commit before a process first uses it, and once it was written again."""
    [path] = filled.data.glob("warehouse/default/sword_purchases/data/*.parquet")
    select = ("sql", "--format", "csv", "select raw_event from sword_purchases")
    before = filled.run(*select)
    assert before.stdout.count("purchase_sword") == 3, before
    if is_restarted:
        filled.stop()
    flip(path, path.read_bytes().index(b"purchase_sword"))
    if is_restarted:
        filled.start()
    asked = filled.run(*select)
    told = f"table default.sword_purchases: its data file data/{path.name} is missing or damaged"
    assert asked.returncode != 0 and told in asked.stderr and REMEDY in asked.stderr
    assert "`steelthread pipeline reset sword_purchases`" in asked.stderr
    assert "purchase_sword" not in asked.stdout
    assert any(told in problem for problem in json.loads(filled.run("status", "--format", "json").stdout)["problems"])
    reset = filled.run("pipeline", "reset", "sword_purchases", "--yes")
    assert reset.returncode == 0, reset.stderr
    after = filled.run(*select)
    assert after.stdout.count("purchase_sword") >= 3, after
    _, ill = examine(filled)
    assert not ill
