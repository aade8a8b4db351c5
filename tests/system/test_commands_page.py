"""docs/commands.md is what tools/commands.py makes of the program's --help."""
import sys

from conftest import BINARY, ROOT
from test_documents import run

PAGE = (ROOT / "docs/commands.md").read_text()


def test_the_page_of_commands_is_that_of_the_program():
    made = run(sys.executable, "tools/commands.py", BINARY)
    assert made.returncode == 0, made.stderr
    assert made.stdout == PAGE, "python3 tools/commands.py > docs/commands.md makes it again"


def test_the_page_has_every_command_of_the_program():
    listed = run(BINARY, "--help").stdout.split("Subcommands:\n")[1].split("\n\n")[0]
    names = [line.split()[0] for line in listed.splitlines()]
    assert len(names) > 10 and all(f"\n## {name}\n" in PAGE for name in names)
    assert "\n## topic create\n" in PAGE and "| `--if-not-exists` | " in PAGE


def test_an_option_is_shown_with_all_that_it_needs_or_excludes():
    assert "| `--rate TEXT Excludes: --clients --think` | open loop" in PAGE
    assert "| --" not in PAGE


def test_the_page_has_the_other_names_of_a_command():
    for group in ("topic", "events"):
        listed = run(BINARY, group, "--help").stdout
        assert "ls, list" in listed and f"Also `{group} list`." in PAGE
