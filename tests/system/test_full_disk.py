"""A disk at its reserve: 503 with a reason, nothing lost, and writing goes on by itself."""
import http.client
import json
import os
import shutil

import pytest

from conftest import Server, ROOT, poll

MARGIN = 1 << 30  # other programs on this disk may come and go by less than half of it


@pytest.fixture
def near_full(tmp_path):
    """A server whose reserve leaves MARGIN / 2 free: a ballast of MARGIN crosses it."""
    shutil.copytree(ROOT / "examples/w205", tmp_path / "project")
    server = Server(tmp_path / "project")
    free = shutil.disk_usage(tmp_path).free
    assert free > 2 * MARGIN, f"{free} bytes free: this test needs {2 * MARGIN}"
    server.settings["log.reserve_bytes"] = str(free - MARGIN // 2)
    server.start()
    yield server
    server.stop()


def purchase(server, number):
    """(status, Retry-After, body) of one purchase with an event of some 24 kB."""
    connection = http.client.HTTPConnection(server.endpoints["http"], timeout=30)
    connection.request("GET", "/purchase_a_sword",
                       headers={"User-Agent": str(number), "X-Ballast": "b" * 24000})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers["Retry-After"], body


def readiness(server):
    connection = http.client.HTTPConnection(server.endpoints["sql"], timeout=30)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_disk_at_its_reserve_sheds_loses_nothing_and_resumes(near_full, tmp_path):
    answered, numbers = [], iter(range(1_000_000))

    def buy():
        number = next(numbers)
        result = purchase(near_full, number)
        if result[0] == 200:
            answered.append(number)
        return result

    assert buy()[0] == 200
    ballast = tmp_path / "ballast"
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, MARGIN)
    # What the log had allocated before is used up first.
    refused = poll("a refusal", lambda: next((r for r in [buy()] if r[0] != 200), None))
    assert refused[0] == 503
    assert refused[1] == "1", "Retry-After"
    assert "Disk full" in refused[2] and "the log needs" in refused[2], refused[2]
    assert buy()[0] == 503, "it stays refused while the disk stays full"
    status, reason = readiness(near_full)
    assert status == 503 and "disk full" in reason

    ballast.unlink()
    poll("writing to go on by itself", lambda: buy()[0] == 200)
    assert readiness(near_full) == (200, '{"status":"ready"}\n')
    near_full.stop()
    rows = [row.split("\t") for row in near_full.run("log", "dump").stdout.splitlines()]
    found = [int(json.loads(row[4])["User-Agent"]) for row in rows if row[0] == "events"]
    assert found == answered, "all that was answered with 200, in order, and nothing refused"
