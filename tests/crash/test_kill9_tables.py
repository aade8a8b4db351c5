"""kill -9 of the main process and of its workers under load: every event once in each table."""
import csv
import http.client
import io
import json
import os
import signal
import threading

from conftest import DEADLINE_S
from killing import workers

CYCLES = 10
PIPELINES = ("extracted_events", "sword_purchases", "purchases")


def faster(project):
    """The example's pipelines with a trigger that makes many commits in a short test, one of them
    with partitions: several files a commit, sorted."""
    for file in (project / "pipelines").glob("*.sql"):
        text = file.read_text()
        assert "10 seconds" in text
        text = text.replace("10 seconds", "200 milliseconds")
        if file.stem == "purchases":
            text = text.replace("TBLPROPERTIES (", "PARTITIONED BY (bucket(3, host), event_type)\n"
                                "TBLPROPERTIES ('sort-order' = 'host',", 1)
            assert "sort-order" in text
        file.write_text(text)


class Load:
    """Players that keep a ledger of what was answered."""

    def __init__(self, server, count=6):
        self.server = server
        self.ledger = {}
        self.stop = threading.Event()
        self.players = [threading.Thread(target=self.play, args=(n,)) for n in range(count)]

    def play(self, player):
        connection = None
        number = 0
        while not self.stop.is_set():
            name = f"user{player}-{number}.comcast.com"
            path = ("/purchase_a_sword", "/purchase_a_knife", "/")[number % 3]
            number += 1
            try:
                if connection is None:
                    host, port = self.server.settings["http.listen"].split(":")
                    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
                connection.request("GET", path, headers={"Host": name})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.ledger[name] = (answer.headers["Steelthread-Position"], path)
            except (OSError, http.client.HTTPException):
                connection = None
                self.stop.wait(0.01)

    def __enter__(self):
        for player in self.players:
            player.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for player in self.players:
            player.join(DEADLINE_S)


def rows(server, sql):
    done = server.run("sql", "--format", "json", sql)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_event_once_in_each_table_whatever_was_killed(server):
    server.stop()
    faster(server.project)
    server.start()
    killed_workers = 0
    with Load(server) as load:
        for cycle in range(CYCLES):
            for _ in range(4):
                load.stop.wait(0.1)
                for pid in workers(server)[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed_workers += 1
            load.stop.wait(0.05 + 0.05 * (cycle % 4))
            server.kill9()
            server.start()
        load.stop.wait(0.2)
    assert killed_workers > 0 and len(load.ledger) > CYCLES
    for name in PIPELINES:
        done = server.run("pipeline", "run", name, "--once")
        assert done.returncode == 0, done.stderr
    log = [row.split("\t") for row in server.run("topic", "consume", "events",
                                                 "--with-position").stdout.splitlines()]
    in_log = [json.loads(row[4]) for row in log]
    for name, (position, _) in load.ledger.items():
        offset = int(position.rsplit(":", 1)[1])
        assert in_log[offset]["Host"] == name, "acknowledged and lost"
    table = rows(server, 'select "offset", host from extracted_events order by "offset"')
    assert [row["offset"] for row in table] == list(range(len(in_log)))
    assert [row["host"] for row in table] == [event["Host"] for event in in_log]
    swords = rows(server, "select raw_event from sword_purchases")
    assert sorted(row["raw_event"] for row in swords) == sorted(
        row[4] for row in log if '"purchase_sword"' in row[4])
    purchases = rows(server, "select raw_event from purchases")
    assert sorted(row["raw_event"] for row in purchases) == sorted(
        row[4] for row in log if '"event_type": "purchase_' in row[4])
    assert rows(server, "select count(*) as n from bad.rows") == [{"n": 0}]


def change(project, number):
    """Another layout of the pipeline's table, a new column, and a new name for another one."""
    layouts = ("PARTITIONED BY (bucket(3, host), event_type)", "CLUSTER BY (host)", "",
               "PARTITIONED BY (truncate(2, host))")
    renames = ", ".join(f"note_{before} AS note_{number}" for before in range(number))
    properties = "'steelthread.trigger' = '200 milliseconds', 'steelthread.format' = 'json'"
    if renames:
        properties += f", 'steelthread.rename' = '{renames}'"
    new = "".join(f", offset + {added} AS plus_{added}" for added in range(number))
    (project / "pipelines/changing.sql").write_text(
        f"CREATE STREAMING TABLE changing COMMENT 'change {number}' {layouts[number % len(layouts)]}\n"
        f"TBLPROPERTIES ({properties})\n"
        "AS SELECT offset, get_json_object(CAST(value AS STRING), '$.Host') AS host,\n"
        "get_json_object(CAST(value AS STRING), '$.event_type') AS event_type,\n"
        f"CAST(offset AS STRING) AS note_{number}{new} FROM STREAM(events)\n")


def test_a_table_that_changes_has_every_event_once_whatever_was_killed(server):
    server.stop()
    change(server.project, 0)
    server.start()
    with Load(server) as load:
        for number in range(1, CYCLES + 1):
            load.stop.wait(0.1 + 0.1 * (number % 4))
            server.kill9()
            change(server.project, number)
            server.start()
        load.stop.wait(0.2)
    assert len(load.ledger) > CYCLES
    done = server.run("pipeline", "run", "changing", "--once")
    assert done.returncode == 0, done.stderr
    log = server.run("topic", "consume", "events").stdout.splitlines()
    wanted = [{"offset": offset, "host": json.loads(value)["Host"], "note": str(offset)}
              for offset, value in enumerate(log)]
    assert rows(server, f'select "offset", host, note_{CYCLES} as note from changing order by 1') == wanted
    last = rows(server, f'select count(*) as n from changing where plus_{CYCLES - 1} = "offset" + {CYCLES - 1} '
                        f"or plus_{CYCLES - 1} is null")
    assert last == [{"n": len(wanted)}]
    described = server.run("table", "describe", "changing", "--format", "csv").stdout
    assert [row["column"] for row in csv.DictReader(io.StringIO(described))] == [
        "offset", "host", "event_type", f"note_{CYCLES}", *(f"plus_{added}" for added in range(CYCLES))]
