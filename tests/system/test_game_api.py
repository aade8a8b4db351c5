"""The game API over real HTTP: payloads as Flask makes them, order, shedding without loss."""
import concurrent.futures
import http.client
import json
import re
import socket
import subprocess

import pytest

from conftest import DEADLINE_S, ROOT, Server

GOLDEN = json.loads((ROOT / "src/event/testdata/flask_payloads.json").read_text())["cases"]
# Where RFC 9112 asks for something else than Flask does (docs/events.md).
REFUSED = {"control characters", "host twice", "folded"}
TRIMMED = {"space behind a value"}
# A header that is never logged (docs/events.md), and in a golden payload.
SECRET = '"X-2Fa-Token": "a", '


def toml_text(text):
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def declare(project, name, route, *lines, fields=None):
    (project / "events").mkdir(exist_ok=True)
    text = [f"name = {toml_text(name)}", f"route = {toml_text(route)}", 'reply = "ok\\n"', *lines]
    has_mark = (fields or {}).get("event_type") or any(line.startswith("payload") for line in lines)
    if not has_mark:
        text.append("table = false")
    if fields is not None:
        text += ["[fields]", *(f"{toml_text(k)} = {toml_text(v)}" for k, v in fields.items())]
    (project / f"events/{name}.toml").write_text("\n".join(text) + "\n")


@pytest.fixture
def project(tmp_path):
    servers = []

    def start(**settings):
        server = Server(tmp_path)
        server.settings.update({key.replace("__", "."): value for key, value in settings.items()})
        servers.append(server.start())
        return server

    start.path = tmp_path
    yield start
    for server in servers:
        server.stop()


def talk(server, raw, answers=1):
    """Sends bytes and reads so many answers: [(status, head, body)]."""
    host, port = server.endpoints["http"].rsplit(":", 1)
    out = []
    with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as peer:
        peer.sendall(raw)
        reader = peer.makefile("rb")
        for _ in range(answers):
            head = b"".join(iter(lambda: reader.readline() or b"\r\n", b"\r\n")).decode()
            length = int(re.search(r"Content-Length: (\d+)", head)[1])
            out.append((int(head.split()[1]), head, reader.read(length)))
    return out


def logged(server, topic="events"):
    done = subprocess.run(["kcat", "-C", "-q", "-b", server.endpoints["kafka"], "-t", topic, "-o",
                           "beginning", "-e"], capture_output=True, check=True, timeout=DEADLINE_S)
    return done.stdout.decode().splitlines()


def test_payloads_are_those_of_a_running_flask(project):
    for number, case in enumerate(GOLDEN):
        declare(project.path, f"c{number}", f"GET /c{number}", 'headers = "all"',
                f'topic = "flask.c{number}"', fields=case["fields"])
    server = project()
    for number, case in enumerate(GOLDEN):
        line, rest = case["request"].split("\r\n", 1)
        method, target, version = line.split(" ")
        raw = f"{method} {target}c{number} {version}\r\n{rest}"
        status = talk(server, raw.encode("latin-1"))[0][0]
        if case["name"] in REFUSED:
            assert status == 400, case["name"]
            continue
        assert status == 200, case["name"]
        want = case["want"].replace('"1 \\t "', '"1"') if case["name"] in TRIMMED else case["want"]
        want = want.replace(SECRET, "")
        assert logged(server, f"flask.c{number}") == [want], case["name"]


def test_all_three_forms_of_the_seed_can_be_declared(project):
    fields = {"event_type": "default"}
    declare(project.path, "text", "GET /text", 'payload = "default"')
    declare(project.path, "json", "GET /json", 'topic = "json.only"', fields=fields)
    declare(project.path, "headers", "GET /", 'headers = "all"', fields=fields)
    server = project()
    for path in ("/text", "/json", "/"):
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:5000\r\nUser-Agent: curl/7.47.0\r\n"
        assert talk(server, (head + "Accept: */*\r\n\r\n").encode())[0][0] == 200
    assert logged(server, "json.only") == ['{"event_type": "default"}']
    assert logged(server) == [
        "default",
        '{"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", '
        '"User-Agent": "curl/7.47.0"}']


def test_pipelined_requests_keep_their_order(project):
    declare(project.path, "a", "GET /", 'headers = "all"')
    server = project()
    count = 60
    raw = "".join(f"GET / HTTP/1.1\r\nHost: {i}\r\n\r\n" for i in range(count))
    answers = talk(server, raw.encode(), count)
    positions = [re.search(r"Steelthread-Position: (\S+)", head)[1] for _, head, _ in answers]
    assert positions == [f"events/0:{i}" for i in range(count)]
    assert logged(server) == [f'{{"Host": "{i}"}}' for i in range(count)]


def test_what_is_too_much_at_once_is_shed_and_nothing_answered_is_lost(project):
    declare(project.path, "a", "GET /", 'headers = "all"')
    server = project(http__max_in_flight_bytes="1200")
    threads, each = 16, 60

    def client(thread):
        connection = http.client.HTTPConnection(server.endpoints["http"], timeout=DEADLINE_S)
        results = []
        for i in range(each):
            name = f"{thread}-{i}"
            connection.request("GET", "/", headers={"Host": name, "Accept-Encoding": "x"})
            answer = connection.getresponse()
            results.append((name, answer.status, answer.headers["Retry-After"], answer.read()))
        return results

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        results = [row for rows in pool.map(client, range(threads)) for row in rows]
    stored = {name for name, status, _, _ in results if status == 200}
    shed = [row for row in results if row[1] != 200]
    assert stored and shed
    for name, status, retry_after, body in shed:
        assert (status, retry_after) == (503, "1"), (name, body)
        assert json.loads(body)["code"] == "unavailable"
    found = [json.loads(line)["Host"] for line in logged(server)]
    assert len(found) == len(set(found)) and set(found) == stored
    admin = http.client.HTTPConnection(server.endpoints["sql"], timeout=DEADLINE_S)
    admin.request("GET", "/metrics")
    metrics = admin.getresponse().read().decode()
    assert f'steelthread_ingest_rejected_total{{reason="overload"}} {len(shed)}\n' in metrics
    assert f"steelthread_ingest_events_total {len(stored)}\n" in metrics
    assert f"steelthread_ingest_seconds_count {len(stored)}\n" in metrics
    assert "steelthread_ingest_in_flight_bytes 0\n" in metrics


def test_two_events_with_one_route_name_both_places(tmp_path):
    for name in ("one", "two"):
        declare(tmp_path, name, "GET /", 'payload = "x"')
    done = Server(tmp_path).run("up")
    assert done.returncode != 0
    events = tmp_path / "events"
    assert (f'{events}/two.toml:2:9: route "GET /" is declared at {events}/one.toml:2:9 too'
            in done.stderr)
