#!/usr/bin/env python3
"""Makes a folder of tests/folders/gaps with built programs: make_gaps.py BUILD NAME

BUILD is a folder of a build (build/release). In the folder's log the start of a topic was moved by force over records
that two paused pipelines had not read: `seen` had read the first of them, `unseen` none.
tests/cases/test_older_gaps.py opens it.
"""
import pathlib
import subprocess
import sys
import tempfile

from packing import pack

HERE = pathlib.Path(__file__).resolve().parent
PIPELINE = """CREATE STREAMING TABLE {name} TBLPROPERTIES ('steelthread.trigger' = '10 hours')
AS SELECT offset AS n, CAST(value AS STRING) AS word FROM STREAM(lines);
"""
TABLES = ("seen", "unseen")
WORDS = ["one", "two", "three", "four", "five"]
FIRST_KEPT = 3


def main():
    build, name = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "gaps"
        (project / "pipelines").mkdir(parents=True)
        for table in TABLES:
            (project / f"pipelines/{table}.sql").write_text(PIPELINE.format(name=table))
        settings = [word for part in ("http", "kafka", "sql", "catalog")
                    for word in ("--set", f"{part}.listen=127.0.0.1:0")]

        def run(*words, lines=()):
            subprocess.run([build / "steelthread", *words, "-C", project], check=True, text=True,
                           input="".join(f"{one}\n" for one in lines), stdout=subprocess.DEVNULL)
        run("up", "-d", *settings)
        try:
            run("topic", "create", "lines")
            run("pipeline", "pause", "unseen")
            run("topic", "produce", "lines", lines=WORDS[:1])
            run("pipeline", "run", "seen", "--once")
            run("pipeline", "pause", "seen")
            run("topic", "produce", "lines", lines=WORDS[1:])
            run("topic", "delete-records", "lines:0", "--before", str(FIRST_KEPT), "--force", "--yes")
        finally:
            run("down")
        pack(project, HERE / "gaps" / f"{name}.tar.xz")


if __name__ == "__main__":
    main()
