"""steelthread table compact and expire: upkeep of tables that a person asks for."""
import calendar
import csv
import io
import json
import os
import re
import subprocess
import time

from conftest import BINARY, DEADLINE_S

from test_upkeep import buy, catalog, commit, load, off, sql  # noqa: F401 (off is a fixture)

NO_SERVER, DAMAGE = 3, 5  # exit codes


def rows(server, *words):
    done = server.run("table", *words, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_compact_puts_few_files_together_where_upkeep_is_off(off):
    commit(off, 4)
    before = load(off).scan().to_arrow()
    done = off.run("table", "compact", "Sword_Purchases")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"default\.sword_purchases: 4 files -> 1, [0-9.]+ MiB -> [0-9.]+ MiB, "
                        r"in [0-9.]+ s\n", done.stdout), done.stdout
    assert [one["rows"] for one in rows(off, "files", "sword_purchases")] == ["4"]
    assert load(off).scan().to_arrow().equals(before), "rows and their order stay"
    again = off.run("table", "compact", "sword_purchases")
    assert re.fullmatch(r"default\.sword_purchases: 1 file, [0-9.]+ MiB, nothing to put together\n",
                        again.stdout), again.stdout
    commit(off, 1)
    assert sql(off, "select count(*) from sword_purchases") == ["5"]


def test_compact_takes_all_tables_without_a_name(off):
    commit(off, 2)
    done = off.run("table", "compact")
    assert done.returncode == 0, done.stderr
    names = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert names == sorted(names) and "bad.rows" in names
    assert "default.sword_purchases: 2 files -> 1" in done.stdout
    assert '"lake.upkeep"' not in off.run("status").stdout


def test_compact_and_expire_refuse_what_is_not_there(off):
    commit(off, 1)
    for command in ("compact", "expire"):
        wrong = off.run("table", command, "sword_purchase")
        assert wrong.returncode == 1
        assert 'did you mean "default.sword_purchases"?' in wrong.stderr
    off.stop()
    stopped = off.run("pipeline", "run", "sword_purchases")
    for words in (("compact",), ("compact", "sword_purchases"), ("expire", "sword_purchases")):
        done = off.run("table", *words)
        assert done.returncode == NO_SERVER and done.stderr == stopped.stderr


def test_compact_names_a_damaged_file(off):
    commit(off, 2)
    file = rows(off, "files", "sword_purchases")[0]["file"]
    with open(file, "r+b") as data:
        data.seek(50)
        byte = data.read(1)[0]
        data.seek(50)
        data.write(bytes([byte ^ 1]))
    done = off.run("table", "compact", "sword_purchases")
    assert done.returncode == DAMAGE and file in done.stderr
    assert len(rows(off, "files", "sword_purchases")) == 2


def test_expire_removes_older_snapshots(off):
    commit(off, 5)
    dry = off.run("table", "expire", "sword_purchases", "--older-than", "0s", "--keep", "2", "--dry-run")
    assert dry.stdout == "default.sword_purchases: would expire 3, and keep 2 snapshots\n", dry.stderr
    assert len(rows(off, "history", "sword_purchases")) == 5
    young = off.run("table", "expire", "sword_purchases")
    assert young.stdout == "default.sword_purchases: nothing to expire, 5 snapshots\n"
    done = off.run("table", "expire", "sword_purchases", "--older-than", "0s", "--keep", "2")
    assert done.stdout == ("default.sword_purchases: expired 3 snapshots, kept 2 snapshots; files that none "
                           "of them names leave the disk an hour from now\n")
    assert [one["rows"] for one in rows(off, "history", "sword_purchases")] == ["5", "4"]
    assert len(load(off).snapshots()) == 2
    assert load(off).scan().to_arrow().num_rows == 5
    commit(off, 1)
    assert sql(off, "select count(*) from sword_purchases") == ["6"]


def test_expire_says_what_it_takes(off):
    wrong = off.run("table", "expire", "sword_purchases", "--older-than", "2 weeks")
    assert wrong.returncode == 2
    assert "--older-than: '2 weeks' is no duration such as 500ms, 60s, 5m, 1h or 7d" in wrong.stderr
    none = off.run("table", "expire", "sword_purchases", "--keep", "0")
    assert none.returncode == 2 and "no number from 1" in none.stderr


HOUR = 3600
# As PyIceberg names the file of a commit that was refused.
UNNAMED = "00000-0-7d0ea5d9-3a5c-4a8c-8a0f-2f0d3b9c1e{:02x}.parquet"


def leave(server, name, hours, folder="data"):
    """A file of the table of swords that no snapshot names, of that age."""
    path = server.data / "warehouse/default/sword_purchases" / folder / name
    path.write_bytes(b"PAR1" * 1000)
    changed = time.time() - hours * HOUR
    os.utime(path, (changed, changed))
    return path


def orphans(server, *words):
    done = server.run("table", "orphans", *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    return {one["file"]: one for one in json.loads(done.stdout)}


def seconds(time_text):
    return calendar.timegm(time.strptime(time_text[:19], "%Y-%m-%dT%H:%M:%S"))


def test_orphans_are_listed_with_what_becomes_of_them(server):
    commit(server, 2)
    for words in ((), ("--remove",)):  # with nothing to remove there is nothing to be sure of
        none = server.run("table", "orphans", *words)
        assert (none.returncode, none.stdout) == (0, "no orphans: a snapshot names every file\n"), none
    old = leave(server, UNNAMED.format(1), 49)
    young = leave(server, UNNAMED.format(2), 2)
    half = leave(server, "v9.metadata.json.tmp", 2, "metadata")
    leave(server, "notes.parquet", 49)  # not a name that an engine gives
    found = orphans(server)
    assert set(found) == {str(old), str(young), str(half)}
    assert set(found) == set(orphans(server, "Sword_Purchases")) and orphans(server, "bad.rows") == {}
    assert {one["table"] for one in found.values()} == {"default.sword_purchases"}
    assert {one["bytes"] for one in found.values()} == {4000}
    assert found[str(old)]["age"] == "2 d" and found[str(young)]["age"] == "2 h"
    now = time.time()
    for path, hours in ((old, 24), (young, 24), (half, 1)):
        one = found[str(path)]
        assert abs(seconds(one["last change"]) - path.stat().st_mtime) < 2
        may_go = seconds(one["may go from"])
        assert abs(may_go - path.stat().st_mtime - hours * HOUR) < 2
        # Upkeep looks ten minutes after the start, and a day later; what it finds leaves in an hour.
        look = seconds(one["upkeep removes it"])
        assert may_go <= look and (path == young) == (look > now + 2 * HOUR)
    said = server.run("table", "orphans")
    assert said.stdout.splitlines()[-1] == (
        "3 files, 0.0 MiB that no snapshot names; 2 files, 0.0 MiB may go now, by --remove --yes; "
        "upkeep removes each by itself at the time shown")


def test_orphans_leave_where_a_person_is_sure(off):
    commit(off, 2)
    old, young = leave(off, UNNAMED.format(1), 25), leave(off, UNNAMED.format(2), 23)
    assert {one["upkeep removes it"] for one in orphans(off).values()} == {None}
    doubtful = off.run("table", "orphans", "--remove")
    assert doubtful.returncode == 2 and "nothing was changed: `--yes` says" in doubtful.stderr
    assert str(old) in doubtful.stdout and old.exists()
    assert "upkeep is switched off, so nothing removes them by itself" in doubtful.stdout
    assert off.run("table", "orphans", "--yes").returncode == 2
    done = off.run("table", "orphans", "sword_purchases", "--remove", "--yes")
    assert done.returncode == 0, done.stderr
    assert str(old) in done.stdout and str(young) not in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "1 file, 0.0 MiB will leave the disk in an hour; 1 orphan left, which a commit that runs may need")
    assert set(orphans(off)) == {str(young)}
    assert sql(off, "select count(*) from sword_purchases") == ["2"]
    verified = off.run("table", "verify")
    assert verified.returncode == 0, verified.stdout


def test_orphans_of_a_table_that_is_not_there(off):
    wrong = off.run("table", "orphans", "sword_purchase")
    assert wrong.returncode == 1 and 'did you mean "default.sword_purchases"?' in wrong.stderr
    asked = [str(BINARY), "__complete", "table", "orphans", "-C", str(off.project), "sword"]
    completed = subprocess.run(asked, capture_output=True, text=True, timeout=DEADLINE_S)
    assert "sword_purchases" in completed.stdout.splitlines()
    off.stop()
    assert off.run("table", "orphans").returncode == NO_SERVER
