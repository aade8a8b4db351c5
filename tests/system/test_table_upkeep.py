"""steelthread table compact and expire: upkeep of tables that a person asks for."""
import csv
import io
import re

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
