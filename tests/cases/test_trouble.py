"""What goes wrong with disks, workers and clients shows, and passes by itself where it can."""
import errno
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

from conftest import BINARY, DEADLINE_S, ROOT, Server, poll
from faults import Faults

sys.path.insert(0, str(ROOT / "tests/hostile"))
import kafka_wire  # noqa: E402

SEGMENT = 1 << 20
STORAGE_ERROR = 56  # of Kafka


@pytest.fixture
def project(tmp_path):
    shutil.copytree(ROOT / "examples/w205", tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def faulty(project):
    """(a running server, its Faults)."""
    server = Server(project)
    server.settings["log.segment_bytes"] = str(SEGMENT)
    faults = Faults(server)
    faults.begin()
    server.start()
    yield server, faults
    faults.rule = None
    server.stop()


@pytest.fixture
def unreadable(project):
    """(a running server with two closed segments, its Faults of reads)."""
    server = Server(project)
    server.settings["log.segment_bytes"] = str(SEGMENT)
    faults = Faults(server, ["pread64"])
    faults.begin()
    server.start()
    made = server.run("topic", "create", "lines")
    assert made.returncode == 0, made.stderr
    # A client may send all of a call in one batch, and a segment ends behind a batch: each call fills one.
    for _ in range(3):
        made = server.run("topic", "produce", "lines", input="\n".join(["x" * 1000] * 1200))
        assert made.returncode == 0, made.stderr
    assert len(list(server.data.glob("log/*.log"))) >= 3
    yield server, faults
    faults.rule = None
    server.stop()


def first_of_lines(server):
    """The segment of the first lines: a large batch does not fit behind the declarations of events."""
    return min(file for file in server.data.glob("log/*.log") if file.stat().st_size > 100_000)


def ask(address, method, path, body=None, headers=None, source=None):
    """(status, text) of one request."""
    connection = http.client.HTTPConnection(address, timeout=DEADLINE_S,
                                            source_address=source and (source, 0))
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def buy(server, **headers):
    return ask(server.endpoints["http"], "GET", "/purchase_a_sword", headers=headers)


def dead_letter(server):
    """A record that each pipeline of the topic refuses."""
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": server.endpoints["kafka"]})
    producer.produce("events", b"no json")
    assert producer.flush(DEADLINE_S) == 0


def readiness(server):
    status, text = ask(server.endpoints["sql"], "GET", "/readyz")
    return status, json.loads(text)


def metric(server, line):
    lines = ask(server.endpoints["sql"], "GET", "/metrics")[1].splitlines()
    found = [one for one in lines if one.startswith(line + " ")]
    return found[0].split()[-1] if found else None


def status_of(server):
    return json.loads(server.run("status", "--format", "json").stdout)


def pipeline(server, name="sword_purchases"):
    return next(p for p in status_of(server)["pipelines"] if p["name"] == name)


def run(server, name="sword_purchases"):
    return server.run("pipeline", "run", name, "--once")


def rows(server, table):
    done = server.run("sql", "--format", "json", f"select count(*) as n from {table}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]["n"]


@pytest.mark.parametrize("table", ["default/sword_purchases", "bad/rows"])
@pytest.mark.parametrize("call", ["link", "fsync"])
def test_a_table_whose_commit_failed_once_goes_on_by_itself(faulty, table, call):
    """H10: after one EIO in a commit the table is read again and goes on."""
    server, faults = faulty
    assert buy(server)[0] == 200
    assert run(server).returncode == 0
    linked = []

    def rule(name, path, _):
        if f"{table}/metadata" not in path or faults.seen:
            return 0
        linked.extend([path] if name == "link" else [])
        return errno.EIO if linked and name == call else 0
    faults.rule = rule
    buy(server)
    dead_letter(server)
    poll("the pipeline to go on", lambda: run(server).returncode == 0)
    assert len(faults.seen) == 1, "the commit was made to fail"
    assert rows(server, "sword_purchases") == 2
    assert rows(server, "bad.rows where pipeline = 'sword_purchases'") == 1
    assert readiness(server) == (200, {"status": "ready"})
    assert status_of(server)["problems"] == []


def test_a_table_that_cannot_be_read_again_is_not_ready_and_needs_a_person(faulty):
    """H10: while reading again fails, status, metric and /readyz say so; then it goes on."""
    server, faults = faulty
    assert buy(server)[0] == 200
    assert run(server).returncode == 0
    linked = []

    def rule(name, path, _):
        if "bad/rows/metadata" not in path:
            return 0
        linked.extend([path] if name == "link" else [])
        return errno.EIO if linked and name == "fsync" else 0
    faults.rule = rule
    dead_letter(server)
    assert run(server).returncode != 0
    mine = pipeline(server)
    assert mine["state"] == "needs a person" and "Input/output error" in mine["last_error"]
    assert metric(server, 'steelthread_pipeline_needs_person{pipeline="sword_purchases"}') == "1"
    assert metric(server, 'steelthread_table_problem{table="bad.rows"}') == "1"
    code, answer = readiness(server)
    assert code == 503 and "table bad.rows" in answer["reasons"][0], answer
    assert any("sword_purchases needs a person" in one for one in status_of(server)["problems"])
    assert buy(server)[0] == 200, "events are taken meanwhile"
    faults.rule = None
    poll("the pipelines to go on", lambda: run(server).returncode == 0)
    assert rows(server, "sword_purchases") == 2
    assert rows(server, "bad.rows where pipeline = 'sword_purchases'") == 1
    assert readiness(server)[0] == 200
    assert metric(server, 'steelthread_pipeline_needs_person{pipeline="sword_purchases"}') == "0"


def test_a_damaged_bad_rows_stops_a_pipeline_at_its_next_dead_letter(server):
    """Rows go on, /readyz names the file, a dead letter waits, and the file's return is seen."""
    mine, other = "sword_purchases", "purchases"
    assert buy(server)[0] == 200
    dead_letter(server)
    for one in status_of(server)["pipelines"]:
        assert run(server, one["name"]).returncode == 0
    server.stop()
    versions = (server.data / "warehouse/bad/rows/metadata").glob("v*.metadata.json")
    newest = max(versions, key=lambda path: int(path.name[1:].split(".")[0]))
    file = str(newest.relative_to(server.data))
    whole = newest.read_bytes()
    newest.write_bytes(whole[:len(whole) // 2])
    server.start()
    code, answer = readiness(server)
    assert code == 503 and len(answer["reasons"]) == 1, answer
    for words in ("table bad.rows", file, "restore the data folder", "next dead letter"):
        assert words in answer["reasons"][0]
    assert status_of(server)["problems"] == answer["reasons"]
    assert metric(server, 'steelthread_table_problem{table="bad.rows"}') == "1"
    assert metric(server, 'steelthread_problems{unready="true"}') == "1"

    assert buy(server)[0] == 200
    for name in (mine, other):
        done = run(server, name)
        assert done.returncode == 0, done.stderr
        assert pipeline(server, name)["state"] == "idle"
        assert pipeline(server, name)["dead_letters"] == 1, "as the table counted"
    assert rows(server, mine) == 2

    dead_letter(server)
    assert buy(server)[0] == 200
    done = run(server)
    assert done.returncode != 0
    waiting = pipeline(server)
    assert waiting["state"] == "needs a person", waiting
    for words in ("cannot take 1", "bad.rows", file, "by itself once"):
        assert words in waiting["last_error"] and words in done.stderr
    assert rows(server, mine) == 2

    newest.write_bytes(whole)
    poll("the server to be ready by itself", lambda: readiness(server)[0] == 200)
    for one in status_of(server)["pipelines"]:
        assert run(server, one["name"]).returncode == 0
    assert rows(server, mine) == 3
    assert rows(server, f"bad.rows where pipeline = '{mine}'") == 2
    assert status_of(server)["problems"] == []


class CopiedServer(Server):
    """Runs the program of a folder of its own, into which `give` copies parts of the build."""

    def give(self, name):
        self.programs = self.project / "programs"
        self.programs.mkdir(exist_ok=True)
        shutil.copy2(BINARY.parent / name, self.programs / name)

    def command(self, *words):
        return [str(self.programs / "steelthread"), *super().command(*words)[1:]]


def test_a_worker_that_cannot_start_shows_until_it_starts(project):
    """Without libduckdb.so beside it: doctor tries, /readyz and status say why; then it goes on."""
    server = CopiedServer(project)
    server.give("steelthread")
    server.give("steelthread-sql")

    def ill():
        done = server.run("doctor", "--format", "json")
        findings = json.loads(done.stdout)["findings"]
        return {one["found"] for one in findings if one["needs_person"] and one["area"] != "ports"}
    said = "before it was ready; it printed: "
    (found,) = ill()
    assert said in found and "libduckdb.so" in found and "steelthread-sql" in found, found
    server.start()
    try:
        assert readiness(server)[0] == 200, "nothing has needed a worker yet"
        assert buy(server)[0] == 200
        failed = run(server)
        assert failed.returncode == 1 and "libduckdb.so" in failed.stderr, failed.stderr
        code, answer = readiness(server)
        assert code == 503 and len(answer["reasons"]) == 1, answer
        assert "no worker starts" in answer["reasons"][0] and said in answer["reasons"][0], answer
        assert any(said in problem for problem in status_of(server)["problems"])
        assert len(ill()) == 1, "one cause is one finding"
        assert buy(server)[0] == 200, "events are taken meanwhile"
        server.give("libduckdb.so")
        poll("readiness", lambda: run(server).returncode == 0 and readiness(server)[0] == 200)
        assert ill() == set()
        assert rows(server, "sword_purchases") == 2
    finally:
        server.stop()


def test_a_server_is_ready_again_once_its_worker_could_start(project):
    """A statement finds that no worker starts; nobody has to send another one afterwards."""
    server = CopiedServer(project)
    server.give("steelthread")
    server.give("steelthread-sql")
    server.start()
    try:
        failed = server.run("sql", "select 1")
        assert failed.returncode == 1 and "libduckdb.so" in failed.stderr, failed.stderr
        assert readiness(server)[0] == 503
        server.give("libduckdb.so")
        poll("readiness", lambda: readiness(server)[0] == 200)
    finally:
        server.stop()


PARTED = """
CREATE STREAMING TABLE parted
PARTITIONED BY (n)
TBLPROPERTIES ('steelthread.format' = 'json')
AS SELECT CAST(get_json_object(CAST(value AS STRING), '$.n') AS INT) AS n
FROM STREAM(samples);
"""


def test_upkeep_that_is_behind_shows_until_it_is_not(project):
    """So many small files that no upkeep put together: status and metrics say so."""
    partitions, commits = 30, 50  # 1,500 files; it is behind above 500, and 32 for each further partition
    (project / "pipelines/parted.sql").write_text(PARTED)
    server = CopiedServer(project)
    for name in ("steelthread", "steelthread-sql", "libduckdb.so"):
        server.give(name)
    server.settings["lake.upkeep"] = "false"
    server.start()

    def behind():
        return [one for one in status_of(server)["problems"] if "is behind" in one]
    try:
        lines = "".join(f'{{"n": {n}}}\n' for n in range(partitions))
        assert server.run("topic", "create", "samples", "--if-not-exists").returncode == 0
        for _ in range(commits):
            assert server.run("topic", "produce", "samples", input=lines).returncode == 0
            done = run(server, "parted")
            assert done.returncode == 0, done.stderr
        assert behind() == [], "upkeep is switched off"
        server.stop()
        (server.programs / "libduckdb.so").unlink()
        server.settings["lake.upkeep"] = "true"
        server.start()
        (told,) = poll("upkeep to look at the table", behind)
        assert told.startswith("table default.parted: ") and "small files; upkeep puts them together" in told
        small = next(one["small_files"] for one in status_of(server)["tables"] if one["name"] == "parted")
        assert small >= partitions * commits and f": {small} small files" in told
        assert int(metric(server, 'steelthread_problems{unready="false"}')) >= 1
        server.give("libduckdb.so")
        poll("upkeep to catch up", lambda: not behind(), 4 * DEADLINE_S)
    finally:
        server.stop()


def test_a_record_is_not_to_blame_for_a_kill_from_outside(faulty):
    """H21: workers that are killed while they hold one record make no dead letter of it."""
    server, faults = faulty
    killed = []

    def rule(_, path, thread):
        if "default/sword_purchases/data" not in path or len(killed) >= 12:
            return 0
        # The worker has read the record and written it; its file is being synced.
        lines = pathlib.Path(f"/proc/{thread}/status").read_text().splitlines()
        process = int(next(line.split()[1] for line in lines if line.startswith("Tgid:")))
        if process == server.process.pid:
            return 0
        os.kill(process, signal.SIGKILL)
        killed.append(process)
        return 0
    faults.rule = rule
    assert buy(server)[0] == 200
    last = poll("the kills to end", lambda: run(server).returncode == 0 or pipeline(server))
    while last is not True:
        if len(killed) < 12:
            assert "killed by signal 9 (Killed) from outside" in last["last_error"], last
        last = poll("the kills to end", lambda: run(server).returncode == 0 or pipeline(server))
    assert len(killed) == 12
    assert rows(server, "sword_purchases") == 1
    assert rows(server, "bad.rows") == 0


def odd_things(path):
    """Each kind of thing that can stand in a file's place."""
    yield "folder", lambda: (path / "inner").mkdir(parents=True)
    yield "pipe", lambda: os.mkfifo(path)
    yield "link to nowhere", lambda: path.symlink_to(path.parent / "nowhere")
    yield "link to itself", lambda: path.symlink_to(path)


def remove(path):
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nowhere", "link to itself"])
def test_derived_folders_heal_themselves_whatever_stands_in_a_files_place(tmp_path, kind):
    """H23: answers/ and game/ are rebuilt from the log, and a warning names the damage."""
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns(".steelthread"))
    server = Server(tmp_path).start()

    def make_player():
        """The player is made once, whatever is asked again under the key; its topic's end."""
        made = ask(server.endpoints["http"], "POST", "/players", '{"player": "ann"}',
                   {"Content-Type": "application/json", "Idempotency-Key": "order-1"})
        assert made[0] == 201, made
        topics = {topic["name"]: topic for topic in status_of(server)["topics"]}
        return topics["game"]["partitions"][0]["end_offset"]
    end = make_player()
    server.stop()
    files = list((server.data / "answers").iterdir())
    files += [server.data / name for name in ("answers", "game", "run")]
    files += [server.data / "game/unfinished", server.data / "run/pid"]
    assert any(path.name == "manifest.json" for path in files)
    if kind.startswith("link"):  # where a folder was looked for, or a file
        files = [path for path in files if path.name in ("manifest.json", "answers", "game")]
    for path in files:
        if os.path.lexists(path):
            remove(path)
        path.parent.mkdir(exist_ok=True)
        dict(odd_things(path))[kind]()
        server.start()
        assert make_player() == end, f"{path} {kind}: the key is known still"
        assert readiness(server)[0] == 200
        if path.name == "manifest.json" and kind != "link to nowhere":
            assert "rebuilt from the log" in str(status_of(server)["warnings"])
        server.stop()


@pytest.mark.parametrize("call", ["fallocate", "rename", "fdatasync", "fsync"])
def test_a_segment_that_could_not_begin_is_tried_again(faulty, call):
    """H23: an EIO while a segment begins is said, and passes without a restart."""
    server, faults = faulty
    next_segment = str(server.data / "log/00000000000000000002.log")
    in_log = str(server.data / "log")

    def rule(name, path, _):
        is_next = path.startswith(next_segment) or (name == "fsync" and path == in_log)
        is_begun = os.path.exists(next_segment) or os.path.exists(next_segment + ".new")
        return errno.EIO if name == call and is_next and (name != "fsync" or is_begun) else 0
    faults.rule = rule
    big = {f"X-Ballast-{i}": "b" * 7000 for i in range(4)}

    def refused():
        status, text = buy(server, **big)
        return status != 200 and (status, text)
    status, text = poll("a segment to begin", refused)
    assert status == 503 and "Input/output error" in text, text
    code, answer = readiness(server)
    assert code == 503 and "tried again" in answer["reasons"][0]
    faults.rule = None
    poll("the server to be ready by itself", lambda: readiness(server)[0] == 200)
    assert buy(server, **big)[0] == 200
    stored = status_of(server)["topics"][0]["partitions"][0]["end_offset"]
    server.kill9()
    server.popen = {}
    server.start()
    assert status_of(server)["topics"][0]["partitions"][0]["end_offset"] == stored


def post(server, sql, source, user):
    status, text = ask(server.endpoints["sql"], "POST", "/v1/statement", sql,
                       {"X-Trino-User": user}, source)
    assert status == 200
    return json.loads(text)


def follow(server, answer, source="127.0.0.1"):
    """The rows of a statement, or its error."""
    rows_read = []
    while "nextUri" in answer:
        path = answer["nextUri"].split(server.endpoints["sql"], 1)[1]
        answer = json.loads(ask(server.endpoints["sql"], "GET", path, source=source)[1])
        rows_read += answer.get("data", [])
    return answer.get("error", {}).get("errorName") or rows_read


@pytest.mark.parametrize("way", ["posted", "asked for once", "cancelled"])
def test_statements_of_one_client_leave_room_for_others(server, way):
    """H15: 64 statements that nobody reads, or that are cancelled, keep nobody else from SQL."""
    sql = "select count(*) from unnest(sequence(1, 10000)) a, unnest(sequence(1, 10000)) b"
    for round_ in range(2):
        for i in range(64):
            answer = post(server, sql, "127.0.0.2", f"user {i}")
            if "nextUri" not in answer:
                assert answer["error"]["errorName"] == "QUERY_QUEUE_FULL"
                continue
            path = answer["nextUri"].split(server.endpoints["sql"], 1)[1]
            if way == "asked for once" and i < 4:
                ask(server.endpoints["sql"], "GET", path, source="127.0.0.2")
            if way == "cancelled":
                assert ask(server.endpoints["sql"], "DELETE", path, source="127.0.0.2")[0] == 204
        assert follow(server, post(server, "select 1", "127.0.0.1", "ann")) == [[1]]
    if way == "cancelled":
        answer = post(server, "select 2", "127.0.0.2", "user 1")
        assert follow(server, answer, "127.0.0.2") == [[2]], "their own places are free at once"
    else:
        assert metric(server, 'steelthread_statements_refused_total{reason="address_queued"}') != "0"
    assert metric(server, 'steelthread_statements{state="open"}') is not None


def records(server):
    """The values of topic events."""
    connection = kafka_wire.Connection(server.endpoints["kafka"])
    values = [value for _, value, _ in connection.read_all("events")]
    connection.close()
    return values


def test_a_server_whose_data_folder_was_moved_leaves_the_next_one_alone(project):
    """H10: what is at its path is another's; nothing is acknowledged that is not stored."""
    first, second = Server(project), Server(project)
    for server in (first, second):
        server.settings["log.segment_bytes"] = str(SEGMENT)
    first.start()
    assert buy(first)[0] == 200
    away = project / "away"
    first.data.rename(away)
    second.start()
    try:
        assert buy(second)[0] == 200
        for _ in range(3):
            status, text = buy(first)
            assert status == 503 and "was replaced while this process" in text, text
        status, document = readiness(first)
        assert status == 503 and "was replaced while this process" in str(document), document
        first.process.terminate()
        first.process.wait(DEADLINE_S)
        assert json.loads((second.data / "run/endpoints.json").read_text()) == second.endpoints
        second.stop()
        second.start()
        assert buy(second)[0] == 200
        assert len(records(second)) == 2
        second.stop()
        shutil.rmtree(second.data)
        away.rename(first.data)
        (first.data / "run/endpoints.json").unlink()  # of the process that could not remove it
        first.start()
        assert len(records(first)) == 1
    finally:
        for server in (first, second):
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()


def project_of_init(folder):
    made = subprocess.run([str(BINARY), "init", str(folder)], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    assert made.returncode == 0, made.stderr
    return Server(folder)


def flags(server):
    """The ports that the server has, as settings of a command."""
    return [word for key, value in server.settings.items() for word in ("--set", f"{key}={value}")]


def ports(server):
    return [address.rsplit(":", 1)[1] for address in server.endpoints.values()]


def end(*servers):
    for server in servers:
        if server.process and server.process.poll() is None:
            server.process.kill()
            server.process.wait()


@pytest.mark.parametrize("is_made_again", [True, False])
def test_a_server_whose_project_was_removed_is_named_and_ended(tmp_path, is_made_again):
    """`status`, `up` and `doctor` name the process, its ports and its folder; `down` ends it."""
    folder = tmp_path / "game"
    server = project_of_init(folder).start()
    named = f"process {server.process.pid} (steelthread up"
    try:
        # It fails where the server makes a table meanwhile, and is run again then.
        poll("the removal", lambda: subprocess.run(["rm", "-rf", str(folder)]).returncode == 0)
        if is_made_again:
            project_of_init(folder)
            for words in (["up"], ["up", "-d"]):
                refused = server.run(*words, *flags(server))
                assert refused.returncode == 1 and f"held by {named}" in refused.stderr, refused
                assert f"whose data folder was removed from {server.data}: `kill " in refused.stderr
            found = server.run("doctor", *flags(server)).stdout
            assert named in found and f"`steelthread down --data {server.data}`" in found
        status = server.run("status")
        assert status.returncode == 3 and named in status.stderr, status
        assert f"runs on a data folder that was removed from {server.data}" in status.stderr
        assert all(port in status.stderr for port in ports(server))
        assert f"end it with `steelthread down --data {server.data}`" in status.stderr
        down = server.run("down")
        assert down.returncode == 0, down
        assert down.stdout.startswith(f"stopped {named}")
        assert down.stdout.endswith(f", whose data folder was removed from {server.data}\n")
        server.process.wait(DEADLINE_S)
        if is_made_again:
            again = server.run("down")
            assert again.returncode == 3 and again.stderr.endswith(": nothing is to stop\n")
            server.start()  # on the same ports
            assert server.run("down").returncode == 0
    finally:
        end(server)


def test_a_server_whose_folder_was_moved_is_named_and_ended(project):
    """`status` says where the folder lies now; what was acknowledged is in it."""
    server = Server(project).start()
    away = project / "away"
    try:
        assert buy(server)[0] == 200
        server.data.rename(away)
        status = server.run("status")
        assert status.returncode == 3, status
        assert (f"process {server.process.pid} (steelthread up" in status.stderr
                and f"was started on {server.data}, and its data folder lies at {away} now" in status.stderr)
        assert "move the folder back, or end it with `steelthread down --data " in status.stderr
        down = server.run("down")
        assert down.returncode == 0 and down.stdout.endswith(f", whose data folder lies at {away}\n"), down
        server.process.wait(DEADLINE_S)
        away.rename(server.data)
        (server.data / "run/endpoints.json").unlink()  # of the process that could not remove it
        server.start()
        assert len(records(server)) == 1
        server.stop()
    finally:
        end(server)


def test_a_server_of_another_folder_is_not_ended(tmp_path):
    """`down` names a lost server that only holds the ports, and passes over one that is well."""
    other, mine = project_of_init(tmp_path / "other"), project_of_init(tmp_path / "mine")
    other.start()
    try:
        well = mine.run("down", *flags(other))
        assert well.returncode == 3 and well.stderr.endswith(": nothing is to stop\n"), well
        away = tmp_path / "away"
        other.data.rename(away)
        shutil.rmtree(away)
        lost = mine.run("down", *flags(other))
        assert lost.returncode == 3, lost
        assert f"nothing is to stop; but process {other.process.pid} (steelthread up" in lost.stderr
        assert f"removed from {away}" in lost.stderr and f"`kill {other.process.pid}`" in lost.stderr
        assert other.process.poll() is None
    finally:
        end(other)


def test_a_server_is_ready_by_itself_once_its_folder_is_back(unreadable):
    """A consumer met what was away; nobody has to read it again."""
    server, _ = unreadable
    aside = server.project / "aside"
    server.data.rename(aside)
    try:
        consumer = kafka_wire.Connection(server.endpoints["kafka"])
        assert consumer.fetch("lines", 0, 0, SEGMENT)[0] == STORAGE_ERROR
        consumer.close()
        code, answer = readiness(server)
        assert code == 503 and len(answer["reasons"]) == 2, answer
    finally:
        aside.rename(server.data)
    poll("readiness", lambda: readiness(server)[0] == 200)


@pytest.mark.parametrize("what", ["", "log", "log/00000000000000000001.log"])
def test_what_is_removed_under_a_server_ends_its_acknowledging(project, what):
    """H10: an event is not acknowledged into a folder or a file that nobody will find again."""
    server = Server(project).start()
    assert buy(server)[0] == 200
    path, aside = server.data / what, project / "aside"
    path.rename(aside)
    try:
        status, text = buy(server)
        assert status == 503 and "was moved away or removed while this process" in text, text
        assert f"put back what was there, or end the process with `kill {server.process.pid}`" in text
        assert readiness(server)[0] == 503
        aside.rename(path)
        poll("readiness", lambda: readiness(server)[0] == 200)
        assert buy(server)[0] == 200
        assert len(records(server)) == 2
        server.stop()
    finally:
        server.process.kill()
        server.process.wait()


def test_a_closed_segment_that_the_disk_refuses_to_read_shows_until_it_reads_again(unreadable):
    """EIO for a consumer: status and /readyz name the segment; then all is well by itself."""
    server, faults = unreadable
    segment = first_of_lines(server)
    assert readiness(server)[0] == 200
    faults.rule = lambda call, path, _: errno.EIO if path == str(segment) else 0

    def fetch_error():
        consumer = kafka_wire.Connection(server.endpoints["kafka"])
        error = consumer.fetch("lines", 0, 0, SEGMENT)[0]
        consumer.close()
        return error
    assert fetch_error() == STORAGE_ERROR
    code, answer = readiness(server)
    assert code == 503 and segment.name in answer["reasons"][0], answer
    assert "Input/output error" in answer["reasons"][0]
    assert any(segment.name in one for one in status_of(server)["problems"])
    assert buy(server)[0] == 200, "events are taken meanwhile"
    faults.rule = None
    assert fetch_error() == 0
    assert readiness(server)[0] == 200
    assert status_of(server)["problems"] == []
