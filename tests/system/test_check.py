"""`steelthread check` and `steelthread events`: no server runs."""
import json
import re
import shutil

from conftest import ROOT, Server


def project(tmp_path, example="w205"):
    shutil.copytree(ROOT / "examples" / example, tmp_path, dirs_exist_ok=True)
    return Server(tmp_path)


def test_the_examples_are_right(tmp_path):
    for example in ("w205", "game"):
        done = project(tmp_path / example, example).run("check", "--format", "json")
        report = json.loads(done.stdout)
        assert done.returncode == 0 and report["ok"]
        assert {event["change"] for event in report["events"]} == {"new"}
    assert report["game"]


def test_a_folder_without_events_is_told_as_such(tmp_path):
    done = Server(tmp_path).run("events", "ls")
    assert done.returncode == 0 and done.stdout == ""
    assert f"{tmp_path}: declares no event: there is no events/*.toml" in done.stderr


def test_a_mistake_is_placed(tmp_path):
    server = project(tmp_path)
    path = tmp_path / "events/purchase_knife.toml"
    text = path.read_text()
    path.write_text(text.replace("route =", "ruote ="))
    done = server.run("check")
    assert done.returncode != 0
    line = text[:text.index("route =")].count("\n") + 1
    assert f'purchase_knife.toml:{line}:1: unknown key "ruote"; did you mean "route"?' in done.stderr
    assert server.run("up").returncode != 0


def test_it_says_what_a_change_is(tmp_path):
    server = project(tmp_path)
    server.start()
    server.stop()
    done = server.run("check")
    assert done.stdout == f"ok: {len(list((tmp_path / 'events').iterdir()))} events, 3 pipelines\n"
    knife = tmp_path / "events/purchase_knife.toml"
    with knife.open("a") as file:
        file.write("blade = {}\n")
    assert "purchase_knife: compatible, adds blade\n" in server.run("check").stdout
    with knife.open("a") as file:
        file.write("length = { required = true }\n")
    refused = server.run("check", "--format", "json")
    errors = json.loads(refused.stdout)["errors"]
    assert any('the new field "length" is not optional' in error for error in errors)
    assert any("version = 2" in error for error in errors)


def test_the_data_dictionary_names_everything(tmp_path):
    server = project(tmp_path)
    page = server.run("events", "doc", "purchase_horse").stdout
    assert "- table: default.purchase_horse\n" in page
    assert '| `speed` | int | path | yes | a whole number from 1 to 100 |' in page
    assert '"event_type": "purchase_horse"' in page
    whole = server.run("events", "doc").stdout
    for path in (tmp_path / "events").iterdir():
        assert f"## {path.stem}\n" in whole
    assert json.loads(server.run("events", "schema", "trade").stdout)["title"] == "trade"
    assert "did you mean \"trade\"" in server.run("events", "doc", "trad").stderr


def test_all_files_with_mistakes_are_named_at_once(tmp_path):
    server = project(tmp_path)
    for name in ("attack", "trade"):
        path = tmp_path / f"events/{name}.toml"
        path.write_text(path.read_text().replace("route =", "ruote ="))
    errors = json.loads(server.run("check", "--format", "json").stdout)["errors"]
    assert len(errors) == 2 and "attack.toml" in errors[0] and "trade.toml" in errors[1]


# Each line has its mistakes below carets; the last two have none but constants, which a worker finds.
MISTAKES = """\
CREATE STREAMING TABLE a AS SELECT nope AS x, lowr(topic) AS y, y || 'z' AS z FROM STREAM(events) WHERE offset;
                                   ^          ^                                                         ^
CREATE STREAMING TABLE b AS SELECT count(*) AS n FROM STREAM(events);
                                   ^
CREATE STREAMING TABLE c AS SELECT offset + FROM STREAM(events);
                                            ^
CREATE STREAMING TABLE d AS SELECT get_json_object(CAST(value AS STRING), 'a.b') AS x FROM STREAM(events);
                                                                          ^
CREATE STREAMING TABLE e TBLPROPERTIES ('steelthread.trigger' = 'soon') AS SELECT offset AS x FROM events;
                                                                ^                                  ^
CREATE TEMPORARY VIEW f AS SELECT upper(offset, 1) AS x FROM STREAM(events);
                                  ^
CREATE STREAMING TABLE g AS SELECT x FROM STREAM(f);

CREATE STREAMING TABLE h AS SELECT DATE '2026-02-30' AS x FROM STREAM(events);
                                   ^
CREATE STREAMING TABLE i AS SELECT CAST('abc' AS INT) AS x, 1 / (2 - 2) AS y FROM STREAM(events);
                                   ^                          ^
"""


def test_every_mistake_of_a_file_is_found_with_its_place(tmp_path):
    server = project(tmp_path)
    lines = MISTAKES.splitlines()
    file = tmp_path / "pipelines/mistakes.sql"
    file.write_text("".join(f"{statement}\n" for statement in lines[::2]))
    done = server.run("check")
    assert done.returncode != 0
    found = sorted(tuple(map(int, one.groups())) for one in re.finditer(r"mistakes\.sql:(\d+):(\d+): ", done.stderr))
    wanted = [(line + 1, column + 1) for line, carets in enumerate(lines[1::2])
              for column, caret in enumerate(carets) if caret == "^"]
    assert found == wanted and len(wanted) == 12, done.stderr


def test_the_servers_own_topic_is_nobodys_event(tmp_path):
    server = project(tmp_path)
    path = tmp_path / "events/sell_item.toml"
    path.write_text(path.read_text().replace("name =", 'topic = "_declarations"\nname =', 1))
    for command in ("check", "up"):
        done = server.run(command)
        assert done.returncode != 0 and "is the server's own" in done.stderr
