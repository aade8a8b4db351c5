#!/usr/bin/env python3
"""How long `steelthread topic produce` and `topic consume` take for a million lines.

    python3 bench/topic.py    needs make; writes bench/results/topic.md
    python3 bench/topic.py --other FILE --dry    beside another program, in turns; writes nothing

kcat does the same with the same server in turns, as a measure of the machine. One line more is
produced and consumed alone: what a command costs before its first record.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from shared.results_block import measured_on

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/steelthread"
LINE_BYTES = 155


def write_lines(path, count):
    with open(path, "w", encoding="ascii") as out:
        for i in range(count):
            line = f'{{"Host": "user{i % 10000:05}.example.com", "event_type": "buy", "n": {i}'
            out.write(line.ljust(LINE_BYTES - 2) + "}\n")


def run(command, taken, given=subprocess.DEVNULL):
    """Seconds that the command took, and its processor's."""
    began = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdin=given, stdout=taken,
                               stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return time.monotonic() - began, used.ru_utime + used.ru_stime


class Server:
    """A program's own server; `produce` and `consume` are that program's commands."""

    def __init__(self, name, binary, folder):
        self.name, self.binary, self.folder = name, binary, folder
        folder.mkdir()
        ports = [word for part in ("http", "kafka", "sql", "catalog")
                 for word in ("--set", f"{part}.listen=127.0.0.1:0")]
        self.process = subprocess.Popen([binary, "up", "-C", folder, *ports],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        endpoints = folder / ".steelthread/run/endpoints.json"
        while not endpoints.exists():
            assert self.process.poll() is None, f"the server of {binary} did not start"
            time.sleep(0.01)
        self.address = json.loads(endpoints.read_text())["kafka"]
        for topic in ("lines", "one"):
            subprocess.run([binary, "topic", "create", topic, "-C", folder], check=True,
                           stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def produce(self, topic, lines):
        with open(lines, "rb") as given:
            return run([self.binary, "topic", "produce", topic, "-C", self.folder],
                       subprocess.DEVNULL, given)

    def consume(self, topic, count, taken):
        return run([self.binary, "topic", "consume", topic, "--from", "beginning", "--max", count,
                    "-C", self.folder], taken)


class Kcat:
    name = "kcat, with the first one's server"

    def __init__(self, server):
        self.address = server.address

    def produce(self, topic, lines):
        return run(["kcat", "-P", "-b", self.address, "-t", topic, "-p", "0", "-l", lines],
                   subprocess.DEVNULL)

    def consume(self, topic, count, taken):
        return run(["kcat", "-C", "-b", self.address, "-t", topic, "-p", "0", "-o", "beginning",
                    "-e", "-c", count], taken)


def measure(args, programs, folder):
    lines, one = folder / "lines", folder / "one"
    write_lines(lines, args.lines)
    write_lines(one, 1)
    times = {}
    for turn in range(args.rounds + 1):
        for program in programs:
            with open(folder / "taken", "w+b") as taken:
                of_turn = {"produce": program.produce("lines", lines),
                           "consume": program.consume("lines", args.lines, taken),
                           "produce one line": program.produce("one", one),
                           "consume one line": program.consume("one", 1, subprocess.DEVNULL)}
                got = taken.seek(0, os.SEEK_END)
            assert got == args.lines * LINE_BYTES, f"{got} bytes of {args.lines * LINE_BYTES}"
            if turn == 0:  # warms the topic and the files
                continue
            for what, took in of_turn.items():
                times.setdefault(what, {}).setdefault(program.name, []).append(took)
    return times


def table(times):
    rows = ["| | program | median | range | processor |", "|---|---|---|---|---|"]
    for what, of_program in times.items():
        for name, took in of_program.items():
            wall = [seconds for seconds, _ in took]
            rows.append(f"| {what} | {name} | {statistics.median(wall):.3f} s "
                        f"| {min(wall):.3f} to {max(wall):.3f} s "
                        f"| {statistics.median(used for _, used in took):.3f} s |")
    return "\n".join(rows)


def report(args, times):
    return f"""# Producing and consuming with `steelthread topic`

    python3 bench/topic.py

{measured_on()}
{args.lines:,} lines of {LINE_BYTES} bytes from a file and into one, one partition; medians of {args.rounds} rounds in turns.

{table(times)}

Two cores, shared with the server and whatever else ran: trust the ratios, not the seconds.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, default=BINARY)
    parser.add_argument("--other", type=pathlib.Path, help="another program, measured in turns")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--dry", action="store_true", help="print the results, write no file")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as scratch:
        folder = pathlib.Path(scratch)
        servers = [Server("steelthread", args.binary, folder / "first")]
        try:
            if args.other:
                servers.append(Server(f"{args.other}", args.other, folder / "second"))
            times = measure(args, [*servers, Kcat(servers[0])], folder)
        finally:
            for server in servers:
                server.stop()
    text = report(args, times)
    print(text)
    if not args.dry:
        (ROOT / "bench/results/topic.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
