"""One rule a type: what HTTP answers 200 is one row, what it refuses is a dead letter by Kafka."""
import datetime
import json
import math
import os
import random
import re
import struct
import time
import urllib.error
import urllib.request

import confluent_kafka
import pytest
import trino
from pyiceberg.catalog.rest import RestCatalog

from conftest import DEADLINE_S, Server

# The random declarations and values of one run; the seed is in the output of a failure.
SEED = int(os.environ.get("ST_SEED") or random.SystemRandom().randrange(2 ** 32))
RULES = {  # the rules of a field: values at their edges, as JSON, beside those of the type
    "": [],
    "min = 2, max = 3": ['"a"', '"ab"', '"abc"', '"abcd"', '"\\ud83d\\ude00\\u00e9"'],
    'pattern = "[a-z]*"': ['"abc"', '"A"', '"a\\n"'],
    'one_of = ["a", "it\'s"]': ['"a"', '"it\'s"', '"b"', '"\\u0061"'],
    'type = "int"': ["2147483647", "2147483648", "-2147483648", "-2147483649"],
    'type = "int", min = -5, max = 5': ["-6", "-5", "5", "6"],
    'type = "long"': ["9223372036854775807", "9223372036854775808", "-9223372036854775808"],
    'type = "long", max = 9007199254740992': ["9007199254740992", "9007199254740993"],
    'type = "double"': ["1e15", "1e23", "5.299064834871378e+16", "5e-324", "-0.0", "1e309", "7",
                        "1.7976931348623157e308", "1e-400", "12345678901234567890123"],
    'type = "double", min = -1.5, max = 0.1': ["-1.5", "-1.6", "0.1", "0.10000000000000002"],
    'type = "boolean"': ["true", "false", "1", '"yes"'],
    'type = "timestamp"': [
        '"2026-11-28t12:00:00Z"', '"2026-11-28T12:00:00z"', '"2026-11-28 12:00:00+18:01"',
        '"2026-11-28T12:00:00-23:59"', '"9999-12-31T23:59:59-14:00"', '"9999-12-31T23:59:59.9999999Z"',
        '"0001-01-01T00:00:00Z"', '"0001-01-01T00:00:00+00:01"', '"2016-12-31T23:59:60Z"',
        '"2016-12-31T12:59:60Z"', '"2026-11-28T12:00:00.0123456789Z"', '"2026-11-28"',
        '"2026-02-29T00:00:00Z"', '"1969-12-31T23:59:59.9999999Z"'],
}
ANY = ["null", "0", "-0", "1.0", "1e3", '""', '"x"', '"5"', '"1d"', '"NaN"', "[]", "{}", '{"a":1}',
       '"a\\u0000b"', '"\\u00e9\\ud83d\\ude00\\"\\\\"']
UTC = datetime.timezone.utc


class Project:
    """A server on a folder of events that tests declare, and the ways into and out of it."""

    def __init__(self, folder):
        (folder / "events").mkdir()
        (folder / "pipelines").mkdir()
        self.server = Server(folder)

    def declare(self, name, fields):
        (self.server.project / f"events/{name}.toml").write_text(
            f'name = "{name}"\nroute = "POST /{name}"\nreply = ""\n[fields]\nevent_type = "{name}"\n'
            + "".join(f"{field} = {{ {rules} }}\n" for field, rules in fields.items()))

    def start(self):
        self.server.start()
        self.producer = confluent_kafka.Producer({"bootstrap.servers": self.server.endpoints["kafka"]})
        host, port = self.server.endpoints["sql"].rsplit(":", 1)
        self.sql = trino.dbapi.connect(host=host, port=int(port), user="ann", catalog="lake",
                                       schema="default", timezone="UTC")
        self.lake = RestCatalog("lake", uri=f"http://{self.server.endpoints['catalog']}")

    def post(self, name, body):
        """(status, offset or problem)"""
        request = urllib.request.Request(f"http://{self.server.endpoints['http']}/{name}", body.encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as reply:
                return reply.status, int(reply.headers["Steelthread-Position"].rsplit(":", 1)[1])
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def take_any_time(self, topic):
        from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
        made = self.server.run("topic", "create", topic, "--if-not-exists")
        assert made.returncode == 0, made.stderr
        admin = AdminClient({"bootstrap.servers": self.server.endpoints["kafka"]})
        entry = ConfigEntry("message.timestamp.after.max.ms", str(2**63 - 1),
                            incremental_operation=AlterConfigOpType.SET)
        changes = [ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])]
        for done in admin.incremental_alter_configs(changes).values():
            done.result(DEADLINE_S)

    def produce(self, *values, timestamp_ms=None):
        """The offsets of the records, once they are stored."""
        offsets = []

        def stored(error, message):
            assert error is None, error
            offsets.append(message.offset())

        times = {} if timestamp_ms is None else {"timestamp": timestamp_ms}
        for value in values:
            self.producer.produce("events", value, partition=0, on_delivery=stored, **times)
        assert self.producer.flush(DEADLINE_S) == 0
        assert len(offsets) == len(values)
        return offsets

    def fill(self, *tables):
        for table in tables:
            done = self.server.run("pipeline", "run", table, "--once")
            assert done.returncode == 0, done.stderr

    def ask(self, sql):
        cursor = self.sql.cursor()
        cursor.execute(sql)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row)) for row in cursor.fetchall()]

    def rows(self, table):
        """By offset, the same for the client of Trino and for PyIceberg."""
        rows = self.ask(f"SELECT * FROM {table}")
        by_offset = {row["offset"]: row for row in rows}
        assert len(by_offset) == len(rows), "a record is two rows"
        scanned = self.lake.load_table(f"default.{table}").scan().to_arrow().to_pylist()
        assert sorted(row["offset"] for row in scanned) == sorted(by_offset)
        for row in scanned:
            for column, value in row.items():
                assert same(value, by_offset[row["offset"]][column]), (column, value, by_offset)
        return by_offset

    def dead(self, table):
        """By offset: code and reason; every dead letter is one."""
        letters = self.ask(f'SELECT "offset", code, reason FROM bad.rows WHERE pipeline = \'{table}\'')
        by_offset = {row["offset"]: (row["code"], row["reason"]) for row in letters}
        assert len(by_offset) == len(letters), letters
        return by_offset

    def log(self):
        """The values of topic events, by offset."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.server.endpoints["kafka"],
                                             "group.id": "types", "enable.auto.commit": False})
        at = confluent_kafka.TopicPartition("events", 0, 0)
        _, end = consumer.get_watermark_offsets(at, DEADLINE_S)
        consumer.assign([at])
        values = {}
        while len(values) < end:
            for message in consumer.consume(end - len(values), DEADLINE_S):
                if message.error() is None:  # groups, which it names, are not there
                    values[message.offset()] = message.value().decode()
        consumer.close()
        return values


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("d", a) == struct.pack("d", b)
    return type(a) is type(b) and a == b


def instant(text):
    """What a time means, by Python's own reading: docs/events.md."""
    parts = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:)(\d\d)(?:\.(\d+))?(.+)", text)
    day, minute, second, fraction, zone = parts.groups()
    leap = datetime.timedelta(seconds=1 if second == "60" else 0)
    zone = "+00:00" if zone in "Zz" else zone
    sign = -1 if zone[0] == "-" else 1
    behind = sign * datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    second = "59" if second == "60" else second
    there = datetime.datetime.fromisoformat(f"{day}T{minute}{second}.{(fraction or '0')[:6]:0<6}")
    return (there - behind + leap).replace(tzinfo=UTC)


def meant(rules, text):
    """The value that a JSON text says to a field of these rules."""
    value = json.loads(text)
    if "timestamp" in rules and value is not None:
        return instant(value)
    if "double" in rules and value is not None:
        # A text of Python's would keep a whole number's digits; the column is a double.
        return float(value)
    return value


NAMED = {
    "f2": {"t": 'type = "timestamp"'},
    "f10": {"t": 'type = "timestamp"'},
    "f11": {"n": 'type = "long", max = 9007199254740992', "m": 'type = "long", min = 9007199254740993'},
    "f12": {f"d{i}": 'type = "double"' for i in range(100)},
    "zeros": {"d": 'type = "double"', "i": 'type = "int"', "n": 'type = "long"', "s": "max = 9"},
    "f13": {"s": "", "b": 'type = "boolean"', "d": 'type = "double"', "t": 'type = "timestamp"',
            "n": 'type = "long", required = true'},
    "f17": {"t": 'type = "timestamp"'},
    "h19": {"s": ""},
    "h20": {"s": ""},
    "marked": {"s": ""},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("types"))
    for name, fields in NAMED.items():
        project.declare(name, fields)
    sampler = random.Random(SEED)
    project.random = {}
    for i in range(8):
        fields = {}
        for field in "abcd"[:sampler.randint(1, 4)]:
            rules = sampler.choice(list(RULES))
            required = "required = true" if sampler.random() < 0.3 else ""
            fields[field] = ", ".join(part for part in (rules, required) if part)
        project.random[f"random{i}"] = fields
        project.declare(f"random{i}", fields)
    project.sampler = sampler
    (project.server.project / "pipelines/instants.sql").write_text("""
        CREATE STREAMING TABLE instants AS
        SELECT offset, CAST(get_json_object(CAST(value AS STRING), '$.instant') AS TIMESTAMP) AS instant
        FROM STREAM(events) WHERE get_json_object(CAST(value AS STRING), '$.instant') IS NOT NULL;""")
    project.start()
    yield project
    project.server.stop()


def times(project, name, texts):
    """Each text was taken and is the instant it says, in the table of `name` and nowhere else."""
    offsets = {}
    for text in texts:
        status, offset = project.post(name, json.dumps({"t": text}))
        assert status == 200, (text, offset)
        offsets[offset] = text
    project.fill(name)
    rows = project.rows(name)
    assert {at: rows[at]["t"] for at in offsets} == {at: instant(text) for at, text in offsets.items()}
    assert project.dead(name) == {}


def test_every_time_that_is_accepted_is_a_row(project):
    """F2"""
    times(project, "f2", ["2026-11-28t12:00:00Z", "2026-11-28T12:00:00z", "2026-11-28t12:00:00z",
                          "2026-11-28 12:00:00Z", "2026-11-28T12:00:00+18:01",
                          "2026-11-28T12:00:00-23:59", "2026-11-28T12:00:00+23:59",
                          "2026-11-28T12:00:00-00:00"])


def test_a_time_is_an_instant_in_the_years_1_to_9999(project):
    """F10"""
    for text in ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01",
                 "9999-12-31T23:59:60Z"]:
        status, problem = project.post("f10", json.dumps({"t": text}))
        assert status == 400 and "years 0001 to 9999" in problem["detail"], (text, problem)
    status, offset = project.post("f10", '{"t": "0000-12-31T23:59:59-00:01"}')
    assert status == 200, "it is 0001-01-01T00:00:59Z"
    project.fill("f10")
    assert project.rows("f10")[offset]["t"] == datetime.datetime(1, 1, 1, 0, 0, 59, tzinfo=UTC)
    times(project, "f10", ["9999-12-31T23:59:59.999999Z", "9999-12-31T00:00:00-23:59",
                           "0001-01-01T00:00:00Z", "0001-01-01T23:59:00+23:59"])


def test_bounds_of_whole_numbers_are_exact(project):
    """F11"""
    for body in ['{"n": 9007199254740993}', '{"m": 9007199254740992}']:
        status, problem = project.post("f11", body)
        assert status == 400 and "900719925474099" in problem["detail"]
    status, offset = project.post("f11", '{"n": 9007199254740992, "m": 9007199254740993}')
    assert status == 200
    by_kafka, = project.produce('{"event_type": "f11", "n": 9007199254740993}')
    project.fill("f11")
    row = project.rows("f11")
    assert (row[offset]["n"], row[offset]["m"]) == (9007199254740992, 9007199254740993)
    assert project.dead("f11")[by_kafka][0] == "invalid_field"


def test_doubles_are_written_as_python_writes_them(project):
    """F12"""
    sampler = random.Random(SEED)
    numbers = [1e15, 1e16, 1e23, 5.299064834871378e+16, 1e-4, 1e-5, 9007199254740993.0, -0.0, 5e-324,
               1.7976931348623157e308, 123456789012345680.0]
    numbers += [2.0 ** i for i in range(-1074, 1024, 7)] + [10.0 ** i for i in range(-320, 309, 3)]
    while len(numbers) < 2000:
        number, = struct.unpack("d", sampler.randbytes(8))
        if math.isfinite(number):
            numbers += [number, round(sampler.uniform(-1e6, 1e6), sampler.randrange(9))]
    sent = {}
    for i in range(0, len(numbers), 100):
        body = {f"d{n}": number for n, number in enumerate(numbers[i:i + 100])}
        status, offset = project.post("f12", json.dumps(body))
        assert status == 200
        sent[offset] = json.dumps({"event_type": "f12"} | body)
    log = project.log()
    for offset, text in sent.items():
        assert log[offset] == text, f"ST_SEED={SEED}"
    # Other spellings of the same number are written the same.
    _, offset = project.post("f12", '{"d0": 100000000000000000000000.0, "d1": 1E+15, "d2": 0.1e1}')
    assert project.log()[offset] == json.dumps({"event_type": "f12", "d0": 1e23, "d1": 1e15, "d2": 1.0})


def test_a_zero_keeps_its_sign(project):
    """F12"""
    sent = {}
    for text in ["-0.0", "0e999", "1e-400", "0.0", "-0e9", "-1e-400", "0", "-0", "null", "0.5"] * 3:
        status, offset = project.post("zeros", '{"d": %s}' % text)
        assert status == 200
        sent[offset] = meant("double", text)
    project.fill("zeros")
    rows = project.rows("zeros")
    assert sorted(rows) == sorted(sent)
    wrong = {at: value for at, value in sent.items() if not same(rows[at]["d"], value)}
    assert wrong == {}


def test_a_refusal_says_why(project):
    """F13: the number or the text is of the kind that was asked for, and the message says what is not."""
    whys = {'{"i": 2147483648}': "2147483648 is outside -2147483648 to 2147483647",
            '{"n": 9223372036854775808}': "outside -9223372036854775808 to 9223372036854775807",
            '{"n": 1.0}': "1.0 has a point or an exponent",
            '{"d": 1e309}': "1e309 is beyond the largest double"}
    for body, why in whys.items():
        status, problem = project.post("zeros", body)
        assert status == 400 and why in problem["detail"], (body, problem)
    offset, = project.produce('{"event_type":"zeros","i":2147483648}')
    project.fill("zeros")
    assert whys['{"i": 2147483648}'] in project.dead("zeros")[offset][1]


def test_a_record_by_kafka_is_judged_by_the_declaration(project):
    """F13"""
    bad = {'"n":1,"s":{"a":1}': "invalid_field", '"n":1,"s":5': "invalid_field",
           '"n":1,"b":"yes"': "invalid_field", '"n":1,"b":1': "invalid_field",
           '"n":1,"d":"1d"': "invalid_field", '"n":1,"d":"1.5"': "invalid_field",
           '"n":1,"t":"2026-11-28"': "invalid_field", '"n":1,"t":0': "invalid_field",
           '"n":"1"': "invalid_field", '"n":1.0': "invalid_field", '"n":[1]': "invalid_field",
           '"s":"x"': "missing_field", '"n":null': "missing_field", '"n":1,"n":1': "repeated_field"}
    values = ['{"event_type":"f13",%s}' % members for members in bad]
    offsets = project.produce(*values)
    good, extra = project.produce(
        '{"event_type":"f13","n":1,"s":"x","b":true,"d":1,"t":"2026-11-28T00:00:00Z"}',
        '{"event_type":"f13","n":2,"not_declared":{"a":[1]}}')
    project.fill("f13")
    rows = project.rows("f13")
    assert sorted(rows) == [good, extra]
    assert rows[good]["s"] == "x" and rows[good]["b"] is True and rows[good]["d"] == 1.0
    dead = project.dead("f13")
    assert {at: code for at, (code, _) in dead.items()} == dict(zip(offsets, bad.values()))
    assert all(re.search("field '[a-z]'|more than once", reason) for _, reason in dead.values()), dead
    # The same by HTTP: none is taken, and the words are the same.
    for members, offset in zip(bad, offsets):
        status, problem = project.post("f13", "{%s}" % members)
        assert status == 400
        if dead[offset][0] == "invalid_field":
            assert dead[offset][1].split(": ", 1)[1] in problem["detail"]


def test_leap_seconds_and_long_fractions_are_taken(project):
    """F17"""
    times(project, "f17", ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.25Z", "1990-12-31T15:59:60-08:00",
                           "2026-11-28T12:00:00.0123456789Z", "2026-11-28T12:00:00.9999999Z",
                           "1969-12-31T23:59:59.0000019Z", f"2026-11-28T12:00:00.{'9' * 100}Z"])
    status, problem = project.post("f17", '{"t": "2016-12-31T12:00:60Z"}')
    assert status == 400 and "leap second" in problem["detail"]


def test_a_records_time_is_in_the_years_1_to_9999(project):
    """H19: the topic takes times that are more than an hour ahead, as its setting says."""
    project.take_any_time("events")
    value = '{"event_type":"h19"}'
    microseconds, = project.produce(value, timestamp_ms=time.time_ns() // 1000)
    beyond, = project.produce(value, timestamp_ms=253402300800000)
    last, = project.produce(value, timestamp_ms=253402300799999)
    other, = project.produce("no event", timestamp_ms=253402300800000)
    project.fill("h19")
    rows = project.rows("h19")
    assert list(rows) == [last]
    assert rows[last]["event_time"] == datetime.datetime(9999, 12, 31, 23, 59, 59, 999000, UTC)
    dead = project.dead("h19")
    assert sorted(dead) == [microseconds, beyond] and other not in dead
    assert {code for code, _ in dead.values()} == {"bad_timestamp"}
    assert "years 0001 to 9999" in dead[beyond][1]


def test_a_pipelines_time_is_in_the_years_1_to_9999(project):
    """H19"""
    last, beyond = project.produce('{"instant": "9999-12-31T23:59:59Z"}', '{"instant": "9999-12-31T23:59:59-14:00"}')
    project.fill("instants")
    assert list(project.rows("instants")) == [last]
    assert project.dead("instants")[beyond][0] == "sql_error"


def test_what_is_no_json_is_no_event(project):
    """H20"""
    project.produce(b'{"event_type":"h20",}', b'{"event_type":"h20","Host":NaN}', b'{"event_type":"h20"',
                    b'{"event_type":"h20","s":\'x\'}', b'{"event_type":"h20"} x', b'{"event_type":"h20",//\n"s":1}',
                    b'{"event_type":"h20","s":Infinity}', b'{"event_type":"h20","s":01}', b'[{"event_type":"h20"}]',
                    b'{"event_type":"h20","s":"\xff"}', b'\xef\xbb\xbf\xef\xbb\xbf{"event_type":"h20"}',
                    b'{"event_type":"h20","s":"\t"}', b'{"event_type":"h21"}', b'{"a":{"event_type":"h20"}}',
                    b"", b'"h20"', b'{event_type:"h20"}')
    good, = project.produce(b' {"event_type" : "h\\u00320", "s":"x"}\n')
    project.fill("h20")
    assert list(project.rows("h20")) == [good]
    assert project.dead("h20") == {}
    for body in ['{"s":"x",}', '{"s":NaN}', '{"s":01}', "{s:1}", '{"s":"\t"}', '{"s":"\\ud800"}']:
        status, problem = project.post("h20", body)
        assert (status, problem["code"]) == (400, "malformed_body"), body


def test_a_byte_order_mark_is_ignored_by_http_and_kafka(project):
    """H20: one, before all else."""
    mark = "\ufeff"
    status, posted = project.post("marked", mark + '{"s":"x"}')
    assert status == 200, posted
    produced, = project.produce((mark + '{"event_type":"marked","s":"y"}').encode())
    project.fill("marked")
    rows = project.rows("marked")
    assert {at: row["s"] for at, row in rows.items()} == {posted: "x", produced: "y"}
    for body in (mark * 2 + '{"s":"x"}', " " + mark + '{"s":"x"}'):
        assert project.post("marked", body)[0] == 400, body


def test_what_http_accepts_is_one_row_and_what_it_refuses_is_a_dead_letter(project):
    """The property of random declarations and values over F2, F10 to F13, F17 and H20."""
    sampler = project.sampler
    answers = {200: 0, 400: 0}
    for name, fields in project.random.items():
        expected, refused = {}, []
        for _ in range(25):
            members = {}
            for field, rules in fields.items():
                edges = next((RULES[r] for r in sorted(RULES, key=len, reverse=True) if r in rules), [])
                if sampler.random() < 0.9:
                    members[field] = sampler.choice(edges if edges and sampler.random() < 0.7 else ANY)
            body = ", ".join(f'"{field}": {text}' for field, text in members.items())
            status, answer = project.post(name, f"{{{body}}}")
            answers[status] += 1
            if status == 200:
                expected[answer] = {field: meant(rules, members.get(field, "null"))
                                    for field, rules in fields.items()}
            else:
                separator = ", " if body else ""
                refused.append(f'{{"event_type": "{name}"{separator}{body}}}')
        dead = project.produce(*refused)
        project.fill(name)
        rows = project.rows(name)
        note = f"ST_SEED={SEED} {name} {fields}"
        assert sorted(rows) == sorted(expected), note
        for offset, row in expected.items():
            for field, value in row.items():
                assert same(rows[offset][field], value), (note, field, value, rows[offset])
        assert sorted(project.dead(name)) == sorted(dead), note
    assert min(answers.values()) > 10, (SEED, answers)
