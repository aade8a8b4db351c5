"""Idempotency-Key on declared routes, with curl: one record, one answer, over restarts."""
import json
import subprocess

from conftest import DEADLINE_S, Server


def curl(server, path, *words):
    """(status, headers, body) of one request."""
    done = subprocess.run(["curl", "-s", "-i", *words, f"http://{server.endpoints['http']}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.replace("\r", "").partition("\n\n")
    lines = head.split("\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, body


def end_offset(server):
    status = json.loads(server.run("status", "--format", "json").stdout)
    events = [topic for topic in status["topics"] if topic["name"] == "events"]
    return events[0]["partitions"][0]["end_offset"] if events else 0


def test_a_key_makes_one_record_over_restart_and_kill(server):
    first = curl(server, "/purchase_a_sword", "-H", "Idempotency-Key: order-1")
    assert first[0] == 200
    assert first[1]["Steelthread-Position"] == "events/0:0"

    def again():
        status, headers, body = curl(server, "/purchase_a_sword", "-H", 'Idempotency-Key: "order-1"')
        assert (status, headers["Steelthread-Position"], body) == (200, "events/0:0", first[2])
        assert headers["Content-Type"] == first[1]["Content-Type"]
        assert end_offset(server) == 1

    again()
    server.kill9()
    server.start()
    again()
    server.stop()
    server.start()
    again()
    other = curl(server, "/purchase_a_sword?quantity=2", "-H", "Idempotency-Key: order-1")
    assert other[0] == 422
    assert json.loads(other[2])["code"] == "key_reused"
    assert json.loads(other[2])["detail"].endswith("another request's: a new request takes a new key.")
    malformed = curl(server, "/", "-H", f"Idempotency-Key: {'k' * 256}")
    assert malformed[0] == 400
    assert json.loads(malformed[2])["parameter"] == "Idempotency-Key"
    assert end_offset(server) == 1


def test_the_record_holds_key_and_answer_and_the_payload_does_not(server):
    curl(server, "/purchase_a_sword", "-H", "Idempotency-Key: order-2")
    read = subprocess.run(["kcat", "-b", server.endpoints["kafka"], "-C", "-t", "events", "-o",
                           "beginning", "-e", "-q", "-f", "%h|%s\n"], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    headers, payload = read.stdout.strip().split("|", 1)
    assert "idempotency-key=order-2" in headers
    assert "steelthread-answer=200 text/html; charset=utf-8" in headers
    assert "order-2" not in payload


def test_status_and_metrics_show_keys_and_window(server):
    curl(server, "/purchase_a_sword", "-H", "Idempotency-Key: order-3")
    curl(server, "/purchase_a_sword", "-H", "Idempotency-Key: order-3")
    status = json.loads(server.run("status", "--format", "json").stdout)
    assert status["idempotency"]["keys"] == 1
    assert status["idempotency"]["window_seconds"] == 24 * 3600
    metrics = subprocess.run(["curl", "-s", f"http://{server.endpoints['sql']}/metrics"],
                             capture_output=True, text=True, timeout=DEADLINE_S).stdout
    assert "\nsteelthread_idempotency_keys 1\n" in metrics
    assert "\nsteelthread_idempotency_window_seconds 86400\n" in metrics
    assert "\nsteelthread_ingest_repeats_total 1\n" in metrics


GREETING = """
name = "greeting"
route = "POST /greetings/{who}"
reply = "Hello!\\n"
topic = "greetings"
key = "who"
[fields]
event_type = "greeting"
who = {}
"""


def test_events_of_a_topic_with_partitions_go_by_their_key_as_kafkas_do(tmp_path):
    """Over HTTP and from `topic produce` one key is in one partition, and so is its remembered answer."""
    (tmp_path / "events").mkdir()
    (tmp_path / "events/greeting.toml").write_text(GREETING)
    server = Server(tmp_path).start()
    try:
        assert server.run("topic", "create", "greetings", "--partitions", "4").returncode == 0
        players = [f"player{number}" for number in range(8)]
        first = {}
        for player in players:
            status, headers, body = curl(server, f"/greetings/{player}", "-X", "POST", "-H",
                                         f"Idempotency-Key: {player}")
            assert (status, body) == (200, "Hello!\n")
            first[player] = headers["Steelthread-Position"]
        lines = "".join(f"{player}={{}}\n" for player in players)
        made = server.run("topic", "produce", "greetings", "--key-separator", "=", input=lines)
        assert made.returncode == 0, made.stderr
        read = server.run("topic", "consume", "greetings", "--with-position").stdout
        of_player = {}
        for line in read.splitlines():
            partition, _, _, key, _ = line.split("\t")
            of_player.setdefault(key, []).append(partition)
        partitions = {player: position.split("/")[1].split(":")[0] for player, position in first.items()}
        assert of_player == {player: [partition] * 2 for player, partition in partitions.items()}
        assert len(set(partitions.values())) > 1
        for restart in (server.kill9, server.stop):
            restart()
            server.start()
            for player in players:
                _, headers, _ = curl(server, f"/greetings/{player}", "-X", "POST", "-H",
                                     f"Idempotency-Key: {player}")
                assert headers["Steelthread-Position"] == first[player]
    finally:
        server.stop()
