"""The project's checklist and the weeks' commands: curl and ab on the API, kcat, SQL on the tables."""
import csv
import io
import json
import signal
import subprocess

import pytest
from conftest import DEADLINE_S, poll

TABLES = ["default_hits", "extracted_events", "purchases", "sword_purchases"]


def curl(server, path, *flags):
    done = subprocess.run(["curl", "-sS", *flags, f"http://{server.endpoints['http']}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bench(server, host, path, *flags, count=10):
    """`ab` as the course runs it, for one player of one provider."""
    done = subprocess.run(["ab", "-n", str(count), "-H", f"Host: {host}", *flags,
                           f"http://{server.endpoints['http']}{path}"],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    assert f"Complete requests:      {count}" in done.stdout, done.stdout + done.stderr
    assert "Failed requests:        0" in done.stdout and "Non-2xx" not in done.stdout
    return done.stdout


def consume(server, *flags):
    done = subprocess.run(["kcat", "-C", "-b", server.endpoints["kafka"], "-t", "events", "-o",
                           "beginning", "-e", "-q", *flags], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    return [json.loads(line) for line in done.stdout.splitlines()]


def sql(server, statement):
    done = server.run("sql", "--format", "csv", statement)
    assert done.returncode == 0, done.stderr
    return list(csv.reader(io.StringIO(done.stdout)))[1:]


def fill(server, *tables):
    for table in tables:
        done = server.run("pipeline", "run", table, "--once")
        assert done.returncode == 0, done.stderr


def test_week_11_events_of_each_kind_go_to_tables_of_their_own(server):
    for _ in range(3):
        curl(server, "/")
    for _ in range(2):
        curl(server, "/purchase_a_sword")
    fill(server, *TABLES)
    assert sql(server, "select count(*) from default_hits") == [["3"]]
    assert sql(server, "select count(*) from sword_purchases") == [["2"]]
    assert sql(server, "select event_type, count(*) from extracted_events group by 1 order by 1") == [
        ["default", "3"], ["purchase_sword", "2"]]


def test_week_11_an_empty_topic_is_an_empty_table(server):
    """Where Spark says `ValueError: RDD is empty`."""
    fill(server, "extracted_events")
    assert sql(server, "select count(*) from extracted_events") == [["0"]]


def test_week_12_kcat_goes_on_reading_while_ab_plays(server):
    server.run("topic", "create", "events", "--if-not-exists")
    reader = subprocess.Popen(["kcat", "-C", "-b", server.endpoints["kafka"], "-t", "events", "-o",
                               "beginning", "-u"], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL)
    try:
        seen = []
        for host in ("user1.comcast.com", "user2.att.com"):
            for path in ("/", "/purchase_a_sword", "/purchase_a_knife"):
                bench(server, host, path)
                seen += [json.loads(reader.stdout.readline()) for _ in range(10)]
    finally:
        reader.send_signal(signal.SIGTERM)
        reader.communicate(timeout=DEADLINE_S)
    counts = {}
    for event in seen:
        assert (event["Accept"], event["User-Agent"]) == ("*/*", "ApacheBench/2.3")
        one = (event["Host"], event["event_type"])
        counts[one] = counts.get(one, 0) + 1
    assert counts == {(host, kind): 10 for host in ("user1.comcast.com", "user2.att.com")
                      for kind in ("default", "purchase_sword", "purchase_knife")}


def test_week_12_clients_with_different_headers_may_be_mixed(server):
    """What the course forbids, since inference breaks on it."""
    bench(server, "user1.comcast.com", "/purchase_a_sword")
    curl(server, "/purchase_a_knife", "-H", "X-Odd: yes", "-H", "Cache-Control: no-cache")
    curl(server, "/purchase_a_sword", "-A", "", "-H", "Accept:")
    fill(server, "purchases")
    assert sql(server, "select user_agent like 'Apache%', accept, count(*) from purchases"
                       " group by 1, 2 order by 3 desc, 2")[0] == ["true", "*/*", "10"]
    assert sql(server, "select count(*) from purchases where user_agent is null") == [["1"]]


def test_week_13_the_presto_session(server):
    bench(server, "user1.comcast.com", "/purchase_a_sword")
    bench(server, "user2.att.com", "/purchase_a_knife")
    fill(server, "purchases")
    assert ["purchases"] in sql(server, "show tables")
    columns = {row[0]: row[1] for row in sql(server, "describe purchases")}
    assert columns["accept"] == columns["host"] == columns["event_type"] == "varchar"
    rows = sql(server, "select accept, host, user_agent, event_type from purchases"
                       " where host = 'user1.comcast.com' limit 5")
    assert rows == 5 * [["*/*", "user1.comcast.com", "ApacheBench/2.3", "purchase_sword"]]
    shown = server.run("sql", "select count(*) from purchases").stdout
    assert shown.split()[-1] == "20"


def test_week_14_watch_the_table_grow(server):
    """`while true; do ab …; done` beside the streaming job, which nobody starts by hand here."""
    for turn in range(1, 4):
        bench(server, "user1.comcast.com", "/purchase_a_sword")
        poll("the table to grow", lambda want=[[str(10 * turn)]]: sql(
            server, "select count(*) from sword_purchases") == want)


@pytest.mark.parametrize("path, flags, event", [
    ("/purchase_a_sword?sword_type=steel&quantity=2", [],
     {"event_type": "purchase_sword", "sword_type": "steel", "quantity": 2}),
    ("/join_a_guild?guild_name=Owls", [], {"event_type": "join_guild", "guild_name": "Owls"}),
    ("/leave_a_guild?guild_name=Owls&cancel_reason=bored", ["-X", "DELETE"],
     {"event_type": "leave_guild", "guild_name": "Owls", "cancel_reason": "bored"}),
    ("/money", ["-d", "amount=25"], {"event_type": "earn_money", "amount": 25}),
    ("/money?amount=25", ["-X", "DELETE"], {"event_type": "spend_money", "amount": 25}),
    ("/create_player", ["-X", "PUT", "--json", '{"username": "ann", "player_class": "mage"}'],
     {"event_type": "create_player", "username": "ann", "player_class": "mage"}),
    ("/trade", ["--json", '{"player_1": "ann", "player_2": "bob", "gold_traded": 7}'],
     {"event_type": "trade", "player_1": "ann", "player_2": "bob", "gold_traded": 7}),
    ("/purchase_weapon?username=ann&weapon=nuke", ["-X", "POST"],
     {"event_type": "purchase_weapon", "username": "ann", "weapon": "nuke"}),
    ("/purchase_a_horse/9/small/2", ["-X", "POST"],
     {"event_type": "purchase_horse", "speed": 9, "size": "small", "quantity": 2}),
    ("/purchase_item", ["--json", '{"item_id": "bow-1", "total_cost": 2.5}'],
     {"event_type": "purchase_item", "item_id": "bow-1", "quantity": 1, "total_cost": 2.5}),
    ("/sell_item", ["-d", "item_id=bow-1&price=1.5"],
     {"event_type": "sell_item", "item_id": "bow-1", "price": 1.5}),
    ("/kill_enemy/3", [], {"event_type": "kill_enemy", "enemy_id": 3}),
    ("/accepted_a_quest/4", [], {"event_type": "accept_quest", "quest_id": 4}),
    ("/take_damage/5", [], {"event_type": "take_damage", "damage": 5}),
    ("/dig_for_gold?username=ann&gold_found=25", [],
     {"event_type": "dig_for_gold", "username": "ann", "gold_found": 25}),
    ("/attack?username=ann&enemy=bob&outcome=kill", [],
     {"event_type": "attack", "username": "ann", "enemy": "bob", "outcome": "kill"}),
    ("/message", ["-d", "message_post=hello"], {"event_type": "message", "message_post": "hello"}),
    ("/cancel_membership", ["-d", "cancel_reason=bored"],
     {"event_type": "cancel_membership", "cancel_reason": "bored"}),
])
def test_verbs_and_parameters_of_the_projects(server, path, flags, event):
    curl(server, path, "--fail", *flags)
    stored = consume(server)
    assert len(stored) == 1 and event.items() <= stored[0].items()
    name = event["event_type"]
    fill(server, name)
    fields = sorted(set(event) - {"event_type"})
    row = sql(server, f"select {', '.join(fields)} from \"default\".{name}")
    assert row == [[str(event[field]) for field in fields]]


def test_a_thousand_players_by_ab_with_a_file(server, tmp_path):
    """The fullest student project loads its players so."""
    body = tmp_path / "player.json"
    body.write_text('{"username": "ann", "player_class": "thief"}')
    bench(server, "user1.comcast.com", "/create_player", "-u", str(body), "-T", "application/json",
          "-c", "8", count=1000)
    fill(server, "create_player")
    assert sql(server, "select username, player_class, count(*) from create_player group by 1, 2") \
        == [["ann", "thief", "1000"]]


def test_the_projects_mistakes_are_told_with_their_remedy(server):
    wrong = json.loads(curl(server, "/purchase_a_sword?sword_type=stel"))
    assert (wrong["status"], wrong["parameter"]) == (400, "sword_type")
    assert "steel" in wrong["detail"]
    # /join_guild was called where the route is /join_a_guild, and nobody noticed the 404s.
    assert json.loads(curl(server, "/join_guild"))["code"] == "no_route"
    misnamed = json.loads(curl(server, "/cancel_membership", "-d", "reason=bored"))
    assert misnamed["status"] == 400 and "cancel_reason" in misnamed["detail"] + misnamed["parameter"]
    assert consume(server) == []


def test_the_reports_business_questions_in_sql(server):
    for host, swords, knives in (("user1.comcast.com", 6, 2), ("user2.att.com", 3, 4)):
        bench(server, host, "/purchase_a_sword?sword_type=iron", count=swords)
        bench(server, host, "/purchase_a_knife", count=knives)
        bench(server, host, "/join_a_guild?guild_name=Owls", count=1)
    fill(server, "purchases", "purchase_sword", "join_guild")
    assert sql(server, "select split_part(host, '.', 2) as provider, event_type, count(*) as n"
                       " from purchases group by 1, 2 order by n desc limit 5") == [
        ["comcast", "purchase_sword", "6"], ["att", "purchase_knife", "4"],
        ["att", "purchase_sword", "3"], ["comcast", "purchase_knife", "2"]]
    assert sql(server, "select g.guild_name, count(*) from join_guild g join purchase_sword s"
                       " on s.host = g.host group by 1") == [["Owls", "9"]]


def test_shutdown_keeps_what_docker_compose_down_deletes(server):
    bench(server, "user1.comcast.com", "/purchase_a_sword")
    fill(server, "purchases")
    before = sql(server, "select * from purchases order by timestamp")
    assert len(before) == 10
    assert server.run("down").returncode == 0
    server.process.wait(DEADLINE_S)
    server.start()
    assert sql(server, "select * from purchases order by timestamp") == before
