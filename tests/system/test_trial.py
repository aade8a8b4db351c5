"""`steelthread test` and `steelthread pipeline preview`."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import BINARY, DEADLINE_S, ROOT


def run(*words, **options):
    return subprocess.run([str(word) for word in (BINARY, *words)], capture_output=True, text=True,
                          timeout=DEADLINE_S, **options)


@pytest.fixture
def project(tmp_path):
    """The example's project, and a folder for temporary files that stays empty."""
    shutil.copytree(ROOT / "examples/w205", tmp_path / "w205")
    (tmp_path / "tmp").mkdir()
    return tmp_path / "w205"


def trial(project, *words):
    temporary = project.parent / "tmp"
    done = run("test", project, *words, env={**os.environ, "TMPDIR": str(temporary)})
    assert list(temporary.iterdir()) == [] and not (project / ".steelthread").exists()
    return done


@pytest.mark.parametrize("example", ["w205", "game"])
def test_the_examples_pass_their_tests(example):
    done = run("test", ROOT / "examples" / example)
    assert done.returncode == 0, done.stdout + done.stderr
    count = sum(path.read_text().count("[[test]]")
                for path in (ROOT / "examples" / example / "tests").glob("*.toml"))
    assert done.stdout.splitlines()[-1] == f"{count} passed, 0 failed" and count > 2


def test_a_new_project_has_a_test_that_passes(tmp_path):
    assert run("init", tmp_path / "mine").returncode == 0
    done = run("test", cwd=tmp_path / "mine")
    assert done.returncode == 0 and done.stdout.endswith("1 passed, 0 failed\n"), done.stderr


def test_a_changed_pipeline_is_red_with_place_and_rows_and_green_after_an_update(project):
    pipeline = project / "pipelines/sword_purchases.sql"
    pipeline.write_text(pipeline.read_text().replace("'$.Host') AS host", "'$.host') AS host"))
    file = project / "tests/purchases.toml"
    text = file.read_text()
    done = trial(project, "sword_purchases")
    assert done.returncode == 1
    line = text[:text.index("expect.sword_purchases")].count("\n") + 1
    assert f"FAILED {file}:4: a purchase of a sword is in both tables\n" in done.stdout
    assert (f"  {file}:{line}: sword_purchases: want 1 row, got 1\n"
            f'      - {{"host": "user1.comcast.com", ') in done.stdout
    assert f"({file}:{line + 1})" in done.stdout
    assert '\n        host: want "user1.comcast.com", got null\n' in done.stdout
    assert done.stdout.endswith("1 passed, 1 failed\n")

    done = trial(project, "-u")
    assert done.returncode == 0 and done.stdout.endswith("5 passed, 0 failed; updated 1 test\n"), done.stdout
    assert file.read_text() == text.replace('{"host": "user1.comcast.com", "user_agent"',
                                            '{"host": null, "user_agent"', 1)
    assert trial(project).stdout.endswith("5 passed, 0 failed\n")


def test_mistakes_of_a_test_file_have_their_places(project):
    file = project / "tests/wrong.toml"
    file.write_text("""[[test]]
name = "wrong"
given.events = 5
expect.sword_purchases = '''
{"hots": }
'''
""")
    done = trial(project)
    assert done.returncode == 1 and done.stdout.endswith("5 passed, 1 failed\n")
    assert f"FAILED {file}\n  {file}:3:16: given.events: want the values" in done.stdout
    assert f"  {file}:5: a row is a JSON object such as " in done.stdout
    file.write_text("[[test]]\nname = 'wrong'\nexpect.sword_purchase = ''\n")
    assert (f"  {file}:3: the project has no pipeline \"sword_purchase\"; did you mean "
            "\"sword_purchases\"?\n") in trial(project).stdout
    file.write_text("[[test]\n")
    assert f"  {file}:1:" in trial(project).stdout


def test_a_name_that_no_test_has_is_refused(project):
    done = trial(project, "sword_purchase")
    assert done.returncode == 1 and 'did you mean "sword_purchases"?' in done.stderr
    shutil.rmtree(project / "tests")
    done = trial(project)
    assert done.returncode == 1 and "has no tests" in done.stderr and "docs/testing.md" in done.stderr


def test_the_words_of_tests_are_completed(project):
    done = run("__complete", "test", "-C", project, "sword")
    assert "sword_purchases" in done.stdout.split()


def preview(server, *words):
    done = server.run("pipeline", "preview", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_preview_shows_rows_and_dead_letters_and_writes_nothing(server):
    assert server.run("topic", "create", "events").returncode == 0
    lines = "".join(json.dumps({"Host": f"user{n}", "event_type": "purchase_sword"}) + "\n" for n in range(20))
    assert server.run("topic", "produce", "events", input=lines + "no JSON\n").returncode == 0
    # A pipeline that is not served yet.
    pipeline = server.project / "pipelines/hosts.sql"
    pipeline.write_text("CREATE STREAMING TABLE hosts TBLPROPERTIES ('steelthread.format' = 'json') AS "
                        "SELECT get_json_object(CAST(value AS STRING), '$.Host') AS host, offset FROM STREAM(events)")
    words = ("hosts", "--rows", "3", "--format", "json")
    served = json.loads(preview(server, *words))
    assert served["rows"] == [{"host": "user18", "offset": 18}, {"host": "user19", "offset": 19}]
    assert [(one["code"], one["offset"]) for one in served["dead_letters"]] == [("not_json", 20)]
    assert served["records"] == 3
    text = preview(server, "hosts", "--rows", "3")
    assert "user19" in text and "not_json" in text
    assert text.endswith("hosts: 3 records would make 2 rows and 1 dead letter; nothing was written\n")
    tables = server.run("sql", "show tables").stdout
    assert "hosts" not in tables
    wrong = server.run("pipeline", "preview", "hostss")
    assert wrong.returncode == 1 and 'did you mean "hosts"?' in wrong.stderr

    server.stop()
    before = {path: path.stat().st_mtime_ns for path in server.data.rglob("*")}
    assert json.loads(preview(server, *words)) == served
    assert {path: path.stat().st_mtime_ns for path in server.data.rglob("*")} == before


ACTIVITY = """CREATE STREAMING TABLE activity AS
SELECT 'click' AS kind, partition, CAST(CAST(value AS STRING) AS INT) AS number FROM STREAM(clicks)
UNION ALL
SELECT 'visit', partition, CAST(CAST(value AS STRING) AS INT) FROM STREAM(visits)
"""


def test_a_pipeline_of_two_topics_is_tested_with_records_of_both_or_one(project):
    (project / "pipelines/activity.sql").write_text(ACTIVITY)
    (project / "tests/activity.toml").write_text("""[[test]]
name = "both topics make rows, and dead letters name their topic"
given.clicks = [{ value = "1", partition = 1 }, { value = "none" }]
given.visits = "2"
expect.activity = '''
{"kind": "click", "partition": 1, "number": 1}
{"kind": "visit", "partition": 0, "number": 2}
'''
bad = '''
{"topic": "clicks", "partition": 0, "offset": 0, "code": "sql_error"}
'''

[[test]]
name = "one topic alone makes rows while the other does not exist"
given.visits = '''
none
3
'''
expect.activity = '''
{"kind": "visit", "number": 3}
'''
bad = '''
{"topic": "visits", "offset": 0, "code": "sql_error"}
'''
""")
    done = trial(project, "activity")
    assert done.returncode == 0 and done.stdout.endswith("2 passed, 0 failed\n"), done.stdout + done.stderr


def test_a_preview_of_two_topics_takes_the_newest_records_of_both(server):
    (server.project / "pipelines/activity.sql").write_text(ACTIVITY)
    for topic, values in (("clicks", "1\n2\n"), ("visits", "3\nnone\n"), ("clicks", "4\n")):
        assert server.run("topic", "create", topic, "--if-not-exists").returncode == 0
        assert server.run("topic", "produce", topic, input=values).returncode == 0
    words = ("activity", "--rows", "4", "--format", "json")
    served = json.loads(preview(server, *words))
    # Within a step the rows of the first SELECT come first, each in the order of the log.
    assert [(row["kind"], row["number"]) for row in served["rows"]] == [("click", 2), ("click", 4), ("visit", 3)]
    assert [(one["topic"], one["offset"]) for one in served["dead_letters"]] == [("visits", 1)]
    server.stop()
    assert json.loads(preview(server, *words)) == served


def test_a_preview_without_a_data_folder_says_so(project):
    done = run("pipeline", "preview", "sword_purchases", "-C", project)
    assert done.returncode == 3 and "is no data folder" in done.stderr
    assert pathlib.Path(project / ".steelthread").exists() is False
