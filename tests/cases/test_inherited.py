"""What a process inherits from whoever started it changes nothing: one test a row."""
import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import subprocess

import pytest

from conftest import BINARY, DEADLINE_S, PORTS, ROOT, poll


@pytest.fixture
def project(tmp_path):
    shutil.copytree(ROOT / "examples/w205", tmp_path / "project")
    return tmp_path / "project"


class Raw:
    """`steelthread up` started as a test wants it; ended at the end of the test."""

    def __init__(self, project, **popen):
        self.data = project / ".steelthread"
        self.process = subprocess.Popen([str(BINARY), "up", "-C", str(project), *PORTS], **popen)

    def ready(self):
        path = self.data / "run/endpoints.json"
        poll("endpoints.json", lambda: path.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, self.process.returncode
        self.endpoints = json.loads(path.read_text())
        return self

    def get(self, path, part="http"):
        connection = http.client.HTTPConnection(self.endpoints[part], timeout=DEADLINE_S)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE_S)


def sql(project, text, **options):
    done = subprocess.run([str(BINARY), "sql", "-C", str(project), "--format", "csv", text],
                          capture_output=True, text=True, timeout=DEADLINE_S, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def close_standard():
    for fd in (0, 1, 2):
        os.close(fd)


def test_closed_descriptors_put_no_message_into_the_log(project):
    """F1: events acknowledged by a server started with 0-2 closed are there at the next start."""
    with Raw(project, preexec_fn=close_standard) as server:
        assert server.ready().get("/purchase_a_sword")[0] == 200
        os.kill(server.process.pid, signal.SIGHUP)  # makes it say something
        poll("a reload", lambda: 'reloads_total{outcome="ok"} 1' in server.get("/metrics", "sql")[1])
        for fd in range(3):
            assert os.readlink(f"/proc/{server.process.pid}/fd/{fd}") == "/dev/null"
        assert server.stop() == 0
    verified = subprocess.run([str(BINARY), "log", "verify", "-C", str(project)],
                              capture_output=True, text=True, timeout=DEADLINE_S)
    assert verified.returncode == 0 and "intact" in verified.stdout
    with Raw(project, stdout=subprocess.DEVNULL) as server:
        assert server.ready().get("/purchase_a_sword")[0] == 200
        subprocess.run([str(BINARY), "pipeline", "run", "sword_purchases", "--once", "-C",
                        str(project)], check=True, timeout=DEADLINE_S, stdout=subprocess.DEVNULL)
        assert sql(project, "select count(*) from sword_purchases")[1] == "2"


def test_up_in_the_background_starts_with_closed_descriptors(project):
    """F1: `up -d` too opens 0-2 before anything else, and its server logs to server.log alone."""
    words = [str(BINARY), "up", "-d", "-C", str(project), *PORTS]
    assert subprocess.run(words, preexec_fn=close_standard, timeout=DEADLINE_S).returncode == 0
    try:
        pid = int((project / ".steelthread/run/pid").read_text())
        assert os.readlink(f"/proc/{pid}/fd/1").endswith("run/server.log")
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
    finally:
        subprocess.run([str(BINARY), "down", "-C", str(project)], timeout=DEADLINE_S)


def test_descriptors_of_the_parent_are_held_by_no_server_and_no_worker(project):
    """F1: a pipe that the parent left open ends for its reader although the server runs."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    with Raw(project, pass_fds=[writer], stdout=subprocess.DEVNULL) as server:
        server.ready()
        os.close(writer)
        assert os.read(reader, 1) == b""
        sql(project, "select 1 as one")
        worker = poll("a worker", lambda: children(server.process.pid))[0]
        held = {int(fd): os.readlink(f"/proc/{worker}/fd/{fd}")
                for fd in os.listdir(f"/proc/{worker}/fd")}
        assert held[0] == "/dev/null" and held[1].startswith("pipe:")
        assert "steelthread/log" not in " ".join(held.values())
        environment = dict(word.split("=", 1) for word in
                           open(f"/proc/{worker}/environ").read().split("\0") if word)
        assert environment == {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC0"}
    os.close(reader)


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        found += open(f"/proc/{pid}/task/{task}/children").read().split()
    return found


def ignore_signals():
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(one, signal.SIG_IGN)
    signal.alarm(1)


def test_ignored_and_blocked_signals_do_not_stay_so(project):
    """F1: SIGTERM, SIGHUP and workers' ends count, whatever the parent ignored or blocked."""
    with Raw(project, preexec_fn=ignore_signals, stdout=subprocess.DEVNULL) as server:
        server.ready().get("/purchase_a_sword")
        assert sql(project, "select 1 as one") == ["one", "1"]  # a worker's end is waited for
        os.kill(server.process.pid, signal.SIGHUP)
        poll("a reload", lambda: 'reloads_total{outcome="ok"} 1' in server.get("/metrics", "sql")[1])
        assert server.stop() == 0


@pytest.mark.parametrize("mask", [0, 0o777])
def test_the_mask_of_files_changes_nothing(project, mask):
    """F1: the data folder opens and is private with any umask."""
    with Raw(project, preexec_fn=lambda: os.umask(mask), stdout=subprocess.DEVNULL) as server:
        assert server.ready().get("/purchase_a_sword")[0] == 200
        for folder, _, names in os.walk(server.data):
            for name in names:
                with contextlib.suppress(FileNotFoundError):  # renamed since it was listed
                    assert os.stat(f"{folder}/{name}").st_mode & 0o077 == 0, f"{folder}/{name}"
        assert server.stop() == 0
    with Raw(project, stdout=subprocess.DEVNULL) as server:
        server.ready()


def limited(what, value):
    return lambda: resource.setrlimit(what, (value, value))


@pytest.mark.parametrize("what, value, words", [
    (resource.RLIMIT_FSIZE, 1 << 20, "bytes of a file is 1048576"),
    (resource.RLIMIT_AS, 1 << 30, "bytes that a process maps is 1073741824"),
    (resource.RLIMIT_NOFILE, 32, "open files is 32"),
    (resource.RLIMIT_CPU, 3600, "seconds of processor time is 3600"),
])
def test_a_limit_that_is_too_low_is_named(project, what, value, words):
    """F1: a start under a limit that it cannot live with is refused, with the number to set."""
    with Raw(project, preexec_fn=limited(what, value), stdout=subprocess.DEVNULL,
             stderr=subprocess.PIPE, text=True) as server:
        assert server.process.wait(DEADLINE_S) == 1
        said = server.process.stderr.read()
        assert words in said and "ulimit" in said
    assert not (project / ".steelthread/log").exists()


def test_soft_limits_and_a_small_stack_are_raised(project):
    """F1: soft limits and `ulimit -s` are no trap: the server takes what the hard ones allow."""
    def low():
        for what, soft in ((resource.RLIMIT_FSIZE, 4096), (resource.RLIMIT_STACK, 256 << 10),
                           (resource.RLIMIT_NOFILE, 64)):
            resource.setrlimit(what, (soft, resource.getrlimit(what)[1]))
    with Raw(project, preexec_fn=low, stdout=subprocess.DEVNULL) as server:
        assert server.ready().get("/purchase_a_sword")[0] == 200
        assert sql(project, "select 1 as one") == ["one", "1"]
        assert server.stop() == 0


def test_the_environment_changes_no_answer(project):
    """F1: time zone, language, HOME and TMPDIR of the parent are nothing to the answers."""
    text = "select upper('title') as t, timestamp '2024-01-01 00:00:00' as at, 1.5 as n"
    odd = {"PATH": os.environ["PATH"], "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE",
           "TMPDIR": "/nowhere"}
    answers = []
    for environment in ({"PATH": os.environ["PATH"], "HOME": "/root"}, odd):
        with Raw(project, env=environment, stdout=subprocess.DEVNULL) as server:
            server.ready()
            answers.append(sql(project, text, env=environment))
            server.stop()
        answers.append(sql(project, text, env=environment))  # without a server
    assert answers == [answers[0]] * 4


def test_the_worker_looks_for_its_library_beside_itself_alone():
    """An empty entry among the paths of libraries means the folder it is started in."""
    found = subprocess.run(["readelf", "-d", BINARY.parent / "steelthread-sql"], text=True,
                           capture_output=True, check=True).stdout
    paths = [line.split("[")[1].rstrip("]") for line in found.splitlines() if "PATH)" in line]
    assert paths == ["$ORIGIN"], found


def test_a_folder_that_is_gone_is_no_obstacle(project, tmp_path):
    """F1: a server that is given its project starts where its own folder was removed."""
    gone = tmp_path / "gone"
    gone.mkdir()
    words = ["sh", "-c", f'cd {gone} && rmdir {gone} && exec "$0" "$@"', str(BINARY)]
    up = subprocess.run([*words, "up", "-d", "-C", str(project), *PORTS], timeout=DEADLINE_S)
    assert up.returncode == 0
    gone.mkdir()
    assert subprocess.run([*words, "down", "-C", str(project)],
                          timeout=DEADLINE_S).returncode == 0
    gone.mkdir()
    lost = subprocess.run([*words, "status"], capture_output=True, text=True, timeout=DEADLINE_S)
    assert lost.returncode in (2, 3) and "bug" not in lost.stderr


def full_pipe():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    return reader, writer


@pytest.mark.parametrize("kind", ["full", "closed", "disk"])
def test_messages_hold_nothing_up(project, kind):
    """F16: a full pipe, a closed one or a full disk behind stderr and stdout: all goes on."""
    reader, writer = full_pipe() if kind == "full" else os.pipe()
    if kind == "closed":
        os.close(reader)
    if kind == "disk":
        os.close(writer)
        writer = os.open("/dev/full", os.O_WRONLY)
    with Raw(project, stdout=writer, stderr=writer) as server:
        assert server.ready().get("/purchase_a_sword")[0] == 200
        for n in range(1, 4):
            os.kill(server.process.pid, signal.SIGHUP)
            poll("a reload", lambda: f'reloads_total{{outcome="ok"}} {n}'
                 in server.get("/metrics", "sql")[1])
        assert sql(project, "select 1 as one") == ["one", "1"]
        if kind != "full":
            poll("a count", lambda: "steelthread_messages_dropped_total 0"
                 not in server.get("/metrics", "sql")[1])
        os.kill(server.process.pid, signal.SIGTERM)
        assert server.process.wait(10) == 0
    os.close(writer)


def test_names_of_kubernetes_are_passed_over(project):
    """F19: the variables of a service that is called steelthread stop no command."""
    environment = {**os.environ, "STEELTHREAD_SERVICE_HOST": "10.0.0.1",
                   "STEELTHREAD_SERVICE_PORT": "5000", "STEELTHREAD_PORT": "tcp://10.0.0.1:5000",
                   "STEELTHREAD_PORT_9092_TCP_ADDR": "10.0.0.1",
                   "STEELTHREAD_HTTP_SERVICE_PORT_WEB": "5000"}
    check = [str(BINARY), "check", "-C", str(project)]
    done = subprocess.run(check, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    environment["STEELTHREAD_HTPP_LISTEN"] = "127.0.0.1:1"
    done = subprocess.run(check, env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and 'did you mean "STEELTHREAD_HTTP_LISTEN"' in done.stderr
