#!/usr/bin/env python3
"""Makes a folder of tests/folders/tables with a built program: make_tables.py PROGRAM NAME

The table of its pipeline is ahead in one partition: the program, which reads partition by
partition, was killed between two steps. tests/cases/test_older_tables.py goes on from there.
"""
import gzip
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "hostile"))
import kafka_wire  # noqa: E402

from packing import pack

A_BATCH = 10_000
BATCHES = {0: 130, 1: 7, 2: 1}  # of each partition; a step of the program takes 100 of them
GZIP = 1
# Few rows keep the folder small; they lie in all batches.
PIPELINE = f"""CREATE STREAMING TABLE samples
TBLPROPERTIES ('steelthread.trigger' = '10 hours', 'steelthread.format' = 'json')
AS SELECT partition, offset, get_json_object(CAST(value AS STRING), '$.n') AS n
FROM STREAM(events) WHERE offset % {A_BATCH // 2} = 7;
"""


def a_batch():
    values = [b"no json" if n == 11 else b'{"n": "%d"}' % (n % 10) for n in range(A_BATCH)]
    records = b"".join(kafka_wire.record(value, delta=n) for n, value in enumerate(values))
    return kafka_wire.batch_of(gzip.compress(records, mtime=0), count=A_BATCH, attributes=GZIP)


def next_offsets(project):
    """{partition: next} of the table, from its newest metadata."""
    files = (project / ".steelthread/warehouse/default/samples/metadata").glob("v*.metadata.json")
    newest = max(files, key=lambda path: int(path.name[1:].split(".")[0]), default=None)
    if newest is None:
        return {}
    offsets = json.loads(json.loads(newest.read_text())["properties"]["steelthread.offsets"])
    topics = offsets["flows"]["samples"]["topics"]
    return {int(p): at["next"] for topic in topics.values() for p, at in topic.items()}


def main():
    program, name = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "tables"
        (project / "pipelines").mkdir(parents=True)
        (project / "pipelines/samples.sql").write_text(PIPELINE)
        listen = [word for part in ("http", "kafka", "sql", "catalog")
                  for word in ("--set", f"{part}.listen=127.0.0.1:0")]
        server = subprocess.Popen([program, "up", "-C", project, *listen])
        run = project / ".steelthread/run"
        while not (run / "endpoints.json").exists():
            assert server.poll() is None
            time.sleep(0.05)
        connection = kafka_wire.Connection(json.loads((run / "endpoints.json").read_text())["kafka"])
        assert connection.create_topic("events", len(BATCHES)) == 0
        batch = a_batch()
        for number in range(max(BATCHES.values())):
            for partition, count in BATCHES.items():
                if number < count:
                    assert connection.produce("events", partition, batch)[0] == 0
        once = subprocess.Popen([program, "pipeline", "run", "samples", "--once", "-C", project])
        while next_offsets(project).get(0, 0) == 0:
            time.sleep(0.001)
        server.send_signal(signal.SIGKILL)
        server.wait()
        once.wait()
        ends = {p: count * A_BATCH for p, count in BATCHES.items()}
        at = next_offsets(project)
        assert at[0] < ends[0] and at[1] == ends[1], at
        pack(project, HERE / "tables" / f"{name}.tar.xz")


if __name__ == "__main__":
    main()
