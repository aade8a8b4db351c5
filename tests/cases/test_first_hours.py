"""What somebody meets in the first hours: mistakes, damage, ports, words. One test a promise."""
import json
import os
import re
import signal
import socket
import subprocess

import pytest

from conftest import BINARY, DEADLINE_S, PORTS, Server, poll

EVENT = """name = "a"
description = "an event"
reason = "tests"
route = "GET /a"
reply = "ok\\n"
[fields]
event_type = "a"
"""
SQL = "CREATE STREAMING TABLE p AS SELECT CAST(value AS STRING) AS v FROM STREAM(events)"


def run(*words, **options):
    return subprocess.run([str(BINARY), *map(str, words)], capture_output=True, text=True,
                          timeout=DEADLINE_S, **options)


def curl(server, path):
    return subprocess.run(["curl", "-sf", f"http://{server.endpoints['http']}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S)


@pytest.fixture
def project(tmp_path):
    """A project of one event and one pipeline; `server.start()` starts it."""
    folder = tmp_path / "game"
    (folder / "events").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    (folder / "events/a.toml").write_text(EVENT)
    (folder / "pipelines/p.sql").write_text(SQL)
    server = Server(folder)
    yield server
    server.stop()


@pytest.fixture
def filled(project):
    """The same, running, with a row in the pipeline's table."""
    project.start()
    assert curl(project, "/a").stdout == "ok\n"
    assert project.run("pipeline", "run", "p", "--once").returncode == 0
    return project


def status(server):
    return json.loads(server.run("status", "--format", "json").stdout)


def test_reload_refuses_what_check_refuses(filled):
    """A1: a pipeline whose columns differ from its table's, by command and by SIGHUP."""
    path = filled.project / "pipelines/p.sql"
    path.write_text(SQL.replace("AS v", "AS w"))
    want = "table default.p has the columns (v string)"
    assert want in filled.run("check").stderr
    refused = filled.run("reload")
    assert refused.returncode == 1 and want in refused.stderr, refused.stdout
    assert status(filled)["pipelines"][-1]["state"] != "needs a person"
    path.write_text(SQL)
    assert filled.run("reload").returncode == 0
    path.write_text(SQL.replace("AS v", "AS w"))
    filled.process.send_signal(signal.SIGHUP)
    assert want in poll("the mistake", lambda: status(filled)["reload_error"])
    assert curl(filled, "/a").stdout == "ok\n"
    assert filled.run("pipeline", "run", "p", "--once").returncode == 0
    count = filled.run("sql", "--format", "csv", "select count(*) as n from p")
    assert count.stdout == "n\n2\n", "the pipeline went on as it was"


def test_a_stopped_pipeline_shows_the_rows_of_its_table(filled):
    """A2: not 0, though no step of this start was good."""
    filled.stop()
    (filled.project / "pipelines/p.sql").write_text(SQL.replace("AS v", "AS w"))
    filled.start()
    stopped = poll("the stop", lambda: next(
        (p for p in status(filled)["pipelines"]
         if p["name"] == "p" and p["state"] == "needs a person"), None))
    assert stopped["rows"] == 1


def test_damage_has_one_finding_and_one_remedy(filled):
    """A5: start, background start, doctor, `log verify` and `check` agree; exit code 5."""
    filled.stop()
    segment = max((filled.data / "log").glob("*.log"))
    whole = segment.read_bytes()
    at = whole.index(b"STLG") if b"STLG" in whole else 70
    segment.write_bytes(whole[:at + 70] + bytes(8) + whole[at + 78:])
    remedy = "restore the data folder as a whole from a copy"
    for words in (["up"], ["up", "-d"]):
        refused = filled.run(*words, *PORTS)
        assert refused.returncode == 5 and remedy in refused.stderr, refused.stderr
    verified = filled.run("log", "verify")
    assert verified.returncode == 5 and verified.stdout.count("damage at byte") == 1
    findings = json.loads(filled.run("doctor", "--format", "json").stdout)["findings"]
    of_log = [one for one in findings if one["area"] == "log"]
    assert len(of_log) == 1 and of_log[0]["needs_person"] and remedy in of_log[0]["remedy"]


def test_a_log_that_lacks_its_end_says_so(filled):
    """A5: the same remedy, and what is lost, in the words of the field."""
    filled.stop()
    segment = max((filled.data / "log").glob("*.log"))
    segment.write_bytes(segment.read_bytes().rstrip(b"\0")[:-40])
    refused = filled.run("up", *PORTS)
    assert refused.returncode == 5
    assert "acknowledged records are missing; restore the data folder as a whole" in refused.stderr
    findings = json.loads(filled.run("doctor", "--format", "json").stdout)["findings"]
    assert any("acknowledged records are missing" in one["found"] for one in findings)


def test_a_start_that_cannot_listen_names_all_ports_and_leaves_nothing(project):
    """A9: each taken port with its holder, in the foreground and the background."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    taken = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    words = ["--set", f"http.listen={taken[0]}", "--set", f"sql.listen={taken[1]}",
             "--set", "kafka.listen=127.0.0.1:0", "--set", "catalog.listen=127.0.0.1:0"]
    for detach in ([], ["-d"]):
        refused = project.run("up", *detach, *words)
        assert refused.returncode == 1
        for key, address in zip(("http", "sql"), taken):
            assert re.search(f"{key}.listen: .*{address}, held by process {os.getpid()} ",
                             refused.stderr), refused.stderr
        assert "steelthread doctor" in refused.stderr
        assert not project.data.exists()
    for one in sockets:
        one.close()


def test_a_start_that_check_passes_finds_its_ports_free(project):
    """A9: `check` names the holder of a taken port; the project's own server is none."""
    assert project.run("check", *PORTS).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for command in ("check", "up"):
            refused = project.run(command, *PORTS[2:], "--set", f"http.listen={address}")
            assert refused.returncode == 1
            assert re.search(f"http.listen: .*{address}, held by process {os.getpid()} ",
                             refused.stderr), refused.stderr
    project.start()
    words = [word for part, at in project.endpoints.items() if part in ("http", "sql")
             for word in ("--set", f"{part}.listen={at}")]
    assert project.run("check", *words).returncode == 0, project.run("check", *words).stderr


def test_a_start_in_the_background_says_what_one_in_the_foreground_says(tmp_path):
    """A10: a project that declares nothing, and what the ports trust."""
    server = Server(tmp_path)
    started = server.run("up", "-d", *PORTS)
    try:
        assert started.returncode == 0, started.stderr
        assert "declares nothing" in started.stderr
        assert "the ports do not authenticate" in started.stderr
    finally:
        assert server.run("down").returncode == 0


def test_status_says_each_trouble_once_and_the_log_each_reload(filled):
    """C24: a failed reload, a stopped pipeline; a reload by command is in the server's log too."""
    (filled.project / "events/broken.toml").write_text("name = 5\n")
    assert filled.run("reload").returncode == 1
    shown = filled.run("status").stdout
    assert shown.count("broken.toml") == 1, shown
    poll("the line", lambda: "not reloaded, the project goes on" in
         (filled.project / "server.log").read_text())
    (filled.project / "events/broken.toml").unlink()
    filled.stop()
    (filled.project / "pipelines/p.sql").write_text(SQL.replace("AS v", "AS w"))
    filled.start()
    shown = poll("the stop", lambda: (lambda text: "needs a person" in text and text)(
        filled.run("status").stdout))
    assert shown.count("has the columns") == 1, shown


@pytest.mark.parametrize("words, want", [
    (["load", "--target", "localhost:5000"], "want http://HOST:PORT"),
    (["load", "--target", "http://localhost:1", "--duration", "2x"], "'2x' is no duration"),
    (["load", "--target", "http://localhost:1", "--duration", "0s"], "'0s' is no time"),
    (["load", "--target", "http://localhost:1", "--rate", "-5"], "'-5' is no number"),
    (["load", "--rate", "declared", "--mix", "commands"], "commands do not"),
    (["topic", "create", "x", "--partitions", "0"], "1 or more, not 0"),
    (["topic", "consume", "x", "--from", "foo"], '"beginning", "end", an offset'),
])
def test_a_command_that_is_wrong_ends_with_2(tmp_path, words, want):
    """A7: with or without a server."""
    refused = run(*words, "-C", tmp_path)
    assert refused.returncode == 2 and want in refused.stderr, refused.stderr


def test_load_finds_the_projects_server_and_fails_if_all_is_refused(filled):
    """A11, C34: no --target is needed; a port of another protocol acknowledges nothing."""
    words = ["load", "--requests", "20", "--duration", "5s"]
    assert filled.run(*words, "--verify").returncode == 0
    wrong = filled.run(*words, "--target", f"http://{filled.endpoints['catalog']}")
    assert wrong.returncode == 1 and "nothing was acknowledged" in wrong.stdout


def test_a_demo_folder_is_known_by_its_mark(tmp_path, project):
    """A4, C29: one's own project is refused; commands are shown with what they go to."""
    project.start()
    project.stop()
    refused = run("demo", "--requests", "20", "--keep", project.project)
    assert refused.returncode == 1 and "is no folder of an earlier demo" in refused.stderr
    kept = tmp_path / "demo-game"
    for _ in range(2):
        shown = run("demo", "--requests", "20", "--keep", kept)
        assert shown.returncode == 0, shown.stderr
    assert f"steelthread up -C {kept} " in shown.stdout and "my-game" not in shown.stdout
    address = re.search(r"^http +(\S+)$", shown.stdout, re.M)[1]
    assert f"$ curl http://{address}/purchase_a_sword\n" in shown.stdout


def test_commands_say_what_fits_a_server_that_is_away(tmp_path, project):
    """A12: `down` has nothing to stop; `sql --data` names the data folder in its remedy."""
    down = project.run("down")
    assert down.returncode == 3 and down.stderr.endswith(": nothing is to stop\n")
    other = tmp_path / "other"
    asked = project.run("sql", "--data", str(other), "select 1")
    assert asked.returncode == 3
    assert f"`steelthread up -C {project.project} --data {other}`" in asked.stderr
    assert f"`steelthread up -C {project.project}`" in project.run("sql", "select 1").stderr


def test_doctor_says_what_to_type(filled, tmp_path):
    """C25: `log verify` with the server up, a folder that is not there, a taken port."""
    assert filled.run("log", "verify").returncode == 0
    away = filled.run("doctor", "--data", str(tmp_path / "away"), *PORTS)
    assert f"{tmp_path / 'away'} is not there" in away.stdout
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        shown = run("doctor", "-C", tmp_path, *PORTS[2:], "--set", f"http.listen={address}").stdout
    assert "stop the holder, or start with --set http.listen=HOST:PORT" in shown
    assert shown.count("http.listen=HOST:PORT") == 1, "said once"
    assert re.search(r"\d+ of \d+ findings needs? a person", shown)
