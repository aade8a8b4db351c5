"""What the documents tell people to type exists."""
import re
import subprocess

import pytest

from conftest import BINARY, DEADLINE_S, ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEXT = "\n".join(path.read_text() for path in DOCUMENTS)


def run(*command):
    return subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True,
                          timeout=DEADLINE_S)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^    |`)make ([a-z]+)", TEXT, re.M))))
def test_a_make_target_of_the_documents_exists(target):
    # -n prints the commands and runs none.
    assert run("make", "-n", target).returncode == 0


@pytest.mark.parametrize("command", sorted(set(
    re.findall(r"(?:^    |`)(?:build/release/)?steelthread ((?:[a-z]+ ?)+)", TEXT, re.M))))
def test_a_command_of_the_documents_exists(command):
    words = command.split()
    # `topic create events` and the like: the last word may be an argument.
    tried = [run(BINARY, *words[:n], "--help") for n in (1, min(2, len(words)))]
    assert [t.returncode for t in tried] == [0, 0], tried[-1].stderr


def settings():
    table = (ROOT / "docs/operations.md").read_text()
    return re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", table, re.M)


@pytest.mark.parametrize("key", settings())
def test_a_setting_of_the_operations_page_is_known(key, tmp_path):
    # No server runs there, so the command fails either way; an unknown key is named as one.
    done = run(BINARY, "topic", "ls", "-C", tmp_path, "--set", f"{key}=1")
    assert done.returncode != 0 and "unknown setting" not in done.stderr, done.stderr
