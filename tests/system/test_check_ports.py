"""`check` and the ports, beside a server."""
import subprocess

from conftest import DEADLINE_S


def check(project):
    """With the ports that the project's settings name."""
    return subprocess.run(project.command("check"), capture_output=True, text=True, timeout=DEADLINE_S)


def test_check_leaves_the_ports_alone_while_the_server_runs(server, tmp_path_factory):
    """check: the configured ports are another server's, and this one was started with others."""
    other = tmp_path_factory.mktemp("other")
    listen = server.endpoints["http"]
    (other / "steelthread.toml").write_text("".join(
        f'[{part}]\nlisten = "{listen if part == "http" else "127.0.0.1:0"}"\n' for part in server.endpoints))
    one = type(server)(other)
    refused = check(one)
    assert refused.returncode == 1 and listen in refused.stderr
    one.start()
    try:
        checked = check(one)
        assert checked.returncode == 0, checked.stderr
    finally:
        one.stop()
    assert check(one).returncode == 1
