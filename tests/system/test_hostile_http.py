"""Hostile HTTP clients get a status or are cut off, cost bounded memory, and good traffic goes on."""
import collections
import concurrent.futures
import http.client
import pathlib
import re
import resource
import socket
import threading
import time

import pytest

from conftest import DEADLINE_S, poll

GOOD = b"GET /purchase_a_sword HTTP/1.1\r\nHost: user1.comcast.com\r\n\r\n"
POST = b"POST /purchase_a_sword HTTP/1.1\r\nHost: a\r\n"
# What a proxy in front could read as another number of requests: each is refused whole.
SMUGGLING = {
    "length and chunked": (400, POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunked and length": (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
    "two lengths that differ": (400, POST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
    "a list of lengths": (400, POST + b"Content-Length: 4, 5\r\n\r\nabcde"),
    "a signed length": (400, POST + b"Content-Length: +4\r\n\r\nabcd"),
    "a negative length": (400, POST + b"Content-Length: -1\r\n\r\n"),
    "a hexadecimal length": (400, POST + b"Content-Length: 0x4\r\n\r\nabcd"),
    "a length beyond 64 bits": (400, POST + b"Content-Length: 18446744073709551617\r\n\r\na"),
    "an empty length": (400, POST + b"Content-Length: \r\n\r\n"),
    "an obsolete fold": (400, POST + b"Content-Length: 4\r\nX: a\r\n b\r\n\r\nabcd"),
    "a folded coding": (400, POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    "a space before the colon": (400, POST + b"Content-Length : 4\r\n\r\nabcd"),
    "a line that begins with a space": (400, POST + b" Content-Length: 4\r\n\r\nabcd"),
    "a bare LF behind a field": (400, POST + b"X: a\nContent-Length: 4\r\n\r\nabcd"),
    "a bare LF behind the head": (400, POST + b"Content-Length: 4\r\n\nabcd"),
    "a bare CR in a value": (400, POST + b"X: a\rContent-Length: 4\r\n\r\n"),
    "a NUL in a value": (400, POST + b"X: a\0b\r\n\r\n"),
    "a NUL in a name": (400, POST + b"X\0: a\r\n\r\n"),
    "no colon": (400, POST + b"Content-Length\r\n\r\n"),
    "identity": (400, POST + b"Transfer-Encoding: identity\r\n\r\n"),
    "gzip, chunked": (501, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "xchunked": (400, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "a quoted coding": (400, POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'),
    "a vertical tab before the coding": (400, POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "chunked twice": (400, POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    "two codings": (400, POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "an unknown coding behind chunked": (400, POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n"),
    "chunked in HTTP/1.0": (400, b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "a host with a path": (400, b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "two spaces in the request line": (400, b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a tab in the request line": (400, b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /\r\n\r\n"),
    "HTTP/2's preface": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "lower-case http": (400, b"GET / http/1.1\r\nHost: a\r\n\r\n"),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
}
CHUNKS = {
    "no digit": b"\r\nabcd\r\n0\r\n\r\n",
    "0x": b"0x4\r\nabcd\r\n0\r\n\r\n",
    "a sign": b"+4\r\nabcd\r\n0\r\n\r\n",
    "a minus": b"-4\r\nabcd\r\n0\r\n\r\n",
    "a space before": b" 4\r\nabcd\r\n0\r\n\r\n",
    "underscores": b"4_\r\nabcd\r\n0\r\n\r\n",
    "17 digits": b"00000000000000004\r\nabcd\r\n0\r\n\r\n",
    "overflow": b"ffffffffffffffff0\r\nabcd\r\n0\r\n\r\n",
    "bare LF behind the size": b"4\nabcd\r\n0\r\n\r\n",
    "bare LF behind the data": b"4\r\nabcd\n0\r\n\r\n",
    "data longer than its size": b"4\r\nabcde\r\n0\r\n\r\n",
    "data shorter than its size": b"5\r\nabcd\r\n0\r\n\r\n",
    "a bare CR in an extension": b"4;a\rb\r\nabcd\r\n0\r\n\r\n",
    "a bare LF in an extension": b"4;a\nb\r\nabcd\r\n0\r\n\r\n",
    "a trailer without a colon": b"4\r\nabcd\r\n0\r\nbad\r\n\r\n",
    "a bare LF at the end": b"4\r\nabcd\r\n0\r\n\n",
}


def connect(server, timeout=DEADLINE_S):
    host, port = server.endpoints["http"].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=timeout)


def statuses(server, raw):
    """Sends bytes, ends the sending side and reads the status of every answer."""
    with connect(server) as peer:
        peer.sendall(raw)
        peer.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def pss_mib(server):
    text = pathlib.Path(f"/proc/{server.process.pid}/smaps_rollup").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


class GoodTraffic:
    """One player who goes on playing: the statuses and the time of each answer."""

    def __init__(self, server):
        self.server = server
        self.counts = collections.Counter()
        self.seconds = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.play)

    def play(self):
        host, port = self.server.endpoints["http"].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
        while not self.stop.is_set():
            began = time.monotonic()
            connection.request("GET", "/purchase_a_sword")
            answer = connection.getresponse()
            answer.read()
            self.seconds.append(time.monotonic() - began)
            self.counts[answer.status] += 1
            time.sleep(0.005)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        poll("a hundred answers", lambda: len(self.seconds) >= 100)
        self.stop.set()
        self.thread.join(DEADLINE_S)
        assert set(self.counts) == {200}, self.counts
        assert sorted(self.seconds)[len(self.seconds) * 99 // 100] < 1, "the slowest in a hundred"


@pytest.mark.parametrize("name", SMUGGLING)
def test_the_smuggling_set_is_refused_and_nothing_behind_it_is_read(server, name):
    want, raw = SMUGGLING[name]
    assert statuses(server, raw + GOOD) == [want]


@pytest.mark.parametrize("name", CHUNKS)
def test_a_chunk_that_two_parsers_could_read_two_ways_is_refused(server, name):
    assert statuses(server, POST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS[name] + GOOD) == [400]


def test_what_is_odd_and_has_one_meaning_is_taken(server):
    chunked = b"GET /purchase_a_sword HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n4;x=y\r\n    \r\n0\r\nX: y\r\n\r\n"
    same_twice = b"GET /purchase_a_sword HTTP/1.1\r\nHost: a\r\nX:\t a \t\r\n\r\n"
    absolute = b"GET http://a.example/purchase_a_sword HTTP/1.1\r\nHost: b\r\n\r\n"
    assert statuses(server, chunked + same_twice + b"\r\n" + absolute + GOOD) == [200] * 4


def test_sizes_beyond_the_limits(server):
    get = b"GET / HTTP/1.1\r\nHost: a\r\n"
    assert statuses(server, get + b"X: " + b"x" * 40_000 + b"\r\n\r\n") == [431]
    assert statuses(server, b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n") == [431]
    assert statuses(server, get + b"X: y\r\n" * 300 + b"\r\n") == [431]
    assert statuses(server, b"x" * 100_000) == [431]
    assert statuses(server, POST + b"Content-Length: 2000000\r\n\r\n" + b"x" * 2_000_000) == [413]
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    assert statuses(server, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 40) == [413]
    extension = b"1;" + b"x" * 3000 + b"\r\na\r\n"
    assert statuses(server, POST + b"Transfer-Encoding: chunked\r\n\r\n" + extension * 20) == [400]
    assert statuses(server, get + b"Expect: 200-ok\r\n\r\n") == [417]


def test_text_that_is_no_utf8_and_deep_json_break_nothing(server):
    assert statuses(server, b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n") == [404]
    assert statuses(server, b"GET /%ff%00%2e%2e/ HTTP/1.1\r\nHost: a\r\n\r\n") == [404]
    taken = statuses(server, b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \xc3\x28\xff\r\n\r\n")
    assert taken in ([200], [400])
    for body in (b"[" * 500_000, b'{"a":' * 150_000, b"\xff" * 1000, b'"\\ud800"'):
        head = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        got = statuses(server, POST + head + body + GOOD)
        assert len(got) == 2 and got[0] in (400, 405, 422) and got[1] == 200, got
    assert server.process.poll() is None
    before = server.run("pipeline", "run", "extracted_events", "--once")
    assert before.returncode == 0, before.stderr


def trickle(server, head, byte, pause_s):
    """The status that a client gets who sends `byte` again and again, and after how long."""
    began = time.monotonic()
    with connect(server) as peer:
        peer.sendall(head)
        peer.settimeout(pause_s)
        answer = b""
        while time.monotonic() < began + DEADLINE_S:
            try:
                got = peer.recv(65536)
                answer += got
                if not got:
                    break
            except TimeoutError:
                try:
                    peer.sendall(byte)
                except OSError:
                    break
    return int(answer.split()[1]) if answer else None, time.monotonic() - began


def test_slow_headers_and_bodies_are_cut_off_while_good_traffic_is_served(server):
    with GoodTraffic(server), concurrent.futures.ThreadPoolExecutor(100) as pool:
        heads = [pool.submit(trickle, server, b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"y", 0.5)
                 for _ in range(50)]
        bodies = [pool.submit(trickle, server, POST + b"Content-Length: 1000\r\n\r\n", b"y", 0.5)
                  for _ in range(50)]
        for status, seconds in (head.result() for head in heads):
            assert status == 408 and 9 < seconds < 15
        for status, seconds in (body.result() for body in bodies):
            assert status == 408 and 24 < seconds < 30


def is_refused(peer):
    """Whether a 503 has come; it is left unread."""
    peer.setblocking(False)
    try:
        return peer.recv(4096, socket.MSG_PEEK).startswith(b"HTTP/1.1 503 ")
    except OSError:
        return False


def test_bodies_that_never_end_take_bounded_memory(server):
    before = pss_mib(server)
    peers = []
    with GoodTraffic(server):
        for _ in range(400):  # each just short of its length
            peer = connect(server)
            peers.append(peer)
            try:
                peer.sendall(POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 900_000)
            except OSError:
                pass  # refused, and read no further
        during = pss_mib(server)
        assert statuses(server, POST.replace(b"POST", b"GET") + b"Content-Length: 4\r\n\r\n    ") == [200]
        # A refusal waits for up to two seconds.
        poll("refusals", lambda: sum(is_refused(peer) for peer in peers) > 100)
        for peer in peers:
            peer.close()
    print(f"PSS: {before:.1f} MiB before, {during:.1f} MiB with 400 bodies")
    assert during - before < 300


def test_five_thousand_idle_connections_take_bounded_memory_and_keep_nobody_out(server):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 6000:
        pytest.fail(f"this test needs 6,000 descriptors, the hard limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # As from a shell, whose soft limit is lower: the server raises its own.
    server.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    server.start()
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = pss_mib(server)
    peers = []
    with GoodTraffic(server):
        for i in range(5000):
            peer = connect(server)
            peers.append(peer)
            if i % 2:  # half of them said something once
                peer.sendall(GOOD)
                assert peer.recv(4096).startswith(b"HTTP/1.1 200 ")
        during = pss_mib(server)
        assert during - before < 100, f"{before:.0f} MiB before, {during:.0f} MiB with 5,000"
    print(f"PSS: {before:.1f} MiB before, {during:.1f} MiB with 5,000 idle connections")
    for peer in peers:
        peer.close()
    poll("the connections to be let go",
         lambda: len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir())) < 200)
