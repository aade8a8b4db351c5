"""What the program says to somebody who meets it: true at every moment, with what to do next."""
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import BINARY, DEADLINE_S, ROOT, Server, poll

EVENT = """name = "{name}"
description = "an event"
reason = "tests"
route = "GET /{name}"
reply = "ok\\n"
table = "{table}"
[fields]
event_type = "{name}"
player = {{ from = "query" }}
"""
SQL = "CREATE STREAMING TABLE p AS SELECT CAST(value AS STRING) AS v FROM STREAM({topic})"


def run(*words, **options):
    return subprocess.run([str(BINARY), *map(str, words)], capture_output=True, text=True,
                          timeout=DEADLINE_S, **options)


def curl(server, path, *words):
    done = subprocess.run(["curl", "-s", *words, f"http://{server.endpoints['http']}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    return done.stdout


@pytest.fixture
def project(tmp_path):
    """A project of one event, a table and one pipeline; `start()` starts it."""
    folder = tmp_path / "game"
    (folder / "events").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    (folder / "events/found.toml").write_text(EVENT.format(name="found", table="findings"))
    (folder / "pipelines/p.sql").write_text(SQL.format(topic="events"))
    server = Server(folder)
    yield server
    server.stop()


def pipelines(server):
    status = json.loads(server.run("status", "--format", "json").stdout)
    return {one["name"]: (one["rows"], one["lag"]) for one in status["pipelines"]}


def test_status_knows_the_tables_at_once_after_a_restart_and_a_reload(project):
    """Status: rows and lag are those of the tables, also before a pipeline's first step."""
    project.start()
    for _ in range(3):
        assert curl(project, "/found?player=ada") == "ok\n"
    for name in ("p", "findings"):
        assert project.run("pipeline", "run", name, "--once").returncode == 0
    filled = {"p": (3, 0), "findings": (3, 0)}
    assert pipelines(project) == filled
    for _ in range(3):
        project.stop()
        project.start()
        assert pipelines(project) == filled
        assert project.run("reload").returncode == 0
        assert pipelines(project) == filled
    assert "without rows" not in project.run("status").stdout


def test_a_reload_says_what_looks_like_a_slip(project):
    """Reload: the warnings that check has, in its answer, its exit code as before, and the log."""
    project.start()
    (project.project / "pipelines/p.sql").write_text(SQL.format(topic="event"))
    (project.project / "events/found.tml").write_text("")
    done = project.run("reload")
    assert (done.returncode, done.stdout) == (0, "reloaded: 1 event, 1 pipeline, 2 warnings\n")
    assert done.stderr == project.run("check").stderr != ""
    assert 'reads topic "event", which does not exist and which no event declares' in done.stderr
    status = project.run("status").stdout
    assert all(line.removeprefix("steelthread: ") in status for line in done.stderr.splitlines())
    log = project.project / "server.log"
    poll("the warning", lambda: "steelthread: warning: " + str(project.project) in log.read_text())


def test_a_reload_names_settings_that_want_a_restart(project):
    """Reload: steelthread.toml is compared with what the server was started with."""
    settings = project.project / "steelthread.toml"
    settings.write_text("[sql]\nmax_rows = 10\n[http]\nlisten = '127.0.0.1:1'\n")
    project.start()
    assert project.run("reload").stderr == ""
    settings.write_text("[sql]\nmax_rows = 20\n[http]\nlisten = '127.0.0.1:2'\n"
                        "[worker]\nmemory = 512\n")
    done = project.run("reload")
    assert "2 warnings" in done.stdout
    assert 'steelthread.toml:2:12: sql.max_rows is "20" and was "10" when the server' in done.stderr
    assert 'worker.memory is "512" and was not set' in done.stderr
    assert "http.listen" not in done.stderr  # --set has the last word
    settings.write_text("[sql]\nmax_rows = 10\n")
    assert project.run("reload").stderr == ""


def test_completion_knows_settings_values_and_tables_without_a_server(project):
    """Completion: keys of --set, values behind an equals sign, tables of declared events."""
    def offered(*words):
        return run("__complete", "-C", project.project, *words).stdout.split("\n")[:-1]

    assert offered("up", "--set", "http.l") == ["http.listen="]
    assert offered("up", "--set=http.l") == ["--set=http.listen="]
    assert offered("load", "--format=j") == ["--format=json"]  # zsh and fish
    assert offered("load", "--format", "=", "") == offered("load", "--format", "=") == [
        "json", "table"]  # bash
    assert offered("load", "--format", "=", "j") == ["json"]
    assert offered("topic", "consume", "events", "--from", "") == ["beginning", "end"]
    assert offered("load", "--rate", "") == ["declared"]
    assert offered("pipeline", "run", "") == ["findings", "p"]
    assert offered("sql", "select * from ") == [
        f"select * from {table}" for table in ("bad.rows", "findings", "p")]


@pytest.mark.parametrize("words, said", [
    (("pipeline", "run", "found"), '"found" is an event, and a pipeline has the name of its table: findings'),
    (("pipeline", "run", "unheard"), 'no pipeline "unheard"; a pipeline has the name of its table'),
    (("topic", "create", "findings"), '"findings" is the name of a table, and a topic may not'),
    (("topic", "create", "t", "--replication-factor", "3"), "give 1 or leave it out"),
    (("topic", "consume", "events"), 'no topic "events" yet: the first of its events creates it'),
    (("topic", "consume", "unheard"), "`steelthread topic create unheard` creates it"),
    (("topic", "delete", "unheard"), "`steelthread topic ls` lists them"),
    (("group", "reset-offsets", "g", "--topic", "unheard", "--to-latest"), "`steelthread topic ls` lists them"),
    (("events", "doc", "fuond"), 'no event "fuond"; did you mean "found"?'),
    (("load", "--mix", "commands"), "--mix commands needs a server with a game.toml"),
    (("sql", "select repeat('a', 2)"), "'repeat' not registered; docs/sql.md lists those that are"),
    (("sql", "select md5('a')"), "'md5' not registered; docs/sql.md lists those that are"),
    (("sql", "values 1, 2"), "VALUES takes rows in parentheses, as in VALUES (1), (2)"),
    (("sql", "select reduce(array[1, 2], 0, (s, x) -> s + x, s -> s)"),
     "reduce(array, (state, x) -> …, initial state)"),
])
def test_a_refusal_says_what_to_do(project, words, said):
    """Refusals: what is wrong, and the way out."""
    project.start()
    if words[:2] == ("topic", "create"):
        assert curl(project, "/found") == "ok\n"
    done = project.run(*words)
    assert done.returncode == 1 and said in done.stderr, done.stderr


def test_reduce_in_the_form_that_is_named_works(project):
    """SQL: what the refusal of Trino's form says to write."""
    project.start()
    done = project.run("sql", "--format", "csv", "select reduce(array[1, 2], (s, x) -> s + x, 10)")
    assert done.stdout.splitlines()[1:] == ["13"], done.stderr


@pytest.mark.parametrize("file, old, new, place, said", [
    ("events/item.toml", 'player = { from = "query" }', 'player = { one_of = ["a", max = 3 }',
     "9:27", "the list that opens at 9:21: a list ends with ]"),
    ("events/item.toml", 'event_type = "item"', 'event_type = "found"', "8:1",
     'event_type "found" of topic "events" is declared at '),
    ("pipelines/p.sql", "CREATE", "CRAETE", "1:1", "did you mean CREATE?"),
    ("steelthread.toml", "", "[http]\n[sql]\n[http]\nlisten = '127.0.0.1:0'\n", "3:",
     "section [http] stands twice: put its keys under the [http] of line 1"),
])
def test_a_mistake_in_a_file_is_named_where_it_is(project, file, old, new, place, said):
    """Mistakes: place and remedy, not the parser's own words."""
    (project.project / "events/item.toml").write_text(EVENT.format(name="item", table="items"))
    path = project.project / file
    text = path.read_text() if path.exists() else ""
    path.write_text(text.replace(old, new) if old else new)
    done = project.run("check")
    assert done.returncode in (1, 2)
    assert f"/{file}:{place}" in done.stderr and said in done.stderr, done.stderr


def test_a_field_that_became_a_constant_is_told_as_such(project):
    """Versions: what the field is and was, in the words of the documents."""
    project.start()
    path = project.project / "events/found.toml"
    path.write_text(path.read_text().replace('player = { from = "query" }', 'player = "string"'))
    done = project.run("check")
    assert 'field "player" is the constant "string", was an optional string' in done.stderr


def test_a_game_names_each_mistaken_item_and_a_field_that_was_meant(tmp_path):
    """Mistakes: all items in the file's order; the nearest field; the path that an alias takes."""
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True)
    rules = tmp_path / "game.toml"
    right = rules.read_text()
    rules.write_text(re.sub(r"(?m)^price", "prise", right))
    lines = [int(line) for line in re.findall(r"game.toml:(\d+):\d+: unknown key \"prise\"",
                                              run("check", "-C", tmp_path).stderr)]
    assert len(lines) == right.count("\nprice") and lines == sorted(lines)
    rules.write_text(right + '[[alias]]\nroute = "GET /players"\naction = "visit"\nreply = ""\n')
    assert 'alias.route: "GET /players": the game\'s API has the path /players; choose another' in (
        run("check", "-C", tmp_path).stderr)
    rules.write_text(right)
    sold = next(path for path in tmp_path.glob("events/*.toml") if '\nbalance' in path.read_text())
    sold.write_text(sold.read_text().replace("\nbalance", "\nbalnce"))
    assert 'is "balnce" meant to be it?' in run("check", "-C", tmp_path).stderr


@pytest.mark.parametrize("path, words, said", [
    ("/player/alice", (), "No route has this path /player/alice; did you mean /players/alice? "),
    ("/nothing/like/it", (), "/nothing/like/it. GET /openapi.json lists all routes."),
    ("/players/alice?as_of=yesterday", (), "want an offset (41, or -1 for"),
    ("/items?as_of=2999-01-01T00:00:00Z", (), " s after the server's: want an earlier one, or leave it out"),
    ("/purchase_a_sword", ("-H", "Idempotency-Key: a", "-H", "Idempotency-Key: b"),
     "Idempotency-Key is sent more than once; send one."),
])
def test_a_problem_is_a_sentence_with_a_remedy(game, path, words, said):
    """HTTP problems: capital letter, full stop, nearest route."""
    detail = json.loads(curl(game, path, *words))["detail"]
    assert said in detail, detail
    assert (detail[0].isupper() or detail[0] == '"') and detail[-1] in ".?", detail


def test_a_dead_letter_says_what_is_missing_and_what_is_not_json(project):
    """Dead letters: reasons are sentences of the field."""
    path = project.project / "events/found.toml"
    path.write_text(path.read_text().replace('player = {', 'player = { required = true,'))
    (project.project / "pipelines/p.sql").write_text(SQL.format(topic="events").replace(
        " AS SELECT", " TBLPROPERTIES ('steelthread.format' = 'json') AS SELECT"))
    project.start()
    assert curl(project, "/found?player=ada") == "ok\n"
    made = project.run("topic", "produce", "events", input='{"event_type":"found"}\nstray\n')
    assert made.returncode == 0, made.stderr
    for name in ("p", "findings"):
        assert project.run("pipeline", "run", name, "--once").returncode == 0
    rows = project.run("sql", "--format", "csv", "select reason from bad.rows").stdout
    assert "field 'player' is missing; want text" in rows
    assert "this is the beginning of no JSON value" in rows


def test_init_names_no_command_that_fails_again(tmp_path):
    """init: in a folder that has a project, and the program's path where PATH has it not."""
    made = run("init", "my-game", cwd=tmp_path, env={**os.environ, "PATH": "/usr/bin:/bin"})
    assert f"next: cd my-game, {BINARY.resolve()} check" in made.stdout
    path = f"{BINARY.parent}:{os.environ['PATH']}"
    assert "next: cd other, steelthread check" in run(
        "init", "other", cwd=tmp_path, env={**os.environ, "PATH": path}).stdout
    again = run("init", "my-game", cwd=tmp_path)
    assert again.returncode == 1 and "name a folder that does not exist yet" in again.stderr
    assert "[catalog]" in (tmp_path / "my-game/steelthread.toml").read_text()
    settings = tmp_path / "my-game/steelthread.toml"
    settings.write_text(settings.read_text().replace("# listen", "listen"))
    assert run("check", "-C", tmp_path / "my-game").returncode == 0
