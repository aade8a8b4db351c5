#!/usr/bin/env python3
"""Prints docs/commands.md: every command with its arguments and options, from its --help.

    python3 tools/commands.py [PROGRAM] > docs/commands.md
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEAD = """# Commands

The arguments and options of each command, from its `--help`, which has examples too. This page is the output of
`tools/commands.py`. Exit codes are in [operations.md](operations.md#exit-codes).
"""


def help_of(program, words):
    return subprocess.run([program, *words, "--help"], capture_output=True, text=True,
                          check=True).stdout


def entries(text, section):
    """(name, meaning) of each line of a section, with the lines that continue it."""
    found = []
    block = re.search(rf"^{section}:\n((?: .*\n)+)", text, re.M)
    for line in block[1].splitlines() if block else []:
        # The meaning follows all options that it needs or excludes.
        entry = (re.match(r"  (\S.*?(?: (?:Needs|Excludes):(?: --\S+)+)+)(?: +(.*))?$", line)
                 or re.match(r"  (\S.*?)(?: {2,}(\S.*))?$", line))
        if entry:
            found.append([entry[1], entry[2] or ""])
        else:
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    return [tuple(one) for one in found]


def table(rows):
    return "".join(f"| `{name}` | {meaning.replace('<', '&lt;')} |\n" for name, meaning in rows)


def commands(program, words=(), aliases=()):
    """(words, help, other names of the last word) of each command, a group before its own."""
    text = help_of(program, words)
    if words:
        yield words, text, aliases
    for names, _ in entries(text, "Subcommands"):
        name, *others = names.split(", ")
        yield from commands(program, (*words, name), others)


def page(program):
    general = entries(help_of(program, ()), "Options")
    out = [HEAD, "\n## Options of all commands\n\n| option | |\n|---|---|\n", table(general)]
    for words, text, aliases in commands(program):
        own = [one for one in entries(text, "Options") if one not in general]
        rows = entries(text, "Positionals") + own
        out.append(f"\n## {' '.join(words)}\n\n{text[0].upper()}{text.splitlines()[0][1:]}.")
        out += [f" Also `{' '.join([*words[:-1], alias])}`." for alias in aliases] + ["\n"]
        if rows:
            out.append("\n| argument | |\n|---|---|\n" + table(rows))
    return "".join(out)


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    given = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/steelthread"
    print(page(str(given)), end="")
