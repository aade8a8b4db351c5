"""`topic consume` and `topic tail` print what the real kcat prints, byte for byte."""
import os
import pty
import shutil
import subprocess

import pytest
from confluent_kafka import Producer

from conftest import BINARY, DEADLINE_S, ROOT, Server

NOON_MS = 1_700_000_000_000  # 2023-11-14T22:13:20Z
EVERY_FIELD = r"%t [%p] at %o: key %k (%K) value %s (%S) time %T headers %h 100%%\n"
FORMATS = [EVERY_FIELD, r"%R%s", r"%s\n", r"%k:%s|", r"a\x41\65\101\q\\ \t|\r|\x0a%o", r"\%o\%%\n", r"\400|\x141|\0101|%o\n",
           "größer %o\n", r"%%o%%\n", "plain"]
FROM = ["beginning", "end", "0", "3", "-0", "-2", "-100", "s@0", f"s@{NOON_MS + 1001}", f"s@{NOON_MS + 9999}"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Topic `odd`: one partition, records with nulls, empty texts, all bytes and headers."""
    folder = tmp_path_factory.mktemp("consume")
    shutil.copytree(ROOT / "examples/w205", folder, dirs_exist_ok=True)
    running = Server(folder).start()
    assert running.run("topic", "create", "odd").returncode == 0
    producer = Producer({"bootstrap.servers": running.endpoints["kafka"]})
    records = [("k", "plain", None), (None, None, None), ("", "", [("a", b"1"), ("b", None), ("c", b""), ("a", b"2")]),
               (b"\x00\xff", bytes(range(256)), [("\u00fc", bytes(range(1, 256)))]), ("long", "x" * 70_000, None)]
    for n, (key, value, headers) in enumerate(records):
        producer.produce("odd", value, key=key, headers=headers, timestamp=NOON_MS + 1000 * n)
    assert producer.flush(DEADLINE_S) == 0
    yield running
    running.stop()


def ours(server, *words):
    done = subprocess.run([BINARY, "topic", *words, "-C", server.project], capture_output=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def kcats(server, *words):
    done = subprocess.run(["kcat", "-C", "-q", "-e", "-b", server.endpoints["kafka"], "-t", *words],
                          capture_output=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_prints_what_kcat_prints(filled, form):
    wanted = kcats(filled, "odd", "-o", "beginning", "-f", form)
    assert len(wanted) > 10, "kcat printed the records"
    assert ours(filled, "consume", "odd", "-f", form) == wanted


@pytest.mark.parametrize("start", FROM)
def test_reading_begins_where_kcat_begins(filled, start):
    wanted = kcats(filled, "odd", "-o", start, "-f", EVERY_FIELD)
    assert ours(filled, "consume", "odd", "-e", "-o", start, "-f", EVERY_FIELD) == wanted
    assert ours(filled, "tail", "odd", "-e", "-o", start, "-f", EVERY_FIELD) == wanted


def test_the_starts_differ(filled):
    """What makes the comparisons above worth something."""
    printed = [ours(filled, "consume", "odd", "-o", start, "-f", "%o") for start in FROM]
    assert printed == [b"01234", b"", b"01234", b"34", b"01234", b"34", b"01234", b"01234", b"234", b""]


@pytest.mark.parametrize("words", [["-c", "2"], ["-o", "1", "-c", "2"], ["-o", "-3", "-c1"], ["-p", "0", "-c", "99"]])
def test_so_many_are_read_as_by_kcat(filled, words):
    if "-o" not in words:
        words = [*words, "-o", "beginning"]
    wanted = kcats(filled, "odd", *words, "-f", EVERY_FIELD)
    assert ours(filled, "consume", "odd", *words, "-f", EVERY_FIELD) == wanted != b""


def test_without_a_format_values_are_lines_as_of_kcat(filled):
    assert ours(filled, "consume", "odd") == kcats(filled, "odd", "-o", "beginning")


def test_all_partitions_are_read_as_by_kcat(filled):
    assert filled.run("topic", "create", "many", "--partitions", "3").returncode == 0
    lines = "".join(f"{n % 7}:{n}\n" for n in range(1000))
    assert filled.run("topic", "produce", "many", "--key-separator", ":", input=lines).returncode == 0
    form = r"%p %o %k %s\n"
    for start in ("beginning", "-5", "100"):
        wanted = kcats(filled, "many", "-o", start, "-f", form)
        read = ours(filled, "consume", "many", "-o", start, "-f", form)
        assert sorted(read.splitlines()) == sorted(wanted.splitlines()) != []
        by_partition = [line.split(b" ")[:2] for line in read.splitlines()]
        assert by_partition == sorted(by_partition, key=lambda at: (int(at[0]), int(at[1])))


def test_a_character_0_is_printed(filled):
    """kcat ends the text there, and fails where the text begins with it."""
    assert ours(filled, "consume", "odd", "-c", "2", "-f", r"%o\0;") == b"0\0;1\0;"
    assert kcats(filled, "odd", "-o", "0", "-c", "2", "-f", r"%o;\0;") == b"0;1;"


@pytest.mark.parametrize("words, said", [
    (["-f", "%q"], '"%q" at character 1 of the format'), (["-f", "ab%"], '"%" at character 3 of the format'),
    (["-f", r"\xzz"], r"\x at character 1"), (["-f", ""], "names no format"), (["-o", "stored"], 'not "stored"'),
    (["-o", "s@soon"], 'not "s@soon"'), (["--with-position", "-f", "%s"], "--format-string"),
    (["--follow", "-e"], "-e")])
def test_mistakes_are_named_before_a_record_is_read(filled, words, said):
    refused = filled.run("topic", "consume", "odd", *words)
    assert refused.returncode == 2 and said in refused.stderr and not refused.stdout, refused.stderr


def test_tail_waits_for_what_comes(filled):
    assert filled.run("topic", "create", "slow").returncode == 0
    assert filled.run("topic", "produce", "slow", input="old\nlast\n").returncode == 0
    tails = [subprocess.Popen([BINARY, "topic", "tail", "slow", *words, "-C", filled.project], stdout=subprocess.PIPE)
             for words in (["-c", "3"], ["-o", "-1", "-c", "4", "-f", r"%o=%s\n"])]
    assert tails[1].stdout.readline() == b"1=last\n"
    # A tail from the end may begin late: new records come until it has its three.
    count = 0
    while any(one.poll() is None for one in tails):
        assert count < 1000
        assert filled.run("topic", "produce", "slow", input=f"new {count}\n").returncode == 0
        count += 1
    first, second = (one.communicate(timeout=DEADLINE_S)[0].splitlines() for one in tails)
    assert len(first) == 3 and all(line.startswith(b"new ") for line in first)
    assert second == [b"2=new 0", b"3=new 1", b"4=new 2"]


def test_a_start_that_moved_is_where_reading_begins(filled):
    assert filled.run("topic", "create", "cut").returncode == 0
    assert filled.run("topic", "produce", "cut", input="0\n1\n2\n3\n").returncode == 0
    assert filled.run("topic", "delete-records", "cut", "--before", "2", "--yes").returncode == 0
    for start in ("beginning", "0", "-9"):
        done = filled.run("topic", "consume", "cut", "-o", start)
        assert (done.stdout, done.stderr) == ("2\n3\n", "")
    late = filled.run("topic", "consume", "cut", "-o", "1")
    assert (late.stdout, late.stderr) == ("2\n3\n", "--from 1 is before the start of partition 0, which is 2\n")


def test_a_long_read_says_how_far_it_is_on_a_terminal(filled, tmp_path):
    assert filled.run("topic", "create", "long").returncode == 0
    assert filled.run("topic", "produce", "long", input=("x" * 99 + "\n") * 20_000).returncode == 0
    ours_end, theirs = pty.openpty()
    with open(tmp_path / "out", "wb") as out:
        reader = subprocess.Popen([BINARY, "topic", "consume", "long", "-C", filled.project], stdout=out, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours_end, 4096):
            shown += data
    except OSError:  # the terminal's other side is closed
        pass
    assert reader.wait(DEADLINE_S) == 0
    assert b" of 20000 records, " in shown and shown.endswith(b"\r\x1b[K"), shown
    assert (tmp_path / "out").stat().st_size == 20_000 * 100
    quiet = filled.run("topic", "consume", "long", "-c", "1")
    assert quiet.stderr == "", "stderr is no terminal"
