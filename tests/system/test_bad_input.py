"""Bad input gets a clear error, and nothing is lost."""
import os
import pathlib
import shlex
import shutil
import socket
import subprocess
import time

from conftest import BINARY, DEADLINE_S, Server


def up(project, *flags):
    ports = [word for part in ("http", "kafka", "sql")
             for word in ("--set", f"{part}.listen=127.0.0.1:0")]
    return subprocess.run([BINARY, "up", "-C", project, *ports, *flags],
                          capture_output=True, text=True, timeout=DEADLINE_S)


def produce(server, text):
    subprocess.run(["kcat", "-P", "-b", server.endpoints["kafka"], "-t", "events"], input=text,
                   text=True, check=True, timeout=DEADLINE_S)


def test_a_busy_port_names_port_and_key(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = up(tmp_path, "--set", f"kafka.listen={address}")
    assert done.returncode == 1
    assert f"kafka.listen: address already in use: {address}" in done.stderr


def test_an_unknown_setting_names_the_nearest(tmp_path):
    done = up(tmp_path, "--set", "kafka.lissten=x")
    assert done.returncode == 2
    assert 'unknown setting "kafka.lissten"; did you mean "kafka.listen"?' in done.stderr


def test_settings_that_contradict_each_other_are_refused(tmp_path):
    both = ("--set", "group.min_session_timeout_ms=5000", "--set", "group.max_session_timeout_ms=4000")
    for flags, said in [(both, "group.min_session_timeout_ms is 5000 (from: --set), above "
                               "group.max_session_timeout_ms, which is 4000 (from: --set)"),
                        (("--set", "data.dir="), "--set: data.dir: it is empty")]:
        for done in (up(tmp_path, *flags), subprocess.run(
                [BINARY, "check", "-C", tmp_path, *flags], capture_output=True, text=True, timeout=DEADLINE_S)):
            assert done.returncode == 2 and said in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


def test_a_data_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "data").write_text("")
    done = up(tmp_path, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert f"{tmp_path}/data exists and is not a folder" in done.stderr


def test_a_folder_with_other_files_becomes_no_data_folder(tmp_path):
    """Neither by a start in the foreground nor by one in the background; it stays as it is."""
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "mine.txt").write_text("x")
    for words in ((), ("-d",)):
        done = up(tmp_path, "--data", folder, *words)
        assert done.returncode == 1, done.stderr
        assert f"{folder} is no data folder, and has other files, such as mine.txt" in done.stderr
    check = subprocess.run([BINARY, "check", "-C", tmp_path, "--data", folder], capture_output=True,
                           text=True, timeout=DEADLINE_S)
    assert check.returncode == 1 and "is no data folder" in check.stderr, check.stderr
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_command_in_a_message_has_its_folder_quoted(tmp_path):
    """A person pastes it into a shell: the folder is one word there."""
    project = tmp_path / "it's my gäme"
    project.mkdir()
    done = subprocess.run([BINARY, "status", "-C", project], capture_output=True, text=True,
                          timeout=DEADLINE_S)
    command = done.stderr.split("`")[1]
    assert shlex.split(command) == ["steelthread", "up", "-C", str(project)], command
    made = subprocess.run([BINARY, "init", "a game"], capture_output=True, text=True, cwd=tmp_path,
                          timeout=DEADLINE_S)
    assert "next: cd 'a game', " in made.stdout, made.stdout


def test_what_stdout_does_not_take_is_an_error(server):
    """On a full disk a file lacks the end, or all of it: also where a command has flushed before."""
    produce(server, "a\nb\n")
    where = ("-C", server.project)
    for words in (("help",), ("--help",), ("topic", "consume", "events", *where),
                  ("topic", "consume", "events", "-c", "1", *where), ("sql", "select 1", *where),
                  ("sql", "--format", "csv", "select 1", *where), ("table", "verify", *where),
                  ("pipeline", "run", "sword_purchases", *where), ("test", *where), ("topic", "ls", *where)):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, *words], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=DEADLINE_S)
        assert done.returncode == 1 and "stdout takes no more" in done.stderr, (words, done)
    with open("/dev/full", "w") as full:  # ends with the first record, instead of following for good
        done = subprocess.run([BINARY, "topic", "tail", "events", "-o", "0", *where], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=DEADLINE_S)
    assert done.returncode == 1 and "stdout takes no more" in done.stderr, done
    read, write = os.pipe()
    os.close(read)  # as where head has gone: no mistake of ours
    done = subprocess.run([BINARY, "help"], stdout=write, stderr=subprocess.PIPE, text=True, timeout=DEADLINE_S)
    os.close(write)
    assert "stdout" not in done.stderr, done


def test_a_newer_data_folder_is_refused(server):
    server.stop()
    (server.data / "format").write_text("99\n")
    done = up(server.project)
    assert done.returncode == 1
    assert "format 99, newer than this program knows (1)" in done.stderr


def test_a_second_server_on_one_folder_is_refused(server):
    done = up(server.project)
    assert done.returncode == 1
    assert "is in use by process" in done.stderr
    produce(server, "still served\n")


def test_a_start_waits_for_a_command_that_has_the_folder_open(server, tmp_path):
    server.stop()
    # With a statement that takes a while and no server, `sql` opens the folder by itself.
    long = subprocess.Popen(
        [BINARY, "sql", "-C", server.project, "select count(*) from unnest(sequence(1, 5000)) a(x), "
         "unnest(sequence(1, 5000)) b(y)"], stdout=subprocess.DEVNULL)
    held = server.data / "run/pid"
    until = time.monotonic() + DEADLINE_S
    while not held.exists() and long.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.001)
    server.start()
    assert long.wait() == 0
    produce(server, "served\n")


def test_damage_is_named_and_no_byte_changes(server):
    produce(server, "first\n")
    produce(server, "second\n")
    server.stop()
    segment = server.data / "log/00000000000000000001.log"
    damaged = bytearray(segment.read_bytes())
    damaged[damaged.index(b"first")] ^= 1
    segment.write_bytes(damaged)
    done = up(server.project)
    assert done.returncode == 5
    assert f"{segment}: damage at byte" in done.stderr
    assert "restore the data folder as a whole from a copy" in done.stderr
    assert segment.read_bytes() == damaged
    verify = server.run("log", "verify")
    assert verify.returncode == 5 and "DAMAGED" in verify.stdout
    dump = server.run("log", "dump")
    assert "second" in dump.stdout and "damage at byte" in dump.stderr


def test_hostile_frames_close_their_connection_only(server):
    host, port = server.endpoints["kafka"].split(":")
    for frame in [b"\x7f\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\1x",
                  b"\0\0\0\x0a\0\x63\0\0\0\0\0\1\xff\xff"]:
        with socket.create_connection((host, int(port)), DEADLINE_S) as client:
            try:
                client.sendall(frame)
                client.shutdown(socket.SHUT_WR)
                answer = client.recv(100)
            except OSError:
                answer = b""  # closed before we were done: as good
            assert answer == b""
    produce(server, "still served\n")


def test_down_stops_the_server_and_says_when_none_runs(server):
    assert server.run("down").returncode == 0
    assert server.process.wait(DEADLINE_S) == 0
    assert not (server.data / "run/endpoints.json").exists()
    assert server.run("down").returncode == 3
    assert "no server runs on" in server.run("topic", "ls").stderr


def test_a_mistake_in_a_declaration_names_line_and_nearest_key(tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "events/a.toml").write_text('name = "a"\nruote = "GET /"\n')
    done = up(tmp_path)
    assert done.returncode == 1
    assert 'events/a.toml:2:1: unknown key "ruote"; did you mean "route"?' in done.stderr


def test_the_log_of_no_data_folder_is_none(tmp_path):
    for command in ("verify", "dump"):
        done = subprocess.run([BINARY, "log", command, "--data", tmp_path / "mistyped"], capture_output=True,
                              text=True, timeout=DEADLINE_S)
        assert done.returncode == 3 and done.stdout == "", done.stdout
        assert f"{tmp_path}/mistyped is no data folder" in done.stderr, done.stderr


def test_a_log_that_is_gone_or_ends_early_is_missed(server):
    get = f"http://{server.endpoints['http']}/purchase_a_sword"
    for _ in range(20):
        subprocess.run(["curl", "-sf", get], check=True, capture_output=True)
    server.stop()
    log = server.data / "log"
    kept = server.project / "kept"
    shutil.copytree(log, kept)

    def refused(*words):
        done = server.run("up")
        assert done.returncode == 5, done.stderr
        for word in words:
            assert word in done.stderr
        shutil.rmtree(log, ignore_errors=True)
        shutil.copytree(kept, log)

    segment = log / "00000000000000000001.log"
    segment.write_bytes(segment.read_bytes()[:segment.stat().st_size // 2].rstrip(b"\0")[:-700])
    assert server.run("log", "verify").returncode == 5
    refused("was durable up to segment 1", "restore the data folder as a whole from a copy")
    shutil.rmtree(log)
    refused("has no segment", "restore the log")
    server.start()
