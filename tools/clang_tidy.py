#!/usr/bin/env python3
"""clang-tidy over a build's compile commands, two at a time, results cached by content.

    tools/clang_tidy.py build/asan

A file is looked at again when it, a header of ours, its flags or .clang-tidy changed.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def headers_digest():
    names = subprocess.check_output(["git", "ls-files", "*.h", ".clang-tidy"], cwd=ROOT, text=True)
    digest = hashlib.sha256()
    for name in names.split():
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def main():
    build = ROOT / sys.argv[1]
    commands = json.loads((build / "compile_commands.json").read_text())
    common = headers_digest()
    cache = ROOT / ".cache" / "clang-tidy"
    cache.mkdir(parents=True, exist_ok=True)

    def look(entry):
        path = pathlib.Path(entry["file"])
        flags = entry.get("command") or " ".join(entry["arguments"])
        key = hashlib.sha256(
            b"\0".join([path.read_bytes(), common.encode(), flags.encode()])).hexdigest()
        mark = cache / key
        if mark.exists():
            return None
        done = subprocess.run(["clang-tidy-19", "-p", str(build), "--quiet", str(path)], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode == 0:
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
