"""System calls of a real server that fail when a test says so (Linux on x86-64).

The server starts under a seccomp filter that hands a few calls to this process, which lets each of
them go on or answers it with an errno: the disk's errors that no permission and no full disk makes.
"""
import array
import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import threading

NUMBERS = {"pread64": 17, "pwrite64": 18, "fsync": 74, "fdatasync": 75, "rename": 82, "mkdir": 83, "rmdir": 84,
           "link": 86, "unlink": 87, "fallocate": 285}
# Each watched call costs a turn of two processes: reads are watched only where a test asks for it.
WRITES = ("fsync", "fdatasync", "rename", "link", "fallocate")
# What a kill between two calls can leave half done.
STEPS = ("pwrite64", "fsync", "fdatasync", "rename", "mkdir", "rmdir", "link", "unlink")
# The argument that is the path; the other calls have a descriptor.
PATH_ARGUMENT = {"rename": 1, "link": 1, "mkdir": 0, "rmdir": 0, "unlink": 0}
# linux/seccomp.h, linux/prctl.h, linux/filter.h
SECCOMP, SET_MODE_FILTER, NEW_LISTENER, NO_NEW_PRIVS = 317, 1, 8, 38
ALLOW, USER_NOTIF, GO_ON = 0x7FFF0000, 0x7FC00000, 1
RECEIVE, ANSWER = 0xC0502100, 0xC0182101
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
LIBC = ctypes.CDLL(None, use_errno=True)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


class Faults:
    """`rule(call, path, thread)` of each watched call returns an errno, or 0 to let it go on.

    The path is the one that the call makes, or that its descriptor names.
    """

    def __init__(self, server, calls=WRITES):
        self.names = {NUMBERS[name]: name for name in calls}
        self.rule = None
        self.seen = []  # (call, path) of those that were failed
        self.steps = []  # (call, path) of those that kill_at counted
        self.ours, self.theirs = socket.socketpair()
        server.popen = {"preexec_fn": self.install}

    def install(self):
        """In the child, before it becomes the server."""
        steps = [(LOAD, 0, 0, 0)]
        steps += [(JUMP_IF_EQUAL, len(self.names) - i, 0, number)
                  for i, number in enumerate(self.names)]
        steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, USER_NOTIF)]
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
        program = Program(len(steps), ctypes.addressof(code))
        LIBC.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
        listener = LIBC.syscall(SECCOMP, SET_MODE_FILTER, NEW_LISTENER, ctypes.byref(program))
        if listener < 0:
            raise OSError(ctypes.get_errno(), "seccomp")
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))]
        self.theirs.sendmsg([b"x"], rights)
        os.close(listener)

    def begin(self):
        """Before the server can be waited for: its first call waits for an answer."""
        threading.Thread(target=self.answer_all, daemon=True).start()

    def answer_all(self):
        listener = socket.recv_fds(self.ours, 1, 1)[1][0]
        poller = select.poll()
        poller.register(listener, select.POLLIN)
        while True:
            if poller.poll()[0][1] & select.POLLHUP:
                return os.close(listener)
            request = bytearray(80)
            try:
                fcntl.ioctl(listener, RECEIVE, request)
                self.answer(listener, request)
            except OSError as error:  # whoever called was killed meanwhile
                assert error.errno in (errno.ENOENT, errno.EINTR), error

    def answer(self, listener, request):
        key, thread, _, number = struct.unpack_from("QIIi", request)
        arguments = struct.unpack_from("6Q", request, 32)
        call, code = self.names[number], 0
        rule = self.rule  # a test may take the rule away at any time
        if rule:
            path = self.path_of(call, thread, arguments)
            code = rule(call, path, thread)
            if code:
                self.seen.append((call, path))
        flags = 0 if code else GO_ON
        fcntl.ioctl(listener, ANSWER, struct.pack("QqiI", key, 0, -code, flags))

    @staticmethod
    def path_of(call, thread, arguments):
        try:
            if call not in PATH_ARGUMENT:
                return os.readlink(f"/proc/{thread}/fd/{arguments[0]}")
            with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
                memory.seek(arguments[PATH_ARGUMENT[call]])
                return memory.read(512).split(b"\0")[0].decode()
        except OSError:
            return ""

    def fail_once(self, call, part, code=errno.EIO):
        """The next such call on a path with `part` in it."""
        begun = len(self.seen)

        def rule(name, path, _):
            return code if name == call and part in path and len(self.seen) == begun else 0
        self.rule = rule

    def kill_at(self, process, counts, number=0):
        """Kills the process instead of its number-th call from now on whose path `counts(path)` takes."""
        self.steps = []

        def rule(name, path, _):
            if counts(path):
                self.steps.append((name, path))
                if len(self.steps) == number:
                    process.kill()
                    process.wait()  # a call that is answered before would still be made
            return 0
        self.rule = rule
