"""What `check` and the HTTP API say of a project and of requests, one test a row."""
import json
import shutil
import signal
import subprocess
import sys

import confluent_kafka
import pytest

from conftest import DEADLINE_S, ROOT, Server, poll

sys.path.insert(0, str(ROOT / "tests/hostile"))
import kafka_wire  # noqa: E402

BUY = """name = "{name}"
description = "a purchase"
reason = "tests"
route = "{route}"
reply = "ok\\n"
[fields]
{fields}
"""


def declare(project, name, route, fields='event_type = "buy"'):
    path = project / f"events/{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(BUY.format(name=name, route=route, fields=fields))
    return path


def curl(server, path, *words):
    """(status, headers, body) of one request."""
    done = subprocess.run(["curl", "-s", "-i", *words, f"http://{server.endpoints['http']}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.replace("\r", "").partition("\n\n")
    lines = head.split("\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def refusal(server, path, *words):
    """(status, code, parameter) of a problem."""
    status, headers, body = curl(server, path, *words)
    assert headers["Content-Type"] == "application/problem+json", body
    problem = json.loads(body)
    assert problem["status"] == status
    return status, problem["code"], problem.get("parameter")


@pytest.fixture
def project(tmp_path):
    """A folder without declarations; `server.start()` starts it."""
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """One running server for the tests that only ask."""
    folder = tmp_path_factory.mktemp("small")
    declare(folder, "fixed", "GET, POST /fixed", 'event_type = "fixed"')
    declare(folder, "x", "POST /x", 'event_type = "x"\nx = { from = "body" }\nq = { from = "query" }')
    running = Server(folder).start()
    yield running
    running.stop()


def test_what_makes_a_record_an_events_is_one_events(project):
    """F4: equal event_types are refused by check, at start and on SIGHUP, with both places."""
    declare(project.project, "buy_get", "GET /buy")
    project.start()
    declare(project.project, "buy_post", "POST /buy")
    want = ('buy_post.toml:7:1: event_type "buy" of topic "events" is declared at ', 'buy_get.toml:7:1')
    refused = project.run("check")
    assert refused.returncode == 1
    assert all(text in refused.stderr for text in want), refused.stderr
    project.process.send_signal(signal.SIGHUP)
    error = poll("the mistake", lambda: json.loads(
        project.run("status", "--format", "json").stdout)["reload_error"])
    assert all(text in error for text in want), error
    project.stop()
    refused = project.run("up")
    assert refused.returncode == 1
    assert all(text in refused.stderr for text in want), refused.stderr


def test_a_clients_topic_keeps_no_table_from_its_name(project):
    """H6: a declared table wins over a topic that a Kafka client made first; all say so."""
    declare(project.project, "first", "POST /first", 'event_type = "first"')
    project.start()
    client = kafka_wire.Connection(project.endpoints["kafka"])
    assert client.create_topic("Refunds") == 0
    declare(project.project, "refunds", "POST /refunds", 'event_type = "refunds"')
    want = ('refunds.toml:1:8: table "refunds" has the name of the topic "Refunds"',
            "which a Kafka client made")
    reloaded = project.run("reload")
    assert reloaded.returncode == 0, reloaded.stderr
    project.stop()
    checked = project.run("check")
    assert checked.returncode == 0, checked.stderr
    assert all(text in checked.stdout + checked.stderr for text in want)
    project.start()
    assert all(text in (project.project / "server.log").read_text() for text in want)
    status = json.loads(project.run("status", "--format", "json").stdout)
    assert any(want[0] in warning for warning in status["warnings"])
    assert curl(project, "/refunds", "-X", "POST")[0] == 200
    client = kafka_wire.Connection(project.endpoints["kafka"])
    assert client.produce("Refunds", 0, kafka_wire.batch(b"x")) == (0, 0), "the topic stays"
    filled = project.run("pipeline", "run", "refunds", "--once")
    assert filled.returncode == 0, filled.stderr
    rows = project.run("sql", "--format", "csv", "select count(*) as n from refunds")
    assert rows.stdout.split() == ["n", "1"], rows


def test_an_event_that_nothing_marks_says_that_it_has_no_table(project):
    """F4: without a constant event_type a table is refused unless table = false."""
    path = declare(project.project, "nameless", "GET /nameless", "x = {}")
    refused = project.run("check")
    assert refused.returncode == 1
    assert 'event_type = "nameless"' in refused.stderr and "table = false" in refused.stderr
    path.write_text(path.read_text().replace("[fields]", "table = false\n[fields]"))
    assert project.run("check").returncode == 0


def test_what_a_route_fixes_cannot_be_given(game, small):
    """F9: an alias's item, and a constant, in the query, in a form and in a JSON body."""
    host = ["-H", "Host: h1"]
    assert refusal(game, "/purchase_a_sword?item=excalibur", *host) == (
        400, "unknown_parameter", "item")
    assert refusal(game, "/purchase_a_sword?player=bob", *host) == (
        400, "unknown_parameter", "player")
    assert curl(game, "/purchase_a_sword?quantity=2", *host)[0] == 200
    for words in (["-d", "event_type=y"], ["-H", "Content-Type: application/json", "-d",
                                           '{"event_type": "fixed"}']):
        assert refusal(small, "/fixed", *words) == (400, "unknown_parameter", "event_type")
    assert refusal(small, "/fixed?event_type=fixed") == (400, "unknown_parameter", "event_type")


def test_a_value_in_the_wrong_place_is_refused(small):
    """C1: it is named, with where it belongs; headers stay free."""
    status, _, body = curl(small, "/x?x=7", "-X", "POST")
    problem = json.loads(body)
    assert (status, problem["parameter"]) == (400, "x")
    assert '"x" belongs in the body' in problem["detail"]
    assert refusal(small, "/x", "-d", "q=1") == (400, "unknown_parameter", "q")
    assert refusal(small, "/fixed?anything=1") == (400, "unknown_parameter", "anything")
    assert refusal(small, "/fixed", "-d", "y=1") == (400, "unknown_parameter", "y")
    assert refusal(small, "/fixed", "-H", "Content-Type: text/plain", "-d", "y") == (
        400, "malformed_body", None)
    assert curl(small, "/fixed", "-X", "POST", "-H", "x: 7")[0] == 200


def test_check_says_what_it_did_not_look_at(project):
    """C3: an empty folder, and files of another ending."""
    empty = project.run("check")
    assert empty.returncode == 0 and "declares nothing" in empty.stderr
    declare(project.project, "a", "GET /a", 'event_type = "a"')
    (project.project / "events/e.yaml").write_text("name: e\n")
    (project.project / "pipelnes").mkdir()
    report = json.loads(project.run("check", "--format", "json").stdout)
    assert report["ok"] and len(report["warnings"]) == 2
    assert any("events/e.yaml: is not read" in warning for warning in report["warnings"])
    assert any('did you mean "pipelines"?' in warning for warning in report["warnings"])


def test_check_says_what_looks_like_a_slip(project):
    """C3: a constant that is a type's name is a warning, which --strict makes an error."""
    declare(project.project, "a", "GET /a", 'event_type = "a"\nx = "int"')
    loose = project.run("check")
    assert loose.returncode == 0 and 'x = { type = "int" }' in loose.stderr
    assert "1 warning" in loose.stdout
    assert project.run("check", "--strict").returncode == 1


def test_check_says_what_will_stop(project):
    """C3: a pipeline whose columns differ from its table's."""
    declare(project.project, "a", "GET /a", 'event_type = "a"')
    (project.project / "pipelines").mkdir()
    path = project.project / "pipelines/p.sql"
    path.write_text("CREATE STREAMING TABLE p AS SELECT CAST(value AS STRING) AS v FROM STREAM(events)")
    project.start()
    assert curl(project, "/a")[0] == 200
    assert project.run("pipeline", "run", "p", "--once").returncode == 0
    assert project.run("check").returncode == 0
    project.stop()
    path.write_text(path.read_text().replace("AS v", "AS w"))
    stops = project.run("check")
    assert stops.returncode == 1
    assert "table default.p has the columns (v string)" in stops.stderr, stops.stderr


def test_check_passes_nothing_that_a_start_refuses(project):
    """C3: a data folder of a newer program, a damaged log and two listeners with one address."""
    declare(project.project, "a", "GET /a", 'event_type = "a"')
    project.start()
    assert curl(project, "/a")[0] == 200
    project.stop()
    assert project.run("check").returncode == 0
    same = ["--set", "http.listen=127.0.0.1:1", "--set", "sql.listen=127.0.0.1:1"]
    assert "are both 127.0.0.1:1" in project.run("check", *same).stderr
    segment = sorted((project.data / "log").glob("*.log"))[0]
    whole = segment.read_bytes()
    segment.write_bytes(whole[:70] + bytes(8) + whole[78:])
    for command in ("check", "up"):
        assert project.run(command).returncode == 5, command
    segment.write_bytes(whole)
    (project.data / "format").write_text("99\n")
    for command in ("check", "up"):
        refused = project.run(command)
        assert refused.returncode != 0 and "newer than this program" in refused.stderr, command


def test_check_looks_at_the_disk_as_a_start_does(project):
    """A new log needs room beside the reserve; one that exists is opened on a full disk too."""
    declare(project.project, "a", "GET /a", 'event_type = "a"')
    full = ["--set", f"log.reserve_bytes={1 << 50}"]
    said = set()
    for command in ("check", "up"):
        refused = project.run(command, *full)
        assert refused.returncode == 1, command
        assert "disk full: " in refused.stderr and "lower log.reserve_bytes" in refused.stderr
        assert "by itself" not in refused.stderr, refused.stderr
        said.add(refused.stderr[refused.stderr.index("the log needs"):])
    assert len(said) == 1, said
    project.start()
    assert curl(project, "/a")[0] == 200
    project.stop()
    project.settings["log.reserve_bytes"] = str(1 << 50)
    assert project.run("check", *full).returncode == 0
    project.start()
    assert curl(project, "/a")[0] in (200, 503)


@pytest.mark.parametrize("name", ["events", "pipelines", "steelthread.toml", "game.toml", ".steelthread",
                                  ".steelthread/log", ".steelthread/warehouse", ".steelthread/format"])
def test_a_link_that_leads_nowhere_is_not_passed_over(project, name):
    """C3: a volume that is not mounted is no project without events, settings or data."""
    if name.count("/"):
        (project.project / ".steelthread").mkdir()
    declare(project.project, "a", "GET /a", 'event_type = "a"')
    if name == "events":
        shutil.rmtree(project.project / name)
    (project.project / name).symlink_to(project.project / "away/volume")
    refused = [project.run(command) for command in ("check", "up")]
    assert all(one.returncode not in (0, None) for one in refused), refused
    assert refused[0].returncode == refused[1].returncode
    assert all(f"{name} " in one.stderr and "link" in one.stderr for one in refused), refused
    if name == ".steelthread":
        looked = project.run("doctor")
        assert looked.returncode == 1 and "leads nowhere" in looked.stdout, looked.stdout
    assert not (project.project / "away").exists()


@pytest.mark.parametrize("goes_on", [False, True], ids=["shorter", "another record"])
def test_check_compares_the_tables_with_the_log(project, goes_on):
    """An older log below newer tables: check says what the pipeline's first step says."""
    declare(project.project, "a", "GET /a", 'event_type = "a"')
    project.start()
    log = project.data / "log"
    older = project.project / "older"

    def event():
        assert curl(project, "/a")[0] == 200

    def fill():
        return project.run("pipeline", "run", "a", "--once")
    event()
    assert fill().returncode == 0
    project.stop()
    shutil.copytree(log, older)
    project.start()
    event()
    assert fill().returncode == 0
    assert project.run("check").returncode == 0, "beside the server"
    project.stop()
    assert project.run("check").returncode == 0
    shutil.rmtree(log)
    older.rename(log)
    if goes_on:
        project.start()
        event()
        project.stop()
        want = "the log has another record before that offset"
    else:
        want = "the log lost records; either bring back the log it was filled from"
    refused = project.run("check")
    assert refused.returncode == 1 and want in refused.stderr, refused.stderr
    assert "table default.a has events/0 up to offset 2" in refused.stderr
    project.start()
    assert want in fill().stderr


def test_a_topic_that_nobody_fills_is_named_with_the_nearest(project):
    """P2: in check, at start and in status, until the topic is there."""
    declare(project.project, "a", "GET /a", 'event_type = "a"')
    (project.project / "pipelines").mkdir()
    (project.project / "pipelines/p.sql").write_text(
        "CREATE STREAMING TABLE p AS SELECT CAST(value AS STRING) AS v FROM STREAM(event)")
    want = ('reads topic "event", which does not exist and which no event declares; '
            'did you mean "events"?')
    checked = project.run("check")
    assert checked.returncode == 0 and want in checked.stderr
    project.start()
    warnings = lambda: json.loads(project.run("status", "--format", "json").stdout)["warnings"]
    assert any(want in warning for warning in warnings())
    poll("the warning", lambda: want in (project.project / "server.log").read_text())
    assert project.run("topic", "create", "event").returncode == 0
    assert not any(want in warning for warning in warnings())


def test_what_editors_write_before_the_text_is_skipped(tmp_path):
    """F14: a byte order mark and CRLF in every file of a project; UTF-16 is refused by name."""
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True)
    server = Server(tmp_path)
    (tmp_path / "steelthread.toml").write_text("[sql]\nmax_rows = 1000\n")
    files = [tmp_path / "game.toml", tmp_path / "steelthread.toml", *tmp_path.glob("events/*.toml"),
             *tmp_path.glob("pipelines/*.sql")]
    for path in files:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    checked = server.run("check")
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stderr
    statement = tmp_path / "one.sql"
    statement.write_bytes(b"\xef\xbb\xbfselect 1 as one\r\n")
    server.start()
    assert server.run("sql", "--format", "csv", "-f", str(statement)).stdout == "one\n1\n"
    server.stop()
    for path in (files[0], files[2], tmp_path / "pipelines" / files[-1].name):
        text = path.read_bytes()
        path.write_bytes(text.decode("utf-8-sig").encode("utf-16"))
        refused = server.run("check")
        assert refused.returncode == 1
        assert f"{path.name}:1:1: the file is UTF-16; save it as UTF-8" in refused.stderr
        path.write_bytes(text)


def test_a_body_with_a_byte_order_mark_is_read(small):
    """F14: RFC 8259 lets a parser skip it."""
    status, _, body = curl(small, "/x", "-H", "Content-Type: application/json", "--data-binary",
                           "\ufeff{\"x\": \"7\"}")
    assert status == 200, body


def test_content_that_is_not_decoded_is_refused(small):
    """F18: codings, charsets, parts and conditions that no handler looks at."""
    json_type = ["-H", "Content-Type: application/json"]
    status, headers, _ = curl(small, "/x", *json_type, "-H", "Content-Encoding: gzip", "-d", "{}")
    assert (status, headers["Accept-Encoding"]) == (415, "identity")
    assert curl(small, "/x", *json_type, "-H", "Content-Encoding: identity", "-d", "{}")[0] == 200
    latin = ["-H", "Content-Type: application/json; charset=iso-8859-1", "-d", "{}"]
    assert refusal(small, "/x", *latin)[:2] == (415, "unsupported_media_type")
    assert curl(small, "/x", "-H", 'Content-Type: application/json; charset="UTF-8"', "-d", "{}")[0] == 200
    assert refusal(small, "/x", *json_type, "-H", "Content-Range: bytes 0-1/9", "-d", "{}")[0] == 400
    assert refusal(small, "/x", *json_type, "-H", 'If-Match: "a"', "-d", "{}")[0] == 412
    for method in ("GET", "HEAD"):  # they log an event too
        words = ["-H", 'If-Match: "a"'] + (["-I"] if method == "HEAD" else [])
        assert curl(small, "/fixed", *words)[0] == 412, method
    assert curl(small, "/fixed", "-H", 'If-None-Match: "a"')[0] == 200
    assert refusal(small, "/x", *json_type, "-H", "Expect: a-miracle", "-d", "{}")[0] == 417


def test_problems_have_one_form(small, game):
    """C8: the same members in the same order and spacing, and a newline, whoever refuses."""
    bodies = [curl(small, "/none")[2], curl(small, "/fixed?x=1")[2],
              curl(small, "/fixed", "-X", "PUT")[2],
              curl(game, "/players/nobody")[2], curl(game, "/players", "-d", "plyer=a")[2],
              curl(game, "/players", "-X", "DELETE")[2]]
    for path in ("sql", "catalog"):
        bodies.append(subprocess.run(
            ["curl", "-s", "-H", "Host: evil.example", f"http://{small.endpoints[path]}/v1/config"],
            capture_output=True, text=True, timeout=DEADLINE_S).stdout)
    for body in bodies:
        members = list(json.loads(body))
        assert members[:5] == ["type", "title", "status", "detail", "code"], body
        assert members[5:] in ([], ["parameter"]), body
        assert body == json.dumps(json.loads(body), separators=(",", ":")) + "\n"


def test_check_names_the_mistakes_of_all_files(project):
    """C17: a mistake in each of four files is four places in one run."""
    declare(project.project, "a", "GET /a").write_text('name = 1\n')
    declare(project.project, "b", "GIT /b")
    pipelines = project.project / "pipelines"
    pipelines.mkdir()
    (pipelines / "c.sql").write_text("CREATE TABLE c")
    (project.project / "game.toml").write_text("kind = 1\n")
    done = project.run("check")
    assert done.returncode != 0
    for place in ("a.toml:1:", "b.toml:4:", "c.sql:1:", "game.toml:1:"):
        assert place in done.stderr, done.stderr


def get_member(name):
    return f"get_json_object(CAST(value AS STRING), '$.{name}')"


def test_check_warns_of_names_that_no_event_has(project):
    """C18: a member, a required field and an event_type that no declared event has; an empty file."""
    declare(project.project, "level", "GET /level", 'event_type = "level_completed"\nplayer = {}')
    pipelines = project.project / "pipelines"
    pipelines.mkdir()
    (pipelines / "later.sql").write_text("-- later\n")
    (pipelines / "t.sql").write_text(
        "CREATE STREAMING TABLE t TBLPROPERTIES ('steelthread.format' = 'json',\n"
        "'steelthread.require' = 'event_tpye')\n"
        f"AS SELECT {get_member('plyer')} AS player FROM STREAM(events)\n"
        f"WHERE {get_member('event_type')} = 'level_complted'")
    done = project.run("check")
    assert done.returncode == 0, done.stderr
    assert "t.sql:2:" in done.stderr and 'did you mean "event_type"?' in done.stderr
    assert "t.sql:3:" in done.stderr and 'a field "plyer"; did you mean "player"?' in done.stderr
    assert 'the event_type "level_complted"; did you mean "level_completed"?' in done.stderr
    assert "later.sql: declares no pipeline" in done.stderr
    assert done.stdout.endswith(", 4 warnings\n")


def test_counts_are_the_same_words_and_numbers_everywhere(project):
    """C19: check and reload count events and pipelines alike; one is singular."""
    declare(project.project, "level", "GET /level", 'event_type = "level"')
    pipelines = project.project / "pipelines"
    pipelines.mkdir()
    (pipelines / "t.sql").write_text(
        f"CREATE STREAMING TABLE t AS SELECT {get_member('event_type')} AS x FROM STREAM(events)")
    done = project.run("check")
    assert done.stdout == "1 event is new: the next start or reload records it: level\nok: 1 event, 1 pipeline\n"
    project.start()
    assert project.run("check").stdout == "ok: 1 event, 1 pipeline\n"
    assert project.run("reload").stdout == "reloaded: 1 event, 1 pipeline\n"
    assert curl(project, "/level")[0] == 200
    ran = project.run("pipeline", "run", "t")
    assert ran.stdout.startswith("t: 1 event read, 1 row added to "), ran.stderr
    assert ", 0 dead letters, in " in ran.stdout


@pytest.mark.parametrize("text, said", [
    ('route = "GET /a"\n', 'reply: is missing: a route needs what it answers, as in reply = "'),
    ('reply = "x"\n', 'route: is missing: the event has a reply, so it needs a route'),
    ('route = "GIT /a"\nreply = ""\n', 'not "GIT /a"; did you mean "GET"?'),
    ('[fields]\nx = { min = 5, max = 3 }\n', 'field "x": max: 3 is below min = 5'),
    ('[fields]\nx = { type = "integr" }\n', 'type: want one of string, int, long, double, boolean, '
     'timestamp, not "integr"'),
    ('route = "GET /{x}"\nreply = ""\n[fields]\nx = { default = "1" }\n',
     "default: a field of the path is always sent, so it has no default"),
    ("[fields]\nseconds = double\n", "text needs quotes"),
    ("[fields]\nseconds = time\n", "text needs quotes"),
    ("[fields]\nseconds = int\n", "text needs quotes"),
], ids=lambda value: value.split("\n")[-2] if value.endswith("\n") else "")
def test_mistakes_say_the_value_and_what_to_write(project, text, said):
    """C20, C21: what was found, what is wanted, and what to do."""
    (project.project / "events").mkdir()
    (project.project / "events/a.toml").write_text('name = "a"\n' + text)
    done = project.run("check")
    assert done.returncode != 0 and said in done.stderr, done.stderr


def test_settings_say_the_limit_that_they_miss(project):
    """C21: a number that is too low, a project that is a file, a folder that cannot be made."""
    done = project.run("check", "--set", "worker.memory=1")
    assert "worker.memory: 1 is below 256 (MiB)" in done.stderr
    (project.project / "README.md").write_text("x")
    done = subprocess.run([*project.command("check")[:-1], str(project.project / "README.md")],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert "README.md is a file; name the folder that holds it" in done.stderr
    done = project.run("up", "--data", "/proc/nowhere")
    assert "name one that can be made with --data FOLDER" in done.stderr


@pytest.mark.parametrize("text", [".".join(["a"] * 100_000) + " = 1", "[" + ".".join(["a"] * 100_000) + "]",
                                  "a" + "={a.a" * 100_000, "a = " + "[" * 200_000],
                         ids=["key", "header", "tables", "lists"])
@pytest.mark.parametrize("path", ["events/x.toml", "game.toml", "steelthread.toml"])
def test_a_deep_file_is_refused_and_ends_nothing(small, path, text):
    """H24: check refuses a file that nests without end; the server refuses it on reload and runs on."""
    file = small.project / path
    before = file.read_text() if file.exists() else None
    file.write_text(text)
    try:
        said = f"{file.name}:1:"
        for command in ["check"] if path == "steelthread.toml" else ["check", "reload"]:
            done = small.run(command)
            assert done.returncode in (1, 2) and said in done.stderr and " at most 16 " in done.stderr, done
    finally:
        file.write_text(before) if before is not None else file.unlink()
    assert small.run("reload").returncode == 0
    assert curl(small, "/fixed")[0] == 200


@pytest.mark.parametrize("pattern, said", [
    ("((a{1,100}){1,100}){1,100}", "invalid repetition size: {1,100}"),
    ("(a{1000}){2}", "invalid repetition size: {2}"),
    (".{1000}" * 20, "pattern too large"),
    ("[z-a]", "invalid character class range: z-a"),
], ids=["repetitions", "two repetitions", "large", "range"])
def test_check_refuses_a_pattern_that_a_run_cannot_compile(project, pattern, said):
    """C1: an RLIKE that RE2 refuses is found by check, with its place."""
    (project.project / "pipelines").mkdir()
    (project.project / "pipelines/t.sql").write_text(
        f"CREATE STREAMING TABLE t AS SELECT topic FROM STREAM(events)\nWHERE topic RLIKE '{pattern}'")
    done = project.run("check")
    assert done.returncode != 0 and said in done.stderr, done.stderr
    assert "t.sql:2:19: in the pattern: " in done.stderr


def test_an_expression_that_check_passes_runs(project):
    """C1: DuckDB runs no expression deeper than 1,000 levels; check refuses what would be."""
    file = project.project / "pipelines/deep.sql"
    file.parent.mkdir(exist_ok=True)

    def write(operators):
        file.write_text("CREATE STREAMING TABLE deep AS SELECT topic"
                        + " || topic" * operators + " AS x FROM STREAM(events)")

    write(901)
    refused = project.run("check")
    assert refused.returncode == 1 and "at most 900 operators" in refused.stderr
    write(900)
    assert project.run("check").returncode == 0
    project.start()
    assert project.run("topic", "create", "events").returncode == 0
    assert project.run("topic", "produce", "events", input="one\n").returncode == 0
    ran = project.run("pipeline", "run", "deep", "--once")
    assert ran.returncode == 0, ran.stderr


def write_pipelines(project, text):
    (project.project / "pipelines").mkdir(exist_ok=True)
    (project.project / "pipelines/t.sql").write_text(text)


@pytest.mark.parametrize("select, place, said", [
    ("offset FROM STREAM(events) WHERE timestamp > '2026-02-30'", "1:83",
     "[CAST_INVALID_INPUT] cannot cast '2026-02-30' to TIMESTAMP"),
    ("offset, DATE '2026-02-30' AS a FROM STREAM(events)", "1:46", "'2026-02-30' is no DATE"),
    ("offset, TIMESTAMP '2026-03-01 00:00:00 Europe/Berlin' AS a FROM STREAM(events)", "1:46",
     "'2026-03-01 00:00:00 Europe/Berlin' is no TIMESTAMP"),
    ("offset, partition + CAST('6.5' AS INT) AS a FROM STREAM(events)", "1:58", "'6.5'"),
    ("offset, 1 / 0 AS a FROM STREAM(events)", "1:48", "division by zero"),
    ("offset, to_date(concat('2026', '-13-01')) AS a FROM STREAM(events)", "1:46", "2026-13-01"),
], ids=["compared", "date", "zone", "cast", "division", "function"])
def test_check_evaluates_constants(project, select, place, said):
    """F3, P3: a constant without a value is refused with its place, and stops its pipeline alone."""
    write_pipelines(project, f"CREATE STREAMING TABLE lit AS SELECT {select}")
    done = project.run("check")
    assert done.returncode == 1, done.stdout
    assert f"pipelines/t.sql:{place}: " in done.stderr and said in done.stderr, done.stderr
    assert done.stderr.rstrip().endswith("^")


def test_a_constant_without_a_value_stops_its_pipeline_alone(project):
    """F3: the server starts, the pipeline needs a person and no record becomes a dead letter."""
    write_pipelines(project, """
        CREATE STREAMING TABLE bad AS SELECT offset FROM STREAM(events) WHERE timestamp > '2026-02-30';
        CREATE STREAMING TABLE good AS SELECT offset, CASE WHEN offset < 0 THEN CAST('x' AS INT) END AS n
        FROM STREAM(events);""")
    project.start()
    assert project.run("topic", "create", "events").returncode == 0
    assert project.run("topic", "produce", "events", input="one\ntwo\n").returncode == 0
    assert "2 rows added" in project.run("pipeline", "run", "good", "--once").stdout
    stopped = project.run("pipeline", "run", "bad", "--once")
    assert stopped.returncode != 0 and "cannot cast '2026-02-30' to TIMESTAMP" in stopped.stderr
    assert "needs a person" in project.run("status").stdout
    assert "\n2\n" in project.run("sql", "--format", "csv",
                                  "select count(*) from good where n is null").stdout
    assert "\n0\n" in project.run("sql", "--format", "csv", "select count(*) from bad.rows").stdout


def test_check_counts_the_columns_of_a_table(project):
    """F15: more columns than a table has are a mistake, not a pipeline that needs a person."""
    columns = ", ".join(f"offset AS c{i}" for i in range(1500))
    write_pipelines(project, f"CREATE STREAMING TABLE wide AS SELECT {columns} FROM STREAM(events)")
    done = project.run("check")
    assert done.returncode == 1 and "a table has at most 1000 columns" in done.stderr, done.stderr


def test_a_raw_pipeline_reads_json_as_spark_does(project):
    """F6, P5: one definition of JSON, Spark's, also for nulls in arrays."""
    write_pipelines(project, """
        CREATE STREAMING TABLE j TBLPROPERTIES ('steelthread.format' = 'raw') AS SELECT offset,
          get_json_object(CAST(value AS STRING), '$.a') AS a,
          get_json_object(CAST(value AS STRING), '$.b[0]') AS b,
          get_json_object(CAST(value AS STRING), '$.o') AS o,
          get_json_object(CAST(value AS STRING), '$') AS whole,
          get_json_object(CAST(value AS STRING), '$[3]') AS third
        FROM STREAM(events)""")
    project.start()
    assert project.run("topic", "create", "events").returncode == 0
    values = ['{"a": NaN}', '{"a": 1,}', '{"b": [null]}', '{"o": {"e": "\\ud83d\\ude00"}}', "null",
              "[1,2,3,null]", "{'a': 'x'}", '{"a": 1} and more']
    assert project.run("topic", "produce", "events", input="\n".join(values) + "\n").returncode == 0
    assert project.run("pipeline", "run", "j", "--once").returncode == 0
    rows = json.loads(project.run("sql", "--format", "json",
                                  "select a, b, o, whole, third from j order by offset").stdout)
    assert [tuple(row.values()) for row in rows] == [
        (None, None, None, None, None),
        (None, None, None, None, None),
        (None, "null", None, '{"b":[null]}', None),
        (None, None, '{"e":"\\uD83D\\uDE00"}', '{"o":{"e":"\\uD83D\\uDE00"}}', None),
        (None, None, None, "null", None),
        (None, None, None, "[1,2,3,null]", "null"),
        ("x", None, None, '{"a":"x"}', None),
        ("1", None, None, '{"a":1}', None)]


def test_bytes_that_are_no_text_become_text(project):
    """F20, P4: CAST AS STRING raises nothing; what is not UTF-8 becomes U+FFFD."""
    write_pipelines(project, """
        CREATE STREAMING TABLE b TBLPROPERTIES ('steelthread.format' = 'raw') AS SELECT
          CAST(key AS STRING) AS k, upper(CAST(value AS STRING)) AS v, length(CAST(value AS STRING)) AS n
        FROM STREAM(events)""")
    project.start()
    assert project.run("topic", "create", "events").returncode == 0
    producer = confluent_kafka.Producer({"bootstrap.servers": project.endpoints["kafka"]})
    producer.produce("events", key=b"\xff\x41", value=b"\xff\xfea")
    assert producer.flush(DEADLINE_S) == 0
    assert "1 row added" in project.run("pipeline", "run", "b", "--once").stdout
    rows = json.loads(project.run("sql", "--format", "json", "select k, v, n from b").stdout)
    assert rows == [{"k": "\ufffdA", "v": "\ufffd\ufffdA", "n": 3}]
