#!/usr/bin/env python3
"""Durable HTTP requests: steelthread against a bare Beast server with the same group commit.

Usage: python3 bench/http.py [--binary FILE] [--bare FILE] [--seconds N] [--rounds N]
Wants wrk and a release build. Writes the figures between the marks in bench/results/http.md.
"""
import argparse
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from shared.results_block import replace_block

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/http.md"
PIPELINES = ("extracted_events", "sword_purchases", "purchases")
WORKERS_END_S = 25  # a table's next trigger and the end of an idle worker, 10 s each
BEGIN, END = "<!-- bench/http.py begins -->", "<!-- bench/http.py ends -->"


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build = ROOT / "build/release"
    parser.add_argument("--binary", default=build / "steelthread")
    parser.add_argument("--bare", default=build / "src/net/bare_beast")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def load(address, seconds):
    """Requests a second; fails unless every answer was a 2xx."""
    out = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s",
                          f"http://{address}/purchase_a_sword"],
                         capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def end(process):
    process.terminate()
    process.wait(30)


def bare_round(args, folder):
    process = subprocess.Popen([args.bare, folder / "bare.log"], stdout=subprocess.PIPE, text=True)
    try:
        return load(process.stdout.readline().strip(), args.seconds)
    finally:
        end(process)


def family(pid):
    children = [child for task in Path(f"/proc/{pid}/task").iterdir()
                for child in (task / "children").read_text().split()]
    return [pid] + [each for child in children for each in family(int(child))]


def pss_mib(pid):
    total = 0
    for each in family(pid):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
        except ProcessLookupError:
            continue  # ended, and not waited for yet: it has no memory
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
    return total / 1024


def work(args, folder, address):
    """A request, every pipeline once and a query: what starts workers."""
    load(address, 1)
    for name in PIPELINES:
        subprocess.run([args.binary, "pipeline", "run", name, "--once", "-C", folder], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run([args.binary, "sql", "-C", folder, f"select count(*) from {name}"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def our_round(args, folder, seconds):
    """Requests a second; without seconds: milliseconds to ready, MiB at rest after work."""
    flags = [word for part in ("http", "kafka", "sql", "catalog")
             for word in ("--set", f"{part}.listen=127.0.0.1:0")]
    path = folder / ".steelthread/run/endpoints.json"
    began = time.monotonic()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([args.binary, "up", "-C", folder, *flags],
                                   stdout=log, stderr=log)
    try:
        while not path.exists():
            assert process.poll() is None, (folder / "server.log").read_text()
            time.sleep(0.001)
        ready_ms = (time.monotonic() - began) * 1000
        if seconds:
            return load(json.loads(path.read_text())["http"], seconds)
        if (folder / "pipelines").exists():
            work(args, folder, json.loads(path.read_text())["http"])
            time.sleep(WORKERS_END_S)
        return ready_ms, pss_mib(process.pid)
    finally:
        end(process)


def main():
    args = options()
    bare, ours, piped, empty = [], [], [], []
    for _ in range(args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            bare.append(bare_round(args, Path(folder)))
        with tempfile.TemporaryDirectory() as folder:
            empty.append(our_round(args, Path(folder), 0)[0])
        with tempfile.TemporaryDirectory() as folder:
            project = shutil.copytree(ROOT / "examples/w205", Path(folder) / "project")
            piped.append(our_round(args, project, args.seconds))
            shutil.rmtree(project / ".steelthread")
            shutil.rmtree(project / "pipelines")
            ours.append(our_round(args, project, args.seconds))
    with tempfile.TemporaryDirectory() as folder:
        project = shutil.copytree(ROOT / "examples/w205", Path(folder) / "project")
        rest_mib = our_round(args, project, 0)[1]
    yardstick, rate, with_pipelines, ready_ms = map(statistics.median, (bare, ours, piped, empty))
    replace_block(RESULTS, BEGIN, END, f"""    python3 bench/http.py --seconds {args.seconds} --rounds {args.rounds}

GET /purchase_a_sword on examples/w205, without and with its three SQL pipelines (the table of each
declared event, 24 of them, is filled in both); rounds alternate.

| median of {args.rounds} | |
|---|---|
| bare Beast server, same group commit | {yardstick:,.0f}/s |
| steelthread without pipelines | {rate:,.0f}/s |
| ratio (wanted: 70 %) | {rate / yardstick:.0%} |
| steelthread with three pipelines, trigger 10 s | {with_pipelines:,.0f}/s |
| ratio | {with_pipelines / yardstick:.0%} |
| from start to ready, empty folder | {ready_ms:.0f} ms |
| memory at rest after pipelines and queries (PSS of all processes) | {rest_mib:.1f} MiB |
""")


if __name__ == "__main__":
    main()
