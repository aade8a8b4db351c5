#!/usr/bin/env python3
"""The log beside Apache Kafka: the same client programs against both, in turns, in one run.

    python3 bench/log.py                   needs make, tools/setup --kafka; 20 GB of scratch disk, half an hour
    python3 bench/log.py --quick --dry     a look at everything in a few minutes, writes nothing
    python3 bench/log.py --parts produce start    only these parts; the others keep their figures

steelthread syncs its log before every answer; Kafka, as it comes, never does by itself. The clients are librdkafka's
rdkafka_performance, and Kafka's ProducerPerformance and ConsumerPerformance. A broker that keeps nothing (librdkafka's
mock, which Kafka's own clients do not understand) shows what a client reaches at most. Writes the figures between
marks in bench/results/log.md.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(sys.path.pop(0))  # the library's `http` comes before bench/http.py

from shared.brokers import JARS, Kafka, Null, Steelthread, resident_mib
from shared.results_block import replace_block

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/steelthread"
RESULTS = ROOT / "bench/results/log.md"
PERFORMANCE = ROOT / ".deps/rdkafka_performance/rdkafka_performance"
DEADLINE_S = 600
# Its own defaults wait a second for a batch and hold 100,000 messages.
BATCHES = ("-X", "linger.ms=5", "-X", "queue.buffering.max.messages=1000000")
SIZES = (155, 1024)
GIB = 1 << 30


def performance(address, *words):
    """librdkafka's program; its queue holds what a client that never waits fills."""
    return subprocess.Popen([PERFORMANCE, "-b", address, "-q", *words], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def finish(running):
    """Seconds that the programs tell of themselves: without their start and end, of the slowest."""
    took = []
    for one in running:
        said, _ = one.communicate(timeout=DEADLINE_S)
        told = re.findall(r"in (\d+)ms: ", said)
        assert one.returncode == 0 and told and ", 0 failed)" in said or " consumed in " in said, said[-2000:]
        took.append(int(told[-1]) / 1000)
    return max(took)


def processor(broker, work):
    """What the work returns, and the processor seconds that the broker took for it."""
    began = broker.cpu_seconds()
    found = work()
    return found, broker.cpu_seconds() - began


def produce(broker, topic, size, count, producers):
    """Messages a second, the broker's processor seconds a GB."""
    each = str(count // producers)
    seconds, cpu = processor(broker, lambda: finish([
        performance(broker.address, "-P", "-t", topic, "-s", str(size), "-c", each, "-a", "-1", *BATCHES)
        for _ in range(producers)]))
    return count / seconds, cpu / (count * size / 1e9)


def java(*words):
    done = subprocess.run(["java", "-Xmx1G", "-cp", f"{JARS}/*", *words], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    return done.stdout


def produce_java(broker, topic, size, count):
    said, cpu = processor(broker, lambda: java(
        "org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", str(count), "--record-size",
        str(size), "--throughput", "-1", "--producer-props", "acks=all", f"bootstrap.servers={broker.address}"))
    return float(re.findall(r"([\d.]+) records/sec", said)[-1]), cpu / (count * size / 1e9)


def consume(broker, topic, size, count, group):
    who = ["-G", group, "-X", "auto.offset.reset=earliest"] if group else ["-C", "-o", "beginning", "-p", "0"]
    seconds, cpu = processor(broker, lambda: finish([
        performance(broker.address, *who, "-t", topic, "-c", str(count))]))
    return count / seconds, cpu / (count * size / 1e9)


def consume_java(broker, topic, size, count):
    said, cpu = processor(broker, lambda: java(
        "org.apache.kafka.tools.ConsumerPerformance", "--bootstrap-server", broker.address, "--topic", topic,
        "--messages", str(count), "--timeout", "60000", "--hide-header"))
    return float(said.strip().splitlines()[-1].split(",")[-1]), cpu / (count * size / 1e9)


def percentiles(took):
    took = sorted(took)
    return took[len(took) // 2], took[len(took) * 99 // 100]


def latency(broker, folder, partitions, seconds, rate=1000):
    """From a record's making to its reading by a consumer, p50 and p99 in ms."""
    topic, told = f"latency{partitions}", folder / "latencies"
    chosen = [word for i in range(partitions) for word in ("-p", str(i))]
    consumer = performance(broker.address, "-C", "-t", topic, "-o", "end", *chosen, "-l", "-A", told,
                           "-c", str(seconds * rate))
    time.sleep(2)
    producer = performance(broker.address, "-P", "-t", topic, "-l", "-r", str(rate), "-c", str(seconds * rate),
                           "-a", "-1", "-X", "linger.ms=0", "-X", "sticky.partitioning.linger.ms=0")
    finish([producer, consumer])
    return percentiles(int(line) / 1000 for line in told.read_text().split())


def synchronous(broker, seconds):
    """A producer that waits for each record: p50 and p99 in ms."""
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": broker.address, "linger.ms": 0})
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        producer.produce("alone", b"x" * SIZES[0], partition=0)
        assert producer.flush(30) == 0
        took.append((time.monotonic() - began) * 1000)
    return percentiles(took)


def bare_sync(folder, seconds):
    """p50 in ms of writing as much behind a file's end and of fdatasync."""
    took, until = [], time.monotonic() + seconds
    with open(folder / "sync", "wb", buffering=0) as out:
        out.write(bytes(64 << 20))  # as a segment is: written before, so that a sync changes no size
        os.fsync(out.fileno())
        out.seek(0)
        while time.monotonic() < until and out.tell() < 60 << 20:
            began = time.monotonic()
            out.write(b"x" * 300)
            os.fdatasync(out.fileno())
            took.append((time.monotonic() - began) * 1000)
    return percentiles(took)


class Figures:
    """Values by row and broker; a row's ratio is of medians, ours over Kafka's."""

    def __init__(self):
        self.values = {}

    def add(self, row, broker, value):
        self.values.setdefault(row, {}).setdefault(broker.name, []).append(value)

    def median(self, row, name, part=0):
        of = self.values[row].get(name)
        return statistics.median(value[part] for value in of) if of else None

    def rates(self):
        lines = ["| | steelthread/s | Kafka/s | ratio | null server/s | ratio | processor s/GB | Kafka's |",
                 "|---|---|---|---|---|---|---|---|"]
        for row in self.values:
            ours, kafka, null = (self.median(row, name) for name in ("steelthread", "Kafka", "null"))
            beside = f"{null:,.0f} | {ours / null:.2f}" if null else " | "
            lines.append(f"| {row} | {ours:,.0f} | {kafka:,.0f} | {ours / kafka:.2f} | {beside} "
                         f"| {self.median(row, 'steelthread', 1):.2f} | {self.median(row, 'Kafka', 1):.2f} |")
        return "\n".join(lines)

    def latencies(self):
        lines = ["| | p50 ms | p99 ms | Kafka's p50 | Kafka's p99 |", "|---|---|---|---|---|"]
        for row in self.values:
            kafka = [self.median(row, "Kafka", part) for part in (0, 1)]
            theirs = " | ".join("" if value is None else f"{value:.2f}" for value in kafka)
            lines.append(f"| {row} | {self.median(row, 'steelthread'):.2f} | {self.median(row, 'steelthread', 1):.2f} "
                         f"| {theirs} |")
        return "\n".join(lines)


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.ours, self.kafka, self.null = Steelthread(args.binary, folder / "ours"), Kafka(folder / "kafka"), Null()
        self.memory = ""

    def stop(self):
        for broker in (self.ours, self.kafka, self.null):
            broker.stop()

    def turns(self, brokers, partitions, work):
        """`work` on a new topic of each broker, in turns; the first turn warms and does not count."""
        for turn in range(self.args.rounds + 1):
            for broker in brokers:
                topic = f"turn{turn}x{partitions}"
                broker.create(topic, partitions)
                found = work(broker, topic)
                broker.delete(topic)
                if turn:
                    yield broker, found

    def produce(self):
        figures = Figures()
        both, all_three = (self.ours, self.kafka), (self.ours, self.kafka, self.null)
        for size in SIZES:
            count = self.args.bytes // size // 8 * 8
            for partitions, producers in ((1, 1), (1, 8), (128, 1), (128, 8)):
                row = f"rdkafka_performance, {size} B, partitions: {partitions}, producers: {producers}"
                brokers = all_three if partitions == 1 else both
                for broker, found in self.turns(
                        brokers, partitions, lambda b, t: produce(b, t, size, count, producers)):
                    figures.add(row, broker, found)
            for partitions in (1, 128):
                row = f"ProducerPerformance, {size} B, partitions: {partitions}"
                for broker, found in self.turns(both, partitions, lambda b, t: produce_java(b, t, size, count)):
                    figures.add(row, broker, found)
        return f"""## Producing, acks=all

{self.args.bytes / 1e9:.1f} GB a run, medians of {self.args.rounds} in turns. Memory afterwards (PSS): steelthread
{resident_mib(self.ours.pid):,.0f} MiB, Kafka {resident_mib(self.kafka.pid):,.0f} MiB.

{figures.rates()}

Estimate from first principles, for a GB that a client sends: receiving 0.4 s, one copy 0.15, CRC-32C twice 0.2, the
records' walk 0.15 (at 155 bytes; a sixth of that at 1 KiB), writing to fresh pages 1.7: 2.5 s. A client that
compresses nothing keeps one core busy, and shares the other one with the broker.
"""

    def consume(self):
        figures = Figures()
        for size in SIZES:
            count = self.args.bytes // size // 8 * 8
            for broker in (self.ours, self.kafka):
                broker.create(f"read{size}", 1)
                produce(broker, f"read{size}", size, count, 1)
            for turn in range(self.args.rounds + 1):
                for broker in (self.ours, self.kafka):
                    topic, group = f"read{size}", f"group{size}x{turn}"
                    found = {"rdkafka_performance": consume(broker, topic, size, count, None),
                             "rdkafka_performance in a group": consume(broker, topic, size, count, group),
                             "ConsumerPerformance": consume_java(broker, topic, size, count)}
                    for program, value in found.items() if turn else ():
                        figures.add(f"{program}, {size} B", broker, value)
            for broker in (self.ours, self.kafka):
                broker.delete(f"read{size}")
        return f"""## Consuming

One partition of {self.args.bytes / 1e9:.1f} GB, medians of {self.args.rounds} in turns. ConsumerPerformance tells the
rate without the time of joining its group.

{figures.rates()}

Estimate from first principles, for a GB: copying out of the page cache into a socket 0.35 s (`sendfile` 0.25), and
the client's receiving, on the other core.
"""

    def latency(self):
        figures = Figures()
        for broker in (self.ours, self.kafka):
            for partitions in (1, 128):
                broker.create(f"latency{partitions}", partitions)
            broker.create("alone", 1)
        for turn in range(self.args.rounds + 1):
            for broker in (self.ours, self.kafka):
                found = {f"produce to consume, 1,000 a second, partitions: {partitions}":
                         latency(broker, self.folder, partitions, self.args.seconds) for partitions in (1, 128)}
                found["a producer that waits for each record"] = synchronous(broker, self.args.seconds)
                if broker is self.ours:
                    found["a bare write and fdatasync"] = bare_sync(self.folder, self.args.seconds)
                for row, value in found.items() if turn else ():
                    figures.add(row, broker, value)
        waits = figures.median("a producer that waits for each record", "steelthread")
        bare = figures.median("a bare write and fdatasync", "steelthread")
        return f"""## Latency

{self.args.seconds} s each, medians of {self.args.rounds} in turns.

{figures.latencies()}

A record that is waited for takes {waits / bare:.1f} times a bare sync (at most twice is wanted; Kafka does not sync).

Estimate from first principles: a record is a write and a read of two sockets, four wake-ups of threads of 20 to
50 us, and one sync: 0.1 to 0.2 ms and the sync.
"""

    def fill(self, topic, size, count, *words):
        finish([performance(self.ours.address, "-P", "-t", topic, "-s", str(size), "-c", str(count), "-a", "-1",
                            *BATCHES, *words)])

    def starts(self, what):
        self.ours.stop()
        clean = self.ours.start()
        after_clean = resident_mib(self.ours.pid)
        self.ours.kill()
        killed = self.ours.start()
        after_kill = resident_mib(self.ours.pid)
        return f"| {what} | {clean:.2f} s | {killed:.2f} s | {after_clean:,.0f} MiB | {after_kill:,.0f} MiB |"

    def start(self):
        self.ours.create("wide", 1000)
        self.fill("wide", 1024, self.args.wide_bytes // 1024)
        rows = [self.starts(f"1,000 partitions, {self.args.wide_bytes / GIB:.1f} GiB")]
        self.ours.delete("wide")
        self.ours.create("single", 1)
        self.fill("single", 100, self.args.batches, "-X", "batch.num.messages=1")
        rows.append(self.starts(f"and {self.args.batches:,} batches of one record"))
        self.ours.delete("single")
        table = "\n".join(rows)
        return f"""## Start

From the process's start until it is ready, after a clean stop and after kill -9, with its memory (PSS) then.

| | clean stop | kill -9 | memory | after kill -9 |
|---|---|---|---|---|
{table}

Wanted: ready in 1 s after a clean stop, in 3 s after kill -9, under 200 MB. A start reads the checkpoint and what of
the last segments stands behind it, never the whole log.
"""


PARTS = ("produce", "consume", "latency", "start")


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, default=BINARY)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the data, one round")
    parser.add_argument("--dry", action="store_true", help="print the results, write no file")
    args = parser.parse_args()
    share = 10 if args.quick else 1
    args.bytes, args.seconds = 1_000_000_000 // share, 15 // min(share, 5)
    args.wide_bytes, args.batches = 10 * GIB // share, 10_000_000 // share
    if args.quick:
        args.rounds = 1
    return args


def main():
    args = options()
    if not args.dry and not RESULTS.exists():
        RESULTS.write_text("# The log beside Apache Kafka\n")
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as scratch:
        bench = Bench(args, pathlib.Path(scratch))
        try:
            for part in args.parts:
                body = getattr(bench, part)()
                body = body.replace("\n\n", f"\n\n    python3 bench/log.py --parts {part}\n\n", 1)
                if args.dry:
                    print(body)
                else:
                    replace_block(RESULTS, f"<!-- bench/log.py {part} begins -->", f"<!-- bench/log.py {part} ends -->",
                                  body)
        finally:
            bench.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
