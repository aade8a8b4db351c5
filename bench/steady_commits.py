#!/usr/bin/env python3
"""A table that takes a commit every half second: files, metadata, commit and query time stay flat.

Usage: python3 bench/steady_commits.py [--binary FILE] [--minutes N] [--rate N]
Posts declared events at a steady rate to a project of its own, whose tables commit every 500 ms,
and looks at one of them ten times. Wants a release build. Writes the figures between the marks in
bench/results/upkeep.md.
"""
import argparse
import json
import pathlib
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.append(sys.path.pop(0))  # the library's `http` comes before bench/http.py
import urllib.request

from shared.results_block import replace_block
from shared.server import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/upkeep.md"
BEGIN, END = "<!-- bench/steady_commits.py begins -->", "<!-- bench/steady_commits.py ends -->"
TABLE = "sword_purchases"
LOOKS = 10
QUERIES = 20


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "build/release/steelthread")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--rate", type=int, default=20, help="events a second")
    return parser.parse_args()


def make_project():
    """A project whose tables commit every 500 ms."""
    project = pathlib.Path(tempfile.mkdtemp(prefix="steelthread-bench-"))
    shutil.copytree(ROOT / "examples/w205/events", project / "events")
    (project / "pipelines").mkdir()
    sql = (ROOT / f"examples/w205/pipelines/{TABLE}.sql").read_text()
    (project / f"pipelines/{TABLE}.sql").write_text(sql.replace("10 seconds", "500 milliseconds"))
    return project


def commits_of(server):
    """How many commits the table took, and the seconds of all."""
    value = lambda name: server.metric(
        f'steelthread_pipeline_commit_seconds_{name}{{pipeline="{TABLE}"}}')
    return value("count"), value("sum")


def look(server, before):
    count, seconds = commits_of(server)
    folder = server.data / "warehouse/default" / TABLE
    versions = list((folder / "metadata").glob("v*.metadata.json"))
    newest = max(versions, key=lambda path: int(re.search(r"\d+", path.name).group()))
    table = next(t for t in json.loads(server.run("table", "ls", "--format", "json"))
                 if t["table"].endswith(TABLE))
    size = lambda paths: sum(p.stat().st_size for p in paths if p.is_file())
    sql = f"select host, count(*) from {TABLE} group by 1 order by 2 desc limit 5"
    queries = [server.query(sql)[1] for _ in range(QUERIES)]
    return {"commits": count, "ms": 1000 * (seconds - before[1]) / max(count - before[0], 1),
            "query_ms": 1000 * statistics.median(queries), "files": table["files"],
            "rows": table["rows"], "version_kb": newest.stat().st_size / 1e3,
            "metadata_mb": size((folder / "metadata").iterdir()) / 1e6,
            "data_mb": size((folder / "data").rglob("*")) / 1e6}, (count, seconds)


def post(server, rate, is_over):
    """Sends events at a steady rate; returns nothing, as the table's rows are compared at the end."""
    url = f"http://{server.endpoints['http']}/purchase_a_sword"
    sent, began = 0, time.monotonic()
    while not is_over.is_set():
        with urllib.request.urlopen(url) as answer:
            answer.read()
        sent += 1
        time.sleep(max(0.0, began + sent / rate - time.monotonic()))
    post.sent = sent


def main():
    args = options()
    server = Server(args.binary, make_project())
    try:
        is_over = threading.Event()
        client = threading.Thread(target=post, args=(server, args.rate, is_over))
        client.start()
        lines, before, began = [], (0, 0), time.monotonic()
        for i in range(1, LOOKS + 1):
            time.sleep(max(0.0, began + args.minutes * 60 * i / LOOKS - time.monotonic()))
            seen, before = look(server, before)
            lines.append("| {:.1f} | {commits:,.0f} | {ms:.1f} | {query_ms:.1f} | {files} | "
                         "{rows:,} | {version_kb:.0f} | {metadata_mb:.1f} | {data_mb:.1f} |".format(
                             (time.monotonic() - began) / 60, **seen))
            print(lines[-1], flush=True)
        is_over.set()
        client.join()
        server.run("pipeline", "run", TABLE, "--once")
        rows = server.query(f"select count(*) from {TABLE}")[0][0][0]
        assert rows == post.sent, (rows, post.sent)
        head = ("| minutes | commits | ms a commit | query ms | files | rows | version kB | "
                "metadata MB | data MB |\n|---|---|---|---|---|---|---|---|---|\n")
        replace_block(RESULTS, BEGIN, END, head + "\n".join(lines) + "\n\n"
                      f"Sent {post.sent:,} events at {args.rate}/s; the table has {rows:,} rows.\n")
    finally:
        server.stop()
        shutil.rmtree(server.project)


if __name__ == "__main__":
    main()
