"""A folder whose log lost records by force, as a head left it: its pipelines wait for a person, and go on."""
import json
import sys
import tarfile

import pytest

from conftest import ROOT, Server

sys.path.insert(0, str(ROOT / "tests/folders"))
import make_gaps  # noqa: E402

FOLDERS = sorted((ROOT / "tests/folders/gaps").glob("*.tar.xz"))
KEPT = list(enumerate(make_gaps.WORDS))[make_gaps.FIRST_KEPT:]
HAD_READ = {"seen": [(0, make_gaps.WORDS[0])], "unseen": []}


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def server(request, tmp_path):
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)
    running = Server(tmp_path).start()
    yield running
    running.stop()


def rows(server, table):
    done = server.run("sql", f"select n, word from {table} order by n", "--format", "json")
    assert done.returncode == 0, done.stderr
    return [(row["n"], row["word"]) for row in json.loads(done.stdout)]


@pytest.mark.parametrize("table", make_gaps.TABLES)
def test_a_pipeline_waits_at_the_gap_until_a_person_accepts_it(server, table):
    assert server.run("pipeline", "resume", table).returncode == 0
    for restart in (None, server.kill9):
        if restart:
            restart()
            server.start()
        stopped = server.run("pipeline", "run", table, "--once")
        assert stopped.returncode == 1, stopped.stdout
        assert f"`steelthread pipeline accept {table}`" in stopped.stderr, stopped.stderr
        assert rows(server, table) == HAD_READ[table]
    accepted = server.run("pipeline", "accept", table)
    assert accepted.returncode == 0, accepted.stderr
    ran = server.run("pipeline", "run", table, "--once")
    assert ran.returncode == 0, ran.stderr
    assert rows(server, table) == HAD_READ[table] + KEPT


def test_the_log_is_read_and_written(server):
    assert server.run("topic", "produce", "lines", input="six\n").returncode == 0
    read = server.run("topic", "consume", "lines", "-e")
    assert read.stdout.split() == make_gaps.WORDS[make_gaps.FIRST_KEPT:] + ["six"], read.stderr
    verified = server.run("log", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
