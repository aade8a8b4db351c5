"""Who may ask, and what is kept of whom, one test a row."""
import json
import os
import shutil
import stat
import subprocess

import pytest

from conftest import DEADLINE_S, ROOT, Server, poll


def curl(server, path, *words, port="http"):
    """(status, headers, body) of one request."""
    done = subprocess.run(["curl", "-s", "-i", *words, f"http://{server.endpoints[port]}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.replace("\r", "").partition("\n\n")
    lines = head.split("\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def records(server, topic):
    status = json.loads(server.run("status", "--format", "json").stdout)
    return sum(p["end_offset"] for t in status["topics"] if t["name"] == topic
               for p in t["partitions"])


@pytest.fixture
def game(tmp_path):
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True)
    running = Server(tmp_path).start()
    yield running
    running.stop()


FOREIGN = [["-H", "Origin: http://evil.example"],
           ["-H", "Origin: null"],
           ["-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Mode: no-cors"],
           ["-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Mode: navigate"],
           ["-H", "Sec-Fetch-Site: same-site"],
           # A name of the page's own that resolves to this machine.
           ["-H", "Origin: http://evil.example:5000", "-H", "Host: evil.example:5000"]]


def test_a_page_of_another_origin_does_nothing(server):
    """H12: forms, images and links of other sites are refused at every HTTP port."""
    for words in FOREIGN:
        for ask in ([], ["-X", "POST"], ["-d", "a=b"], ["-I"]):
            status, _, _ = curl(server, "/purchase_a_sword", *words, *ask)
            assert status == 403, (words, ask)
        assert json.loads(curl(server, "/", *words)[2])["code"] == "origin_not_allowed"
        assert curl(server, "/v1/config", *words, port="catalog")[0] == 403
        assert curl(server, "/v1/statement", *words, "-d", "select 1", port="sql")[0] == 403
        assert curl(server, "/metrics", *words, port="sql")[0] == 403
    assert records(server, "events") == 0


def test_a_typed_address_and_our_own_page_are_answered(server):
    """H12: what no foreign page sent goes on, under any Host."""
    own = f"http://{server.endpoints['http']}"
    for words in (["-H", "Sec-Fetch-Site: none", "-H", "Sec-Fetch-Mode: navigate"],
                  ["-H", "Sec-Fetch-Site: same-origin", "-H", f"Origin: {own}"],
                  ["-H", "Host: user1.comcast.com"], []):
        assert curl(server, "/purchase_a_sword", *words)[0] == 200, words
    assert records(server, "events") == 4


def test_allowed_origins_are_answered_as_cors_asks(server):
    """H12: http.allowed_origins with preflight, Vary and the exposed position."""
    server.stop()
    server.settings["http.allowed_origins"] = "https://game.example"
    server.start()
    page = ["-H", "Origin: https://game.example", "-H", "Sec-Fetch-Site: cross-site"]
    status, headers, _ = curl(server, "/purchase_a_sword", *page)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "https://game.example"
    assert headers["Vary"] == "Origin"
    assert "Steelthread-Position" in headers["Access-Control-Expose-Headers"]
    status, headers, _ = curl(server, "/purchase_a_sword", *page, "-X", "OPTIONS", "-H",
                              "Access-Control-Request-Method: POST", "-H",
                              "Access-Control-Request-Headers: idempotency-key")
    assert status == 204 and "POST" in headers["Access-Control-Allow-Methods"]
    assert headers["Access-Control-Allow-Headers"] == "idempotency-key"
    assert curl(server, "/purchase_a_sword", "-H", "Origin: http://evil.example")[0] == 403
    assert records(server, "events") == 1
    refused = server.run("check", "--set", "http.allowed_origins=https://game.example/x")
    assert refused.returncode != 0 and "is no origin" in refused.stderr


def test_a_foreign_name_reads_nothing(game):
    """H12: the Host is looked at where something is shown; an alias's Host is the player's."""
    foreign = ["-H", "Host: evil.example"]
    for path in ("/.well-known/steelthread", "/openapi.json", "/items", "/guilds"):
        status, _, body = curl(game, path, *foreign)
        assert (status, json.loads(body)["code"]) == (403, "host_not_allowed"), path
        assert curl(game, path)[0] == 200, path
    assert curl(game, "/purchase_a_sword", *foreign)[0] == 200
    assert curl(game, "/players/evil.example")[0] == 200


@pytest.mark.parametrize("host", ["[::1].evil", "[::1]:evil", "localhost:evil", "localhost:80:80",
                                  "localhost:99999", "[::1", "127.0.0.1@evil", "[::1]evil:80"])
def test_a_malformed_host_is_no_loopback_name(server, host):
    """H12: what follows a loopback name makes another name; every port refuses it."""
    for path in ("/purchase_a_sword", "/.well-known/steelthread"):
        status, _, body = curl(server, path, "-H", f"Host: {host}")
        assert (status, json.loads(body)["code"]) == (400, "bad_host"), path
    for port in ("sql", "catalog"):
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Host: {host}",
                               f"http://{server.endpoints[port]}/v1/info"],
                              capture_output=True, text=True, timeout=DEADLINE_S)
        assert done.stdout == "400", port


def test_the_start_says_that_the_ports_do_not_authenticate(server):
    """H12: a warning at start, README and docs say what the ports trust."""
    want = "the ports do not authenticate"
    poll("the warning", lambda: want in (server.project / "server.log").read_text())
    for document in ("README.md", "docs/operations.md"):
        assert want in " ".join((ROOT / document).read_text().split()).lower(), document
    assert "does not authenticate" in " ".join(
        (ROOT / "docs/game.md").read_text().split()).lower()


def test_the_data_folder_is_private(tmp_path):
    """H17: umask 077, also for a folder that was made wider, whatever the umask is inherited."""
    shutil.copytree(ROOT / "examples/w205", tmp_path, dirs_exist_ok=True)
    server = Server(tmp_path)
    server.data.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        server.start()
    finally:
        os.umask(before)
    assert curl(server, "/purchase_a_sword")[0] == 200
    assert server.run("pipeline", "run", "sword_purchases", "--once").returncode == 0
    server.stop()
    for path in [server.data, *server.data.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert mode & 0o077 == 0, (path, oct(mode))


def test_headers_that_prove_who_asks_are_never_logged(server):
    """H17: headers = "all" leaves out what lets a reader act as the sender."""
    secrets = ["Cookie", "Authorization", "Proxy-Authorization", "Set-Cookie", "X-Api-Key",
               "X-CSRF-Token", "Idempotency-Key"]
    words = [word for name in secrets for word in ("-H", f"{name}: hush")]
    assert curl(server, "/purchase_a_sword", *words, "-H", "X-Color: red")[0] == 200
    read = subprocess.run(["kcat", "-b", server.endpoints["kafka"], "-C", "-t", "events", "-o",
                           "beginning", "-e", "-q"], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    assert "hush" not in read.stdout and '"X-Color": "red"' in read.stdout


def test_a_key_is_a_players(game):
    """H13: player A's order-1 and B's do not meet; each acts once, and a player's key is one request's."""
    def send(path, body, host="localhost", key="order-1"):
        words = ["-H", f"Host: {host}", "-H", f"Idempotency-Key: {key}"]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        return curl(game, path, *words)

    for player in ("a", "b"):
        assert send("/players", {"player": player})[0] == 201
        first = send(f"/players/{player}/wallet/grant", {"amount": 5}, key="grant-1")
        assert first[0] == 200
        again = send(f"/players/{player}/wallet/grant", {"amount": 5}, key="grant-1")
        assert (again[0], again[1]["Steelthread-Position"]) == (200, first[1]["Steelthread-Position"])
        other = send(f"/players/{player}/wallet/grant", {"amount": 6}, key="grant-1")
        assert (other[0], json.loads(other[2])["code"]) == (422, "key_reused")
    for host in ("user1.example", "user2.example"):
        first = send("/purchase_a_sword", None, host)
        assert first[0] == 200
        assert send("/purchase_a_sword", None, host)[1]["Steelthread-Position"] == \
            first[1]["Steelthread-Position"]
