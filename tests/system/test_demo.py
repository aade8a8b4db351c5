"""The demo by itself, from the build and from where `make install` puts it."""
import re
import subprocess

from conftest import BINARY, DEADLINE_S, ROOT


def demo(binary, *flags):
    done = subprocess.run([binary, "demo", "--requests", "500", *flags], capture_output=True,
                          text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_demo_shows_the_seeds_session_and_balances():
    shown = demo(BINARY)
    assert 'Created topic "events".' in shown
    assert "Sword Purchased!" in shown and "This is the default response!" in shown
    assert ('{"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", '
            '"User-Agent": "curl/7.47.0"}') in shown
    assert "504 sent = 504 in the log = 504 in the table" in shown
    assert re.search(r"purchase_sword \|\s+\d+", shown)


def test_what_the_demo_keeps_is_a_project(tmp_path):
    demo(BINARY, "--keep", str(tmp_path / "game"))
    sql = subprocess.run([BINARY, "sql", "-C", tmp_path / "game", "--format", "csv",
                          "select count(*) as n from extracted_events"], capture_output=True,
                         text=True, timeout=DEADLINE_S)
    assert sql.stdout.split() == ["n", "504"], sql.stderr


def test_an_installed_program_stands_alone(tmp_path):
    subprocess.run(["cmake", "--install", ROOT / "build/release", "--prefix", tmp_path],
                   check=True, stdout=subprocess.DEVNULL)
    assert "504 in the table" in demo(tmp_path / "bin/steelthread")
    documents = tmp_path / "share/doc/steelthread"
    assert (documents / "docs/operations.md").read_text() == (ROOT / "docs/operations.md").read_text()
    assert not list(documents.rglob(".steelthread"))
    dead = [f"{page}: {link}" for page in documents.rglob("*.md")
            for link in re.findall(r"\]\(([^)\s#]+)", page.read_text())
            if "://" not in link and not (page.parent / link).exists()]
    assert dead == []
    assert (documents / "README.md").exists() and (documents / "bench/results/http.md").exists()
