"""steelthread table: what it says of tables, with and without a server."""
import csv
import io
import json
import urllib.request

import pytest

from conftest import DEADLINE_S, Server

DAMAGE = 5  # exit code


@pytest.fixture
def filled(server):
    """The server, with a table of swords of three commits."""
    server.stop()
    server.settings["lake.upkeep"] = "false"
    server.start()
    for _ in range(3):
        urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_sword",
                               timeout=DEADLINE_S).read()
        done = server.run("pipeline", "run", "sword_purchases", "--once")
        assert done.returncode == 0, done.stderr
    return server


def rows(server, *words):
    done = server.run("table", *words, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_tables_their_columns_history_and_files(filled):
    for is_running in (True, False):
        if not is_running:
            filled.stop()
        table = next(one for one in rows(filled, "ls") if one["table"] == "default.sword_purchases")
        assert (table["rows"], table["files"], table["snapshots"]) == ("3", "3", "3")
        assert table["last commit"].endswith("Z") and table["problem"] == ""
        columns = rows(filled, "describe", "sword_purchases")
        assert [one["column"] for one in columns][:2] == ["raw_event", "timestamp"]
        assert columns[1]["type in SQL"] == "timestamp(6) with time zone"
        assert columns[1]["type in Iceberg"] == "timestamptz"
        history = rows(filled, "history", "default.Sword_Purchases")
        assert [one["rows"] for one in history] == ["3", "2", "1"]
        assert history[0]["tags"] == "current" and history[0]["operation"] == "append"
        assert history[0]["removed files"] == ""
        files = rows(filled, "files", "sword_purchases")
        assert [one["rows"] for one in files] == ["1", "1", "1"]
        assert sum(int(one["bytes"]) for one in files) == int(table["bytes"])
        newest_first = [one["snapshot"] for one in history]
        assert [one["added by snapshot"] for one in files] == newest_first[::-1]
    shown = filled.run("table", "history", "sword_purchases", "--format", "json")
    assert len(json.loads(shown.stdout)) == 3


def test_verify_reads_every_file(filled):
    whole = filled.run("table", "verify", "sword_purchases")
    assert whole.returncode == 0 and whole.stdout == "default.sword_purchases: 3 files, 3 rows: intact\n"
    file = rows(filled, "files", "sword_purchases")[1]["file"]
    with open(file, "r+b") as data:
        data.seek(50)
        byte = data.read(1)[0]
        data.seek(50)
        data.write(bytes([byte ^ 1]))
    damaged = filled.run("table", "verify")
    assert damaged.returncode == DAMAGE
    assert file in damaged.stdout and "default.sword_purchases: 3 files, 3 rows: DAMAGED" in damaged.stdout
    assert "bad.rows: " in damaged.stdout or "default." in damaged.stdout


def test_a_name_that_no_table_has(filled):
    for command in ("describe", "history", "files", "verify"):
        done = filled.run("table", command, "sword_purchase")
        assert done.returncode == 1
        assert 'did you mean "default.sword_purchases"?' in done.stderr


@pytest.mark.parametrize("words", [["ls"], ["verify"], ["history", "bad.rows"]])
def test_a_folder_without_data_is_no_empty_one(tmp_path, words):
    done = Server(tmp_path).run("table", *words)
    assert done.returncode == 3 and "no data folder" in done.stderr
