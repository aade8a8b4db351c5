#!/usr/bin/env python3
"""Makes the folders of this directory with a built program: make.py PROGRAM NAME

Each head that changes a format on disk leaves a pair here, NAME-game.tar.xz and NAME-w205.tar.xz,
which tests/cases/test_log.py opens and goes on writing to.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from packing import pack

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"
JSON = {"Content-Type": "application/json"}
TRIGGER_S = 15


def ask(address, method, path, body=None, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body.encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(
            f"http://{address}{path}", method=method, data=data, headers=names)) as answer:
        assert answer.headers["Steelthread-Position"], path


def fill_game(address):
    ask(address, "POST", "/players", '{"player": "alice"}', **JSON)
    ask(address, "POST", "/players/alice/cart/items", '{"item": "sword"}', **JSON)
    ask(address, "POST", "/players/alice/cart/checkout", Idempotency_Key="order-1")


def fill_w205(address):
    ask(address, "GET", "/purchase_a_sword", Idempotency_Key="sword-1", Host="h1")
    for host in range(5):
        ask(address, "GET", "/", Host=f"h{host}")


def main():
    program, name = sys.argv[1:]
    for example, fill in {"game": fill_game, "w205": fill_w205}.items():
        with tempfile.TemporaryDirectory() as folder:
            project = pathlib.Path(folder) / example
            shutil.copytree(EXAMPLES / example, project)
            listen = [word for part in ("http", "kafka", "sql", "catalog")
                      for word in ("--set", f"{part}.listen=127.0.0.1:0")]
            subprocess.run([program, "up", "-d", "-C", project, *listen], check=True)
            run = project / ".steelthread/run"
            fill(json.loads((run / "endpoints.json").read_text())["http"])
            time.sleep(TRIGGER_S)  # the tables' trigger
            subprocess.run([program, "down", "-C", project], check=True)
            pack(project, HERE / f"{name}-{example}.tar.xz")


if __name__ == "__main__":
    main()
