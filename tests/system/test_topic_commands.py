"""`steelthread topic create|describe|alter|delete`: settings, changes, and who needs a topic."""
import json
import subprocess
import urllib.request

import pytest

from conftest import BINARY, DEADLINE_S, poll


def settings(server, topic):
    """{name: (value, source)}, as `topic describe` shows them."""
    shown = server.run("topic", "describe", topic)
    assert shown.returncode == 0, shown.stderr
    rows = [line.strip().split("\t") for line in shown.stdout.splitlines() if line.startswith("\tSetting: ")]
    return {name.removeprefix("Setting: "): (value.removeprefix("Value: "), source.removeprefix("Source: "))
            for name, value, source in rows}


def partitions(server, topic):
    shown = server.run("topic", "describe", topic)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.count("\tPartition: ")


def topics(server):
    return server.run("topic", "ls").stdout.split()


def test_settings_are_given_to_a_new_topic_and_shown(server):
    made = server.run("topic", "create", "clicks", "--set", "max.message.bytes=2000",
                      "--set", "message.timestamp.type=LogAppendTime")
    assert made.returncode == 0, made.stderr
    shown = settings(server, "clicks")
    assert shown["max.message.bytes"] == ("2000", "set")
    assert shown["message.timestamp.type"] == ("LogAppendTime", "set")
    assert shown["cleanup.policy"] == ("delete", "default")
    assert list(shown) == sorted(shown)
    for word, said, code in (("max.message.bytes=x", "Not a number of type INT", 1),
                             ("no.such=1", 'a topic has no setting "no.such"', 1),
                             ("max.mesage.bytes=1", 'did you mean "max.message.bytes"?', 1),
                             ("max.message.bytes", "takes a topic's setting, key=value", 2)):
        refused = server.run("topic", "create", "taps", "--set", word)
        assert refused.returncode == code and said in refused.stderr, refused.stderr
    assert "taps" not in topics(server)


def test_partitions_and_settings_are_altered_together_or_not_at_all(server):
    assert server.run("topic", "create", "clicks", "--set", "message.timestamp.type=LogAppendTime").returncode == 0
    words = ["topic", "alter", "clicks", "--partitions", "4", "--set", "max.message.bytes=2000",
             "--unset", "message.timestamp.type"]
    dry = server.run(*words, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout == ("clicks: partitions would go from 1 to 4\n"
                          "clicks: max.message.bytes would go from 1048588 to 2000\n"
                          "clicks: message.timestamp.type would go from LogAppendTime to CreateTime, the default\n")
    assert partitions(server, "clicks") == 1
    assert settings(server, "clicks")["max.message.bytes"] == ("1048588", "default")
    for more, said in ((["--partitions", "4", "--set", "max.message.bytes=x"], "Not a number of type INT"),
                       (["--partitions", "1", "--set", "max.message.bytes=9"], "1 would not be more"),
                       (["--partitions", "1025"], "1024"),
                       (["--set", "max.mesage.bytes=9"], 'did you mean "max.message.bytes"?'),
                       (["--unset", "no.such"], 'a topic has no setting "no.such"')):
        refused = server.run("topic", "alter", "clicks", *more)
        assert refused.returncode == 1 and said in refused.stderr, refused.stderr
    for more, said in ((["--set", "a=1", "--unset", "a"], "a is to be set and to be unset"),
                       (["--set", "a=1", "--set", "a=2"], "names a more than once"),
                       ([], "say what to alter"), (["--partitions", "0"], "no number from 1")):
        refused = server.run("topic", "alter", "clicks", *more)
        assert refused.returncode == 2 and said in refused.stderr, refused.stderr
    assert partitions(server, "clicks") == 1
    done = server.run(*words)
    assert done.returncode == 0 and done.stdout == dry.stdout.replace("would go", "went")
    server.kill9()
    server.start()
    assert partitions(server, "clicks") == 4
    shown = settings(server, "clicks")
    assert shown["max.message.bytes"] == ("2000", "set")
    assert shown["message.timestamp.type"] == ("CreateTime", "default")
    missing = server.run("topic", "alter", "click", "--partitions", "9")
    assert missing.returncode == 1 and 'did you mean "clicks"?' in missing.stderr
    own = server.run("topic", "alter", "_declarations", "--partitions", "9")
    assert own.returncode == 1 and "the server's own" in own.stderr


def test_topics_are_deleted_when_a_person_is_sure(server):
    for name in ("clicks", "taps"):
        assert server.run("topic", "create", name, "--partitions", "2").returncode == 0
    assert server.run("topic", "produce", "clicks", input="a\nb\n").returncode == 0
    assert server.run("group", "reset-offsets", "shop", "--topic", "clicks", "--to-latest", "--yes").returncode == 0
    dry = server.run("topic", "delete", "taps", "clicks")
    assert dry.returncode == 2 and "nothing was changed" in dry.stderr
    assert dry.stdout == ("clicks: would be deleted, with 2 records in 2 partitions, and the offsets of 1 group\n"
                          "taps: would be deleted, with 0 records in 2 partitions\n")
    missing = server.run("topic", "delete", "clicks", "taqs", "--yes")
    assert missing.returncode == 1 and 'did you mean "taps"?' in missing.stderr
    assert {"clicks", "taps"} <= set(topics(server)), "one that is not there keeps the others"
    done = server.run("topic", "delete", "clicks", "taps", "--yes")
    assert done.returncode == 0 and done.stdout == dry.stdout.replace("would be deleted", "deleted")
    assert not {"clicks", "taps"} & set(topics(server))


def post(server, key=None):
    with urllib.request.urlopen(urllib.request.Request(
            f"http://{server.endpoints['http']}/purchase_a_sword",
            headers={"Idempotency-Key": key} if key else {}), timeout=DEADLINE_S) as answer:
        return answer.headers["Steelthread-Position"]


def test_a_topic_that_is_in_use_is_deleted_only_by_force(server):
    assert post(server) == "events/0:0"
    poll("the row", lambda: server.run("sql", "--format", "csv", "select count(*) from sword_purchases"
                                       ).stdout.splitlines()[-1:] == ["1"])
    refused = server.run("topic", "delete", "events", "--yes")
    assert refused.returncode == 1, refused.stdout
    assert "declared for it are the events " in refused.stderr and " more; it is read by " in refused.stderr
    assert "--force" in refused.stderr and len(refused.stderr) < 500, refused.stderr
    dry = server.run("topic", "delete", "events", "--force")
    assert dry.returncode == 2 and 'pipeline of table "sword_purchases" reads it' in dry.stdout
    assert post(server, "order-1") == post(server, "order-1") == "events/0:1"
    done = server.run("topic", "delete", "events", "--yes", "--force")
    assert done.returncode == 0, done.stderr
    assert 'events: the pipeline of table "sword_purchases" reads it' in done.stdout
    assert "acts again" in done.stdout
    assert post(server, "order-1") == "events/0:0", "another topic of the name, and a key without its record"

    def stopped():
        pipelines = json.loads(server.run("status", "--format", "json").stdout)["pipelines"]
        (found,) = [one["last_error"] for one in pipelines if one["name"] == "sword_purchases"]
        return found
    error = poll("the pipeline's error", stopped)
    assert "and the topic of that name is" in error and "`steelthread pipeline reset sword_purchases`" in error
    assert server.run("sql", "--format", "csv", "select count(*) from sword_purchases").stdout.split()[-1] in "12"
    reset = server.run("pipeline", "reset", "sword_purchases", "--yes")
    assert reset.returncode == 0 and "1 event read, 1 row added" in reset.stdout, reset.stdout + reset.stderr


@pytest.mark.parametrize("name", ["_declarations", "game"])
def test_the_servers_own_topics_are_deleted_by_no_force(game, name):
    refused = game.run("topic", "delete", name, "--yes", "--force")
    assert refused.returncode == 1 and "the server's own" in refused.stderr
    assert name in topics(game)


def test_words_of_topics_are_completed(server):
    assert server.run("topic", "create", "clicks").returncode == 0

    def completed(*words):
        return subprocess.run([BINARY, "__complete", "-C", server.project, *words], capture_output=True, text=True,
                              timeout=DEADLINE_S, check=True).stdout.split()
    assert "max.message.bytes=" in completed("topic", "alter", "clicks", "--set", "max.")
    assert completed("topic", "alter", "clicks", "--unset", "max.m") == ["max.message.bytes"]
    assert "retention.ms=" in completed("topic", "create", "x", "--set", "ret")
    assert completed("topic", "delete", "taps", "cli") == ["clicks"]
