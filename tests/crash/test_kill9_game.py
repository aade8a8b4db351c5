"""Random concurrent commands of a game, kill -9 in between, held against a model of the rules.

The log tells the order in which the commands were decided. Taken in that order, each must have
led to the events, or to a refusal, that the model says; what was answered must stand there under
its key, once; and the state at the end must be the model's.
"""
import http.client
import json
import os
import random
import shutil
import threading

import game_model as model
import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition
from conftest import DEADLINE_S, ROOT, Server

CYCLES = 8
CLIENTS = 12
PLAYERS = [f"p{n}" for n in range(6)]
GUILDS = ["Owls", "Foxes", "Newts"]
ITEMS = ["sword", "knife", "excalibur", "shield", "potion", "horse"]


def draw(chance):
    """One command: the model's form, and method, path and body."""
    who, other = chance.sample(PLAYERS, 2)
    item, guild = chance.choice(ITEMS), chance.choice(GUILDS)
    amount, quantity = chance.randint(1, 60), chance.choice([1, 1, 1, 2, 3])
    home, cart = f"/players/{who}", f"/players/{who}/cart"
    # A trade of nothing for nothing is malformed, and of that no record is kept.
    goods = [(5, chance.choice([None, *ITEMS])), (chance.choice([0, 5]), chance.choice([None, *ITEMS]))]
    sides = [{"coins": coins, "items": [{"item": thing, "quantity": 1}] if thing else []}
             for coins, thing in goods]
    count = {"item": item, "quantity": quantity}
    return chance.choice([
        ((model.create_player, who), "POST", "/players", {"player": who}),
        ((model.grant, who, amount), "POST", f"{home}/wallet/grant", {"amount": amount}),
        ((model.grant, who, amount), "POST", f"{home}/wallet/grant", {"amount": amount}),
        ((model.spend, who, amount), "POST", f"{home}/wallet/spend", {"amount": amount}),
        ((model.add, who, item, quantity), "POST", f"{cart}/items", count),
        ((model.add, who, item, quantity), "POST", f"{cart}/items", count),
        ((model.change, who, item, quantity), "PUT", f"{cart}/items/{item}", {"quantity": quantity}),
        ((model.remove, who, item), "DELETE", f"{cart}/items/{item}", None),
        ((model.clear, who), "DELETE", cart, None),
        *3 * [((model.checkout, who), "POST", f"{cart}/checkout", None)],
        ((model.use, who, item, 1), "POST", f"{home}/inventory/{item}/use", {"quantity": 1}),
        ((model.sell, who, item, quantity), "POST", f"{home}/inventory/{item}/sell",
         {"quantity": quantity}),
        *2 * [((model.trade, who, other, *goods), "POST", "/trades",
               {"player": who, "partner": other, "gives": sides[0], "takes": sides[1]})],
        ((model.found, who, guild), "POST", "/guilds", {"guild": guild, "player": who}),
        ((model.join, who, guild), "POST", f"/guilds/{guild}/members", {"player": who}),
        ((model.leave, who, guild), "DELETE", f"/guilds/{guild}/members/{who}", None),
    ])


class Client:
    """Sends its commands one after the other, each until it is answered."""

    def __init__(self, server, name, chance, stop):
        self.server, self.name, self.chance, self.stop = server, name, chance, stop
        self.connection = None
        self.sent = {}      # key -> the command in the model's form
        self.answered = []  # key, status, body, position: in the order of the answers
        self.fault = None
        self.thread = threading.Thread(target=self.play)

    def ask(self, method, path, body, key):
        try:
            if self.connection is None:
                host, port = self.server.settings["http.listen"].split(":")
                self.connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
            headers = {"Idempotency-Key": key} if key else {}
            if body is not None:
                headers["Content-Type"] = "application/json"
                body = json.dumps(body)
            self.connection.request(method, path, body=body, headers=headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return None
        return answer.status, json.loads(text), answer.headers["Steelthread-Position"]

    def play(self):
        try:
            while not self.stop.is_set():
                command, method, path, body = draw(self.chance)
                key = f"{self.name}-{len(self.sent)}"
                self.sent[key] = command
                while not self.stop.is_set():
                    answer = self.ask(method, path, body, key)
                    if answer and answer[0] < 500 and answer[1].get("code") != "in_flight":
                        self.answered.append((key, *answer))
                        break
                    self.stop.wait(0.01)
        except Exception as error:  # told by the test's own thread
            self.fault = error


def read_log(server):
    """The commands in the log's order: key, first offset, events."""
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "model",
                         "enable.auto.commit": False, "enable.partition.eof": True})
    consumer.assign([TopicPartition("game", 0, 0)])
    commands = []
    while True:
        record = consumer.poll(DEADLINE_S)
        assert record is not None
        if record.error() and record.error().code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
            continue  # librdkafka looks for the group's coordinator, of which it has no need
        if record.error():
            assert record.error().code() == KafkaError._PARTITION_EOF, record.error()
            break
        key = dict(record.headers() or []).get("idempotency-key")
        if key is not None and (not commands or commands[-1][0] != key.decode()):
            commands.append((key.decode(), record.offset(), []))
        commands[-1][2].append(json.loads(record.value()))
    consumer.close()
    return commands


def replay(game, commands, sent):
    """Takes the log into the model; every command must be what the model says."""
    for key, offset, events in commands:
        faults, foreseen = model.judge(game, sent[key])
        where = (key, offset, sent[key][0].__name__, *sent[key][1:])
        if faults:
            assert [event["event_type"] for event in events] == ["command_refused"], (where, faults)
            assert events[0]["code"] in faults and events[0]["key"] == key, where
            continue
        order = json.dumps
        assert sorted(map(order, events)) == sorted(map(order, foreseen)), where
        for event in events:
            model.apply(game, event)


def check_answers(clients, commands):
    """What was answered stands in the log, once, in the order in which a client was answered."""
    offsets = {}
    for key, offset, events in commands:
        assert key not in offsets, f"{key} acted twice"
        offsets[key] = (offset, events)
    for client in clients:
        last = -1
        for key, status, body, position in client.answered:
            assert key in offsets, (key, client.sent[key], status, body, position)
            offset, events = offsets[key]
            assert offset > last, key
            last = offset
            if events[0]["event_type"] == "command_refused":
                assert (status >= 400, body["code"]) == (True, events[0]["code"]), key
            else:
                assert status in (200, 201), (key, body)
                assert position == f"game/0:{offset}", key


def check_state(client, game):
    for name, player in game.players.items():
        home = f"/players/{name}"
        told = client.ask("GET", home, None, None)[1]
        assert (told["coins"], told["guild"]) == (player.coins, player.guild), name
        for path, holdings in ((f"{home}/inventory", player.inventory), (f"{home}/cart", player.cart)):
            items = client.ask("GET", path, None, None)[1]["items"]
            assert {one["item"]: one["quantity"] for one in items} == holdings, path
    for name, members in game.guilds.items():
        told = client.ask("GET", f"/guilds/{name}/members", None, None)[1]["members"]
        assert set(told) == members and len(told) == len(members), name
    assert sum(player.coins for player in game.players.values()) == game.granted - game.paid


@pytest.mark.parametrize("seed", [os.environ.get("ST_GAME_SEED", str(random.randrange(1 << 30)))])
def test_concurrent_commands_are_what_the_model_says(tmp_path, seed):
    shutil.copytree(ROOT / "examples/game", tmp_path, dirs_exist_ok=True)
    server = Server(tmp_path).start()
    chance, stop = random.Random(seed), threading.Event()
    clients = [Client(server, f"c{n}", random.Random(f"{seed} {n}"), stop) for n in range(CLIENTS)]
    try:
        for client in clients:
            client.thread.start()
        for _ in range(CYCLES):
            stop.wait(chance.uniform(0.1, 0.6))
            server.kill9()
            server.start()
        stop.wait(0.5)
        stop.set()
        for client in clients:
            client.thread.join(DEADLINE_S)
        assert [client.fault for client in clients] == [None] * CLIENTS
        commands = read_log(server)
        game = model.Game(tmp_path / "game.toml")
        replay(game, commands, {key: one for client in clients for key, one in client.sent.items()})
        check_answers(clients, commands)
        check_state(clients[0], game)
        kinds = {event["event_type"] for _, _, events in commands for event in events}
        assert {"checkout", "trade", "join_guild", "command_refused", "sell_item"} <= kinds
        assert len(commands) > 50 * CYCLES
    finally:
        stop.set()
        server.stop()
