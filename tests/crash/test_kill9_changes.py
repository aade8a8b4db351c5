"""kill -9 of the server at each file-system step of what changes a table: a rewrite, an expiry, new columns,
a rollback, a reset, a relocation, a rename and a drop.

Each of them is made once to count its steps, and then on one table after the other, each time with a kill
instead of another step. After the restart PyIceberg reads the table, which has lost no row and no file, the
change can be repeated, and in the end each record is a row or a dead letter of each table once.
"""
import json
import re
import urllib.error
import urllib.request

import pytest
from pyiceberg.catalog.rest import RestCatalog

from conftest import DEADLINE_S, Server, poll
from faults import STEPS, Faults

KILLS = 8  # of each change, spread over its steps
TABLES = [f"t{number}" for number in range(KILLS + 1)]
PIPELINE = """CREATE STREAMING TABLE {name}
TBLPROPERTIES ('steelthread.trigger' = '1 hour', 'steelthread.format' = 'json')
AS SELECT offset, get_json_object(CAST(value AS STRING), '$.n') AS n{more} FROM STREAM(lines)
"""


class Changes:
    """A server with a table of the topic `lines` for each kill, and what was sent to the topic."""

    def __init__(self, project):
        self.server = Server(project)
        self.server.settings["lake.upkeep"] = "false"
        self.faults = Faults(self.server, STEPS)
        self.good, self.bad = [], []  # offsets of the records that become rows, and of the dead letters
        self.columns = {}  # of the tables that have more than the first ones
        self.declare_all()
        self.start()
        self.ok("topic", "create", "lines")
        self.commit()

    def start(self):
        """The server, whose pipelines have made their first steps."""
        self.faults.rule = None
        self.faults.begin()
        self.server.start()
        poll("the server to be ready", self.is_ready)
        poll("the pipelines to be at the end of the log", self.is_idle)

    def is_ready(self):
        try:
            urllib.request.urlopen(f"http://{self.server.endpoints['sql']}/readyz", timeout=DEADLINE_S).close()
        except urllib.error.HTTPError:  # 503, with the reason
            return False
        return True

    def is_idle(self):
        return all(one["state"] in ("idle", "paused", "waiting for topic") for one in self.status()["pipelines"])

    def status(self):
        return json.loads(self.ok("status", "--format", "json"))

    def run(self, *words, **options):
        return self.server.run(*words, **options)

    def ok(self, *words, **options):
        done = self.run(*words, **options)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def declare(self, name):
        (self.server.project / f"pipelines/{name}.sql").write_text(
            PIPELINE.format(name=name, more=self.columns.get(name, "")))

    def declare_all(self):
        for name in TABLES:
            self.declare(name)

    def undeclare_all(self):
        for file in (self.server.project / "pipelines").iterdir():
            file.unlink()
        self.ok("reload")

    def produce(self):
        """A record that becomes a row, and one that becomes a dead letter."""
        end = len(self.good) + len(self.bad)
        self.ok("topic", "produce", "lines", input=f'{{"n": {end}}}\nno json\n')
        self.good.append(end)
        self.bad.append(end + 1)

    def fill(self):
        for name in TABLES:
            self.ok("pipeline", "run", name)

    def commit(self):
        """One more file and snapshot of each table."""
        self.produce()
        self.fill()

    def catalog(self):
        return RestCatalog("lake", uri=f"http://{self.server.endpoints['catalog']}")

    def tables(self):
        return {name for _, name in self.catalog().list_tables("default")}

    def load(self, table):
        return self.catalog().load_table(f"default.{table}")

    def offsets(self, table):
        """The rows of a table, read by PyIceberg, in order."""
        rows = self.load(table).scan(selected_fields=("offset",)).to_arrow()
        return sorted(rows["offset"].to_pylist())

    def check_rows(self, table, least):
        """At least so many rows; none is there twice, none between others and no file is missing."""
        rows = self.offsets(table)
        assert len(rows) >= least and rows == self.good[:len(rows)], (table, least)

    def check_all(self):
        """Each record is a row or a dead letter of each table once."""
        self.fill()
        for name in TABLES:
            assert self.offsets(name) == self.good, name
        letters = self.catalog().load_table("bad.rows").scan(
            selected_fields=("pipeline", "offset")).to_arrow().to_pylist()
        assert sorted((one["pipeline"], one["offset"]) for one in letters) == sorted(
            (name, offset) for name in TABLES for offset in self.bad)
        assert "DAMAGED" not in self.ok("table", "verify")
        assert self.status()["problems"] == []

    def kill_in(self, change, prepare=None, check=None, is_made=None):
        """Makes `change(table)` on each table behind `prepare(table)`, with a kill instead of another step on each.

        After the restart `check(table, rows)` knows how many rows were there before. Then the change is made
        again, and it may be refused where `is_made(table)`.
        """
        def changed(table, step):
            prepared = prepare(table) if prepare else len(self.offsets(table))

            of_it = re.compile(rf"/warehouse/(default/(old_)?{table}|bad/rows)(/|$)")
            self.faults.kill_at(self.server.process, of_it.search, step)
            done = change(table)
            self.faults.rule = None
            return done, prepared

        done, _ = changed(TABLES[0], 0)
        assert done.returncode == 0, done.stderr
        total = len(self.faults.steps)
        assert total >= KILLS, self.faults.steps
        killed = 0
        for number, table in enumerate(TABLES[1:]):
            self.produce()
            step = 1 + number * (total - 1) // (KILLS - 1)
            done, rows = changed(table, step)
            if len(self.faults.steps) < step:  # the steps of two tables may differ by a few
                assert done.returncode == 0, (done.stderr, self.faults.steps)
                continue
            killed += 1
            self.server.kill9()
            self.start()
            (check or self.check_rows)(table, rows)
            again = change(table)
            assert again.returncode == 0 or is_made and is_made(table), (step, again.stderr, self.faults.steps)
        assert killed >= KILLS - 2


@pytest.fixture(scope="module")
def changes(tmp_path_factory):
    project = tmp_path_factory.mktemp("changes") / "project"
    (project / "pipelines").mkdir(parents=True)
    made = Changes(project)
    yield made
    made.faults.rule = None
    made.server.stop()


def test_a_rewrite(changes):
    changes.commit()
    changes.kill_in(lambda table: changes.run("table", "compact", table))
    changes.check_all()


def test_an_expiry(changes):
    changes.commit()
    words = ("--older-than", "0s", "--keep", "1")
    changes.kill_in(lambda table: changes.run("table", "expire", table, *words))
    changes.check_all()


def test_new_columns(changes):
    added = ", offset + 1 AS m"

    def evolve(table):
        changes.columns[table] = added
        changes.declare(table)
        done = changes.run("reload")
        return done if done.returncode else changes.run("pipeline", "run", table)

    changes.kill_in(evolve)
    changes.check_all()
    for table in TABLES:
        read = changes.load(table)
        assert read.schema().column_names == ["offset", "n", "m"]
        assert all(row["m"] in (None, row["offset"] + 1) for row in read.scan().to_arrow().to_pylist())


def test_a_rollback(changes):
    snapshots = {}

    def prepare(table):
        changes.ok("pipeline", "run", table)
        snapshots[table] = str(changes.load(table).current_snapshot().snapshot_id)
        rows = len(changes.offsets(table))
        changes.produce()
        changes.ok("pipeline", "run", table)
        return rows

    def roll_back(table):
        return changes.run("table", "rollback", table, "--to", snapshots[table])

    changes.kill_in(roll_back, prepare)
    for table in TABLES:
        assert len(changes.offsets(table)) < len(changes.good)
        assert "resumed" in changes.ok("pipeline", "resume", table)
    changes.check_all()


def test_a_reset(changes):
    changes.kill_in(lambda table: changes.run("pipeline", "reset", table, "--yes"),
                    check=lambda table, rows: changes.check_rows(table, 0))
    changes.check_all()


def test_a_relocation(changes):
    changes.server.stop()
    rows = len(changes.good)
    moved = changes.server.project.with_name("moved")
    changes.server.project.rename(moved)
    changes.server.project, changes.server.data = moved, moved / ".steelthread"
    changes.start()

    def check(table, _):
        # Where the kill came before the commit, the metadata names the place of before still.
        assert "this place" in changes.ok("table", "relocate", table)
        changes.check_rows(table, rows)

    changes.kill_in(lambda table: changes.run("table", "relocate", table), lambda table: rows, check)
    changes.ok("table", "relocate")
    changes.check_all()


def test_a_rename(changes):
    def check(table, rows):
        [name] = changes.tables() & {table, f"old_{table}"}
        changes.check_rows(name, rows)

    changes.undeclare_all()
    changes.kill_in(lambda table: changes.run("table", "rename", table, f"old_{table}"), check=check,
                    is_made=lambda table: f"old_{table}" in changes.tables())
    for table in TABLES:
        assert table not in changes.tables()
        changes.ok("table", "rename", f"old_{table}", table)
    changes.declare_all()
    changes.ok("reload")
    changes.check_all()


def test_a_drop(changes):
    def is_dropped(table):
        return table not in changes.tables()

    def check(table, rows):
        if not is_dropped(table):
            changes.check_rows(table, rows)

    changes.undeclare_all()
    changes.kill_in(lambda table: changes.run("table", "drop", table, "--yes"), check=check, is_made=is_dropped)
    assert not changes.tables() & set(TABLES)
    changes.declare_all()
    changes.ok("reload")
    changes.check_all()
