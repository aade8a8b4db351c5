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

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/http.md"
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
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [each for child in children for each in family(int(child))]


def pss_mib(pid):
    total = 0
    for each in family(pid):
        text = Path(f"/proc/{each}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
    return total / 1024


def our_round(args, folder, seconds):
    """Requests a second; without seconds: milliseconds to ready, MiB at rest."""
    flags = [word for part in ("http", "kafka", "sql")
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
        time.sleep(1)
        return ready_ms, pss_mib(process.pid)
    finally:
        end(process)


def main():
    args = options()
    bare, ours, idle = [], [], []
    for _ in range(args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            bare.append(bare_round(args, Path(folder)))
        with tempfile.TemporaryDirectory() as folder:
            idle.append(our_round(args, Path(folder), 0))
        with tempfile.TemporaryDirectory() as folder:
            project = shutil.copytree(ROOT / "examples/w205", Path(folder) / "project")
            for pipelines in project.glob("pipelines"):
                shutil.rmtree(pipelines)
            ours.append(our_round(args, project, args.seconds))
    yardstick = statistics.median(bare)
    rate = statistics.median(ours)
    ready_ms, rest_mib = (statistics.median(column) for column in zip(*idle))
    block = f"""{BEGIN}
    python3 bench/http.py --seconds {args.seconds} --rounds {args.rounds}

GET /purchase_a_sword on examples/w205 without its pipelines; rounds of both servers alternate.

| median of {args.rounds} | |
|---|---|
| bare Beast server, same group commit | {yardstick:,.0f}/s |
| steelthread | {rate:,.0f}/s |
| ratio (wanted: 70 %) | {rate / yardstick:.0%} |
| from start to ready, empty folder | {ready_ms:.0f} ms |
| memory at rest (PSS of all processes) | {rest_mib:.1f} MiB |
{END}
"""
    text = RESULTS.read_text()
    text = text.replace("Not measured yet: the ratio to a bare server with the same group commit.\n",
                        "")
    if BEGIN in text:
        text = text[:text.index(BEGIN)] + block + text[text.index(END) + len(END) + 1:]
    else:
        text = text.rstrip() + "\n\n" + block
    RESULTS.write_text(text)
    print(block)


if __name__ == "__main__":
    main()
