#!/usr/bin/env python3
"""A server whose game has a million players with ten item stacks each: start and memory.

Usage: python3 bench/game_state.py [--binary FILE] [--fill FILE] [--rounds N]
Wants a release build, 9 GB of disk and some minutes: the players are made by 12 million commands.
Writes the figures between the marks in bench/results/game_http.md; exit code 1 where memory or start
are more than is promised.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from shared.results_block import replace_block

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/game_http.md"
BEGIN, END = "<!-- bench/game_state.py begins -->", "<!-- bench/game_state.py ends -->"
MOST_S, MOST_MB = 5, 1000
PORTS = [word for part in ("http", "kafka", "sql", "catalog")
         for word in ("--set", f"{part}.listen=127.0.0.1:0")]


def make_project(folder):
    shutil.copytree(ROOT / "examples/game", folder)
    shutil.rmtree(folder / "pipelines")
    rules = folder / "game.toml"
    text = rules.read_text().replace("coins = 100\ncapacity = 50", "coins = 10000\ncapacity = 100000")
    text += "".join(f'[items.item{n}]\nkind = "weapon"\nrarity = "common"\nprice = 1\n'
                    for n in range(200))
    rules.write_text(text)
    # Tables of 22 million rows are another benchmark's matter.
    for event in (folder / "events").glob("*.toml"):
        lines = [line for line in event.read_text().splitlines() if not line.startswith("table")]
        at = lines.index("[fields]")
        event.write_text("\n".join([*lines[:at], "table = false", "", *lines[at:]]) + "\n")


def get(at, path):
    url = f"http://{at['http']}{path}"
    return json.loads(subprocess.run(["curl", "-sf", url], check=True, capture_output=True).stdout)


def start(binary, folder):
    """The server, its addresses, and the seconds from its start until it answered a read."""
    path = folder / ".steelthread/run/endpoints.json"
    began = time.monotonic()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([binary, "up", "-C", folder, *PORTS], stdout=log, stderr=log)
    while not path.exists():
        assert process.poll() is None, (folder / "server.log").read_text()
        time.sleep(0.005)
    at = json.loads(path.read_text())
    get(at, "/items/sword")
    return process, at, time.monotonic() - began


def memory_mb(process):
    text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return int(text.split("Pss:")[1].split()[0]) * 1024 / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "build/release/steelthread")
    parser.add_argument("--fill", default=ROOT / "build/release/src/game_service/game_service_bench")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    seconds, memory = [], []
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as scratch:
        folder = Path(scratch) / "project"
        make_project(folder)
        process = start(args.binary, folder)[0]
        process.terminate()
        assert process.wait(60) == 0
        filled = json.loads(subprocess.run([args.fill, folder], check=True, capture_output=True,
                                           text=True).stdout)
        log_mb = sum(f.stat().st_size for f in (folder / ".steelthread/log").iterdir()) / 1e6
        for _ in range(args.rounds):
            process, at, took = start(args.binary, folder)
            seconds.append(took)
            assert len(get(at, "/players/user7.comcast.com/inventory")["items"]) == 10
            memory.append(memory_mb(process))
            process.kill()
            process.wait()
            os.remove(folder / ".steelthread/run/endpoints.json")
    took, used = statistics.median(seconds), statistics.median(memory)
    commands = 12 * filled["players"]
    replace_block(RESULTS, BEGIN, END, f"""    python3 bench/game_state.py --rounds {args.rounds}

A server on the log of {filled['players']:,} players who bought ten item stacks each: {filled['records']:,} records, {log_mb:,.0f} MB.

| median of {args.rounds} | |
|---|---|
| commands with keys decided, applied and made durable, without HTTP | {commands / filled['seconds']:,.0f}/s |
| records behind the newest snapshot | {filled['records'] - filled['snapshot']:,} |
| from start (after kill -9) to the first answer (wanted: at most {MOST_S} s) | {took:.2f} s |
| memory of the whole server, PSS (wanted: at most {MOST_MB:,} MB) | {used:,.0f} MB |
""")
    return 0 if took <= MOST_S and used <= MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
