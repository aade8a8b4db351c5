"""docs/sql.md: its Python lines do what the page says, its functions are those that are let through."""
import json
import re
import subprocess
import sys

import pytest

from conftest import DEADLINE_S, ROOT

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/sql.md").read_text(), re.S)


@pytest.mark.parametrize("block,port", [(BLOCKS[0], "sql"), (BLOCKS[1], "catalog")],
                         ids=["trino", "pyiceberg"])
def test_the_lines_for_a_client_work(server, block, port):
    assert server.run("pipeline", "run", "sword_purchases", "--once").returncode == 0
    own = server.endpoints[port].rsplit(":", 1)[1]
    script = re.sub(r"\b(8080|8181)\b", own, block)
    assert script != block
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    assert "[0]" in done.stdout or "pyarrow.Table" in done.stdout


def section(title):
    page = (ROOT / "docs/sql.md").read_text()
    return re.search(rf"^## {title}\n(.*?)^## ", page, re.S | re.M)[1]


# Words of the grammar, and what is respelled before the list is asked.
GRAMMAR = {"cast", "try_cast", "coalesce", "nullif", "try", "case", "extract", "date_parse"}
TRINOS = set(re.findall(r"`([a-z_0-9]+)`", section("Functions under Trino's names")))
OWN = set(re.search(r"```text\n(.*?)```", section("DuckDB's own functions"), re.S)[1].split())


def test_the_page_lists_all_functions_that_are_let_through():
    source = (ROOT / "src/worker/query/functions.cc").read_text()
    allowed = re.search(r'kAllowed = R"\((.*?)\)"', source, re.S)[1].split()
    renamed = re.findall(r'^    \{"(\w+)", "\w+"\},$', source, re.M)
    let_through = {name for name in [*allowed, *renamed] if name[0].isalpha()}
    assert len(allowed) > 200 and len(renamed) > 20
    assert (TRINOS | OWN) - GRAMMAR == let_through - GRAMMAR
    assert not TRINOS & OWN


def test_each_function_under_trinos_name_was_asked_of_trino():
    recorded = json.loads((ROOT / "tests/clients/trino_answers.json").read_text())
    asked = {word for one in recorded["answers"]
             for word in re.findall(r"\w+", one["expression"].lower())}
    exact = {name for name in TRINOS if not name.startswith("approx_")}
    # They name this server.
    assert exact - asked == {"version", "current_catalog", "current_schema", "current_user"}
