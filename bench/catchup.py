#!/usr/bin/env python3
"""Log to Iceberg in catch-up: events per second and per CPU-second with one pipeline.

    python3 bench/catchup.py [EVENTS]

Fills the log with EVENTS (default 2,000,000) events of about 155 bytes, then runs one pipeline
once, from the log's start to its end, and checks the table's row count. Needs build/release. Writes
the figures between the marks in bench/results/pipelines.md.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from shared.results_block import replace_block

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/steelthread"
EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
RUNS = 3
RESULTS = ROOT / "bench/results/pipelines.md"
BEGIN, END = "<!-- bench/catchup.py begins -->", "<!-- bench/catchup.py ends -->"
PIPELINE = (ROOT / "examples/w205/pipelines/extracted_events.sql").read_text()


def event(i):
    kind = ("purchase_sword", "purchase_knife", "join_guild", "default")[i % 4]
    return json.dumps({"Host": f"user{i % 5000}.comcast.com", "event_type": kind, "Accept": "*/*",
                       "User-Agent": "ApacheBench/2.3", "Accept-Language": "en-US,en;q=0.5"})


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid):
    return [int(p) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for p in (task / "children").read_text().split()]


def measure(lines):
    project = pathlib.Path(tempfile.mkdtemp(prefix="steelthread-bench-"))
    (project / "pipelines").mkdir()
    (project / "pipelines/extracted_events.sql").write_text(
        PIPELINE.replace("10 seconds", "10 hours"))
    place = ["-C", str(project)]
    ports = [word for part in ("http", "kafka", "sql", "catalog")
             for word in ("--set", f"{part}.listen=127.0.0.1:0")]
    server = subprocess.Popen([BINARY, "up", *place, *ports], stdout=subprocess.DEVNULL)
    try:
        while not (project / ".steelthread/run/endpoints.json").exists():
            assert server.poll() is None
            time.sleep(0.01)
        subprocess.run([BINARY, "topic", "create", "events", *place], check=True,
                       stdout=subprocess.DEVNULL)
        with open(lines) as source:
            subprocess.run([BINARY, "topic", "produce", "events", *place], check=True, stdin=source,
                           stderr=subprocess.DEVNULL)
        before = cpu_seconds(server.pid)
        began = time.monotonic()
        subprocess.run([BINARY, "pipeline", "run", "extracted_events", "--once", *place],
                       check=True, stdout=subprocess.DEVNULL)
        elapsed = time.monotonic() - began
        cpu = cpu_seconds(server.pid) - before + sum(map(cpu_seconds, children(server.pid)))
        status = json.loads(subprocess.check_output([BINARY, "status", "--format", "json", *place]))
        rows = {t["name"]: t["rows"] for t in status["tables"]}
        assert rows["extracted_events"] == EVENTS, rows
        return elapsed, cpu
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(project)


def main():
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as lines:
        size = 0
        for i in range(EVENTS):
            size += lines.write(event(i) + "\n")
        lines.flush()
        runs = sorted(measure(lines.name) for _ in range(RUNS))
    elapsed, cpu = runs[len(runs) // 2]
    replace_block(RESULTS, BEGIN, END, f"""    python3 bench/catchup.py

{EVENTS:,} events of {size // EVENTS - 1} bytes produced over the Kafka port, then `steelthread pipeline run
extracted_events --once`, timed from the command's start to its end.

| median of {RUNS} | |
|---|---|
| from start to end | {elapsed:.2f} s |
| events a second | {EVENTS / elapsed:,.0f} |
| events a CPU-second (server and worker together) | {EVENTS / cpu:,.0f} |
""")


if __name__ == "__main__":
    main()
