#!/usr/bin/env python3
"""What tables cost: commits, compaction beside Spark's, upkeep, planning, counting.

Usage: python3 bench/lake.py [--binary FILE] [--parts NAME,…] [--scale N] [--rounds N] [--seconds N]
Wants a release build with commit_bench and pruning_bench, Spark with Iceberg's runtime (tools/setup
--tests) and 8 GB of disk. Writes the figures between the marks in bench/results/lake.md; --scale 0.05
shortens everything, for a look.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(sys.path.pop(0))  # the library's `http` comes before bench/http.py

from shared.results_block import replace_block
from shared.server import Server, children, stat_of
from shared.spark_lake import SparkLake

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/lake.md"
BEGIN, END = "<!-- bench/lake.py {} begins -->", "<!-- bench/lake.py {} ends -->"
TARGET_BYTES = 512 << 20  # to which upkeep puts files together, and Spark is told to
UPKEEP_RATE = 20_000
STEP = UPKEEP_RATE // 20  # events that are sent at once
QUERIES = 9
COMMIT_SYNCS = 6  # as strace shows them: data folder, manifest, list, metadata, its folder twice

PURCHASES = """CREATE STREAMING TABLE purchases
TBLPROPERTIES ('steelthread.trigger' = '{trigger}', 'steelthread.format' = 'json')
AS SELECT
  CAST(value AS STRING) AS raw_event,
  timestamp,
  partition,
  offset,
  get_json_object(CAST(value AS STRING), '$.Host') AS host,
  get_json_object(CAST(value AS STRING), '$.event_type') AS event_type,
  get_json_object(CAST(value AS STRING), '$.id') AS id,
  CAST(get_json_object(CAST(value AS STRING), '$.price') AS BIGINT) AS price
FROM STREAM(events);
"""
NUMBERS = """CREATE STREAMING TABLE numbers
TBLPROPERTIES ('steelthread.trigger' = '10 hours', 'steelthread.format' = 'json')
AS SELECT
  CAST(get_json_object(CAST(value AS STRING), '$.n') AS BIGINT) AS n,
  get_json_object(CAST(value AS STRING), '$.kind') AS kind
FROM STREAM(events);
"""
KINDS = ("purchase_sword", "purchase_knife", "join_guild", "default")


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "build/release/steelthread", type=pathlib.Path)
    parser.add_argument("--parts", default="commits,compaction,upkeep,planning,counting")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=120, help="of the load for upkeep")
    return parser.parse_args()


def purchase(i):
    """About 150 bytes, of which some repeat and some do not."""
    mixed = i * 0x9E3779B97F4A7C15 % (1 << 64)
    return (f'{{"Host":"user{mixed % 5000}.comcast.com","event_type":"{KINDS[i % 4]}","Accept":"*/*",'
            f'"User-Agent":"ApacheBench/2.3","price":{mixed >> 40 & 8191},"id":"{mixed:016x}"}}\n')


def project_of(folder, sql, name):
    (folder / "pipelines").mkdir(parents=True)
    (folder / f"pipelines/{name}.sql").write_text(sql)
    return folder


def produce(server, lines):
    server.run("topic", "produce", "events", input="".join(lines))


def own_bench(args, folder, name, *words):
    program = args.binary.parent / f"src/lake/{name}"
    return subprocess.run([program, *words], check=True, capture_output=True, text=True,
                          cwd=folder).stdout


def sync_ms(folder):
    """The median of writing 4 KiB to the end of a file and syncing it."""
    times = []
    with open(folder / "probe", "wb", buffering=0) as file:
        for _ in range(50):
            began = time.monotonic()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(1000 * (time.monotonic() - began))
    return statistics.median(times)


def commits(args, folder):
    before = sync_ms(folder)
    text = own_bench(args, folder, "commit_bench", str(folder / "lake"), str(args.scale))
    after = sync_ms(folder)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        in_memory = own_bench(args, folder, "commit_bench", memory, str(args.scale))
    return f"""## A commit

`commit_bench`, 150 commits of one file each, on this disk; a sync of 4 KiB takes {before:.1f} ms before and
{after:.1f} ms after it. Wanted: a median under 15 ms. Estimate: a commit syncs {COMMIT_SYNCS} times, each behind the
one before, and writes about 0.1 MB, so it costs {COMMIT_SYNCS} syncs, {COMMIT_SYNCS * before:.1f} ms and
{COMMIT_SYNCS * after:.1f} ms, and a millisecond of processor. On tmpfs syncs cost
nothing, so it shows the processor's share.

{indented(text)}
On tmpfs:

{indented(in_memory)}"""


def planning(args, folder):
    text = own_bench(args, folder, "pruning_bench")
    return f"""## Planning a filter

`pruning_bench`. Wanted: under 50 ms for 100,000 files. Estimate: a condition reads arrays of its columns, 20 bytes a
file one after the other, and compares two bounds of each: 5 to 10 ns a file, 1 ms for 100,000.

{indented(text)}"""


def indented(text):
    return "".join(f"    {line}\n" for line in text.splitlines())


class Table:
    """A table of `files` files with `rows` rows each, on two servers: ours, and a copy for Spark."""

    def __init__(self, args, folder, files, rows):
        self.files, self.rows = files, rows
        project = project_of(folder / "ours", PURCHASES.format(trigger="10 hours"), "purchases")
        self.server = Server(args.binary, project, "--set", "lake.upkeep=false")
        try:
            self.fill()
            self.raw_bytes = self.raw()
            self.copy_to(args, folder / "spark")
        except BaseException:
            self.server.stop()
            raise

    def fill(self):
        self.server.run("topic", "create", "events")
        for i in range(self.files):
            produce(self.server, (purchase(j) for j in range(i * self.rows, (i + 1) * self.rows)))
            self.server.run("pipeline", "run", "purchases", "--once")
        listed = json.loads(self.server.run("table", "ls", "--format", "json"))
        [table] = [one for one in listed if one["table"].endswith("purchases")
                   and not one["table"].startswith("bad")]
        assert (table["files"], table["rows"]) == (self.files, self.files * self.rows), table
        self.server.run("pipeline", "pause", "purchases")

    @property
    def data_files(self):
        return self.server.data / "warehouse/default/purchases/data"

    def raw(self):
        """Bytes of the values, before they are compressed."""
        sql = "select sum(length(raw_event) + length(host) + length(event_type) + length(id) + 28) from purchases"
        return int(self.server.query(sql)[0][0][0])

    def copy_to(self, args, to):
        shutil.copytree(self.server.project, to, ignore=shutil.ignore_patterns("run"))
        copy = Server(args.binary, to, "--set", "lake.upkeep=false")
        try:
            copy.run("table", "relocate")
        finally:
            copy.stop()

    def compact(self):
        """As SparkLake.compact."""
        history = json.loads(self.server.run("table", "history", "purchases", "--format", "json"))
        before = next(str(one["snapshot"]) for one in history if "current" in one["tags"])
        began, cpu = time.monotonic(), self.server.cpu_seconds()
        self.server.run("table", "compact", "purchases")
        took, used = time.monotonic() - began, self.server.cpu_seconds() - cpu
        rows = self.server.query("select count(*) from purchases")[0][0][0]
        listed = json.loads(self.server.run("table", "files", "purchases", "--format", "json"))
        self.server.run("table", "rollback", "purchases", "--to", before)
        return {"seconds": took, "cpu": used, "rows": rows, "files": len(listed)}


def compare(args, folder, files, rows):
    """The best round of each, and the sizes."""
    folder.mkdir()
    table = Table(args, folder, files, rows)
    ours, theirs = [], []
    size = sum(path.stat().st_size for path in table.data_files.iterdir())
    try:
        spark = SparkLake(folder / "spark/.steelthread/warehouse", folder, 2)
        try:
            spark.compact("default.purchases", TARGET_BYTES)  # the first also loads classes
            for _ in range(args.rounds):
                ours.append(table.compact())
                theirs.append(spark.compact("default.purchases", TARGET_BYTES))
        finally:
            spark.stop()
    finally:
        table.server.stop()
    for one in ours + theirs:
        assert one["rows"] == files * rows, one
    best = lambda runs: {key: min(run[key] for run in runs) for key in ("seconds", "cpu", "files")}
    shutil.rmtree(folder)
    return {"ours": best(ours), "spark": best(theirs), "bytes": size, "raw": table.raw_bytes}


def compaction_row(name, found):
    rates = {who: (found["raw"] / 1e6 / found[who]["seconds"], found[who]["cpu"] / found["raw"] * 1e9)
             for who in ("ours", "spark")}
    line = lambda who, label: "| {} | {} | {:.1f} | {:.2f} | {:,.0f} | {:.2f} | {} |\n".format(
        name, label, found[who]["seconds"], found[who]["cpu"], *rates[who], found[who]["files"])
    speed = rates["ours"][0] / rates["spark"][0]
    cpu = rates["spark"][1] / rates["ours"][1]
    return (line("ours", "steelthread") + line("spark", "Spark")
            + f"| {name} | **ratio** (wanted: 5) | | | **{speed:.1f}** | **{cpu:.1f}** | |\n")


def compaction(args, folder):
    large = max(int(20 * args.scale), 4), 100_000  # row groups that are copied
    middle = max(int(25 * args.scale), 4), 40_000  # the largest that are not
    small = max(int(100 * args.scale), 20), 2_000
    body = ""
    sizes = []
    for files, rows in (large, middle, small):
        found = compare(args, folder / f"files-{files}-{rows}", files, rows)
        body += compaction_row(f"{files} of {rows:,} rows", found)
        sizes.append(f"{files} files of {rows:,} rows are {found['raw'] / 1e6:,.0f} MB of values, "
                     f"{found['bytes'] / 1e6:,.1f} MB on the disk.\n")
    return f"""## Compaction

`steelthread table compact` and `CALL lake.system.rewrite_data_files(…)` of Spark 4.1.1 with Iceberg 1.11 in a warm
session `local[2]`, each on its own copy of one table, in turns; best of {args.rounds}, after each of which the table is
rolled back. MB and GB are of values.
{"".join(sizes)}Both write zstd and files of up to 512 MiB; ours also reads each input once more for its checksum, and syncs. Row groups
of fewer than 40,960 rows are decoded and written again, others are copied. Processor seconds are of
the server and its worker, and of the JVM.
Estimate: bytes of large row groups are read twice and written once without being decoded, 1 GB/s of processor; rows
of small files are decoded and encoded, 0.8 million a processor second.

| files | | s | processor s | MB/s | processor s a GB | files left |
|---|---|---|---|---|---|---|
{body}"""


class Load:
    """`topic produce` that gets UPKEEP_RATE lines a second."""

    def __init__(self, server):
        self.blocks = ["".join(map(purchase, range(i, i + STEP))).encode()
                       for i in range(0, 10 * UPKEEP_RATE, STEP)]
        self.process = subprocess.Popen(
            [server.binary, "topic", "produce", "events", "-C", server.project],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def send(self, seconds):
        """The events that were sent; the time is over when they are."""
        began = time.monotonic()
        sent = 0
        while time.monotonic() < began + seconds:
            self.process.stdin.write(self.blocks[sent // STEP % len(self.blocks)])
            self.process.stdin.flush()
            sent += STEP
            time.sleep(max(0.0, began + sent / UPKEEP_RATE - time.monotonic()))
        return sent

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def upkeep_cpu(server, pipeline_worker):
    """Processor seconds of upkeep: its thread in the server, and all workers but the pipeline's."""
    pid = server.process.pid
    thread = sum(stat_of(task)[0] for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                 if (task / "comm").read_text().strip() == "upkeep")
    workers = sum(stat_of(f"/proc/{one}")[0] for one in children(pid) if one != pipeline_worker)
    return thread, workers + stat_of(f"/proc/{pid}")[1]


def upkeep(args, folder):
    project = project_of(folder / "upkeep", PURCHASES.format(trigger="1 second"), "purchases")
    server = Server(args.binary, project)
    try:
        server.run("topic", "create", "events")
        load = Load(server)
        load.send(3)  # the pipeline's worker starts, and upkeep has nothing to do yet
        [worker] = children(server.process.pid)
        began, before = time.monotonic(), upkeep_cpu(server, worker)
        cpu = stat_of(f"/proc/{worker}")[0]
        sent = load.send(max(args.seconds * args.scale, 15))
        took = time.monotonic() - began
        thread, workers = (now - then for now, then in zip(upkeep_cpu(server, worker), before))
        cpu = stat_of(f"/proc/{worker}")[0] - cpu
        load.stop()
        value = lambda name: server.metric(f"steelthread_upkeep_{name}")
        rewrites, read = value("rewrites_total"), value("input_bytes_total") / 1e6
        status = json.loads(server.run("status", "--format", "json"))
        files = next(table["files"] for table in status["tables"] if table["name"] == "purchases")
    finally:
        server.stop()
    share = (thread + workers) / took
    return f"""## Upkeep under load

{sent / took:,.0f} events a second of about 150 bytes into one table, whose pipeline commits every second, for
{took:.0f} s.
Estimate: a row is written again once for each tenfold growth of a file until its row group is large, about twice,
and copied after that: 2 × 20,000 rows of 0.8 million a processor second are 5 %.

| | |
|---|---|
| upkeep's share of a core (wanted: under 10 %) | **{share:.1%}** |
| its workers; its thread, which checks and commits | {workers / took:.1%}; {thread / took:.1%} |
| the pipeline's worker, for comparison | {cpu / took:.1%} |
| rewrites; bytes that they read | {rewrites:,.0f}; {read:,.1f} MB |
| files of the table at the end | {files} |
"""


def counting(args, folder):
    server = Server(args.binary, project_of(folder / "counting", NUMBERS, "numbers"))
    rows_of = [max(int(n * args.scale), 1000) for n in (1_000_000, 20_000_000)]
    body, have = "", 0
    try:
        server.run("topic", "create", "events")
        for rows in rows_of:
            while have < rows:
                end = min(have + 1_000_000, rows)
                produce(server, (f'{{"n":{i},"kind":"{KINDS[i % 4]}"}}\n' for i in range(have, end)))
                have = end
            server.run("pipeline", "run", "numbers", "--once")
            for where, want in (("", rows), ("where kind = 'join_guild'", rows // 4),
                                (f"where n >= {rows - 1000}", 1000)):
                times = []
                for _ in range(QUERIES):
                    found, seconds = server.query(f"select count(*) from numbers {where}")
                    assert found == [[want]], (found, want)
                    times.append(1000 * seconds)
                body += (f"| {rows:,} | `{where or '(none)'}` | {want:,} | {statistics.median(times):.1f} "
                         f"| {min(times):.1f} |\n")
    finally:
        server.stop()
    return f"""## select count(*)

Through the SQL port, {QUERIES} times each, in a warm worker. Estimate: without a condition the rows of the table's
files are added up in memory, so it costs the requests alone, 2 ms; with one, DuckDB reads one column, some 200 million
values a processor second; a bound that excludes most row groups leaves one of them.

| rows | condition | count | median ms | best ms |
|---|---|---|---|---|
{body}"""


PARTS = {"commits": commits, "compaction": compaction, "upkeep": upkeep, "planning": planning,
         "counting": counting}


def measure(args, name):
    """Writes the part's block of the results as soon as it is measured."""
    began, load = time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="lake-bench-") as folder:
        section = PARTS[name](args, pathlib.Path(folder))
    command = f"python3 bench/lake.py --parts {name} --scale {args.scale:g} --rounds {args.rounds}"
    replace_block(RESULTS, BEGIN.format(name), END.format(name),
                  f"`{command}`, {time.monotonic() - began:.0f} s; load of the machine {load:.1f} before, "
                  f"{os.getloadavg()[0]:.1f} after.\n\n{section}")


def main():
    args = options()
    for name in args.parts.split(","):
        measure(args, name)


if __name__ == "__main__":
    main()
