"""One rule a type while a project changes: what is answered 200 is one row of the version that took it."""
import collections
import http.client
import json
import random
import threading

import pytest

from conftest import DEADLINE_S, Server

VERSIONS = 6


def declare(folder, version):
    (folder / "events/e.toml").write_text(
        f'name = "e"\nversion = {version}\nroute = "POST /e"\nreply = ""\n[fields]\nevent_type = "e"\n'
        f'n = {{ type = "int", min = {version}, max = {version} }}\n')


@pytest.fixture
def project(tmp_path):
    (tmp_path / "events").mkdir()
    declare(tmp_path, 1)
    server = Server(tmp_path).start()
    yield server
    server.stop()


class Sender(threading.Thread):
    """Sends values of all versions until it is told to stop."""

    def __init__(self, address, seed):
        super().__init__()
        self.connection = http.client.HTTPConnection(address, timeout=DEADLINE_S)
        self.sampler = random.Random(seed)
        self.is_over = threading.Event()
        self.taken = []  # (position, value)
        self.answers = collections.Counter()

    def run(self):
        while not self.is_over.is_set():
            n = self.sampler.randint(1, VERSIONS)
            self.connection.request("POST", "/e", json.dumps({"n": n}), {"Content-Type": "application/json"})
            reply = self.connection.getresponse()
            reply.read()
            self.answers[reply.status] += 1
            if reply.status == 200:
                self.taken.append((reply.getheader("Steelthread-Position"), n))


def test_what_is_answered_while_a_version_changes_is_a_row_of_its_version(project):
    """F13: a new version's rules begin behind the last event that was answered under the old ones."""
    senders = [Sender(project.endpoints["http"], seed) for seed in range(4)]
    for sender in senders:
        sender.start()
    try:
        for version in range(2, VERSIONS + 1):
            declare(project.project, version)
            reloaded = project.run("reload")
            assert reloaded.returncode == 0, reloaded.stderr
    finally:
        for sender in senders:
            sender.is_over.set()
        for sender in senders:
            sender.join(DEADLINE_S)
    taken = [one for sender in senders for one in sender.taken]
    answers = sum((sender.answers for sender in senders), collections.Counter())
    assert set(answers) <= {200, 400, 503} and answers[400] > 0, answers
    assert len({n for _, n in taken}) > 1, "no version changed while events were sent"
    rows = []
    for version in range(1, VERSIONS + 1):
        table = "e" if version == 1 else f"e_v{version}"
        filled = project.run("pipeline", "run", table, "--once")
        if version == VERSIONS:
            assert filled.returncode == 0, filled.stderr
        read = project.run("sql", "--format", "csv", f'select "offset", n from {table}')
        found = [tuple(map(int, line.split(","))) for line in read.stdout.split()[1:]]
        assert all(n == version for _, n in found)
        rows += [(f"events/0:{offset}", n) for offset, n in found]
    assert sorted(rows) == sorted(taken)
    dead = project.run("sql", "--format", "csv", "select count(*) from bad.rows")
    assert dead.stdout.split()[1:] == ["0"], dead.stdout
