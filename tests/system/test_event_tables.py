"""Tables of declared events: types, evolution over reload and restart, names."""
import json
import signal
import subprocess
import urllib.error
import urllib.request

from conftest import poll

SWORD = """name = "purchase_sword"
route = "GET /purchase_a_sword"
reply = "Sword Purchased!\\n"
headers = "all"
[fields]
event_type = "purchase_sword"
quantity = { type = "int", min = 1 }
"""


def get(server, target):
    with urllib.request.urlopen(f"http://{server.endpoints['http']}{target}") as reply:
        return reply.read().decode()


def fill(server, *tables):
    for table in tables:
        done = server.run("pipeline", "run", table, "--once")
        assert done.returncode == 0, done.stderr


def rows(server, sql):
    done = server.run("sql", "--format", "csv", sql)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[1:]


def declare(server, text):
    (server.project / "events/purchase_sword.toml").write_text(text)


def status(server):
    return json.loads(server.run("status", "--format", "json").stdout)


def test_a_table_grows_with_its_event(server):
    server.stop()
    declare(server, SWORD)
    # The example's own declaration was recorded when the server first started.
    refused = server.run("up")
    assert refused.returncode != 0
    assert 'field "sword_type" is gone' in refused.stderr
    declare(server, SWORD.replace("[fields]", "version = 2\ntable = \"swords\"\n[fields]"))
    server.start()
    get(server, "/purchase_a_sword?quantity=2")
    fill(server, "swords")
    assert rows(server, 'select "offset", quantity from default.swords') == ["0,2"]

    declare(server, SWORD.replace("[fields]", "version = 2\ntable = \"swords\"\n[fields]") + "color = {}\n")
    server.process.send_signal(signal.SIGHUP)
    poll("the new field", lambda: "color" in get(server, "/openapi.json"))
    get(server, "/purchase_a_sword?color=red")
    fill(server, "swords")
    assert rows(server, 'select quantity, color from swords order by "offset"') == ["2,", ",red"]

    declare(server, SWORD.replace('"int"', '"long"'))
    server.process.send_signal(signal.SIGHUP)
    error = poll("the error", lambda: status(server)["reload_error"])
    assert "version 2 came already" in error
    assert get(server, "/purchase_a_sword?color=blue") == "Sword Purchased!\n"

    server.kill9()
    declare(server, SWORD.replace("[fields]", "version = 3\n[fields]").replace('"int"', '"long"'))
    server.start()
    get(server, "/purchase_a_sword?quantity=5000000000")
    fill(server, "swords", "purchase_sword_v3")
    assert rows(server, 'select "offset", color from swords order by 1') == ["0,", "1,red", "2,blue"]
    assert rows(server, 'select "offset", quantity from purchase_sword_v3') == ["3,5000000000"]


def test_a_topic_takes_no_tables_name(server):
    kafka = server.endpoints["kafka"]
    done = subprocess.run(["kcat", "-b", kafka, "-P", "-t", "Purchase_Sword", "-X",
                           "message.timeout.ms=3000"], input=b"x\n", capture_output=True)
    assert done.returncode != 0
    listed = subprocess.run(["kcat", "-b", kafka, "-L"], capture_output=True, check=True)
    assert b"Purchase_Sword" not in listed.stdout
    own = subprocess.run(["kcat", "-b", kafka, "-P", "-t", "_declarations", "-X",
                          "message.timeout.ms=3000"], input=b"x\n", capture_output=True)
    assert b"Topic authorization failed" in own.stderr


def test_a_bad_parameter_is_named(server):
    try:
        get(server, "/purchase_a_sword?sword_type=gold")
        raise AssertionError("it was taken")
    except urllib.error.HTTPError as error:
        problem = json.loads(error.read())
    assert problem["code"] == "invalid_parameter"
    assert problem["parameter"] == "sword_type"
    assert '"steel"' in problem["detail"]
