"""steelthread table drop, rename and relocate, with clients that nobody here wrote."""
import http.client
import json
import socket
import urllib.request

import pytest
from pyiceberg.table import StaticTable

from conftest import DEADLINE_S

USAGE = 2  # exit code
DEAD = "bad.rows where flow in ('sword_purchases', 'blades')"


def buy(server, count):
    for _ in range(count):
        urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_sword",
                               timeout=DEADLINE_S).read()
    done = server.run("pipeline", "run", "sword_purchases", "--once")
    assert done.returncode == 0, done.stderr


def count(server, table):
    done = server.run("sql", f"select count(*) from {table}", "--format", "csv")
    return int(done.stdout.split()[1]) if done.returncode == 0 else done.stderr


def without_pipeline(server):
    """The project goes on without the pipeline; returns its text."""
    source = server.project / "pipelines/sword_purchases.sql"
    text = source.read_text()
    source.unlink()
    done = server.run("reload")
    assert done.returncode == 0, done.stderr
    return text


def newest_metadata(server, table):
    folder = server.data / "warehouse/default" / table / "metadata"
    versions = sorted(folder.glob("v*.metadata.json"), key=lambda p: int(p.name[1:].split(".")[0]))
    return versions[-1]


def test_a_table_that_a_pipeline_fills_stays(server):
    buy(server, 2)
    for words in (["drop", "sword_purchases", "--yes"], ["rename", "sword_purchases", "old"]):
        refused = server.run("table", *words)
        assert refused.returncode == 1
        assert 'while pipeline "sword_purchases" fills it' in refused.stderr
        assert "take the pipeline out of the project" in refused.stderr
    refused = server.run("table", "drop", "bad.rows", "--yes")
    assert refused.returncode == 1 and "dead letters" in refused.stderr
    assert count(server, "sword_purchases") == 2


def test_drop_wants_yes_and_the_name_is_free_again(server):
    buy(server, 3)
    text = without_pipeline(server)
    asked = server.run("table", "drop", "sword_purchases")
    assert asked.returncode == USAGE
    assert "would be dropped, with 3 rows in" in asked.stdout and "--yes" in asked.stderr
    assert count(server, "sword_purchases") == 3
    dropped = server.run("table", "drop", "sword_purchases", "--yes")
    assert dropped.returncode == 0, dropped.stderr
    assert "default.sword_purchases is dropped, with 3 rows" in dropped.stdout
    assert "does not exist" in count(server, "sword_purchases")
    gone = server.run("table", "drop", "sword_purchase", "--yes")
    assert gone.returncode == 1 and "no table" in gone.stderr
    server.stop()
    assert "sword_purchases" not in server.run("table", "ls").stdout
    server.start()
    # Declared again, the pipeline fills the table from the beginning of the log.
    (server.project / "pipelines/sword_purchases.sql").write_text(text)
    assert server.run("reload").returncode == 0
    buy(server, 1)
    assert count(server, "sword_purchases") == 4


def test_a_renamed_table_is_read_by_other_engines_and_goes_on(server):
    buy(server, 2)
    done = server.run("topic", "produce", "events", input="no json\n")
    assert done.returncode == 0, done.stderr
    buy(server, 1)
    dead = count(server, DEAD)
    assert dead > 0
    text = without_pipeline(server)
    renamed = server.run("table", "rename", "sword_purchases", "Blades")  # becomes lower case
    assert renamed.returncode == 0, renamed.stderr
    assert renamed.stdout == "default.sword_purchases is default.blades now, with 3 rows\n"
    assert count(server, "blades") == 3
    assert "does not exist" in count(server, "sword_purchases")
    # The old name's folder is still there, and is no suggestion.
    assert "did you mean" not in server.run("table", "describe", "sword_purchase").stderr
    metadata = newest_metadata(server, "blades")
    rows = StaticTable.from_metadata(str(metadata)).scan().to_arrow()
    assert rows.num_rows == 3
    # A pipeline of the new name goes on where the table stands.
    (server.project / "pipelines/blades.sql").write_text(
        text.replace("sword_purchases", "blades"))
    assert server.run("reload").returncode == 0
    urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_sword",
                           timeout=DEADLINE_S).read()
    done = server.run("pipeline", "run", "blades", "--once")
    assert done.returncode == 0, done.stderr
    assert count(server, "blades") == 4
    assert count(server, DEAD) == dead
    taken = server.run("table", "rename", "blades", "Blades")
    assert taken.returncode == 1


def test_a_table_gets_no_name_that_a_topic_has(server):
    buy(server, 2)
    without_pipeline(server)
    refused = server.run("table", "rename", "sword_purchases", "Events")
    assert refused.returncode == 1
    assert 'default.events cannot be the new name: topic "events" has it' in refused.stderr
    assert count(server, "sword_purchases") == 2


def test_a_moved_project_is_noticed_and_relocated(server):
    buy(server, 2)
    server.stop()
    moved = server.project.with_name(server.project.name + "-moved")
    server.project.rename(moved)
    server.project, server.data = moved, moved / ".steelthread"
    server.start()
    status = json.loads(server.run("status", "--format", "json").stdout)
    assert any("steelthread table relocate" in warning for warning in status["warnings"])
    with pytest.raises(FileNotFoundError):
        StaticTable.from_metadata(str(newest_metadata(server, "sword_purchases"))).scan().to_arrow()
    done = server.run("table", "relocate")
    assert done.returncode == 0, done.stderr
    assert "default.sword_purchases: its metadata names this place now" in done.stdout
    metadata = newest_metadata(server, "sword_purchases")
    assert StaticTable.from_metadata(str(metadata)).scan().to_arrow().num_rows == 2
    again = server.run("table", "relocate", "sword_purchases")
    assert "named this place already" in again.stdout
    buy(server, 1)
    metadata = newest_metadata(server, "sword_purchases")
    assert StaticTable.from_metadata(str(metadata)).scan().to_arrow().num_rows == 3
    status = json.loads(server.run("status", "--format", "json").stdout)
    assert not any("relocate" in warning for warning in status["warnings"])


@pytest.mark.parametrize("path, arguments", [("tables/bad.rows/drop", {"is_dry": "x"}),
                                             ("tables/bad.rows/rename", {"to": 7}),
                                             ("pipelines/sword_purchases/reset", {"is_dry": 1})])
def test_an_argument_of_the_wrong_type_is_refused(server, path, arguments):
    control = http.client.HTTPConnection("control")
    control.sock = socket.socket(socket.AF_UNIX)
    control.sock.settimeout(DEADLINE_S)
    control.sock.connect(str(server.data / "run/control.sock"))
    control.request("POST", f"/{path}", json.dumps(arguments), {"Content-Type": "application/json"})
    answer = control.getresponse()
    assert answer.status == 400 and "has the wrong type" in json.load(answer)["detail"]
    control.close()
