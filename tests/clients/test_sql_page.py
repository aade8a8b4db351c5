"""The Python lines of docs/sql.md do what the page says."""
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
