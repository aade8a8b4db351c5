"""Has a running server make the tables of iceberg_tables.py, by its pipelines and commands."""
import concurrent.futures
import os
import pathlib
import time

import iceberg_files
import iceberg_tables
from conftest import Server
from iceberg_tables import COLUMNS, MORE, NESTED_ROWS, ROWS, SHAPES, TIMES, select

FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
HOUR_S = 3600
PIPELINE = """CREATE STREAMING TABLE {name} {columns} {comment} {layout}
TBLPROPERTIES ('steelthread.trigger' = '10 hours'{more}) AS {select} FROM STREAM(for_{name});
"""
DAYS = "PARTITIONED BY (days(at))"
# A table is read, and then what becomes of it by another command.
COMPACTED = {"appended": "rewritten", "partitioned": "days_rewritten", "sorted": "sorted_again",
             "nested": "nested_rewritten", "reshaped": "reshaped_rewritten"}
CHANGED = {**COMPACTED, "rolled_back": "rolled_on", "expired": "relocated"}
PIPELINES = [name for name in iceberg_tables.FOR_SPARK if name not in CHANGED.values()]
# What a pipeline's file says in the beginning; of most tables only the columns.
FILES = {
    "partitioned": {"layout": DAYS}, "laid_anew": {"layout": DAYS},
    "keyed": {"layout": "PARTITIONED BY (flag, bucket(4, n), truncate(3, name), truncate(10, big))"},
    "sorted": {"layout": "CLUSTER BY (n, name)"},
    "timed": {"select": select(TIMES), "layout": "PARTITIONED BY (hours(at), months(day), years(there))"},
    "reshaped": {"select": select(SHAPES[0])},
    "nested": {"select": iceberg_tables.SELECT_NESTED},
    "described": {"select": "SELECT CAST(get_json_object(CAST(value AS STRING), '$.n') AS INT) AS n, "
                            "CAST(value AS STRING) AS name",
                  "columns": f"({iceberg_tables.DESCRIBED[0]})",
                  "comment": f"COMMENT '{iceberg_tables.DESCRIBED[1]}'",
                  "more": f", {iceberg_tables.DESCRIBED[2]}"},
}
UNFILLED = ("empty", "described")
# What fills them yields where the server is to read their files again. A reload stops all pipelines
# for a moment, and with them what runs.
RELOADED = ("evolved", "laid_anew", "reshaped")
# What is compared is the last snapshot of this operation.
OPERATIONS = {"emptied": "delete"}


class Lake:
    """A project whose pipelines make the tables, and the server that runs them."""

    def __init__(self, project):
        (project / "pipelines").mkdir()
        (project / "steelthread.toml").write_text("")
        self._made = {}
        self._server = Server(project)
        self._server.settings["lake.upkeep"] = "false"
        self._set_clock(HOUR_S // 2 - time.time() % HOUR_S)

    def make(self):
        """{name: the table's files as steelthread wrote them}"""
        server = self._server
        server.start()
        try:
            self._each(lambda name: self._ok("topic", "create", f"for_{name}"), PIPELINES)
            server.stop()
            for name in PIPELINES:
                self._declare(name)
            server.start()
            self._each(self._fill, [name for name in PIPELINES if name not in (*UNFILLED, *RELOADED, "tagged")])
            self._fill_with_reloads()
            self._commit("tagged", ROWS[0])
            server.stop()
            self._set_clock(self._ahead_s + HOUR_S)
            server.start()
            self._commit("tagged", ROWS[1])
            for name in (*UNFILLED, "tagged"):
                self._keep(name)
            server.stop()
            self._move()
            self._keep("relocated", "expired")
            return self._made
        finally:
            server.stop()

    def _set_clock(self, ahead_s):
        """Of the server's next starts. It begins in the middle of an hour, since the end of one makes tags."""
        self._ahead_s = ahead_s
        self._server.popen["env"] = {**os.environ, "LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{ahead_s:+.0f}s",
                                     "NO_FAKE_STAT": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def _ok(self, *words, **options):
        done = self._server.run(*words, **options)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    @staticmethod
    def _each(do, names):
        """Most of a command's time is waiting, so many run at once."""
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(do, names))

    def _keep(self, name, pipeline=None):
        """The table of the pipeline as it is now, under the name of its reference."""
        metadata = self._server.data / "warehouse/default" / (pipeline or name) / "metadata"
        newest = max(metadata.glob("v*.metadata.json"), key=lambda file: int(file.name[1:].split(".")[0]))
        self._made[name] = iceberg_files.read_table(newest, OPERATIONS.get(name))

    def _declare(self, name, **parts):
        given = {"select": select(COLUMNS), "columns": "", "comment": "", "layout": "", "more": "",
                 **FILES.get(name, {}), **parts}
        (self._server.project / "pipelines" / f"{name}.sql").write_text(PIPELINE.format(name=name, **given))

    def _commit(self, name, rows):
        text = "\n".join(iceberg_tables.values_of(*rows)) + "\n"
        self._ok("topic", "produce", f"for_{name}", input=text)
        self._ok("pipeline", "run", name, "--once")

    def _fill(self, name):
        getattr(self, f"_fill_{name}", self._append)(name)
        self._finish(name)

    def _finish(self, name):
        if name not in self._made:
            self._keep(name)
        if name in COMPACTED:
            self._ok("table", "compact", name)
            self._keep(COMPACTED[name], name)

    def _fill_with_reloads(self):
        """All up to their next reload at once, then one reload for all."""
        steps = {name: getattr(self, f"_fill_{name}")(name) for name in RELOADED}

        def fill(name):
            if next(steps[name], "the end") == "the end":
                del steps[name]
                self._finish(name)

        while steps:
            self._each(fill, list(steps))
            self._ok("reload")

    def _append(self, name, commits=ROWS):
        for rows in commits:
            self._commit(name, rows)

    def _fill_nested(self, name):
        self._append(name, NESTED_ROWS)

    def _fill_expired(self, name):
        self._append(name)
        self._ok("table", "expire", name, "--older-than", "0s")

    def _fill_emptied(self, name):
        self._append(name)
        self._ok("pipeline", "pause", name)
        self._ok("pipeline", "reset", name, "--yes")

    def _fill_evolved(self, name):
        self._commit(name, ROWS[0])
        self._declare(name, select=select(MORE))
        yield
        self._commit(name, ROWS[1])

    def _fill_laid_anew(self, name):
        self._commit(name, ROWS[0])
        self._declare(name, layout="PARTITIONED BY (bucket(4, n))")
        yield
        self._commit(name, ROWS[1])
        self._declare(name)
        yield
        self._commit(name, ROWS[2])

    def _fill_reshaped(self, name):
        self._commit(name, ROWS[0])
        for number, more in enumerate((", 'steelthread.rename' = 'name AS label'",
                                       ", 'steelthread.drop' = 'flag'", "", "")):
            self._declare(name, select=select(SHAPES[number + 1]), more=more)
            yield
        self._commit(name, ROWS[1])

    def _fill_rolled_back(self, name):
        """The pipeline goes back in the log with its table, and then on."""
        self._append(name)
        self._ok("pipeline", "pause", name)
        self._keep(name)
        first = self._made[name]["metadata"]["snapshots"][0]["snapshot-id"]
        self._ok("table", "rollback", name, "--to", str(first))
        self._keep(name)
        self._ok("pipeline", "resume", name)
        self._ok("pipeline", "run", name, "--once")
        self._keep("rolled_on", name)

    def _move(self):
        """The project moves to another folder, and its tables follow."""
        server = self._server
        moved = server.project.with_name(server.project.name + "-moved")
        server.project.rename(moved)
        server.project, server.data = moved, moved / ".steelthread"
        server.start()
        self._ok("table", "relocate")
