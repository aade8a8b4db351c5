"""`check` and the ports, beside a server."""


def test_check_leaves_the_ports_alone_while_the_server_runs(server, tmp_path_factory):
    """check: the configured ports are another server's, and this one was started with others."""
    other = tmp_path_factory.mktemp("other")
    listen = server.endpoints["http"]
    (other / "steelthread.toml").write_text(f'[http]\nlisten = "{listen}"\n')
    one = type(server)(other)
    refused = one.run("check")
    assert refused.returncode == 1 and listen in refused.stderr
    one.start()
    try:
        checked = one.run("check")
        assert checked.returncode == 0, checked.stderr
    finally:
        one.stop()
    assert one.run("check").returncode == 1
