"""SQL through the Python client of Trino, as it comes from PyPI."""
import datetime
import decimal
import json
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
import trino

from conftest import DEADLINE_S, poll

DIGITS = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"
# Numbers from 0 to 10^n - 1, n at most 8, without a table.
def numbers(digits):
    tables = ", ".join(f"{DIGITS} t{i}(d)" for i in range(digits))
    value = " + ".join(f"t{i}.d * {10 ** i}" for i in range(digits))
    return f"SELECT {value} AS n FROM {tables}"


# Runs for minutes where nobody stops it.
ENDLESS = f"SELECT count(*) FROM ({numbers(8)}) a, ({numbers(4)}) b WHERE (a.n + b.n) % 7 = 8"


def connect(server, **options):
    host, port = server.endpoints["sql"].rsplit(":", 1)
    return trino.dbapi.connect(host=host, port=int(port), user="ann", catalog="lake",
                               schema="default", **options)


def ask(server, sql):
    cursor = connect(server).cursor()
    cursor.execute(sql)
    return cursor.fetchall()


def post(server, sql, headers=()):
    request = urllib.request.Request(f"http://{server.endpoints['sql']}/v1/statement",
                                     data=sql.encode(), headers=dict(headers))
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as reply:
        return json.load(reply)


def test_values_of_all_types_arrive_as_python_values(server):
    cursor = connect(server).cursor()
    cursor.execute("""SELECT 'a' v, CAST(1 AS bigint) b, 2 i, CAST(3 AS smallint) s,
        CAST('1.50' AS decimal(10, 2)) d, CAST(1.5 AS double) dbl, true bo, null n,
        DATE '2026-11-22' da, TIMESTAMP '2026-11-22 01:02:03.004005' ts,
        CAST(0.25 AS real) r, 'é" \\ 日' u""")
    assert cursor.fetchall() == [[
        "a", 1, 2, 3, decimal.Decimal("1.50"), 1.5, True, None, datetime.date(2026, 11, 22),
        datetime.datetime(2026, 11, 22, 1, 2, 3, 4005), 0.25, 'é" \\ 日']]
    names = [column.name for column in cursor.description]
    assert names == ["v", "b", "i", "s", "d", "dbl", "bo", "n", "da", "ts", "r", "u"]
    types = {column.name: column.type_code for column in cursor.description}
    assert types["b"] == "bigint" and types["i"] == "integer" and types["v"].startswith("varchar")
    assert types["d"] in ("decimal(10, 2)", "decimal(10,2)") and types["ts"] == "timestamp(6)"


def test_unnamed_columns_have_trinos_names(server):
    cursor = connect(server).cursor()
    cursor.execute("SELECT 1, 2")
    assert [column.name for column in cursor.description] == ["_col0", "_col1"]


def test_show_lists_catalogs_schemas_and_tables(server):
    assert ask(server, "SHOW CATALOGS") == [["lake"]]
    assert ask(server, "SHOW SCHEMAS") == [["bad"], ["default"]]
    assert ask(server, "SHOW TABLES LIKE 'no%such'") == []


def failure(server, sql):
    with pytest.raises(trino.exceptions.TrinoQueryError) as caught:
        ask(server, sql)
    return caught.value


def test_a_damaged_file_is_an_internal_error_that_names_it(server):
    urllib.request.urlopen(f"http://{server.endpoints['http']}/purchase_a_sword", timeout=DEADLINE_S).read()
    assert server.run("pipeline", "run", "sword_purchases", "--once").returncode == 0
    [file] = server.data.glob("warehouse/default/sword_purchases/data/*.parquet")
    whole = file.read_bytes()
    file.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    error = failure(server, "SELECT count(host) FROM sword_purchases")
    assert error.error_type == "INTERNAL_ERROR"
    assert f"table default.sword_purchases: its data file data/{file.name} is missing or damaged" in error.message
    file.write_bytes(whole)
    assert ask(server, "SELECT count(host) FROM sword_purchases") == [[1]]


@pytest.mark.parametrize("sql, name, code, location", [
    ("selec 1", "SYNTAX_ERROR", 1, (1, 1)),
    ("select *\nfrom nosuch", "TABLE_NOT_FOUND", 46, (2, 6)),
    ("select x from (values (1)) t(y)", "COLUMN_NOT_FOUND", 47, (1, 8)),
    ("describe nosuch", "TABLE_NOT_FOUND", 46, (1, 1)),
    ("drop table purchases", "NOT_SUPPORTED", 13, (1, 1)),
    ("show tables from nosuch", "SCHEMA_NOT_FOUND", 45, (1, 1)),
])
def test_errors_are_the_users_and_say_where(server, sql, name, code, location):
    error = failure(server, sql)
    assert (error.error_name, error.error_code, error.error_type) == (name, code, "USER_ERROR")
    assert error.error_location == location
    assert error.message.startswith(f"line {location[0]}:{location[1]}: ")


def test_hostile_statements_are_refused_and_the_server_goes_on(server):
    for sql in ["select * from read_csv('/etc/passwd')", "select * from '/etc/passwd'",
                "copy (select 1) to '/tmp/x'", "attach '/tmp/x'", "install httpfs",
                "select 1; select 2", "pragma database_list", "select * from duckdb_settings()",
                "set memory_limit = '1TB'", "select getenv('HOME')"]:
        assert failure(server, sql).error_type == "USER_ERROR", sql
    assert ask(server, "SELECT 1") == [[1]]


def test_many_rows_come_in_pages(server):
    cursor = connect(server).cursor()
    cursor.execute(numbers(5))
    seen = sorted(row[0] for row in cursor)
    assert seen == list(range(100_000))
    assert cursor.stats["state"] == "FINISHED" and cursor.stats["processedRows"] == 100_000


def test_two_statements_run_at_once_and_a_third_waits_its_turn(server):
    endless = connect(server).cursor()
    running = threading.Thread(target=lambda: pytest.raises(Exception, endless.execute, ENDLESS))
    running.start()
    poll("the statement runs", lambda: endless.stats.get("state") == "RUNNING")
    assert ask(server, "SELECT 1") == [[1]]
    others = [threading.Thread(target=ask, args=(server, "SELECT 2")) for _ in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join(DEADLINE_S)
        assert not other.is_alive()
    endless.cancel()
    running.join(DEADLINE_S)
    assert not running.is_alive()


def test_cancel_ends_a_statement_and_frees_its_worker(server):
    cursors = [connect(server).cursor() for _ in range(2)]
    caught = []

    def run(cursor):
        try:
            cursor.execute(ENDLESS)
        except trino.exceptions.TrinoUserError as error:
            caught.append(error.error_name)

    threads = [threading.Thread(target=run, args=(cursor,)) for cursor in cursors]
    for thread in threads:
        thread.start()
    for cursor in cursors:
        poll("the statement runs", lambda c=cursor: c.stats.get("state") == "RUNNING")
    start = time.monotonic()
    for cursor in cursors:
        cursor.cancel()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert caught == ["USER_CANCELED"] * 2
    assert ask(server, "SELECT 1") == [[1]]
    assert time.monotonic() - start < 10


def test_a_statement_over_its_time_fails_by_name(server):
    server.stop()
    server.settings["sql.statement_timeout_seconds"] = "1"
    server.start()
    error = failure(server, ENDLESS)
    assert (error.error_name, error.error_type) == ("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES")
    assert ask(server, "SELECT 1") == [[1]]


def test_presto_clients_are_answered_in_their_own_headers(server):
    answer = post(server, "USE bad", {"X-Presto-User": "ann"})
    with urllib.request.urlopen(answer["nextUri"], timeout=DEADLINE_S) as reply:
        assert reply.headers["X-Presto-Set-Schema"] == "bad"
        assert json.load(reply)["updateType"] == "USE"


@pytest.mark.parametrize("headers", [{"Host": "evil.example"},
                                     {"Origin": "http://evil.example"}])
def test_a_web_page_cannot_ask(server, headers):
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(server, "SELECT 1", headers)
    assert caught.value.code == 403


def test_the_session_is_the_clients_or_refused_by_name(server):
    assert ask(server, "SELECT current_user, current_catalog, current_schema") == [
        ["ann", "lake", "default"]]
    cursor = connect(server, session_properties={"query_max_run_time": "1h"}).cursor()
    with pytest.raises(trino.exceptions.TrinoUserError) as refused:
        cursor.execute("SELECT 1")
        cursor.fetchall()
    assert refused.value.error_name == "INVALID_SESSION_PROPERTY"
    assert "query_max_run_time" in refused.value.message


def test_the_command_line_prints_what_the_client_reads(server):
    asked = server.run("sql", "--format", "json", numbers(2) + " ORDER BY 1")
    assert asked.returncode == 0, asked.stderr
    assert [row["n"] for row in json.loads(asked.stdout)] == list(range(100))
    table = server.run("sql", "select 'é' as name, 12 as n union all select null, 3 order by n")
    assert table.stdout == " name | n  \n------+----\n NULL |  3 \n é    | 12 \n"
    assert table.stderr == "(2 rows)\n"
    wrong = server.run("sql", "select 1,\n  nosuch")
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines()[1:] == ["  nosuch", "  ^"]
    server.stop()
    alone = server.run("sql", "--format", "csv", "values (1, 'a,b'), (2, null)")
    assert (alone.returncode, alone.stdout) == (0, '_col0,_col1\n1,"a,b"\n2,\n'), alone.stderr


def metric(server, name):
    with urllib.request.urlopen(f"http://{server.endpoints['sql']}/metrics",
                                timeout=DEADLINE_S) as reply:
        lines = reply.read().decode().splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(name + " ")), 0)


def test_interrupting_the_command_line_cancels_its_statement(server):
    asking = subprocess.Popen(server.command("sql", ENDLESS), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    poll("the statement", lambda: metric(server, "steelthread_statements_total") == 1)
    asking.send_signal(signal.SIGINT)
    out, err = asking.communicate(timeout=DEADLINE_S)
    assert (asking.returncode, out, err) == (130, "", "Query was canceled\n")
    assert ask(server, "SELECT 1") == [[1]]
