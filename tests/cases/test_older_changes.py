"""A folder of a log that lost segments and of tables that were changed, as a head left it: all of it holds and goes on."""
import json
import sys
import tarfile

import pytest

from conftest import ROOT, Server

sys.path.insert(0, str(ROOT / "tests/folders"))
import make_changed  # noqa: E402

FOLDERS = sorted((ROOT / "tests/folders/changed").glob("*.tar.xz"))
WORDS = make_changed.WORDS + make_changed.MORE_WORDS


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def server(request, tmp_path):
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)
    running = Server(tmp_path).start()
    yield running
    running.stop()


def ask(server, *words):
    done = server.run(*words, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(server, column):
    return [(row["n"], row[column]) for row in ask(server, "sql", f"select n, {column} from places order by n")]


def verify(server):
    for what in ("log", "table"):
        done = server.run(what, "verify")
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_log_without_its_first_segments_is_read_and_written(server):
    assert make_changed.first_segment(server.project) > 1
    for restart in (None, server.kill9, server.stop):
        if restart:
            restart()
            server.start()
        assert "gone" not in server.run("topic", "ls").stdout.split()
        read = server.run("topic", "consume", "lines", "-e")
        assert read.returncode == 0, read.stderr
        assert read.stdout.split() == WORDS[make_changed.FIRST_KEPT:]
    assert server.run("topic", "produce", "lines", input="nine\n").returncode == 0
    verify(server)


def test_a_table_that_was_moved_back_goes_on_from_there(server):
    now = len(make_changed.WORDS)
    assert rows(server, "word") == list(enumerate(make_changed.WORDS))
    assert server.run("pipeline", "run", "places", "--once").returncode != 0, "it is paused"
    assert server.run("pipeline", "resume", "places").returncode == 0
    assert server.run("pipeline", "run", "places", "--once").returncode == 0
    assert rows(server, "term") == list(enumerate(WORDS))
    parts = ask(server, "table", "files", "places")
    assert sum(row["rows"] for row in parts) == len(WORDS) > now and len(parts) > 2, "a file a bucket"
    verify(server)


def test_a_table_of_another_name_is_there_and_a_dropped_one_is_not(server):
    names = {row["table"] for row in ask(server, "table", "ls")}
    assert {"default.places", "default.kept"} <= names and not {"default.former", "default.dropped"} & names, names
    (counted,) = ask(server, "sql", "select count(*) as n from kept")
    assert counted["n"] == len(make_changed.WORDS)
