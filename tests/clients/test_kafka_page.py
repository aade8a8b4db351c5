"""The Python lines of docs/kafka.md do what the page says."""
import re
import subprocess
import sys

import pytest

from conftest import DEADLINE_S, ROOT

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/kafka.md").read_text(), re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=["of a group", "assigned"])
def test_a_producer_and_a_consumer_work_as_the_page_shows(server, block):
    script = block.replace("localhost:9092", server.endpoints["kafka"])
    assert script != block
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "0 b'ada' b'hello'\n"
