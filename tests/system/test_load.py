"""`steelthread load` without crashes: its report, its loops, and other people's servers."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import BINARY, DEADLINE_S, ROOT, poll


def load(server, *words, target=None):
    target = target or f"http://{server.endpoints['http']}"
    return server.run("load", "--target", target, "--format", "json", *words)


def report_of(done):
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_four_counts_are_equal_and_latency_is_told(server):
    done = load(server, "--verify", "--duration", "2s")
    report = report_of(done)
    assert done.returncode == 0, (report, done.stderr)
    counts = [report[name] for name in ("sent", "acknowledged", "in_log", "in_tables")]
    assert len(set(counts)) == 1 and counts[0] > 100
    assert report["missing"] == [] and report["doubled"] == []
    latency = report["latency_ms"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["p999"] <= latency["max"]
    assert re.search(r"\d/s +p50", done.stderr)


def test_an_open_loop_keeps_its_rate(server):
    report = report_of(load(server, "--rate", "200", "--duration", "3s"))
    assert report["sent"] == 600 and report["not_sent"] == 0


def test_each_route_comes_at_its_declared_rate(server):
    rates = {}
    for path in (server.project / "events").glob("*.toml"):
        name = re.search(r'^name = "(.*)"', path.read_text(), re.M)[1]
        rates[name] = float(re.search(r"^rate = (.*)", path.read_text(), re.M)[1])
    report = report_of(load(server, "--rate", "declared", "--duration", "5s", "--verify"))
    assert report["sent"] == 5 * sum(rates.values())
    count = server.run("sql", "--format", "csv", "select count(*) from default.default_hits")
    hits = int(count.stdout.split()[-1])
    mean = 5 * rates["default"]
    assert abs(hits - mean) < 5 * mean ** 0.5


def test_the_report_is_a_table_for_people(server):
    done = server.run("load", "--target", f"http://{server.endpoints['http']}", "--requests", "50",
                      "--verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "50 sent = 50 acknowledged = 50 in the log = 50 in the tables" in done.stdout


@pytest.mark.parametrize("words, what", [
    (["--target", "ftp://x"], "want http://HOST:PORT"),
    (["--target", "http://127.0.0.1:1"], "nothing listens"),
    (["--rate", "5", "--clients", "5", "--target", "http://127.0.0.1:1"], "--"),
    (["--duration", "1 year"], "no duration"),
    (["--requests", "-1"], '"-1" is no number from 0 to'),
    (["--rate", "fast"], "no number of requests a second"),
    (["--rate", "0"], "no number of requests a second"),
    (["--rate", "declared", "--mix", "commands"], "events declare rates"),
])
def test_what_cannot_be_is_said(server, words, what):
    if "--target" not in words:
        words = words + ["--target", f"http://{server.endpoints['http']}"]
    done = server.run("load", *words)
    assert done.returncode != 0 and what in done.stderr and done.stdout == ""


def test_a_server_that_lies_is_found_out(server):
    """Answers 200 and keeps nothing: what is no steelthread server cannot be verified."""

    class Liar(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(404 if self.path.startswith("/.well-known") else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    liar = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=liar.serve_forever, daemon=True).start()
    target = f"http://127.0.0.1:{liar.server_port}"
    try:
        done = load(server, "--verify", target=target)
        assert done.returncode != 0 and "no steelthread server" in done.stderr
        done = load(server, "--requests", "40", "--mix", "events", "--kafka", server.endpoints["kafka"],
                    target=target)
        report = report_of(done)
        assert report["acknowledged"] > report["in_log"] == 0 and done.returncode == 1
    finally:
        liar.shutdown()


@pytest.fixture
def flask_app(server):
    """The Flask app of bench/, which sends to our log's Kafka port."""
    server.run("topic", "create", "events", "--if-not-exists")
    log = server.project / "flask.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", str(ROOT / "bench/flask_app/game_api.py"), "run",
         "--port", "0"], stdout=log.open("ab"), stderr=subprocess.STDOUT,
        env={**os.environ, "KAFKA_BROKER": server.endpoints["kafka"], "PYTHONUNBUFFERED": "1"})
    found = poll("the Flask app", lambda: re.search(r"Running on (http://\S+)", log.read_text())
                 or process.poll())
    assert process.poll() is None, log.read_text()
    yield found[1]
    process.terminate()
    process.wait(10)


def test_of_a_flask_app_what_is_acknowledged_is_told(server, flask_app):
    """Routes it lacks are refused; acknowledged <= log <= sent holds with its broker."""
    done = load(server, "--requests", "300", "--clients", "4", "--kafka", server.endpoints["kafka"],
                target=flask_app)
    report = report_of(done)
    assert report["is_steelthread"] is False and "in_tables" not in report
    assert report["acknowledged"] > 10
    assert report["acknowledged"] <= report["in_log"] <= report["sent"]
    assert done.returncode == 0, (report, done.stderr)


def test_the_discovery_document_is_for_this_machine(server):
    import urllib.request
    address = f"http://{server.endpoints['http']}/.well-known/steelthread"
    told = json.load(urllib.request.urlopen(address))
    assert told["endpoints"] == server.endpoints
    assert {"name", "event_type", "topic", "table"} <= set(told["events"][0])
    request = urllib.request.Request(address, headers={"X-Forwarded-For": "10.0.0.1"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403
    assert BINARY.exists()


def test_another_project_than_the_targets_is_refused(server, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(ROOT / "examples/w205", other, dirs_exist_ok=True)
    path = other / "events/default.toml"
    path.write_text(path.read_text().replace("name =", 'topic = "visits"\nname =', 1))
    done = subprocess.run([BINARY, "load", "--target", f"http://{server.endpoints['http']}", "-C", other],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 1 and "serves another project" in done.stderr, done.stderr


def test_a_server_that_does_not_come_back_is_no_loss_and_the_check_can_be_interrupted(server):
    words = server.command("load", "--target", f"http://{server.endpoints['http']}", "--verify",
                           "--duration", "1s", "--format", "json")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "reading log and tables" in line:
            break
    server.kill9()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=DEADLINE_S)
    report = json.loads(out)  # the tables wait for their trigger, so not all was read
    assert process.returncode == 1 and report["trouble"] and report["missing"] is None
