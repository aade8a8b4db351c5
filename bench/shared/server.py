"""A server on a project folder of its own, and what a benchmark asks it."""
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.request

PORTS = [word for part in ("http", "kafka", "sql", "catalog")
         for word in ("--set", f"{part}.listen=127.0.0.1:0")]


def stat_of(path):
    """Processor seconds of a process or thread, and those of its children that have ended."""
    fields = pathlib.Path(path, "stat").read_text().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) / ticks, (int(fields[13]) + int(fields[14])) / ticks


def children(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()]


class Server:
    def __init__(self, binary, project, *settings):
        self.binary, self.project = binary, pathlib.Path(project)
        path = self.data / "run/endpoints.json"
        self.process = subprocess.Popen([binary, "up", "-C", self.project, *PORTS, *settings],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not path.exists():
            assert self.process.poll() is None, "the server has ended"
            time.sleep(0.01)
        self.endpoints = json.loads(path.read_text())

    @property
    def data(self):
        return self.project / ".steelthread"

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def run(self, *words, **options):
        """The output of a command on the project; fails with its message."""
        done = subprocess.run([self.binary, *words, "-C", self.project], capture_output=True,
                              text=True, **options)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def metric(self, name):
        with urllib.request.urlopen(f"http://{self.endpoints['sql']}/metrics") as answer:
            text = answer.read().decode()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))

    def query(self, sql):
        """Rows of a statement, and the seconds until the last was there."""
        began = time.monotonic()
        request = urllib.request.Request(f"http://{self.endpoints['sql']}/v1/statement",
                                         sql.encode(), {"X-Trino-User": "bench"})
        rows = []
        while request:
            with urllib.request.urlopen(request) as answer:
                page = json.load(answer)
            assert "error" not in page, page["error"]
            rows += page.get("data", [])
            request = page.get("nextUri")
        return rows, time.monotonic() - began

    def cpu_seconds(self):
        """Of the server and all workers that it has had."""
        pid = self.process.pid
        return sum(stat_of(f"/proc/{pid}")) + sum(stat_of(f"/proc/{c}")[0] for c in children(pid))
