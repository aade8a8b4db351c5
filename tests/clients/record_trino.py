#!/usr/bin/env python3
"""Records what Trino answers to expressions into trino_answers.json.

    .deps/venv/bin/python tests/clients/record_trino.py FOLDER

FOLDER is an unpacked io.trino:trino-server-core (packaging tar.gz) of Maven's central repository;
trino_home.py finds a Java of the version that it wants. The expressions are those of
trino_expressions.txt and, over JSON and bytes, those that are made here. test_trino_answers.py asks
our server the same.
"""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import trino_home

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "trino_answers.json"
# As the test asks: times in UTC, and types with their digits.
HEADERS = {"X-Trino-User": "record", "X-Trino-Time-Zone": "UTC",
           "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}
DEADLINE_S = 1800  # for a JVM on a busy machine
DOCUMENTS = [
    "NaN", "Infinity", "-Infinity", "nan", "inf", "1e999", "-1e999", "1e400", "1E308", "-0", "-0.0",
    "0.1", "1.0", "1e2", "01", "+1", ".5", "1.", "0x1", "12345678901234567890123", "1.10",
    "9223372036854775807", "9223372036854775808", '"NaN"', "null", "true", "True", "", " ", " 1 ",
    "[]", "[1,]", "[1, NaN]", "[1e999]", '{"a":NaN}', '{"a":1e999}', '{"a":1,"a":2}',
    '{"b":1,"a":2}', "{'a':1}", "{a:1}", '{"a":1}x', "1 2", '"a\\u00e9"', '"\\ud800"', '"\\x41"',
    '"a\tb"', '[1, 2.50, "x", null, true, {"k": [ ]}]', "// no\n1", "/* no */ 1",
]
PATHS = ["$", "$.a", "$.b", "$[0]", "$.a[0]", '$["a"]', "$.a.b"]
HAYSTACK = ['{"a":NaN}', '{"a":Infinity}', '{"a":1e999}', '{"a":[1, 2]}', '{"a":{"b":null}}',
            '{"a":"x\\ny"}', '{"a":1.50}', '{"a":true}', '{"b":NaN,"a":1}', '{"a":1,"b":NaN}',
            "[1.0, 2]", "NaN", "no json", '{"a":12345678901234567890123}', '{"a":1E2}', "[10]"]
BYTES = ["", "61", "C3A9", "C3", "61C3", "C361", "FF", "FFFE", "61FF62", "E282AC", "E282", "E28261",
         "ED A0 80", "F0 9F 98 80", "F0 9F 98", "F0 9F", "C0 80", "F4 90 80 80", "80", "80 80",
         "E0 80 80", "F8 88 80 80 80", "61 E2 82 62 FF 63"]


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def expressions():
    """Each once."""
    lines = (HERE / "trino_expressions.txt").read_text().splitlines()
    listed = [line for line in lines if line and not line.startswith("# ")]
    return list(dict.fromkeys([*over_json_and_bytes(), *listed]))


def over_json_and_bytes():
    for text in DOCUMENTS:
        yield f"json_format(json_parse({quoted(text)}))"
    for text in DOCUMENTS:
        yield f"try(json_format(json_parse({quoted(text)})))"
    for text in HAYSTACK:
        for path in PATHS:
            yield f"json_format(json_extract({quoted(text)}, {quoted(path)}))"
            yield f"json_extract_scalar({quoted(text)}, {quoted(path)})"
    for text in DOCUMENTS:
        yield f"is_json_scalar({quoted(text)})"
        yield f"json_array_length({quoted(text)})"
        yield f"json_size({quoted(text)}, '$')"
    for text in ["1.5", "NaN", "1e999", "true", '"7"', "null", "[1]"]:
        for kind in ["double", "bigint", "varchar", "boolean"]:
            yield f"try(CAST(json_parse({quoted(text)}) AS {kind}))"
    for value in ["nan()", "infinity()", "-infinity()", "1.5e0", "DECIMAL '1.50'", "'a\"b'", "true"]:
        yield f"json_format(CAST({value} AS json))"
    for text in BYTES:
        raw = f"X'{text}'"
        yield f"from_utf8({raw})"
        yield f"from_utf8({raw}, '?')"
        yield f"length(from_utf8({raw}))"
    for replacement in ["''", "'\u65e5'", "'ab'", "63", "65533", "''''", "NULL", "-1", "55296"]:
        yield f"from_utf8(X'61FF62', {replacement})"
    yield "from_utf8(NULL)"
    yield "from_utf8('a')"
    yield "to_utf8('a\u00e9')"
    yield "to_hex(to_utf8(from_utf8(X'61FF')))"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(server, folder, port):
    (folder / "etc/catalog").mkdir(parents=True)
    (folder / "etc/config.properties").write_text(
        f"coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port={port}\n"
        f"discovery.uri=http://127.0.0.1:{port}\nplugin.dir={server}/plugin\n")
    home, _ = trino_home.newest_java()
    return [str(home / "bin/java"), "-Xmx2g", "-Djdk.attach.allowAttachSelf=true", "-Dnode.environment=record",
            "-Dnode.bind-ip=127.0.0.1", "-Dnode.internal-address=127.0.0.1",
            f"-Dnode.data-dir={folder}", "-Dconfig=etc/config.properties",
            "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector",
            "-cp", f"{server}/lib/*", "io.trino.server.TrinoServer"]


def call(url, sql=None):
    request = urllib.request.Request(url, data=sql and sql.encode(), headers=HEADERS)
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as reply:
        return json.load(reply)


def answer(address, expression):
    """{"type", "value"} of a statement of one value, or {"error": its name}."""
    page = call(f"{address}/v1/statement", f"SELECT {expression}")
    columns, rows = None, []
    while True:
        columns = page.get("columns", columns)
        rows += page.get("data") or []
        if "error" in page:
            return {"error": page["error"]["errorName"]}
        if "nextUri" not in page:
            return {"type": columns[0]["type"], "value": rows[0][0]}
        page = call(page["nextUri"])


def wait_until_ready(process, address):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if not call(f"{address}/v1/info")["starting"] and answer(address, "1").get("value") == 1:
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(1)
    raise SystemExit("Trino does not start; see server.log in its folder")


def main():
    server = pathlib.Path(sys.argv[1]).resolve()
    version = trino_home.version(server)
    with tempfile.TemporaryDirectory(prefix="trino") as name:
        folder = pathlib.Path(name)
        port = free_port()
        with open(folder / "server.log", "wb") as log:
            process = subprocess.Popen(command(server, folder, port), cwd=folder, stdout=log,
                                       stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(process, address)
            answers = [{"expression": one, **answer(address, one)} for one in expressions()]
        except BaseException:
            print((folder / "server.log").read_text()[-4000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(DEADLINE_S)
    lines = ",\n".join(json.dumps(one, ensure_ascii=True) for one in answers)
    OUT.write_text(f'{{"trino": "{version}", "answers": [\n{lines}\n]}}\n')
    print(f"{len(answers)} answers of Trino {version}")


if __name__ == "__main__":
    main()
