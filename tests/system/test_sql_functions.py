"""Each function that docs/sql.md lists under Trino's name is there and answers as Trino does."""
import json
import re

import pytest

from conftest import ROOT, Server

PAGE = (ROOT / "docs/sql.md").read_text()
LISTED = set(re.findall(r"`([a-z_0-9]+)`", PAGE.split("## Functions under")[1].split("DuckDB's own")[0]))
# The worker's tests have statements with the other listed functions.
TESTED = "".join(path.read_text() for path in (ROOT / "src/worker").rglob("*.sql"))
SCALARS = {
    "array_sort(array_distinct(array[2, 1, 2]))": [1, 2],
    "array_intersect(array[1, 2], array[2, 3])": [2],
    "array_max(array[1, 3, 2]) - array_min(array[1, 3, 2])": 2,
    "array_remove(array[1, 2, 1], 1)": [2],
    "array_sort(array_union(array[1, 2], array[2, 3]))": [1, 2, 3],
    "arrays_overlap(array[1], array[1, 2])": True,
    "flatten(array[array[1], array[2, 3]])": [1, 2, 3],
    "reduce(array[1, 2], (s, x) -> s + x)": 3,
    "reduce(array[1, 2], (s, x) -> s + x, 10)": 13,
    "map_concat(map(array['a'], array[1]), map(array['b'], array[2]))": {"a": 1, "b": 2},
    "map_entries(map(array['a'], array[1]))": [["a", 1]],
    "map_keys(map(array['a'], array[1]))": ["a"],
    "map_values(map(array['a'], array[1]))": [1],
    "split_to_map('a=1,b=2', ',', '=')": {"a": "1", "b": "2"},
    "codepoint('A')": 65,
    "levenshtein_distance('abc', 'abd')": 1,
    "rpad('a', 3, 'xy')": "axy",
    "regexp_count('1a 2b 14m', '[a-z]+')": 3,
    "regexp_extract_all('1a 2b 14m', '(\\d+)([a-z]+)', 2)": ["a", "b", "m"],
    "regexp_split('1a 2b 14m', '\\s*[a-z]+\\s*')": ["1", "2", "14", ""],
    "is_json_scalar('1') and not is_json_scalar('[1]')": True,
    "json_size('{\"x\": {\"a\": 1, \"b\": 2}}', '$.x')": 2,
    "day_of_year(date '2026-02-01')": 32,
    "last_day_of_month(date '2026-02-01')": "2026-02-28",
    "from_iso8601_date('2026-02-01')": "2026-02-01",
    "to_iso8601(timestamp '2026-01-01 00:00:07')": "2026-01-01T00:00:07.000",
    "to_iso8601(date '2026-01-01')": "2026-01-01T00:00:00.000",
    "second(timestamp '2026-01-01 00:00:07')": 7,
    "year_of_week(date '2027-01-01')": 2026,
    "now() > timestamp '2020-01-01 00:00:00 UTC'": True,
    "from_base64('Cv8=')": "Cv8=",
    "log2(8)": 3,
    "rand() < 1": True,
    "e() < pi()": True,
    "length(cast(uuid() as varchar))": 36,
}
AGGREGATES = {
    "bitwise_and_agg(x)": 2,
    "bool_and(x > 3)": False,
    "corr(x, y)": 1,
    "min_by(x, y)": 3,
    "stddev(x) > 2.1": True,
    "variance(x)": 4.5,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("empty")).start()
    yield running
    running.stop()


@pytest.mark.parametrize("wanted, rows", [(SCALARS, ""), (AGGREGATES, "from (values (6, 2), (3, 1)) t(x, y)")],
                         ids=["scalars", "aggregates"])
def test_a_listed_function_answers_as_the_page_says(server, wanted, rows):
    columns = ", ".join(f"{text} as c{n}" for n, text in enumerate(wanted))
    done = server.run("sql", "--format", "json", f"select {columns} {rows}")
    assert done.returncode == 0, done.stderr
    assert dict(zip(wanted, json.loads(done.stdout)[0].values())) == wanted


def test_trinos_four_arguments_of_reduce_are_refused_as_the_page_says(server):
    assert server.run("sql", "select reduce(array[1], 0, (s, x) -> s + x, s -> s)").returncode == 1


def test_each_listed_function_is_called_by_a_test():
    texts = TESTED + " ".join([*SCALARS, *AGGREGATES])
    assert len(LISTED) > 100
    assert sorted(name for name in LISTED if not re.search(rf"\b{name}\s*\(", texts)) == []
