"""One attack on one server, while measured clients go on; what was seen, as a Finding."""
import dataclasses
import http.client
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from conftest import ROOT, Server, poll

from flood import Tally, pin
from measured import FORK, Measured, verify, warm_up
from target import ATTACKERS, Target

MAX_P99_MS = 100
MAX_MB = 300
LEAST_ANSWERS = {"purchase": 10, "event": 5, "produce": 10, "sql": 1}  # fewer: they were held up
RUNAWAY_MB = 3000  # then the campaign ends the server: the machine is not the attack's to take
SAMPLE_S = 0.1
REOPEN_S = 60
SHOUT = """name = "shout"
description = "a player said something"
reason = "a declared event beside the game's"
route = "POST /shout"
reply = "Shouted!\\n"
topic = "shouts"

[fields]
event_type = "shout"
text = { type = "string", required = true }
"""


@dataclasses.dataclass
class Finding:
    """Latencies in ms: (p50, p99, max, how many); memory in MB.

    wrong: promises that broke; slow: latencies and large: memory above what is wanted.
    """
    attack: object
    latencies: dict = dataclasses.field(default_factory=dict)
    errors: dict = dataclasses.field(default_factory=dict)
    server_mb: float = 0
    workers_mb: float = 0
    reopened_s: tuple = ()
    tally: Tally = dataclasses.field(default_factory=Tally)
    load: float = 0
    wrong: list = dataclasses.field(default_factory=list)
    slow: list = dataclasses.field(default_factory=list)
    large: list = dataclasses.field(default_factory=list)


class HostileServer(Server):
    """A server on a scratch game; its number of open files may be limited."""

    def __init__(self, project, open_files=0):
        super().__init__(project)
        self.open_files = open_files

    def command(self, *words):
        limit = f"--nofile={self.open_files}:{self.open_files}"  # the server may not raise it
        return (["prlimit", limit] if self.open_files else []) + super().command(*words)

    def is_ready(self):
        line = http.client.HTTPConnection(self.endpoints["sql"], timeout=10)
        try:
            line.request("GET", "/readyz")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()


class Memory(threading.Thread):
    """Samples a process and its children until stopped; peaks in MB (PSS)."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.server_mb, self.workers_mb = pid, 0, 0
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(SAMPLE_S):
            self.server_mb = max(self.server_mb, pss_mb(self.pid))
            self.workers_mb = max(self.workers_mb, sum(map(pss_mb, children(self.pid))))
            if self.server_mb > RUNAWAY_MB:
                os.kill(self.pid, signal.SIGKILL)
                return

    def stop(self, finding):
        """Enters the peaks; the kernel's own peak of the server misses nothing."""
        self.over.set()
        self.join()
        finding.server_mb = max(self.server_mb, peak_rss_mb(self.pid))
        finding.workers_mb = self.workers_mb
        if finding.server_mb > MAX_MB:
            finding.large.append(f"{finding.server_mb:.0f} MB")


def proc_kb(path, field):
    try:
        for line in pathlib.Path(path).read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def pss_mb(pid):
    return proc_kb(f"/proc/{pid}/smaps_rollup", "Pss:") / 1024


def peak_rss_mb(pid):
    return proc_kb(f"/proc/{pid}/status", "VmHWM:") / 1024


def children(pid):
    try:
        found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            found += (task / "children").read_text().split()
    except OSError:
        return []
    return set(map(int, found))


def work(attack, target, until, pipe):
    pin()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    pipe.send(attack.run(target, until))


class Attacker:
    """The attack in a process of its own, pinned to one core."""

    def __init__(self, attack, target, seconds):
        self.pipe, theirs = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=work,
                                    args=(attack, target, time.monotonic() + seconds, theirs))
        self.process.start()
        theirs.close()

    def join(self):
        """Its Tally; an attack that hangs in a call has had its time."""
        tally = self.pipe.recv() if self.pipe.poll(60) else None
        if tally is None:
            self.process.kill()
        self.process.join()
        return tally


def scratch_project(folder):
    shutil.copytree(ROOT / "examples/game", folder)
    (folder / "events/shout.toml").write_text(SHOUT)


def figures(ledgers, finding):
    for kind, some in sorted(ledgers.items()):
        times = sorted(1000 * one for ledger in some for one in ledger.latencies)
        failed = sum(ledger.failed for ledger in some)
        finding.errors[kind] = failed, [text for ledger in some for text in ledger.errors]
        if len(times) < LEAST_ANSWERS[kind]:
            finding.wrong.append(f"{len(times)} answers of {kind} in all the time")
        if not times:
            continue
        finding.latencies[kind] = (times[len(times) // 2], times[len(times) * 99 // 100], times[-1],
                                   len(times))
        if failed and not finding.attack.errors_allowed:
            finding.wrong.append(f"{failed} of {failed + len(times)} {kind} requests failed: "
                                 f"{finding.errors[kind][1][0]}")
        if kind != "sql" and finding.latencies[kind][1] > MAX_P99_MS:
            finding.slow.append(f"p99 of {kind} {finding.latencies[kind][1]:.0f} ms")


def reopen(server, finding, how):
    """Ends the server and starts it again; seconds until it takes requests."""
    try:
        how()
    except (AssertionError, subprocess.TimeoutExpired) as error:
        finding.wrong.append(f"did not stop: {str(error)[-300:]}")
        server.kill9()
    began = time.monotonic()
    try:
        server.start()
        poll("readiness", server.is_ready, REOPEN_S)
    except AssertionError as error:
        finding.wrong.append(f"does not open again: {str(error)[-300:]}")
        return None
    return time.monotonic() - began


def check(target, ledgers, finding, when):
    """What must hold whatever was tried: stored once, and what the attack is about."""
    try:
        wrong = verify(target.endpoints, ledgers)
        if finding.attack.check:
            wrong += finding.attack.check(target)
    except Exception as error:  # a finding like any other: the report goes on
        wrong = [f"{type(error).__name__} {error}"]
    if wrong:
        more = f" and {len(wrong) - 1} more" if wrong[1:] else ""
        finding.wrong.append(f"{when}: {wrong[0]}{more}")


def measure(server, target, finding, seconds):
    """The ledgers of the measured clients during the attack."""
    attacker = Attacker(finding.attack, target, seconds + 1)
    time.sleep(min(1, seconds / 4))  # what is measured is a server under attack
    ledgers = Measured(server.endpoints, seconds).join()
    finding.tally = attacker.join() or Tally(notes={"the attack hung or died": 1})
    finding.load = os.getloadavg()[0]
    return ledgers


def try_attack(attack, seconds, keep=False):
    """Runs one attack on a server of its own and gives the Finding."""
    finding = Finding(attack)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hostile-"))
    server = HostileServer(folder / "game", attack.open_files)
    scratch_project(server.project)
    try:
        server.start()
        memory = Memory(server.process.pid)
        memory.start()
        target = Target(server.endpoints, server, ATTACKERS[:attack.addresses])
        warm_up(server.endpoints)
        if attack.prepare:
            attack.prepare(target)
        ledgers = measure(server, target, finding, seconds)
        target.notes["ledgers"] = ledgers
        figures(ledgers, finding)
        if server.process.poll() is not None:
            finding.wrong.append(ending(server))
            server.kill9()
        else:
            check(target, ledgers, finding, "before a restart")
        memory.stop(finding)
        after(server, target, ledgers, finding)
    except Exception as error:  # a finding like any other: the campaign goes on
        finding.wrong.append(f"{type(error).__name__} {error}")
    finally:
        if server.process and server.process.poll() is None:
            server.kill9()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return finding


def ending(server):
    told = (server.project / "server.log").read_text()[-200:]
    return f"the server ended: {server.process.returncode} {told}"


def after(server, target, ledgers, finding):
    seconds = []
    for how, name in [(server.kill9, "kill -9"), (server.stop, "SIGTERM")]:
        seconds.append(reopen(server, finding, how))
        if seconds[-1] is None:
            return
        check(target, ledgers, finding, f"after {name}")
    finding.reopened_s = tuple(seconds)
