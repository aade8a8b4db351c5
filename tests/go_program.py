"""The program tests/clients/franz_go, built once with what tools/setup --tests has in .deps/go."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
GO = ROOT / ".deps/go"
SOURCES = ROOT / "tests/clients/franz_go"
BUILD_DEADLINE_S = 240


def build():
    """The program's path; nothing is compiled again that has not changed."""
    assert (GO / "command").exists(), "no Go for the tests: run tools/setup --tests"
    program = GO / "franz_go"
    environment = os.environ | {"GOMODCACHE": str(GO / "modules"), "GOCACHE": str(GO / "cache"),
                                "GOFLAGS": "-mod=readonly", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    done = subprocess.run([GO / "command", "build", "-o", program, *sorted(SOURCES.glob("*.go"))], cwd=GO,
                          env=environment, capture_output=True, text=True, timeout=BUILD_DEADLINE_S)
    assert done.returncode == 0, done.stderr
    return program


def run(*words, deadline_s=60):
    """What the program saw."""
    done = subprocess.run([build(), *words], capture_output=True, text=True, timeout=deadline_s)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
