"""Our answers to the expressions whose answers of Trino are recorded in trino_answers.json.

An answer is Trino's, an error where Trino has one, or the expression stands in trino_differences.json
under the sentence of docs/sql.md that tells of the difference. record_trino.py records anew.
"""
import http.client
import json
import math
import pathlib
import re

import pytest

from conftest import DEADLINE_S, ROOT

HERE = pathlib.Path(__file__).resolve().parent
RECORDED = {one["expression"]: one
            for one in json.loads((HERE / "trino_answers.json").read_text())["answers"]}
DIFFERENCES = json.loads((HERE / "trino_differences.json").read_text())
LISTED = [expression for expressions in DIFFERENCES.values() for expression in expressions]
PAGE = (ROOT / "docs/sql.md").read_text()
BATCH = 60
# As Trino was asked.
HEADERS = {"X-Trino-User": "ann", "X-Trino-Catalog": "lake", "X-Trino-Schema": "default",
           "X-Trino-Time-Zone": "UTC", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}


class Asker:
    """One connection to the server's statements."""

    def __init__(self, server):
        host, port = server.endpoints["sql"].rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)

    def page(self, method, path, body=None):
        self.connection.request(method, path, body=body, headers=HEADERS)
        return json.load(self.connection.getresponse())

    def answers(self, expressions):
        """An answer for each, or one error for all."""
        sql = "SELECT " + ", ".join(expressions)
        page = self.page("POST", "/v1/statement", sql.encode())
        columns, rows = [], []
        while True:
            columns = page.get("columns", columns)
            rows += page.get("data") or []
            if "error" in page or "nextUri" not in page:
                break
            page = self.page("GET", re.sub(r"^http://[^/]*", "", page["nextUri"]))
        if "error" in page:
            return {"error": page["error"]}
        return [{"type": column["type"], "value": value}
                for column, value in zip(columns, rows[0], strict=True)]

    def each(self, expressions):
        """{expression: answer}; those that fail are asked alone, the others in batches."""
        found, alone = {}, []
        fine = [one for one in expressions if "error" not in RECORDED[one] and one not in LISTED]
        for start in range(0, len(fine), BATCH):
            batch = fine[start:start + BATCH]
            got = self.answers(batch)
            if "error" in got:
                alone += batch
            else:
                found.update(zip(batch, got))
        for one in alone + [one for one in expressions if one not in set(fine)]:
            got = self.answers([one])
            found[one] = got if "error" in got else got[0]
        return found


def like_ours(type_name):
    """Texts have no length, times six digits, and names are in lower case."""
    lower = re.sub(r"varchar\(\d+\)", "varchar", type_name.lower())
    return re.sub(r"\b(time|timestamp)\(\d+\)", r"\1(6)", lower)


def with_six_digits(value):
    if isinstance(value, list):
        return [with_six_digits(element) for element in value]
    time = isinstance(value, str) and re.fullmatch(
        r"((?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d)(?:\.(\d+))?( .+)?", value)
    return f"{time[1]}.{(time[2] or ''):0<6}{time[3] or ''}" if time else value


def is_same(trino, ours):
    if "error" in trino or "error" in ours:
        return "error" in trino and "error" in ours
    if like_ours(trino["type"]) != like_ours(ours["type"]):
        return False
    theirs, value = with_six_digits(trino["value"]), with_six_digits(ours["value"])
    if isinstance(theirs, float) and isinstance(value, float):
        return math.isclose(theirs, value, rel_tol=1e-12)
    return theirs == value and isinstance(theirs, bool) == isinstance(value, bool)


def shown(answer):
    if "error" not in answer:
        return f"{answer['type']} {answer['value']!r}"
    error = answer["error"]
    return f"! {error if isinstance(error, str) else error['errorName'] + ': ' + error['message']}"


@pytest.fixture(scope="module")
def answers(game):
    return Asker(game).each(list(RECORDED))


def test_answers_are_trinos_or_a_listed_difference(answers):
    wrong = [f"{one}\n    Trino: {shown(RECORDED[one])}\n    ours:  {shown(ours)}"
             for one, ours in answers.items()
             if not is_same(RECORDED[one], ours) and one not in LISTED]
    assert not wrong, "\n".join(["no answer of Trino's, and not listed:", *wrong])
    stale = [one for one in LISTED if is_same(RECORDED[one], answers[one])]
    assert not stale, "\n".join(["listed, but the answer is Trino's:", *stale])


def test_a_refusal_is_the_statements_fault_and_says_why(answers):
    for one, ours in answers.items():
        if "error" in ours:
            error = ours["error"]
            assert error["errorType"] == "USER_ERROR" and error["message"], (one, error)


def test_each_difference_stands_on_the_page_and_once_in_the_list():
    words = " ".join(PAGE.split())
    for sentence in DIFFERENCES:
        assert sentence in words, f"docs/sql.md does not say: {sentence}"
    assert len(LISTED) == len(set(LISTED))
    assert set(LISTED) <= set(RECORDED)
