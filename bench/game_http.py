#!/usr/bin/env python3
"""The game's HTTP API side by side: declared events, commands, and the same routes in Flask.

Usage: bench/game_http.py [--binary FILE] [--seconds N] [--rounds N]
Wants wrk, a release build and `tools/setup --tests`. Flask sends its events to the Kafka port of a
steelthread server. Writes the figures between the marks in bench/results/game_http.md; exit code 1
where a ratio that is promised does not hold.
"""
import argparse
import contextlib
import json
import os
import re
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
APP = ROOT / "bench/flask_app"
BEGIN, END = "<!-- bench/game_http.py begins -->", "<!-- bench/game_http.py ends -->"
# What is compared with what, and the least ratio.
PROMISES = [("declared events", "Flask, development form", 45),
            ("declared events", "gunicorn, 4 workers of 32 threads", 8),
            ("commands", "Flask, development form", 28),
            ("commands", "gunicorn, 4 workers of 32 threads", 5),
            ("commands", "declared events", 0.6)]


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "build/release/steelthread")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def rate(address, seconds):
    """Requests a second of 64 clients; fails unless every answer was a 2xx."""
    out = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", "-s",
                          str(ROOT / "bench/players.lua"), f"http://{address}/"],
                         capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def end(process):
    process.terminate()
    process.wait(30)


@contextlib.contextmanager
def steelthread(binary, example):
    """A server on a copy of an example, or on an empty project with a topic `events`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        if example:
            shutil.copytree(ROOT / "examples" / example, folder)
            shutil.rmtree(folder / "pipelines", ignore_errors=True)
        else:
            folder.mkdir()
        flags = [word for part in ("http", "kafka", "sql", "catalog")
                 for word in ("--set", f"{part}.listen=127.0.0.1:0")]
        path = folder / ".steelthread/run/endpoints.json"
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen([binary, "up", "-C", folder, *flags], stdout=log, stderr=log)
        try:
            while not path.exists():
                assert process.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.01)
            if not example:
                subprocess.run([binary, "topic", "create", "events", "-C", folder], check=True,
                               stdout=subprocess.DEVNULL)
            yield json.loads(path.read_text())
        finally:
            end(process)


@contextlib.contextmanager
def flask(words, broker):
    """A Flask app's server, by the words behind `python -m`; its address once it says so."""
    with tempfile.NamedTemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=APP, stdout=log, stderr=log,
            env={**os.environ, "KAFKA_BROKER": broker, "PYTHONUNBUFFERED": "1"})
        try:
            while True:
                text = Path(log.name).read_text()
                found = re.search(r"(?:Running on|Listening at:) http://([\d.]+:\d+)", text)
                if found:
                    break
                assert process.poll() is None, text
                time.sleep(0.05)
            time.sleep(1)  # gunicorn's workers import the app
            yield found[1]
        finally:
            end(process)


def one_round(args):
    figures = {}
    with steelthread(args.binary, "w205") as at:
        figures["declared events"] = rate(at["http"], args.seconds)
    with steelthread(args.binary, "game") as at:
        figures["commands"] = rate(at["http"], args.seconds)
    with steelthread(args.binary, None) as at:
        with flask(["flask", "--app", "game_api", "run", "--port", "0"], at["kafka"]) as address:
            figures["Flask, development form"] = rate(address, args.seconds)
        with flask(["gunicorn", "-w", "4", "--threads", "32", "-b", "127.0.0.1:0", "game_api:app"],
                   at["kafka"]) as address:
            figures["gunicorn, 4 workers of 32 threads"] = rate(address, args.seconds)
    return figures


def main():
    args = options()
    rounds = [one_round(args) for _ in range(args.rounds)]
    median = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    rows = [f"| {name} | {figure:,.0f}/s |" for name, figure in median.items()]
    ratios = [(over, under, least, median[over] / median[under]) for over, under, least in PROMISES]
    rows += [f"| {over} ÷ {under} (wanted: {least:g}) | {got:.2f} |"
             for over, under, least, got in ratios]
    replace_block(RESULTS, BEGIN, END, f"""    bench/game_http.py --seconds {args.seconds} --rounds {args.rounds}

GET /purchase_a_sword by 64 clients, 1,000 players by their Host header; rounds alternate. `make
bench-http` runs it.

| median of {args.rounds} | |
|---|---|
{chr(10).join(rows)}
""")
    return 0 if all(got >= least for _, _, least, got in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
