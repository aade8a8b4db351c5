"""The course's session: curl against the game API, kcat on the log, and what each should show."""
import json
import subprocess
import urllib.request

import pytest

from conftest import DEADLINE_S

# What the seed prints after its curl lines, user agent as curl 7.47.0 sends it.
SHOULD_SEE = """\
{"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", "User-Agent": "curl/7.47.0"}
{"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", "User-Agent": "curl/7.47.0"}
{"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", "User-Agent": "curl/7.47.0"}
{"Host": "localhost:5000", "event_type": "purchase_sword", "Accept": "*/*", "User-Agent": "curl/7.47.0"}
{"Host": "localhost:5000", "event_type": "purchase_sword", "Accept": "*/*", "User-Agent": "curl/7.47.0"}
{"Host": "localhost:5000", "event_type": "purchase_sword", "Accept": "*/*", "User-Agent": "curl/7.47.0"}
{"Host": "localhost:5000", "event_type": "purchase_sword", "Accept": "*/*", "User-Agent": "curl/7.47.0"}
"""


def curl(server, path, *flags):
    """curl as the seed's client would: its version, and the seed's host."""
    return subprocess.run(["curl", "-sS", "-A", "curl/7.47.0", "-H", "Host: localhost:5000", *flags,
                           f"http://{server.endpoints['http']}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S).stdout


def consume(server):
    return subprocess.run(["kcat", "-C", "-b", server.endpoints["kafka"], "-t", "events", "-o",
                           "beginning", "-e", "-q"], capture_output=True, text=True,
                          timeout=DEADLINE_S).stdout


def test_the_seeds_session(server):
    made = server.run("topic", "create", "events", "--partitions", "1", "--replication-factor", "1",
                      "--if-not-exists")
    assert made.stdout == 'Created topic "events".\n'
    for _ in range(3):
        assert curl(server, "/") == "This is the default response!\n"
    for _ in range(4):
        assert curl(server, "/purchase_a_sword") == "Sword Purchased!\n"
    assert consume(server) == SHOULD_SEE


@pytest.mark.parametrize("path, reply, fields", [
    ("/purchase_a_knife", "Knife Purchased!\n",
     {"event_type": "purchase_knife", "description": "very sharp knife"}),
    ("/purchase_armor", "Armor Purchased!\n", {"event_type": "purchase_armor"}),
    ("/join_a_guild", "Joined a guild!\n", {"event_type": "join_guild"}),
])
def test_the_other_routes_of_the_course(server, path, reply, fields):
    assert curl(server, path) == reply
    event = json.loads(consume(server))
    assert fields.items() <= event.items()


def test_an_answer_names_its_durable_position(server):
    for expected in range(3):
        head = curl(server, "/purchase_a_sword", "-i")
        assert f"Steelthread-Position: events/0:{expected}\r\n" in head or \
            f"Steelthread-Position: events/0:{expected}\n" in head
        server.kill9()
        server.start()
    assert len(consume(server).splitlines()) == 3


def test_head_logs_like_get_and_has_no_body(server):
    head = curl(server, "/", "-I")
    assert head.startswith("HTTP/1.1 200 OK") and "Content-Length: 30" in head
    assert len(consume(server).splitlines()) == 1


def test_apache_bench_as_in_week_12(server):
    done = subprocess.run(["ab", "-n", "200", "-c", "8", "-H", "Host: user1.comcast.com",
                           f"http://{server.endpoints['http']}/purchase_a_sword"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert "Failed requests:        0" in done.stdout
    lines = consume(server).splitlines()
    assert len(lines) == 200
    assert lines[0] == ('{"Host": "user1.comcast.com", "event_type": "purchase_sword", '
                        '"Accept": "*/*", "User-Agent": "ApacheBench/2.3"}')


def test_unknown_paths_and_methods_are_problems(server):
    missing = json.loads(curl(server, "/nothing"))
    assert (missing["status"], missing["code"]) == (404, "no_route")
    refused = curl(server, "/", "-i", "-X", "DELETE")
    assert "405 Method Not Allowed" in refused and "Allow: GET, HEAD" in refused
    assert consume(server) == ""


def test_health_and_metrics_are_on_the_admin_port_and_guarded(server):
    curl(server, "/")
    admin = f"http://{server.endpoints['sql']}"
    for path, body in [("/livez", b"ok\n"), ("/readyz", b'{"status":"ready"}\n')]:
        assert urllib.request.urlopen(admin + path, timeout=DEADLINE_S).read() == body
    metrics = urllib.request.urlopen(admin + "/metrics", timeout=DEADLINE_S).read().decode()
    assert 'steelthread_log_end_offset{topic="events",partition="0"} 1' in metrics
    foreign = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                              "Host: evil.example", admin + "/metrics"], capture_output=True,
                             text=True, timeout=DEADLINE_S)
    assert foreign.stdout == "403"
