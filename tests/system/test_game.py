"""The game over HTTP: rules hold where requests meet, keys act once, the past can be read."""
import concurrent.futures
import json
import re
import shutil
import signal
import urllib.error
import urllib.request

import pytest

from conftest import ROOT, Server, poll

CLIENTS = 64


@pytest.fixture
def game(tmp_path):
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True)
    running = Server(tmp_path).start()
    yield running
    running.stop()


def ask(server, method, path, body=None, key=None):
    """Status, JSON and headers."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if key:
        headers["Idempotency-Key"] = key
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://{server.endpoints['http']}{path}", data, headers,
                                     method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.loads(reply.read()), reply.headers
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), error.headers


def all_at_once(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def players(server, count, coins):
    names = [f"p{i}" for i in range(count)]
    for name in names:
        assert ask(server, "POST", "/players", {"player": name})[0] == 201
        ask(server, "POST", f"/players/{name}/wallet/grant", {"amount": coins})
    return names


def coins_of(server, name):
    return ask(server, "GET", f"/players/{name}/wallet")[1]["coins"]


def test_the_last_item_is_bought_once(game):
    last = next(item for item in ask(game, "GET", "/items")[1]["items"] if item.get("stock") == 1)
    names = players(game, CLIENTS, last["price"])
    before = sum(coins_of(game, name) for name in names)
    for name in names:
        assert ask(game, "POST", f"/players/{name}/cart/items", {"item": last["item"]})[0] < 300
    answers = all_at_once([lambda n=n: ask(game, "POST", f"/players/{n}/cart/checkout", key=f"k-{n}")
                           for n in names])
    assert sum(status == 200 for status, _, _ in answers) == 1
    assert {body["code"] for status, body, _ in answers if status != 200} == {"out_of_stock"}
    assert sum(coins_of(game, name) for name in names) == before - last["price"]
    again = all_at_once([lambda n=n: ask(game, "POST", f"/players/{n}/cart/checkout", key=f"k-{n}")
                         for n in names])
    assert [(s, b) for s, b, _ in again] == [(s, b) for s, b, _ in answers]


def test_the_last_coin_is_spent_once(game):
    name = players(game, 1, 1)[0]
    coins = coins_of(game, name)
    answers = all_at_once([lambda: ask(game, "POST", f"/players/{name}/wallet/spend",
                                       {"amount": coins})] * CLIENTS)
    assert sum(status < 300 for status, _, _ in answers) == 1
    assert {body["code"] for status, body, _ in answers if status >= 300} == {"insufficient_funds"}
    assert coins_of(game, name) == 0


def test_nobody_is_in_two_guilds(game):
    name, one, two = players(game, 3, 1)
    for founder, guild in ((one, "Owls"), (two, "Foxes")):
        assert ask(game, "POST", "/guilds", {"guild": guild, "player": founder})[0] == 201
    calls = [lambda g=g: ask(game, "POST", f"/guilds/{g}/members", {"player": name})
             for g in ("Owls", "Foxes")] * (CLIENTS // 2)
    answers = all_at_once(calls)
    assert sum(status < 300 for status, _, _ in answers) == 1
    members = [ask(game, "GET", f"/guilds/{g}/members")[1]["members"] for g in ("Owls", "Foxes")]
    assert sum(name in each for each in members) == 1


def test_state_is_the_same_after_kill_9(game):
    names = players(game, 3, 500)
    sword = ask(game, "POST", f"/players/{names[0]}/cart/items", {"item": "sword"})
    assert sword[0] < 300
    bought = ask(game, "POST", f"/players/{names[0]}/cart/checkout", key="order")
    offset = int(bought[2]["Steelthread-Position"].split(":")[1])
    paths = [f"/players/{name}{part}" for name in names for part in ("", "/inventory", "/cart")]
    before = [ask(game, "GET", path)[1] for path in paths]
    game.kill9()
    game.start()
    assert [ask(game, "GET", path)[1] for path in paths] == before
    again = ask(game, "POST", f"/players/{names[0]}/cart/checkout", key="order")
    assert again[:2] == bought[:2]
    assert again[2]["Steelthread-Position"] == bought[2]["Steelthread-Position"]
    inventory = f"/players/{names[0]}/inventory"
    assert ask(game, "GET", f"{inventory}?as_of={offset - 1}")[1]["items"] == []
    assert len(ask(game, "GET", f"{inventory}?as_of={offset}")[1]["items"]) == 1
    assert ask(game, "GET", f"{inventory}?as_of=1970-01-01T00:00:00Z")[1]["code"] == "no_player"


def test_new_rules_are_taken_on_sighup_and_a_mistake_is_not(game):
    rules = game.project / "game.toml"
    text = rules.read_text()
    old = ask(game, "GET", "/items/sword")[1]["price"]
    dearer = re.sub(rf"(\[items.sword\][^\[]*?price = ){old}\b", rf"\g<1>{old + 7}", text)
    assert dearer != text
    rules.write_text(dearer)
    game.process.send_signal(signal.SIGHUP)
    poll("the new price", lambda: ask(game, "GET", "/items/sword")[1]["price"] == old + 7)
    players(game, 1, 1000)
    before = coins_of(game, "p0")
    assert ask(game, "POST", "/players/p0/cart/items", {"item": "sword"})[0] < 300
    assert ask(game, "POST", "/players/p0/cart/checkout")[0] == 200
    assert coins_of(game, "p0") == before - old - 7

    rules.write_text(dearer.replace("[items.sword]", "[items.sword]\nprise = 1"))
    game.process.send_signal(signal.SIGHUP)
    status = lambda: json.loads(game.run("status", "--format", "json").stdout)["reload_error"]
    error = poll("the mistake", status)
    assert "game.toml:" in error and "prise" in error
    rules.unlink()
    game.process.send_signal(signal.SIGHUP)
    poll("that the rules are gone", lambda: "game.toml" in status() and status() != error)
    assert ask(game, "GET", "/items/sword")[1]["price"] == old + 7


def test_an_alias_acts_for_the_host_also_under_a_key(game):
    def buy(host, key):
        request = urllib.request.Request(f"http://{game.endpoints['http']}/purchase_a_sword",
                                         headers={"Host": host, "Idempotency-Key": key})
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.headers["Steelthread-Position"]
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())["code"]

    first = buy("ann.example", "k")
    assert first[0] == 200 and buy("ann.example", "k") == first
    second = buy("bob.example", "k")
    assert second[0] == 200 and second != first, "a key is a player's"
    assert buy("bob.example", "k") == second


def test_what_a_command_does_not_take_is_refused(game):
    players(game, 1, 10)
    wrong = [
        ("/players/p0/inventory/potion/use?quantity=2", None, "unknown_parameter"),
        ("/players?player=carol", None, "unknown_parameter"),
        ("/players?x=%zz", None, "malformed_query"),
        ("/players/p0/cart/checkout", {"player": "p0"}, "unknown_parameter"),
        ("/trades?x=1", {"player": "p0", "partner": "p1"}, "unknown_parameter"),
        ("/players", {"player": ""}, "invalid_parameter"),
    ]
    for path, body, code in wrong:
        status, problem, _ = ask(game, "POST", path, body)
        assert (status, problem["code"]) == (400, code), (path, problem)
    status, problem, _ = ask(game, "GET", "/players/p0?as_of=1&as_of=2")
    assert (status, problem["parameter"]) == (400, "as_of")
    twice = urllib.request.Request(f"http://{game.endpoints['http']}/players/p0/wallet/grant",
                                   b'{"amount": 1, "amount": 900}',
                                   {"Content-Type": "application/json"}, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(twice, timeout=30)
    assert "more than once" in json.loads(refused.value.read())["detail"]
    form = urllib.request.Request(f"http://{game.endpoints['http']}/trades", b"player=p0",
                                  {"Content-Type": "application/x-www-form-urlencoded"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(form, timeout=30)
    assert refused.value.code == 415
    assert coins_of(game, "p0") == ask(game, "GET", "/players/p0")[1]["coins"]


def test_no_alias_takes_the_servers_own_paths(tmp_path):
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True)
    rules = tmp_path / "game.toml"
    text = rules.read_text()
    for path in ("/openapi.json", "/.well-known/steelthread"):
        rules.write_text(text.replace("GET /join_a_guild", f"GET {path}"))
        done = Server(tmp_path).run("check")
        assert done.returncode != 0 and "are the server's own" in done.stderr
        assert "game.toml:" in done.stderr
