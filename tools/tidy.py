#!/usr/bin/env python3
"""House rules that a tool can check: the include graph, sizes, banned words, dead files.

Prints one line a finding, "file:line: what", and exits 1 if there is any.
"""
import ast
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPS = ("app", "cli")  # they may include every module
LIMITS = {"header": 400, "source": 500, "test": 800, "function": 70, "line": 100}
OUTSIDE = [  # pattern of an include or name, modules that may have it, what is wrong
    (re.compile(r'#include [<"]boost/'), {"net"}, "Boost stays in net"),
    (re.compile(r'#include [<"]duckdb\.h'), {"sql"}, "duckdb.h stays in sql"),
    (re.compile(r'#include [<"]librdkafka/'), {"client"}, "librdkafka stays in client"),
    (re.compile(r"\bstd::(thread|jthread|mutex|condition_variable)\b"), {"base", "os", "os/testing"},
     "threads and mutexes come from base and os"),
]
# System calls for files, time and processes come from `os`: there tests replace disk and clock, and
# errors are mapped once. Sockets belong to net and jobs; the pure std::filesystem::path is allowed.
_CALLS = """access chdir chmod chown clock_gettime close_range creat dup dup2 dup3 execv execve execvp
faccessat fallocate fchmod fdatasync fork fstat fstatat fsync ftruncate getenv getpid getppid
getrlimit getrusage gettimeofday isatty kill link linkat lstat mkdir mkdirat mkdtemp mkfifo mkstemp
mmap munmap nanosleep open openat opendir pipe pipe2 posix_spawn prctl pread preadv preadv2 pwrite pwritev
raise read readdir readlink readv realpath remove rename renameat rmdir setenv setrlimit sigaction
signal sleep stat statvfs symlink syscall sysconf time truncate umask unlink unlinkat usleep utimensat
vfork wait waitpid write writev"""
SYSTEM_CALL = re.compile(
    r"(?<![\w>])::(" + "|".join(_CALLS.split()) + r")\("
    r"|\bstd::(clock|fopen|freopen|getenv|raise|remove|rename|signal|system|time|tmpfile)\("
    r"|\bstd::([io]?fstream|random_device)\b"
    r"|\bstd::filesystem::(?!path\b)\w+"
    r"|\bstd::this_thread::sleep"
    r"|\bstd::chrono::(system|steady|high_resolution|file|utc)_clock\b")
SYSTEM_CALLS_ELSEWHERE = {  # a source outside `os`: why it may
    "base/check.cc": "a failed check writes its message where nothing else may work any more",
    "base/mutex.h": "base is below os; the deadline of the one condition variable",
    "net/unix_socket.cc": "bind makes a socket's file, which its folder's descriptor checks and removes",
    "worker/sandbox.cc": "the sandbox is made of system calls and their numbers",
    "net/bare_beast.cc": "the benchmark's other server is bare on purpose",
}
WITHOUT_HEADER = {  # a source without a header of its name: where its contract is
    "os/posix_file_system.cc": "os/file_system.h: the one FileSystem outside tests, behind its factory",
    "net/bare_beast.cc": "none: the program of a benchmark",
}
# A label of a contract begins its line, so that readers find it.
LABEL = re.compile(r"//\s*\S.*\b(Threads|Owner|Durable|Units|Limits|Errors|Format|Metrics|Source):")
# Spelt in pieces, so that this file passes its own check.
BANNED = [re.compile(p) for p in (
    r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b", r"(^|[^.\w])/(wo" r"rk|ro" r"ot)/",
    r"/ho" r"me/[a-z]+/", r"GTEST_S" r"KIP|DISA" r"BLED_|pytest\.mark\.sk" r"ip",
    r"registry\.np" r"mjs|py" r"pi\.org|deb\.deb" r"ian|repo\d*\.mav" r"en")]


def read_modules(text):
    """{module: set of modules it may include} from cmake/modules.cmake."""
    rows = re.findall(r'^\s*"([^":]+):([^"]*)"', text, re.M)
    names = {name for name, _ in rows}
    table = {name: set(uses.split()) for name, uses in rows}
    for name, uses in table.items():
        if "*" in uses:
            table[name] = names - {name}
    return table


def find_cycle(table):
    """A list of modules that depend on each other, or None. "*" rows are tops, never used."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done or name not in table:
            return None
        path.append(name)
        for use in sorted(table[name]):
            cycle = visit(use)
            if cycle:
                return cycle
        path.pop()
        done.add(name)
        return None

    for name in table:
        if name not in TOPS:
            cycle = visit(name)
            if cycle:
                return cycle
    return None


def module_of(path, table):
    """The longest module name that is a folder of src/<path>."""
    parts = path.split("/")[:-1]
    for n in range(len(parts), 0, -1):
        if "/".join(parts[:n]) in table:
            return "/".join(parts[:n])
    return None


def check_includes(path, text, table):
    """Findings for src/<path>: includes that the module table does not allow."""
    module = module_of(path, table)
    if module is None:
        return [(1, "its folder is no module of cmake/modules.cmake")]
    is_test = path.endswith(("_test.cc", "testing.h")) or "/testing/" in path
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        for pattern, allowed, what in OUTSIDE:
            if pattern.search(line) and module not in allowed and not is_test:
                found.append((number, what))
        include = re.match(r'#include "([^"]+)"', line)
        if not include or "/" not in include.group(1):
            continue
        used = module_of(include.group(1), table)
        if used in (None, module) or used in table[module]:
            continue
        if is_test and used.endswith("/testing"):
            continue
        found.append((number, f"module {module} may not include {used}"))
    return found


def check_system_calls(path, text):
    """Findings for src/<path>: system calls for files, time and processes outside os."""
    is_exempt = (path.startswith("os/") or path in SYSTEM_CALLS_ELSEWHERE or "/testing/" in path
                 or path.endswith(("_test.cc", "_bench.cc", "_fuzz.cc", "testing.h", "testing.cc")))
    if is_exempt:
        return []
    return [(number, f"{found.group(0).rstrip('(')}: system calls for files, time and processes "
                     "come from os")
            for number, line in enumerate(text.split("\n"), 1)
            if (found := SYSTEM_CALL.search(line.partition("//")[0]))]


def check_own_header(path, headers):
    """A finding for src/<path> if it is a source whose contract is in no header of its name: then a
    class hides in another. `headers` are the headers of src."""
    is_exempt = (path in WITHOUT_HEADER or "/testing/" in path
                 or path.endswith(("_test.cc", "_bench.cc", "_fuzz.cc", "/main.cc")))
    own = path.removesuffix(".cc") + ".h"
    if is_exempt or own in headers:
        return []
    return [(1, f"has no header {own}: give its part of the class a class and a contract")]


def check_labels(text):
    return [(number, f"the label {found.group(1)}: begins its line")
            for number, line in enumerate(text.split("\n"), 1)
            if (found := LABEL.search(line.partition("\"")[0]))]


def check_permissions(sources, table):
    """Modules that a row of the table allows and no source of that row includes."""
    used = {name: set() for name in table}
    for path, text in sources:
        module = module_of(path, table)
        if module is not None:
            used[module] |= {module_of(target, table)
                             for target in re.findall(r'^#include "([^"]+/[^"]+)"', text, re.M)}
    return [f"module {name} never includes {other}: take it off the row" for name in sorted(table)
            if name not in TOPS for other in sorted(table[name] - used[name])]


def check_watched(sources, watched, table):
    """Modules with threads of their own that `watched`, TSAN_TESTS of tests/run, has no tests of. The
    SQL worker's DuckDB is not built for the thread sanitizer."""
    threaded = {module_of(path, table) for path, text in sources
                if re.search(r'^#include "os/thread\.h"', text, re.M)
                and not path.endswith(("_test.cc", "_bench.cc", "testing.h")) and "/testing/" not in path}
    return [f"TSAN_TESTS has no tests of {module}, which has threads" for module
            in sorted(threaded - {None, "sql"})
            if not module.startswith("worker") and module.replace("/", "_") + "_test" not in watched]


def check_module_page(text, table):
    """Differences between the module table of ARCHITECTURE.md and cmake/modules.cmake."""
    rows = re.findall(r"^\| `([\w/]+)` \| [^|]+ \| ([^|]*) \|$", text, re.M)
    shown = {name: set(uses.split()) - {"–"} for name, uses in rows}
    wanted = {name: {"all"} if name in TOPS else uses for name, uses in table.items()}
    return [(1, f"its row of module {name} differs from cmake/modules.cmake")
            for name in sorted(shown.keys() | wanted.keys())
            if shown.get(name) != wanted.get(name)]


def check_sizes(path, text):
    lines = text.split("\n")
    if path.endswith(".h"):
        kind = "header"
    else:
        kind = "test" if path.endswith("_test.cc") else "source"
    found = []
    if len(lines) - 1 > LIMITS[kind]:
        found.append((len(lines), f"{len(lines) - 1} lines, a {kind} has at most {LIMITS[kind]}"))
    start = None
    for number, line in enumerate(lines, 1):
        if len(line) > LIMITS["line"]:
            found.append((number, f"{len(line)} columns, at most {LIMITS['line']}"))
        # A function body opens at column 0 or 2 and closes with a brace in the same column.
        opened = re.match(r"( {0,2})\S.*\)[^;]*\{$", line)
        if start is None and opened and not re.match(r" *(namespace|class|struct|enum)\b", line):
            start = (number, opened.group(1))
        elif start is not None and line.rstrip(";,)") == start[1] + "}":
            if number - start[0] + 1 > LIMITS["function"]:
                found.append((start[0], f"a function of {number - start[0] + 1} lines, "
                                        f"at most {LIMITS['function']}"))
            start = None
    if path.endswith(".h") and "#pragma once" not in text:
        found.append((1, "no #pragma once"))
    return found


def check_words(text):
    return [(number, "banned word or path")
            for number, line in enumerate(text.split("\n"), 1)
            if any(pattern.search(line) for pattern in BANNED)]


def check_dead(path, cmake_text):
    """A source that no CMakeLists names runs nowhere."""
    name = path.rsplit("/", 1)[-1]
    return [] if name in cmake_text else [(1, "named by no CMakeLists.txt: it is never built")]


def check_links(text, exists):
    """Links of a document to files that are not there. Links to other places are left alone."""
    return [(number, f"links to {target}, which is not there")
            for number, line in enumerate(text.split("\n"), 1)
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line)
            if "://" not in target and not exists(target)]


def check_paths(text, exists):
    """Files that a document names by their place in the tree, and that are not there. The data folder of
    an example is made by its server."""
    named = re.compile(r"`((?:bench|cmake|docs|examples|src|tests|tools)/[\w./-]+)`")
    return [(number, f"names {path}, which is not there")
            for number, line in enumerate(text.split("\n"), 1)
            for path in named.findall(line) if "/.steelthread" not in path and not exists(path)]


def check_invariants(text, tests):
    """Tests of the table of invariants that are not there. `tests` are (suite, name) of all."""
    suites = {suite for suite, _ in tests} | {f"{suite}.{name}" for suite, name in tests}
    return [(number, f"names the test {test}, which is not there")
            for number, line in enumerate(text.split("\n"), 1) if re.match(r"\| I\d+ \|", line)
            for test in re.findall(r"`([^`]+)`", line.split("|")[4])
            if "/" not in test and test not in suites]


def check_modes(listing):
    """Of `git ls-files -s`: a tracked link points out of the tree, or replaces what it names."""
    rows = [line.split(None, 3) for line in listing.split("\n") if line]
    return [(row[3], "is a link: git rm --cached it") for row in rows if row[0] == "120000"]


def tracked():
    out = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True)
    return [p for p in out.split("\n") if p and (ROOT / p).is_file()]


def main():
    files = tracked()
    table = read_modules((ROOT / "cmake/modules.cmake").read_text())
    cmake = "\n".join((ROOT / p).read_text() for p in files
                      if p.endswith((".cmake", "CMakeLists.txt")))
    findings = []
    cycle = find_cycle(table)
    if cycle:
        findings.append(("cmake/modules.cmake", 1, "cycle: " + " -> ".join(cycle)))
    if re.search(r"\bGLOB", cmake):
        findings.append(("cmake", 1, "GLOB: list the files"))
    listing = subprocess.check_output(["git", "ls-files", "-s"], cwd=ROOT, text=True)
    findings += [(path, 1, what) for path, what in check_modes(listing)]
    headers = {p.removeprefix("src/") for p in files if p.startswith("src/") and p.endswith(".h")}
    sources = []
    for path in files:
        raw = (ROOT / path).read_bytes()
        if b"\0" in raw or "_corpus/" in path:
            continue
        text = raw.decode("utf-8", "replace")
        # What another program answered is not ours to word.
        is_recorded = "/testdata/answers/" in path
        for number, what in [] if is_recorded else check_words(text):
            findings.append((path, number, what))
        if path.endswith(".md"):
            folder = (ROOT / path).parent
            findings += [(path, number, what) for number, what
                         in check_links(text, lambda target: (folder / target).exists())
                         + check_paths(text, lambda target: (ROOT / target).exists())]
        if path.startswith("src/") and path.endswith((".h", ".cc")):
            inner = path.removeprefix("src/")
            sources.append((inner, text))
            checks = (check_includes(inner, text, table) + check_sizes(inner, text)
                      + check_labels(text) + check_system_calls(inner, text))
            if path.endswith(".cc"):
                checks += check_dead(inner, cmake) + check_own_header(inner, headers)
            findings += [(path, number, what) for number, what in checks]
    findings += [("cmake/modules.cmake", 1, what) for what in check_permissions(sources, table)]
    table_of_tests = re.search(r"^TSAN_TESTS = (\{.*?\})$", (ROOT / "tests/run").read_text(), re.M | re.S)
    findings += [("tests/run", 1, what) for what
                 in check_watched(sources, ast.literal_eval(table_of_tests.group(1)), table)]
    tests = [found for _, text in sources
             for found in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", text, re.M)]
    page = "docs/INVARIANTS.md"
    findings += [(page, number, what) for number, what
                 in check_invariants((ROOT / page).read_text(), tests)]
    page = "ARCHITECTURE.md"
    findings += [(page, number, what) for number, what
                 in check_module_page((ROOT / page).read_text(), table)]
    for path, number, what in findings:
        print(f"{path}:{number}: {what}")
    print(f"{len(files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
