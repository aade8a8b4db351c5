"""What the documents tell people to type exists, and does what they say."""
import re
import subprocess
from decimal import ROUND_HALF_UP, Decimal

import pytest

from conftest import BINARY, DEADLINE_S, ROOT
from documents import DOCUMENTS, Shell, commands, missing_lines, spans

# Commands that no test runs, each with its reason; everything else that a document shows is run.
NOT_RUN = [
    (r"(sudo )?(pip|npm|apt)( |$)", "needs a package registry"),
    (r"make( [a-z-]+)?\b(?<!help)", "builds, measures or tests for minutes; the target exists"),
    (r"tests/(hostile/)?run", "takes minutes, or an hour"),
    (r"(nice )?python3 bench/", "measures for minutes, as `make bench` does; the file exists"),
    (r".*(…|http://HOST:PORT|[a-z]\|[a-z])", "the shape of commands, not one"),
    (r"(build/release/)?steelthread( load| sql)?$|kill -9$", "a name in a sentence"),
    (r"Exec(Start|Reload)=", "a line of a systemd unit"),
    (r".* --kafka localhost:29092", "a second broker, which tests/clients has"),
]
# What is shorter here than a reader would have it.
SHORTER = [(r"--duration \d+s", "--duration 2s"),
           (r"(steelthread load (?!.*--duration).*)", r"\1 --duration 2s")]
WITH_COMMANDS = [path for path in DOCUMENTS if commands(path) or spans(path)]
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


def reason_not_to_run(text):
    return next((reason for pattern, reason in NOT_RUN if re.match(pattern, text)), None)


def shortened(text):
    for pattern, instead in SHORTER:
        text = re.sub(pattern, instead, text)
    return text


def prepare(shell, text):
    """A server where the command needs one, none where it would be in the way."""
    project = (re.search(r"-C (\S+)", text) or [None, "examples/w205"])[1]
    is_up = shell.run(f"steelthread status -C {project}")[0] == 0
    wants_up = re.search(r"steelthread (status|down|sql|topic|pipeline|reload|table|group)|^kill -HUP", text)
    if is_up and re.search(r"steelthread (up|log)", text):
        shell.run(f"steelthread down -C {project}")
    elif wants_up and not is_up:
        assert shell.run(f"steelthread up -d -C {project}")[0] == 0
    return "" if "-C " in text else f"cd {project}; "


@pytest.mark.parametrize("document", WITH_COMMANDS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_command_of_a_document_does_what_it_says(document, tmp_path):
    shell = Shell(tmp_path)
    try:
        for command in commands(document):
            if reason_not_to_run(command.text):
                continue
            code, output = shell.run_as_shown(shortened(command.text))
            is_good = code == 0 and not re.search(r'"code":\s*"(no_route|method_not_allowed)"', output)
            assert is_good, f"{command.place}: {command.text}\n{output}"
            missing = missing_lines(command.shown, output)
            assert not missing, f"{command.place}: {command.text}\nlacks {missing}\nin {output}"
        for command in spans(document):
            if reason_not_to_run(command.text):
                continue
            where = prepare(shell, command.text)
            code, output = shell.run_as_shown(f"{where}{shortened(command.text)}")
            assert code == 0, f"{command.place}: {command.text}\n{output}"
            shell.run(f"cd {tmp_path}")
    finally:
        shell.close()


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in NOT_RUN])
def test_each_reason_not_to_run_a_command_is_needed(pattern):
    texts = [one.text for path in DOCUMENTS for one in commands(path) + spans(path)]
    assert any(re.match(pattern, text) for text in texts)


def test_what_a_document_shows_is_compared(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Text\n\n    curl a \\\n      b\n\nwhich shows\n\n    left  12\n\n"
                    "```console\n$ steelthread x\nright … 3\n```\n\n    name = 1\n")
    first, second = commands(page)
    assert (first.text, first.shown) == ("curl a \\\n  b", ["left  12"])
    assert (second.text, second.shown) == ("steelthread x", ["right … 3"])
    assert missing_lines(first.shown, "before\nleft 7") == []
    assert missing_lines(first.shown, "lift 12") == ["left  12"]
    assert missing_lines(second.shown, "right or wrong 9") == []


def figures_of_the_readme():
    """(figure, results page) of each row of the README's table of figures."""
    rows = re.findall(r"^\| .* \| (.*) \| \[.*\]\((bench/results/.*)\) \|$",
                      (ROOT / "README.md").read_text(), re.M)
    # A number that belongs to a name (p99) is not measured.
    return [(figure, page) for text, page in rows
            for figure in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)]


def is_rounded(figure, exact):
    digits = Decimal(figure.replace(",", ""))
    return Decimal(exact.replace(",", "")).quantize(digits, ROUND_HALF_UP) == digits


@pytest.mark.parametrize("figure, page", figures_of_the_readme())
def test_a_figure_of_the_readme_is_in_its_results(figure, page):
    numbers = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", (ROOT / page).read_text())
    assert any(is_rounded(figure, number.rstrip(",")) for number in numbers)


def test_a_figure_is_compared_as_it_is_rounded():
    assert len(figures_of_the_readme()) > 15
    assert is_rounded("11", "10.52") and is_rounded("1.7", "1.66") and is_rounded("74,769", "74,769")
    assert not is_rounded("758,724", "707,779") and not is_rounded("1.7", "1.64")


@pytest.mark.parametrize("page", sorted((ROOT / "bench/results").glob("*.md")), ids=lambda p: p.name)
def test_a_block_that_a_benchmark_writes_has_its_date(page):
    for block in re.findall(r"<!-- .* begins -->\n(.*)\n", page.read_text()):
        assert re.fullmatch(r"Measured on \d{4}-\d\d-\d\d\.", block)


def test_the_documents_have_commands():
    assert len([one for path in DOCUMENTS for one in commands(path)]) > 30
    files = {one.text.split()[1] for path in DOCUMENTS for one in commands(path) + spans(path)
             if one.text.startswith("python3 ")}
    assert files and all((ROOT / name).is_file() for name in files)
