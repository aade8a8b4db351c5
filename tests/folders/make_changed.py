#!/usr/bin/env python3
"""Makes a folder of tests/folders/changed with built programs: make_changed.py BUILD NAME

BUILD is a folder of a build (build/release). The folder's log lost segments and moved the start of a topic. Its table
`places` is partitioned and sorted, had a column renamed, and was moved back to its first snapshot, so that its
pipeline is paused; the table `kept` had another name, and a table `dropped` is gone.
tests/cases/test_older_changes.py opens it.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from packing import pack

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE_S = 120
PLACES = """CREATE STREAMING TABLE places PARTITIONED BY (bucket(4, {name}))
TBLPROPERTIES ('steelthread.trigger' = '10 hours', 'sort-order' = 'n DESC'{more})
AS SELECT offset AS n, CAST(value AS STRING) AS {name} FROM STREAM(lines);
"""
ANOTHER = """CREATE STREAMING TABLE {name} TBLPROPERTIES ('steelthread.trigger' = '10 hours')
AS SELECT offset FROM STREAM(lines);
"""
WORDS = ["one", "two", "three", "four", "five"]
MORE_WORDS = ["six", "seven", "eight"]
FIRST_KEPT = 2  # of topic `lines`


def first_segment(project):
    return min(int(path.name.removesuffix(".log")) for path in (project / ".steelthread/log").glob("*.log"))


def main():
    build, name = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "changed"
        pipelines = project / "pipelines"
        pipelines.mkdir(parents=True)
        settings = [word for part in ("http", "kafka", "sql", "catalog")
                    for word in ("--set", f"{part}.listen=127.0.0.1:0")]
        settings += ["--set", f"log.segment_bytes={1 << 20}"]

        def run(*words, lines=None):
            done = subprocess.run([build / "steelthread", *words, "-C", project], check=True, text=True,
                                  input=None if lines is None else "".join(f"{one}\n" for one in lines),
                                  stdout=subprocess.PIPE)
            return done.stdout
        (pipelines / "places.sql").write_text(PLACES.format(name="word", more=""))
        for table in ("former", "dropped"):
            (pipelines / f"{table}.sql").write_text(ANOTHER.format(name=table))
        run("up", "-d", *settings)
        try:
            run("topic", "create", "gone")
            run("topic", "create", "lines")
            run("topic", "produce", "gone", lines=["x" * 1000] * 3000)
            run("topic", "produce", "lines", lines=WORDS)
            for table in ("places", "former", "dropped"):
                run("pipeline", "run", table, "--once")
            (first,) = json.loads(run("table", "history", "places", "--format", "json"))
            more = ", 'steelthread.rename' = 'word AS term'"
            (pipelines / "places.sql").write_text(PLACES.format(name="term", more=more))
            for table in ("former", "dropped"):
                (pipelines / f"{table}.sql").unlink()
            run("reload")
            run("topic", "produce", "lines", lines=MORE_WORDS)
            run("pipeline", "run", "places", "--once")
            run("table", "rollback", "places", "--to", str(first["snapshot"]))
            run("table", "rename", "former", "kept")
            run("table", "drop", "dropped", "--yes")
            run("topic", "delete-records", "lines:0", "--before", str(FIRST_KEPT), "--yes")
            run("topic", "delete", "gone", "--yes")
            end = time.monotonic() + DEADLINE_S
            while first_segment(project) == 1:
                assert time.monotonic() < end, "no segment was removed"
                time.sleep(0.5)
        finally:
            run("down")
        pack(project, HERE / "changed" / f"{name}.tar.xz")


if __name__ == "__main__":
    main()
