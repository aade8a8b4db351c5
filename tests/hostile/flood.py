"""Many connections of one attacking process; a generator says what each sends.

Non-blocking sockets in one selector, since a hostile hand has thousands of connections and one core.
"""
import collections
import dataclasses
import errno
import os
import selectors
import socket
import time

READ_BYTES = 1 << 18
CLOSED_PAUSE_S = 0.02


@dataclasses.dataclass
class Tally:
    """What came through; an attack that was never made must not pass."""
    opened: int = 0
    closed: int = 0
    not_opened: int = 0
    payloads: int = 0
    sent_bytes: int = 0
    taken_bytes: int = 0
    notes: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def __iadd__(self, other):
        for field in dataclasses.fields(self):
            name = field.name
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def pin():
    """This process keeps to one core, so that its hunger is not what is measured."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Line:
    """One connection: `script` yields bytes to send, or a number of seconds to pause."""

    def __init__(self, address, source, script, receive_buffer):
        self.script = script
        self.left = memoryview(b"")
        self.wake = 0
        self.done = False
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.bind((source, 0))
        self.socket.setblocking(False)
        host, port = address.rsplit(":", 1)
        code = self.socket.connect_ex((host, int(port)))
        if code not in (0, errno.EINPROGRESS):
            self.socket.close()
            raise OSError(code, os.strerror(code))


class Flood:
    """Keeps `connections` open until a time; a connection that the server closes is opened anew.

    reads: what comes is read and dropped; otherwise nothing is ever read.
    once: a script that ended keeps its connection open, silent; otherwise it begins again.
    """

    def __init__(self, address, sources, connections, script, *, reads=True, once=False,
                 receive_buffer=0):
        self.address, self.sources, self.connections = address, sources, connections
        self.script, self.reads, self.once = script, reads, once
        self.receive_buffer = receive_buffer
        self.tally = Tally()
        self.selector = selectors.DefaultSelector()
        self.lines = set()
        self.opened = 0
        self.not_before = 0

    def run(self, until, keep=False):
        """Its tally; keep: the connections stay for another run."""
        while time.monotonic() < until:
            self.fill()
            for key, events in self.selector.select(0.02):
                line = key.data
                if events & selectors.EVENT_READ and not self.read(line):
                    continue
                if events & selectors.EVENT_WRITE:
                    self.write(line)
            self.wake_up()
        if not keep:
            self.close()
        return self.tally

    def close(self):
        for line in list(self.lines):
            self.drop(line)
        self.selector.close()

    def fill(self):
        now = time.monotonic()
        while len(self.lines) < self.connections and now >= self.not_before:
            source = self.sources[self.opened % len(self.sources)]
            try:
                script = iter(self.script(self.opened))
                line = Line(self.address, source, script, self.receive_buffer)
            except OSError as error:
                self.tally.not_opened += 1
                self.tally.notes[errno.errorcode.get(error.errno, "?")] += 1
                self.not_before = now + CLOSED_PAUSE_S
                return
            self.opened += 1
            self.tally.opened += 1
            self.lines.add(line)
            self.selector.register(line.socket, self.events(True), line)

    def events(self, writes):
        reads = selectors.EVENT_READ if self.reads else 0
        return reads | selectors.EVENT_WRITE if writes or not reads else reads

    def read(self, line):
        try:
            data = line.socket.recv(READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        self.tally.taken_bytes += len(data)
        if not data:
            self.tally.closed += 1
            self.drop(line)
            self.not_before = time.monotonic() + CLOSED_PAUSE_S
        return bool(data)

    def write(self, line):
        try:
            if not line.left and not self.next_payload(line):
                return
            n = line.socket.send(line.left)
            self.tally.sent_bytes += n
            line.left = line.left[n:]
        except BlockingIOError:
            return
        except OSError:
            self.tally.closed += 1
            self.drop(line)
            self.not_before = time.monotonic() + CLOSED_PAUSE_S

    def next_payload(self, line):
        """False where the line has nothing to send for now."""
        item = next(line.script, None)
        if item is None and not self.once:
            line.script = iter(self.script(self.opened))
            item = next(line.script, None)
        if item is None or isinstance(item, (int, float)):
            line.done = item is None
            line.wake = time.monotonic() + (item or 0)
            self.silence(line)
            return False
        self.tally.payloads += 1
        line.left = memoryview(item)
        return True

    def silence(self, line):
        if self.reads:
            self.selector.modify(line.socket, selectors.EVENT_READ, line)
        else:
            self.selector.unregister(line.socket)

    def wake_up(self):
        now = time.monotonic()
        for line in self.lines:
            if line.wake and not line.done and now >= line.wake:
                line.wake = 0
                if self.reads:
                    self.selector.modify(line.socket, self.events(True), line)
                else:
                    self.selector.register(line.socket, selectors.EVENT_WRITE, line)

    def drop(self, line):
        self.lines.discard(line)
        if line.socket in self.selector.get_map():
            self.selector.unregister(line.socket)
        line.socket.close()
