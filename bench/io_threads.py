#!/usr/bin/env python3
"""What a second io thread gives: the same clients against servers with one and with two.

    python3 bench/io_threads.py                needs make, kcat, wrk, tools/setup --tests
    python3 bench/io_threads.py --rounds 2 --dry    a quick look, writes nothing

Both servers run all the time and are measured in turns. Writes the figures between the marks in
bench/results/kafka.md.
"""
import argparse
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(sys.path.pop(0))  # the library's `http` comes before bench/http.py

from kcat import write_lines
from shared.results_block import replace_block
from shared.server import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/steelthread"
RESULTS = ROOT / "bench/results/kafka.md"
BEGIN, END = "<!-- bench/io_threads.py begins -->", "<!-- bench/io_threads.py ends -->"
PRODUCERS = 8
THREADS = (1, 2)


def kcat(address, partition, lines, *words):
    return subprocess.Popen(["kcat", "-P", "-b", address, "-t", "loads", "-p", str(partition), "-l", lines, *words],
                            stderr=subprocess.PIPE)


def timed(server, work):
    """Seconds, and the server's processor seconds, of `work`."""
    began, cpu = time.monotonic(), server.cpu_seconds()
    work()
    return time.monotonic() - began, server.cpu_seconds() - cpu


def produce(server, lines, producers):
    def work():
        running = [kcat(server.endpoints["kafka"], i, lines) for i in range(producers)]
        for one in running:
            _, said = one.communicate()
            assert one.returncode == 0, said
    return timed(server, work)


def synchronous(server, lines, seconds, producers):
    """Latencies of a client that waits for each record, while others send compressed batches."""
    from confluent_kafka import Producer
    address = server.endpoints["kafka"]
    until = time.monotonic() + seconds

    def load(partition):
        while time.monotonic() < until:
            kcat(address, partition, lines, "-z", "gzip").communicate()
    others = [threading.Thread(target=load, args=(1 + i,)) for i in range(producers)]
    producer = Producer({"bootstrap.servers": address, "linger.ms": 0})
    for other in others:
        other.start()
    took = []
    while time.monotonic() < until:
        began = time.monotonic()
        producer.produce("loads", b"one", partition=0)
        assert producer.flush(30) == 0
        took.append(time.monotonic() - began)
    for other in others:
        other.join()
    return took


def purchases(server, seconds):
    """Purchases a second, and the server's processor microseconds of one."""
    cpu = server.cpu_seconds()
    out = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "-s", ROOT / "bench/players.lua",
                          f"http://{server.endpoints['http']}/"], check=True, capture_output=True, text=True).stdout
    done = int(re.search(r"(\d+) requests in", out).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), (server.cpu_seconds() - cpu) / done * 1e6


def measure(args, folder):
    servers = {}
    for threads in THREADS:
        project = folder / str(threads)
        shutil.copytree(ROOT / "examples/game", project)
        servers[threads] = Server(BINARY, project, "--set", f"kafka.io_threads={threads}",
                                  "--set", f"http.io_threads={threads}")
        servers[threads].run("topic", "create", "loads", "--partitions", str(PRODUCERS))
    lines, few = folder / "lines", folder / "few"
    write_lines(lines, args.lines)
    write_lines(few, args.lines // PRODUCERS)
    found = {threads: {"one": [], "many": [], "alone": [], "beside": [], "http": []} for threads in THREADS}
    try:
        for threads in [None, *THREADS * args.rounds]:  # the first is warm-up
            server = servers[threads or 1]
            into = found[threads] if threads else {name: [] for name in found[1]}
            into["one"].append(produce(server, lines, 1))
            into["many"].append(produce(server, few, PRODUCERS))
            into["alone"] += synchronous(server, few, args.seconds, 0)
            into["beside"] += synchronous(server, few, args.seconds, 2)
            into["http"].append(purchases(server, args.seconds))
    finally:
        for server in servers.values():
            server.stop()
    return found


def row(title, found, value, form):
    one, two = (value(found[threads]) for threads in THREADS)
    return f"| {title} | {one:{form}} | {two:{form}} | {two / one:.2f} |\n"


def report(args, found):
    def median(name, place):
        return lambda of: statistics.median(each[place] for each in of[name])

    def rate(name):
        return lambda of: args.lines / median(name, 0)(of)

    def percentile(name, share):
        return lambda of: sorted(of[name])[int(len(of[name]) * share)] * 1000
    table = (row("lines/s of one kcat", found, rate("one"), ",.0f")
             + row("the server's processor seconds", found, median("one", 1), ".2f")
             + row(f"lines/s of {PRODUCERS} kcats at once", found, rate("many"), ",.0f")
             + row("the server's processor seconds", found, median("many", 1), ".2f")
             + row("a record and its answer, alone: p50 ms", found, percentile("alone", 0.5), ".2f")
             + row("p99 ms", found, percentile("alone", 0.99), ".2f")
             + row("beside two kcats that send gzip: p50 ms", found, percentile("beside", 0.5), ".2f")
             + row("p99 ms", found, percentile("beside", 0.99), ".2f")
             + row("purchases a second, 64 connections of wrk", found, median("http", 0), ",.0f")
             + row("the server's processor us of one", found, median("http", 1), ".1f"))
    return f"""## One io thread and two

    python3 bench/io_threads.py

{args.lines:,} lines of 155 bytes a run, acks=all; {args.rounds} rounds in turns, medians. Two cores, shared with the
clients and whatever else ran: a second thread can only take what the clients leave, so wanted is that it costs nothing.

| | one thread | two | ratio |
|---|---|---|---|
{table}
Compressed batches and large requests are checked on threads of their own with one io thread, too, so a heavy batch
delays no other connection in either case.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="print the results, write no file")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        found = measure(args, pathlib.Path(folder))
    if args.dry:
        print(report(args, found))
    else:
        replace_block(RESULTS, BEGIN, END, report(args, found))


if __name__ == "__main__":
    sys.exit(main())
