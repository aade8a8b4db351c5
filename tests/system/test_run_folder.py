"""The files of run/ in the data folder, while a server runs and afterwards."""


def test_the_process_id_leaves_with_the_process(server):
    path = server.data / "run/pid"
    assert int(path.read_text()) == server.process.pid
    server.stop()
    assert not path.exists()
    assert server.run("sql", "select 1").returncode == 0  # holds the folder meanwhile
    assert not path.exists()
