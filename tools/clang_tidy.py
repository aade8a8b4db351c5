#!/usr/bin/env python3
"""clang-tidy over a build's compile commands, two at a time, results cached by content.

    tools/clang_tidy.py build/asan

Wants the build to be done: what each source includes is read from it. A file is looked at again
when it, one of our headers that it includes, its flags or .clang-tidy changed. The cache lies
beside ccache's, in $XDG_CACHE_HOME or ~/.cache, so that clones share it.
"""
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-19"


@functools.cache
def digest(path):
    return hashlib.sha256(path.read_bytes()).digest()


def included(build):
    """For each object of the build, our files that it was made from."""
    lines = subprocess.check_output(["ninja", "-C", build, "-t", "deps"], text=True).splitlines()
    files, current = {}, None
    for line in lines:
        if line.startswith("    "):
            path = pathlib.Path(os.path.normpath(build / line.strip()))
            if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / ".deps"):
                current.append(path)
        elif ": #deps" in line:
            current = files.setdefault(line.split(": #deps")[0], [])
    return files


def key(entry, build, files, common):
    """What the answer of clang-tidy depends on; None where the object was not built."""
    flags = entry.get("command") or " ".join(entry["arguments"])
    built = files.get(flags.split(" -o ")[1].split()[0])
    if built is None:
        return None
    parts = [common, flags.replace(str(build), "BUILD").replace(str(ROOT), "ROOT").encode()]
    for path in sorted(set(built)):
        parts += [str(path.relative_to(ROOT)).encode(), digest(path)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def main():
    build = (ROOT / sys.argv[1]).resolve()
    commands = json.loads((build / "compile_commands.json").read_text())
    version = subprocess.check_output([CLANG_TIDY, "--version"])
    common = digest(ROOT / ".clang-tidy") + version
    files = included(build)
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    cache = home / "steelthread" / "clang-tidy"
    cache.mkdir(parents=True, exist_ok=True)

    def look(entry):
        entry_key = key(entry, build, files, common)
        mark = cache / entry_key if entry_key else None
        if mark and mark.exists():
            mark.touch()
            return None
        path = entry["file"]
        done = subprocess.run([CLANG_TIDY, "-p", str(build), "--quiet", path], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        print(f"looked at {pathlib.Path(path).relative_to(ROOT)}", flush=True)
        if done.returncode == 0:
            if mark:
                mark.touch()
            return None
        return done.stdout or done.stderr

    # Tests and benchmarks follow the format; the checks are for what ships.
    sources = [c for c in commands if "/src/" in c["file"]
               and not c["file"].endswith(("_test.cc", "_fuzz.cc", "_bench.cc"))
               and "/testing/" not in c["file"]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        findings = [f for f in pool.map(look, sources) if f]
    for finding in findings:
        print(finding)
    print(f"{len(sources)} sources, {len(findings)} with findings")
    return 1 if findings or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
