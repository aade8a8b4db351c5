"""What others do to the data folder of a running server: it notices, and says what to do."""
import os
import shutil

import pytest

from conftest import DEADLINE_S, ROOT, Server, poll
from test_trouble import ask, readiness

SEGMENT = 1 << 20
BIG = "x" * 200_000  # six of them fill a segment


@pytest.fixture
def server(tmp_path):
    """A server whose segments are small, with an event of large text."""
    shutil.copytree(ROOT / "examples/w205", tmp_path, dirs_exist_ok=True)
    (tmp_path / "events/note.toml").write_text(
        'name = "note"\ndescription = "a note"\nreason = "tests"\nroute = "POST /note"\n'
        'reply = "Noted\\n"\nrate = 1\n[fields]\nevent_type = "note"\n'
        'text = { max = 300000 }\n')
    server = Server(tmp_path)
    server.settings["log.segment_bytes"] = str(SEGMENT)
    yield server.start()
    if server.process.poll() is None:  # a closed log is no clean end
        server.process.terminate()
        server.process.wait(DEADLINE_S)


def note(server, text):
    body = '{"text": "%s"}' % text
    return ask(server.endpoints["http"], "POST", "/note", body,
               {"Content-Type": "application/json"})


def test_a_segment_that_was_cut_is_not_acknowledged_into(server):
    """S19: what another program cut from the log's end is no durable log."""
    assert note(server, "kept")[0] == 200
    with open(server.data / "log/00000000000000000001.log", "r+b") as file:
        file.truncate(1000)
    for _ in range(3):
        status, text = note(server, "lost")
        assert status >= 500, text
    status, document = readiness(server)
    assert status == 503 and "cut it from" in str(document), document


def fill(server, segments):
    path = server.data / f"log/{segments + 1:020}.log"
    while not path.exists():
        assert note(server, BIG)[0] == 200


def test_damage_met_by_a_reader_shows_everywhere(server):
    """S19: consumers get an error, readiness, status and pipelines the reason and the remedy."""
    from confluent_kafka import Consumer, KafkaError, TopicPartition
    fill(server, 2)
    segment = server.data / "log/00000000000000000001.log"
    with open(segment, "r+b") as file:
        at = segment.read_bytes().index(b"xxxx")
        file.seek(at)
        file.write(b"y")
    consumer = Consumer({"bootstrap.servers": server.endpoints["kafka"], "group.id": "none"})
    consumer.assign([TopicPartition("events", 0, 0)])

    def told():
        message = consumer.poll(1)
        error = message is not None and message.error()
        return error and error.code() == KafkaError.INVALID_MSG

    poll("the consumer to be told of the damage", told)
    consumer.close()
    status, document = readiness(server)
    assert status == 503
    remedy = "restore the data folder as a whole from a copy"
    assert remedy in str(document) and segment.name in str(document)
    assert remedy in server.run("status").stdout
    assert remedy in server.run("pipeline", "run", "note", "--once").stderr
    assert note(server, "goes on")[0] == 200


def test_a_closed_segment_that_is_gone_shows_once_a_pipeline_misses_it(server):
    """S19"""
    fill(server, 2)
    (server.data / "log/00000000000000000001.log").unlink()
    run = server.run("pipeline", "run", "note", "--once")
    assert "restore the data folder as a whole" in run.stderr, run
    assert readiness(server)[0] == 503


def test_commands_say_that_the_folder_run_was_deleted(server):
    """S20: trying again would never help."""
    shutil.rmtree(server.data / "run")
    status = server.run("status")
    assert status.returncode == 3 and "was deleted" in status.stderr
    assert f"kill {server.process.pid}" in status.stderr


def put(path, kind):
    """Something else in the place of a file or folder, which is kept beside it."""
    kept = path.with_name(path.name + ".kept")
    path.rename(kept)
    if kind == "a folder":
        path.mkdir()
    elif kind == "a file":
        path.write_text("")
    elif kind == "a named pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere")
    return kept


KINDS = ["a folder", "a file", "a named pipe", "a symbolic link"]
BELONGS = {"log/00000000000000000001.log": "a file", "format": "a file", "log": "a folder",
           "warehouse": "a folder", "warehouse/default": "a folder"}
ODD = [(name, kind) for name, right in BELONGS.items() for kind in KINDS if kind != right]


@pytest.mark.parametrize("name,kind", ODD)
def test_something_else_in_the_place_of_the_data_is_damage(server, name, kind):
    """The start is refused with what, where and the remedy, and never waits."""
    path = server.data / name
    assert note(server, "kept")[0] == 200
    server.stop()
    kept = put(path, kind)
    refused = server.run("up")
    assert refused.returncode == 5, refused.stderr
    assert str(server.data if name == "format" else path) in refused.stderr
    assert "restore" in refused.stderr and "from a copy" in refused.stderr
    if name.endswith(".log"):
        verified = server.run("log", "verify")
        assert verified.returncode == 5 and f"is {kind}" in verified.stdout + verified.stderr
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    kept.rename(path)
    server.start()
    assert note(server, "goes on")[0] == 200


@pytest.mark.parametrize("kind", KINDS)
def test_something_else_at_the_control_socket_is_set_aside(server, kind):
    server.stop()
    control = server.data / "run/control.sock"
    control.touch()
    put(control, kind)
    server.start()
    assert server.run("status").returncode == 0
    assert os.path.lexists(f"{control}.aside-1"), "it is kept"
