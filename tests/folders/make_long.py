#!/usr/bin/env python3
"""Makes a folder of tests/folders/long with built programs: make_long.py BUILD NAME

BUILD is a folder of a build (build/release). The folder's table has a SELECT whose text lies in a file of
its own, and a hold; tests/cases/test_older_tables.py opens it.
"""
import pathlib
import subprocess
import sys
import tempfile

from packing import pack

HERE = pathlib.Path(__file__).resolve().parent
WORDS = ", ".join(f"'word number {i}'" for i in range(100))
LONG = f"""CREATE STREAMING TABLE long AS
SELECT offset, CAST(value AS STRING) IN ({WORDS}) AS is_word FROM STREAM(lines);
"""


def main():
    build, name = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "long"
        (project / "pipelines").mkdir(parents=True)
        (project / "pipelines/long.sql").write_text(LONG)
        listen = [word for part in ("http", "kafka", "sql", "catalog")
                  for word in ("--set", f"{part}.listen=127.0.0.1:0")]

        def run(*words, **more):
            subprocess.run([build / "steelthread", *words, "-C", project], check=True, text=True, **more)
        subprocess.run([build / "steelthread", "up", "-d", "-C", project, *listen], check=True)
        run("topic", "create", "lines")
        run("topic", "produce", "lines", input="word number 7\nno word\n")
        run("pipeline", "run", "long")
        run("table", "hold", "long", "reader", "--for", "31d")
        run("topic", "produce", "lines", input="word number 8\n")
        run("pipeline", "run", "long")
        run("down")
        pack(project, HERE / "long" / f"{name}.tar.xz")


if __name__ == "__main__":
    main()
