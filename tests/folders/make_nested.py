#!/usr/bin/env python3
"""Makes a folder of tests/folders/nested with built programs: make_nested.py BUILD NAME

BUILD is a folder of a build (build/release). Its test stream_test fills the table, since no pipeline's
SELECT can make nested columns yet; tests/cases/test_nested_tables.py opens the folder.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from packing import pack

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent / "src/stream"


def main():
    build, name = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "nested"
        (project / "pipelines").mkdir(parents=True)
        listen = [word for part in ("http", "kafka", "sql", "catalog")
                  for word in ("--set", f"{part}.listen=127.0.0.1:0")]
        subprocess.run([build / "steelthread", "up", "-d", "-C", project, *listen], check=True)
        subprocess.run([build / "steelthread", "down", "-C", project], check=True)
        subprocess.run([build / "src/stream/stream_test", "--gtest_filter=NestedStream.*"], check=True,
                       cwd=SOURCE, env={**os.environ, "ST_NESTED_FOLDER": project / ".steelthread"})
        pack(project, HERE / "nested" / f"{name}.tar.xz")


if __name__ == "__main__":
    main()
