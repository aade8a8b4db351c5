"""The example of docs/events.md is a declaration that does what the page says."""
import http.client
import json
import re
import textwrap

import pytest

from conftest import DEADLINE_S, ROOT, Server

PAGE = (ROOT / "docs/events.md").read_text()


@pytest.fixture
def example(tmp_path):
    (tmp_path / "events").mkdir()
    block = re.search(r"\n\n((?:    .*\n|\n)+)", PAGE)[1]
    (tmp_path / "events/join_guild.toml").write_text(textwrap.dedent(block))
    running = Server(tmp_path)
    yield running
    running.stop()


def ask(server, method, target, body=None):
    connection = http.client.HTTPConnection(server.endpoints["http"], timeout=DEADLINE_S)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, target, body, {"Host": "ann.example", **form})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_the_example_of_the_page_is_logged_as_it_says(example):
    checked = example.run("check", "--strict")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    example.start()
    answer, reply = ask(example, "PUT", "/guilds/night-owls/join?referrer=bob", "level=7")
    assert (answer.status, reply) == (200, "Joined a guild!\n")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Steelthread-Position"] == "events/0:0"
    (line,) = example.run("topic", "consume", "events", "--with-position").stdout.splitlines()
    *_, key, value = line.split("\t")
    assert key == "night-owls"
    record = json.loads(value)
    assert list(record)[:7] == ["Host", "event_type", "guild", "level", "role", "referrer", "at"]
    assert (record["guild"], record["level"], record["role"]) == ("night-owls", 7, "member")
    for method, target, body, code in [
            ("POST", "/guilds/night-owls/join", "level=61", "invalid_parameter"),
            ("POST", "/guilds/Owls/join", "level=7", "invalid_parameter"),
            ("POST", "/guilds/owls/join", "role=officer", "missing_parameter"),
            ("POST", "/guilds/owls/join", "level=7&referrer=bob", "unknown_parameter"),
            ("GET", "/guilds/owls/join", None, "method_not_allowed")]:
        answer, text = ask(example, method, target, body)
        assert json.loads(text)["code"] == code, text
    filled = example.run("pipeline", "run", "guild_joins")
    assert filled.returncode == 0, filled.stderr
    rows = example.run("sql", "--format", "csv", "select guild, level, role, referrer, host from guild_joins")
    assert rows.stdout == "guild,level,role,referrer,host\nnight-owls,7,member,bob,ann.example\n"
