"""kill -9 of the server under `load --verify`: N sent = N acknowledged = N in log = N in tables."""
import json
import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from conftest import ROOT, Server

CYCLES = int(os.environ.get("ST_LOAD_CYCLES", "30"))
EQUAL = ("sent", "acknowledged", "in_log", "in_tables")


class Run:
    """`steelthread load` in the background."""

    def __init__(self, server, *words):
        self.process = subprocess.Popen(
            server.command("load", "--target", f"http://{server.endpoints['http']}",
                           "--format", "json", *words),
            stdout=subprocess.PIPE, stderr=open(server.project / "load.log", "ab"), text=True)

    def finish(self, deadline_s=240):
        """Sends nothing more; the report, and whether the run was good."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=deadline_s)
        assert out.count("\n") == 1, out
        return json.loads(out), self.process.returncode == 0


def check(report, good):
    told = {name: report[name] for name in (*EQUAL, "repeated", "refused", "reads")}
    assert good, (told, report.get("trouble"), report["missing"][:20], report["doubled"][:20])
    assert len({report[name] for name in EQUAL}) == 1, told
    assert report["missing"] == [] and report["doubled"] == []


def killed_under_load(server, cycles):
    seed = int(os.environ.get("ST_LOAD_SEED", str(random.randrange(1 << 30))))
    print(f"seed {seed}: ST_LOAD_SEED={seed} chooses the same pauses")
    chance = random.Random(seed)
    load = Run(server, "--verify", "--duration", "1h", "--clients", "32", "--think", "20ms")
    for _ in range(cycles):
        time.sleep(chance.uniform(0.1, 0.9))  # some kills hit a server that has just begun
        server.kill9()
        server.start()
        assert load.process.poll() is None
    time.sleep(0.5)
    return load.finish()


@pytest.mark.parametrize("example", ["w205", "game"])
def test_nothing_is_lost_or_doubled_when_the_server_is_killed(tmp_path, example):
    shutil.copytree(ROOT / "examples" / example, tmp_path, dirs_exist_ok=True)
    server = Server(tmp_path).start()
    try:
        cycles = (CYCLES + 1) // 2
        report, good = killed_under_load(server, cycles)
        check(report, good)
        assert report["sent"] > 20 * cycles and report["repeated"] > 0
    finally:
        server.stop()


def test_an_event_that_the_log_lacks_is_named(server):
    """The check can fail: a key of the run's own, gone from the log behind its back."""
    load = Run(server, "--verify", "--duration", "1h", "--clients", "1", "--think", "50ms")
    time.sleep(1)
    server.kill9()
    shutil.rmtree(server.data)
    server.start()
    time.sleep(1)
    report, good = load.finish()
    assert not good
    assert report["acknowledged"] > report["in_log"]
    assert report["missing"] and all(one["where"] == "log" for one in report["missing"])
