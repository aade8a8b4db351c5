"""A mistake in the settings keeps no command from the server that runs; a start refuses it."""
import pytest

MISTAKES = {
    "unknown key": ("[sql]\nmax_row = 1\n", 'steelthread.toml:2:1: unknown setting "sql.max_row"'),
    "syntax": ("[sql\n", "steelthread.toml:"),
    "behind a key that can be read": ('[data]\ndir = ".steelthread"\n[sql]\nmax_rows = "x"\n',
                                      "steelthread.toml:4:12: sql.max_rows"),
}


@pytest.mark.parametrize("text, said", MISTAKES.values(), ids=MISTAKES)
def test_commands_reach_the_server_and_warn(server, text, said):
    (server.project / "steelthread.toml").write_text(text)
    for words in (("status",), ("topic", "ls"), ("sql", "select 1"), ("table", "ls"), ("reload",), ("down",)):
        done = server.run(*words)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stderr.count(f"steelthread: warning: {server.project}/{said}") == 1, done.stderr
        assert "the next start will refuse these" in done.stderr
    assert server.process.wait(60) == 0
    assert server.run("status").returncode == 2


def test_what_judges_the_settings_refuses(server):
    (server.project / "steelthread.toml").write_text("[sql]\nmax_row = 1\n")
    for word in ("up", "check", "doctor"):
        done = server.run(word)
        assert done.returncode == 2 and "warning" not in done.stderr and "sql.max_row" in done.stderr


def test_a_data_folder_that_cannot_be_read_is_not_guessed(server):
    for text in ('[data]\ndir = 5\n', '[data]\ndir = ""\n', '[data]\ndir = "elsewhere\n'):
        (server.project / "steelthread.toml").write_text(text)
        assert server.run("status").returncode == 2
        assert server.run("status", "--data", server.data).returncode == 0


def test_a_mistake_of_the_command_itself_is_refused(server):
    (server.project / "steelthread.toml").write_text("[sql]\nmax_row = 1\n")
    assert server.run("status", "--set", "sql.max_rows=x").returncode == 2


def test_the_environment_of_a_command_is_passed_over(server):
    environment = {"STEELTHREAD_SQL_MAX_ROW": "1"}
    done = server.run("topic", "ls", env=environment)
    assert done.returncode == 0 and "warning: environment variable STEELTHREAD_SQL_MAX_ROW" in done.stderr
