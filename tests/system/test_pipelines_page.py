"""The example of docs/pipelines.md works in a project that `init` made."""
import re
import subprocess
import textwrap

import pytest

from conftest import BINARY, DEADLINE_S, ROOT, Server

PAGE = (ROOT / "docs/pipelines.md").read_text()


def shown(path):
    """The text that the page shows for a file of the project."""
    found = re.search(rf"`{re.escape(path)}`:\n\n((?:       .*\n|\n)+)", PAGE)
    return textwrap.dedent(found[1]).strip() + "\n"


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "game"
    subprocess.run([BINARY, "init", folder], check=True, stdout=subprocess.DEVNULL)
    for path in ("events/purchase_sword.toml", "pipelines/sword_buyers.sql"):
        assert not (folder / path).exists()
        (folder / path).write_text(shown(path))
    running = Server(folder)
    yield running
    running.stop()


def test_the_examples_run_in_spark_without_a_package_for_tables():
    """`USING iceberg` makes Spark's `run` ask for Iceberg's package and a catalog."""
    files = sorted((ROOT / "examples").glob("*/pipelines/*.sql"))
    assert len(files) >= 6
    assert [file.name for file in files if re.search(r"\bUSING\b", file.read_text(), re.I)] == []


def test_the_example_of_the_page_fills_its_table(project):
    check = project.run("check", "--strict")
    assert check.returncode == 0, check.stdout + check.stderr
    project.start()
    url = f"http://{project.endpoints['http']}/purchase_a_sword"
    bought = subprocess.run(["curl", "-sf", url], capture_output=True, text=True,
                            timeout=DEADLINE_S)
    assert bought.stdout == "Sword Purchased!\n"
    assert project.run("pipeline", "run", "sword_buyers", "--once").returncode == 0
    statement = re.search(r"^ +steelthread sql \"(.* sword_buyers .*)\"$", PAGE, re.M)[1]
    rows = project.run("sql", "--format", "csv", statement).stdout.splitlines()
    assert rows == ["host,_col1", f"{project.endpoints['http']},1"]
