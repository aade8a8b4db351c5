"""The command line as a newcomer meets it: one test a row."""
import http.client
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

from conftest import BINARY, DEADLINE_S, PORTS, ROOT, Server, poll


def run(*words, **options):
    return subprocess.run([str(BINARY), *map(str, words)], capture_output=True, text=True,
                          timeout=DEADLINE_S, **options)


def get(server, path):
    connection = http.client.HTTPConnection(server.endpoints["http"], timeout=DEADLINE_S)
    connection.request("GET", path)
    return connection.getresponse().status


def commands(path=()):
    """Every command's words, by its own help."""
    shown = run(*path, "--help").stdout
    found = []
    for line in shown.partition("Subcommands:\n")[2].partition("\n\n")[0].splitlines():
        found += commands((*path, line.split()[0].rstrip(",")))
    return found or [path]


@pytest.mark.parametrize("words, nearest", [
    (["statuss"], '"status"'), (["topic", "craete"], '"create"'), (["up", "--detahc"], '"--detach"'),
    (["help", "pipelin"], '"pipeline"'), (["status", "--formt", "json"], '"--format"'),
])
def test_a_misspelt_word_is_answered_with_the_nearest(words, nearest):
    """C2: commands, subcommands and options."""
    done = run(*words)
    assert done.returncode == 2 and f"did you mean {nearest}" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words, said", [
    (["-C"], "--project: the value is missing"), (["topic", "--set"], "--set: the value is missing"),
    (["-C", ""], "an empty text names no folder"), (["--", "status"], "-- stands before a command"),
    (["-V"], 'did you mean "--version"?'), (["check", "my-game"], "the project's folder stands behind -C"),
])
def test_a_slip_before_the_command_is_named(words, said):
    """C2: nothing is answered with the help of all commands as if it were right."""
    done = run(*words)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert done.stdout == ""


def test_help_version_and_options_stand_where_people_write_them(server):
    """C2: `steelthread`, `help X`, `version`, and options before the command."""
    assert run().returncode == 0 and "Subcommands:" in run().stdout
    assert run("topic").returncode == 0 and "create" in run("topic").stdout
    assert run("help", "topic", "create").stdout == run("topic", "create", "--help").stdout
    assert run("version").stdout == run("--version").stdout
    assert run("-C", server.project, "status").returncode == 0
    before = run("-C", server.project, "--set", "log.reserve_bytes=0", "sql", "--format", "csv",
                 "select 1 as one")
    assert before.stdout.split() == ["one", "1"]
    assert run("--set", "no.such=1", "status", "-C", server.project).returncode == 2
    assert run("topic", "list", "-C", server.project).returncode == 0


def test_every_command_explains_itself_with_an_example():
    """C2: each --help has an example of its own."""
    found = commands()
    assert len(found) > 15
    for path in found:
        shown = run(*path, "--help")
        assert shown.returncode == 0
        assert re.search(rf"^  steelthread {' '.join(path)}\b", shown.stdout, re.M), path


def test_status_is_short_and_names_each_pipeline_once(server):
    """C4: one line a topic, one a pipeline with news; the rest with --all."""
    assert get(server, "/purchase_a_sword") == get(server, "/") == 200
    early = server.run("status", "--all").stdout
    assert "waiting for topic" not in early
    for name in ("purchase_sword", "default_hits", "extracted_events", "sword_purchases"):
        server.run("pipeline", "run", name)
    server.run("topic", "create", "wide", "--partitions", "3")
    short = server.run("status").stdout.splitlines()
    assert len(short) < 25, short
    lines = [line.split() for line in short]
    assert ["events", "1", "2"] in lines and ["wide", "3", "0"] in lines
    assert [line[0] for line in lines].count("sword_purchases") == 1
    assert "accept_quest" not in "".join(short) and "steelthread status --all" in "".join(short)
    full = [line.split()[0] for line in server.run("status", "--all").stdout.splitlines()]
    assert full.count("accept_quest") == 1 and full.count("sword_purchases") == 1


def test_status_watches(server):
    """C4: --watch prints it again and again, also where there is no terminal."""
    watch = subprocess.Popen(server.command("status", "--watch", "0.1"), stdout=subprocess.PIPE,
                             text=True)
    seen = 0
    for line in watch.stdout:
        seen += line.startswith("steelthread ")
        if seen == 3:
            break
    watch.terminate()
    watch.wait(DEADLINE_S)
    watch.stdout.close()
    assert seen == 3


def test_a_kept_demo_goes_on(tmp_path):
    """C5: `demo --keep DIR` twice counts what was there; a folder of something else is refused."""
    kept = tmp_path / "kept"
    assert run("demo", "--requests", "50", "--keep", kept).returncode == 0
    (kept / "events/mine.toml").write_text((kept / "events/dig_for_gold.toml").read_text()
                                           .replace("dig_for_gold", "mine").replace("/dig", "/mi"))
    again = run("demo", "--requests", "50", "--keep", kept)
    assert again.returncode == 0, again.stderr
    assert "54 before + 54 sent = 108 in the log = 108 in the table" in again.stdout
    assert (kept / "events/mine.toml").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    refused = run("demo", "--keep", other)
    assert refused.returncode == 1 and "no folder of an earlier demo" in refused.stderr
    assert os.listdir(other) == ["thesis.txt"]


ASKING = [["status"], ["topic", "ls"], ["topic", "create", "x"], ["reload"],
          ["pipeline", "run", "purchases"]]


def test_every_command_says_the_same_where_no_server_runs(tmp_path):
    """C6: none was there, or one was killed and left its files: one sentence, exit code 3."""
    shutil.copytree(ROOT / "examples/w205", tmp_path, dirs_exist_ok=True)
    server = Server(tmp_path)

    def said():
        done = [server.run(*words) for words in ASKING]
        assert [one.returncode for one in done] == [3] * len(done)
        assert len({one.stderr for one in done}) == 1
        return done[0].stderr

    first = said()
    assert first == (f"steelthread: no server runs on {server.data}: start one with "
                     f"`steelthread up -C {tmp_path}`\n")
    server.start()
    server.process.send_signal(signal.SIGKILL)  # its endpoints and pid stay behind
    server.process.wait(DEADLINE_S)
    assert (server.data / "run/endpoints.json").exists() and said() == first
    assert server.run("sql", "--format", "csv", "select 1 as one").stdout.split() == ["one", "1"]


def test_another_user_hears_who_may():
    """C6: the data folder of someone else: who may, and how, in every command."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="steelthread-cases-"))
    is_root = os.geteuid() == 0
    try:
        folder.chmod(0o755)
        shutil.copytree(ROOT / "examples/w205", folder / "project")
        server = Server(folder / "project").start()
        if not is_root:  # the owner without the right to it is as good as another
            server.data.chmod(0)
        options = {"user": 65534, "group": 65534, "extra_groups": []} if is_root else {}
        done = [server.run(*words, **options)
                for words in [*ASKING, ["up"], ["up", "-d"], ["sql", "select 1"]]]
        server.data.chmod(0o700)
        server.stop()
        assert {one.returncode for one in done} == {1}
        assert len({one.stderr for one in done}) == 1
        assert "belongs to" in done[0].stderr and "sudo -u" in done[0].stderr
    finally:
        shutil.rmtree(folder)


def test_processes_and_holders_are_named(tmp_path):
    """C6: `up -d`, `down`, a second `up` and a taken port name the process."""
    shutil.copytree(ROOT / "examples/w205", tmp_path / "one")
    one, two = Server(tmp_path / "one"), Server(tmp_path / "two")
    (tmp_path / "two").mkdir()
    up = one.run("up", "-d", *PORTS)
    pid = int((one.data / "run/pid").read_text())
    assert f"process {pid}" in up.stdout
    for again in (one.run("up", *PORTS), one.run("up", "-d", *PORTS)):
        assert again.returncode == 1 and f"process {pid} (steelthread up" in again.stderr
    http_at = json.loads((one.data / "run/endpoints.json").read_text())["http"]
    taken = two.run("up", *PORTS, "--set", f"http.listen={http_at}")
    assert taken.returncode == 1 and f"held by process {pid} (steelthread up" in taken.stderr
    down = one.run("down")
    assert down.returncode == 0 and f"stopped process {pid}" in down.stdout


def test_reload_answers_with_the_mistake(server):
    """Reload: what is served now, or the mistake, which leaves the project as it was."""
    assert re.match(r"reloaded: \d+ events, \d+ pipelines\n", server.run("reload").stdout)
    (server.project / "events/broken.toml").write_text("name = 5\n")
    wrong = server.run("reload")
    assert wrong.returncode == 1 and "broken.toml" in wrong.stderr
    assert get(server, "/purchase_a_sword") == 200


def test_the_test_runner_says_what_it_does(capsys, tmp_path):
    """C7: a suite's name when it begins and its time when it ends; `make install` says where."""
    loader = importlib.machinery.SourceFileLoader("tests_run", str(ROOT / "tests/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tests_run", loader))
    loader.exec_module(module)
    tally = module.Tally()
    module.check(tally, "a suite", ["true"])
    said = capsys.readouterr().out
    assert re.search(r"a suite …\n.*a suite: 1 passed, 0 failed, \d+\.\d s\n", said)
    report = tmp_path / "report.xml"
    report.write_text('<testsuite><testcase name="a"/><testcase name="b"><skipped message="no tool"/></testcase>'
                      "</testsuite>")
    module.count_junit(tally, "others", report, subprocess.CompletedProcess([], 0), 0)
    assert "skipped others b: no tool\n" in capsys.readouterr().out
    assert (tally.passed, tally.failed, tally.skipped) == (2, 0, 1)
    planned = subprocess.run(["make", "-n", "install", "PREFIX=/opt/x"], cwd=ROOT, text=True,
                             capture_output=True, check=True).stdout
    assert "installing below /opt/x" in planned
    assert "--target steelthread steelthread-sql" in planned


def test_init_makes_a_project_whose_readme_holds(tmp_path):
    """Init: `check` and each command of its README work; a folder with files is refused."""
    made = run("init", tmp_path / "game", "--name", "Ada's game")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "game/README.md").read_text().startswith("# Ada's game\n")
    server = Server(tmp_path / "game")
    assert server.run("check", "--strict").returncode == 0, server.run("check").stdout
    server.start()
    here = {"cwd": server.project, "capture_output": True, "text": True, "timeout": DEADLINE_S}
    commands_run = 0
    for line in (server.project / "README.md").read_text().splitlines():
        if not line.startswith("    ") or "up -d" in line or "steelthread down" in line:
            continue
        line = line.replace("localhost:5000", server.endpoints["http"])
        line = line.replace("steelthread ", f"{BINARY} ").replace("curl ", "curl -sSf ")
        done = subprocess.run(line, shell=True, **here)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        commands_run += 1
    assert commands_run == 8
    rows = server.run("sql", "--format", "csv", "select player, level, seconds from slow_levels")
    assert rows.stdout == "player,level,seconds\nada,3,75.5\n"
    server.stop()
    again = run("init", tmp_path / "game")
    assert again.returncode == 1 and "nothing was written" in again.stderr


def diagnosed(server, *words):
    done = server.run("doctor", "--format", "json", *words)
    document = json.loads(done.stdout)
    assert done.returncode == (1 if document["needs_person"] else 0)
    assert all(one["remedy"] for one in document["findings"] if one["needs_person"])
    return {one["area"]: one for one in document["findings"] if one["needs_person"]}, document


def test_doctor_finds_what_needs_a_person(server):
    """Trouble shows: ports, log, tables, disk, limits; each finding with a remedy."""
    assert get(server, "/purchase_a_sword") == 200
    server.run("pipeline", "run", "sword_purchases")
    ill, document = diagnosed(server)
    assert ill == {}
    areas = {one["area"] for one in document["findings"]}
    assert areas >= {"server", "worker", "limits", "descriptors", "ports", "disk", "sync", "clock"}
    assert f"process {server.process.pid} (steelthread up" in document["findings"][0]["found"]
    server.stop()
    settings = [word for key, value in server.settings.items()
                for word in ("--set", f"{key}={value}")]
    ill, document = diagnosed(server, *settings)
    assert ill == {}
    read = [one["found"] for one in document["findings"] if one["area"] == "log"]
    assert re.match(r"every durable byte is intact: \d\d+ records in 1 segment, ", read[0])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = f"sql.listen=127.0.0.1:{holder.getsockname()[1]}"
        ill, _ = diagnosed(server, *settings, "--set", taken)
        assert f"held by process {os.getpid()}" in ill["ports"]["found"]
    ill, _ = diagnosed(server, *settings, "--set", f"log.reserve_bytes={1 << 50}")
    assert set(ill) == {"disk"}
    parquet = next(server.data.glob("warehouse/default/sword_purchases/**/*.parquet"))
    parquet.write_bytes(parquet.read_bytes()[:-1])
    segment = next(server.data.glob("log/*.log"))
    content = bytearray(segment.read_bytes())
    content[200] ^= 1
    segment.write_bytes(content)
    ill, _ = diagnosed(server, *settings)
    assert set(ill) == {"log", "tables"} and parquet.name in ill["tables"]["found"]


BASH = """source <("{binary}" completion bash)
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_steelthread "{binary}"; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """compdef() {{ :; }}; compadd() {{ print -l -- "${{(@P)2}}"; }}; _files() {{ :; }}
source <("{binary}" completion zsh)
words=({words}); CURRENT=${{#words}}; _steelthread
"""
FISH = """"{binary}" completion fish | source
complete -C {line}
"""


def completed(shell, project, *words):
    """What the shell itself offers for the last word."""
    words = [*words[:-1], "-C", str(project), words[-1]] if project else words
    quoted = " ".join(f"'{word}'" for word in (str(BINARY), *words))
    if shell == "fish":
        line = f"'{BINARY.name} {' '.join(words)}'"
        script = FISH.format(binary=BINARY, line=line)
    else:
        script = (BASH if shell == "bash" else ZSH).format(binary=BINARY, words=quoted)
    path = f"{BINARY.parent}:{os.environ['PATH']}"
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run([shell, *flags, "-c", script], capture_output=True, text=True,
                          env={**os.environ, "PATH": path}, timeout=DEADLINE_S)
    return [line.split("\t")[0] for line in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_options_and_names(server, shell):
    """Completion: what the shell offers, by the shell itself."""
    server.run("topic", "create", "clicks")
    for group in ("shop-1", "shop-2", "shop;reboot", "shop two"):
        done = server.run("group", "reset-offsets", group, "--topic", "clicks", "--to-latest", "--yes")
        assert done.returncode == 0, done.stderr

    def offered(*words, project=None):
        found, errors = completed(shell, project, *words)
        assert found, errors
        return found

    assert offered("st") == ["status"]
    assert set(offered("topic", "c")) == {"consume", "create"}
    assert offered("up", "--det") == ["--detach"]
    assert offered("sql", "--format", "nd") == ["ndjson"]
    assert offered("topic", "consume", "cl", project=server.project) == ["clicks"]
    assert offered("pipeline", "run", "sw", project=server.project) == ["sword_purchases"]
    assert offered("completion", "z") == ["zsh"]
    for verb in ("describe", "reset-offsets", "delete"):
        assert offered("group", verb, "sh", project=server.project) == ["shop-1", "shop-2"]


def test_names_are_completed_without_a_server():
    """Completion: the project's own names, and a table at the end of a statement."""
    project = ["-C", str(ROOT / "examples/w205")]
    assert run("__complete", "pipeline", "run", *project, "sw").stdout == "sword_purchases\n"
    assert run("__complete", "events", "doc", *project, "purchase_sw").stdout == "purchase_sword\n"
    assert run("__complete", "sql", *project, "select * from sw").stdout == (
        "select * from sword_purchases\n")
    assert run("__complete", "sql", "-C", "/nowhere", "select").stdout == ""


@pytest.mark.parametrize("words, said", [
    (("topic", "create", "x", "--partitions", "4x"), '--partitions: "4x" is no number that it takes'),
    (("status", "extra"), '"extra": nothing takes that'),
    (("status", "--watch", "0"), '--watch: "0" is no number from 0.1 to 3600'),
    (("status", "--format", "xml"), '--format: "xml" is none of table, json'),
    (("topic", "consume", "x", "--max", "-1"), '--max: "-1" is no number from 0 to'),
    (("topic", "consume", "x", "--partition", "-1"), '--partition: "-1" is no number from 0 to'),
    (("pipeline", "rnu"), 'did you mean "run"?'),
    (("topic", "frobnicate"), "there are alter, consume, create, delete, delete-records, describe, list, ls, produce, tail"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_usage_mistakes_are_said_in_our_words(tmp_path, words, said):
    """C20, C22, C23: exit code 2, the value, what it may be, the nearest or all commands."""
    done = Server(tmp_path).run(*words)
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_help_has_no_types_of_the_parser(tmp_path):
    """C20: what an option may be is said in words."""
    text = Server(tmp_path).run("status", "--help").stdout
    assert "--watch SECONDS" in text and "FLOAT" not in text and "{table" not in text


def test_names_near_a_topic_or_a_pipeline_are_named(server):
    """C22, C23: describe, consume and pipeline run name the one that was meant, and no others."""
    assert server.run("topic", "create", "events", "--if-not-exists").returncode == 0
    done = server.run("topic", "describe", "event")
    assert done.returncode == 1 and 'no topic "event"; did you mean "events"?' in done.stderr
    done = server.run("topic", "consume", "events", "--from", "99")
    assert done.returncode == 0
    assert done.stderr == "--from 99 is beyond the end of partition 0, which is 0\n"
    done = server.run("topic", "produce", "_declarations", input="x\n")
    assert done.returncode == 1 and "durable" not in done.stderr
    done = server.run("pipeline", "run", "sword_purchase")
    assert done.returncode == 1 and 'did you mean "sword_purchases"?' in done.stderr
    assert "this project has" not in done.stderr
    done = server.run("pipeline", "run", "Sword_Purchases")
    assert done.stdout.startswith("sword_purchases: 0 events read, "), done.stderr


def test_produce_puts_a_key_where_kafkas_clients_put_it(server):
    """A3: lines of one key go to one partition, murmur2 of the key."""
    assert server.run("topic", "create", "clicks", "--partitions", "4").returncode == 0
    lines = "".join(f"{key}:{number}\n" for number in range(3) for key in ("abc", "foobar"))
    assert server.run("topic", "produce", "clicks", "--key-separator", ":", input=lines).returncode == 0
    refused = server.run("topic", "produce", "clicks", "--key-separator", "", input=lines)
    assert refused.returncode == 2 and "an empty text names no separator" in refused.stderr
    rows = server.run("topic", "consume", "clicks", "--with-position").stdout.splitlines()
    found = {(row.split("\t")[3], int(row.split("\t")[0])) for row in rows}
    assert found == {("abc", 479470107 % 4), ("foobar", (-790332482 & 0x7FFFFFFF) % 4)}
    assert len(rows) == 6


def test_pages_for_operators_are_named_at_the_game_port(server):
    """C27: /readyz and /metrics are at sql.listen, and the answer says so."""
    for path in ("/readyz", "/metrics"):
        done = subprocess.run(["curl", "-s", f"http://{server.endpoints['http']}{path}"],
                              capture_output=True, text=True, timeout=DEADLINE_S)
        assert f"{path} is at the address of sql.listen" in done.stdout


def test_sql_over_a_topic_names_the_tables(server):
    """C26: a topic is no table; the answer says where its events are."""
    assert server.run("topic", "create", "events", "--if-not-exists").returncode == 0
    done = server.run("sql", "select * from events")
    assert done.returncode == 1
    assert '"events" is a topic, and its events are in tables; list them with "show tables"' in done.stderr
    assert "is a topic" not in server.run("sql", "select * from nothing").stderr


@pytest.mark.parametrize("words", [["init", ""], ["check", "-C", ""], ["up", "--data", ""], ["-C", "", "status"],
                                   ["log", "verify", "--data", ""], ["demo", "--keep", ""], ["sql", "-f", ""]],
                         ids=" ".join)
def test_an_empty_name_is_no_folder(tmp_path, words):
    """C28: a shell variable that is not set names no folder; nothing is written or read."""
    done = subprocess.run([str(BINARY), *words], cwd=tmp_path, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=DEADLINE_S)
    what = "file" if words[0] == "sql" else "folder"
    assert done.returncode == 2 and f"an empty text names no {what}" in done.stderr, done
    assert list(tmp_path.iterdir()) == []
