"""The commands that the documents show, and a shell of their own to run them in."""
import ctypes
import fcntl
import os
import pathlib
import re
import shlex
import shutil
import socket
import struct
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
SHELL_LANGUAGES = {"sh", "bash", "shell", "console"}
DEADLINE_S = 120
# Words that begin a command though no program has the name here.
WORDS = {"steelthread", "make", "alias", "export", "cd", "kill", "source", "docker", "trino", "psql",
         "pip", "npm", "spark-sql", "pyspark", "apt", "sudo"}
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1


class Command:
    """One command of a document, with the output that is shown for it."""

    def __init__(self, document, line, text):
        self.document, self.line, self.text = document, line, text
        self.shown = []

    @property
    def place(self):
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def begins_command(line):
    """Whether a line of a block that is no shell's is a command all the same."""
    if re.match(r"[A-Z_]+='?[\w$./]", line):
        return True
    if re.match(r"[\w.\"-]+ = ", line) or not line.strip() or line.startswith((" ", "#")):
        return False
    word = line.split()[0]
    if word in WORDS or word.endswith("/steelthread") or (not word.startswith("/") and (ROOT / word).is_file() and "/" in word):
        return True
    return word not in {"from", "import", "open", "at"} and shutil.which(word) is not None


def blocks(document):
    """(line number, language or None if indented, lines, the paragraph before it) of each block."""
    lines = document.read_text().splitlines()
    found, before, at = [], "", 0
    while at < len(lines):
        line = lines[at]
        begin = at
        if line.startswith("```"):
            at += 1
            while at < len(lines) and not lines[at].startswith("```"):
                at += 1
            found.append((begin + 2, line[3:].strip(), lines[begin + 1:at], before))
            at += 1
        elif line.startswith("    ") and (begin == 0 or not lines[begin - 1].strip()):
            while at < len(lines) and (lines[at].startswith("    ") or not lines[at].strip()):
                at += 1
            block = [one[4:] for one in lines[begin:at]]
            while not block[-1].strip():
                block.pop()
            found.append((begin + 1, None, block, before))
        else:
            before = line if not (before and lines[begin - 1].strip()) else f"{before} {line}"
            before = before if line.strip() else before
            at += 1
            continue
        before = ""
    return found


def is_open(text):
    """Whether a command goes on in the next line."""
    document = re.search(r"<<-?\s*'?(\w+)'?", text)
    if document:
        return not re.search(rf"^{document[1]}$", text, re.M)
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return True
    return text.rstrip().endswith("\\")


def commands(document):
    found = []
    for number, language, lines, before in blocks(document):
        has_prompt = any(line.startswith("$ ") for line in lines)
        is_shell = language in SHELL_LANGUAGES
        own = []
        for i, line in enumerate(lines):
            if own and is_open(own[-1].text):
                own[-1].text += "\n" + line
            elif has_prompt and line.startswith("$ "):
                own.append(Command(document, number + i, line[2:]))
            elif not has_prompt and (is_shell or begins_command(line)):
                if line.strip() and not line.startswith("#"):
                    own.append(Command(document, number + i, line))
            elif own and line.strip() and not line.startswith("#"):
                own[-1].shown.append(line)
        if not own and found and re.search(r"\bshows?\b|\bprints?\b|\banswers?\b", before):
            found[-1].shown += [line for line in lines if line.strip()]
        found += own
    return found


def spans(document):
    """Commands within sentences and tables."""
    text = document.read_text()
    words = "|".join([*WORDS, "build/release/steelthread", "python3", "curl", "kcat", "git"])
    return [Command(document, text[:match.start()].count("\n") + 1, match[1])
            for match in re.finditer(rf"`((?:{words})(?: [^`\n]+)?)`", text)]


def own_network():
    """In the child: a network of its own with nothing but loopback, so that ports are as written."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, GET_FLAGS, request))[1]
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | UP))


class Shell:
    """A shell in a copy of the repository, as a reader has it after `make`."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("bench", "build", "docs", "Makefile", "src", "tests", "tools"):
            (folder / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "examples", folder / "examples",
                        ignore=shutil.ignore_patterns(".steelthread"))
        path = f"{ROOT / 'build/release'}:{os.environ['PATH']}"
        # The script comes by a pipe of its own, so that no command reads it as its input.
        script, self.script = os.pipe()
        self.bash = subprocess.Popen(["bash", "--norc", f"/dev/fd/{script}"], cwd=folder,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, pass_fds=[script],
                                     env={**os.environ, "PATH": path, "HOME": str(folder)},
                                     preexec_fn=own_network)
        os.close(script)
        self.run("shopt -s expand_aliases")

    def run(self, text):
        """(exit status, output)."""
        timer = threading.Timer(DEADLINE_S, self.bash.kill)
        timer.start()
        os.write(self.script, f"{text}\ncode=$?; echo; echo \"<done $code>\"\n".encode())
        output = ""
        while not (end := re.search(r"\n?<done (\d+)>\n\Z", output)):
            line = self.bash.stdout.readline()
            assert line, f"no end within {DEADLINE_S} s: {text}\n{output}"
            output += line
        timer.cancel()
        return int(end[1]), output[:end.start()]

    def run_as_shown(self, text):
        """The same; a server in the foreground is left running, as in a terminal of its own."""
        if not re.search(r"steelthread up\b(?!.*(-d|--help)\b)", text):
            return self.run(text)
        self.run(f"{text.split(' #')[0]} > up.log 2>&1 &")
        while self.run("curl -sf localhost:8080/livez")[0] != 0:
            assert self.run("kill -0 $!")[0] == 0, self.run("cat up.log")[1]
        return 0, self.run("cat up.log")[1]

    def close(self):
        for project in [self.folder, *self.folder.iterdir(), *(self.folder / "examples").iterdir()]:
            if (project / ".steelthread/run/pid").exists():
                self.run(f"{ROOT}/build/release/steelthread down -C {project}")
        os.close(self.script)
        self.bash.wait(DEADLINE_S)


def loosened(line):
    """A line without what differs between two runs: numbers, and how wide a column is."""
    return re.sub(r"\s+", " ", re.sub(r"\d[\d,.]*", "N", line)).strip()


def missing_lines(shown, output):
    """The lines of `shown` that are not in `output` in this order; `…` stands for anything."""
    left = [loosened(line) for line in output.splitlines()]
    missing = []
    for line in shown:
        pattern = ".*".join(re.escape(part) for part in loosened(line).split("…"))
        at = next((i for i, one in enumerate(left) if re.fullmatch(pattern, one)), None)
        if at is None:
            missing.append(line)
        else:
            left = left[at + 1:]
    return missing
