"""The settings file that `init` writes shows the default address of every port."""
import re
import subprocess

from conftest import BINARY, DEADLINE_S, ROOT


def run(*words):
    return subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=DEADLINE_S)


def test_each_port_is_there_to_be_uncommented(tmp_path):
    assert run("init", tmp_path / "game").returncode == 0
    path = tmp_path / "game/steelthread.toml"
    shown = re.findall(r'^\[(\w+)\]\n# listen = "(.*?)"', path.read_text(), re.M)
    listed = re.findall(r"^\| `(\w+)\.listen` \| `(.*?)` \|", (ROOT / "docs/operations.md").read_text(),
                        re.M)
    assert shown == listed and len(shown) == 4
    path.write_text(path.read_text().replace("# listen", "listen"))
    assert run("check", "-C", tmp_path / "game").returncode == 0
