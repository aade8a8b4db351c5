#!/usr/bin/env python3
"""Writes case_table.cc: how Unicode's letters change their case, as ranges.

    src/spark_values/case_table.py
"""
import pathlib
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
LAST = 0x110000
POINTS = [c for c in range(0x80, LAST) if not 0xD800 <= c < 0xE000]


def mapped(change):
    """(point, point it becomes) of the characters that become one other."""
    pairs = []
    for c in POINTS:
        to = change(chr(c))
        if len(to) == 1 and to != chr(c):
            pairs.append((c, ord(to)))
    return pairs


def map_ranges(pairs):
    """[first, last, step, distance] of pairs that lie evenly and are equally far apart."""
    out = []
    for c, to in pairs:
        if out:
            first, last, step, distance = out[-1]
            if to - c == distance and (first == last and c - last in (1, 2) or c - last == step):
                out[-1] = [first, c, c - last, distance]
                continue
        out.append([c, c, 1, to - c])
    return out


def set_ranges(members):
    out = []
    for c in members:
        if out:
            first, last, step = out[-1]
            if first == last and c - last in (1, 2) or c - last == step:
                out[-1] = [first, c, c - last]
                continue
        out.append([c, c, 1])
    return out


def rows(name, kind, entries, shown):
    text = [shown(e) for e in entries]
    return (f"constexpr std::array<{kind}, {len(entries)}> {name} = {{{{\n    "
            + ", ".join(text) + "}};\n")


def quoted(text):
    return '"' + "".join(f"\\x{byte:02X}" for byte in text.encode()) + '"'


def is_ignorable(c):
    """Between a letter and a final sigma it does not matter."""
    return not is_cased(c) and ("A" + c + "\u03a3").lower().endswith("\u03c2")


def is_cased(c):
    return c.isupper() or c.islower() or c.istitle()


def is_of(category):
    return lambda c: unicodedata.category(c) == category


def main():
    def map_row(entry):
        first, last, step, distance = entry
        return f"{{{first:#x}, {last:#x}, {step}, {distance}}}"

    def set_row(entry):
        first, last, step = entry
        return f"{{{first:#x}, {last:#x}, {step}}}"

    simple_upper = mapped(lambda c: c.upper())
    upper = dict(simple_upper)
    long_upper = [c for c in POINTS if len(chr(c).upper()) > 1]
    upper |= {c: None for c in long_upper}
    title = [(c, ord(chr(c).title())) for c in POINTS
             if len(chr(c).title()) == 1 and ord(chr(c).title()) != upper.get(c, c)]
    text = f"""// Made by case_table.py of Unicode {unicodedata.unidata_version}.
#include "spark_values/case_table.h"

#include <array>

namespace st::spark_values::internal {{
namespace {{

// clang-format off
"""
    text += rows("kToUpper", "CaseRange", map_ranges(simple_upper), map_row)
    text += rows("kToLower", "CaseRange", map_ranges(mapped(lambda c: c.lower())), map_row)
    text += rows("kToTitle", "CaseRange", map_ranges(title), map_row)
    text += rows("kLongUpper", "LongCase", long_upper,
                 lambda c: f"{{{c:#x}, {quoted(chr(c).upper())}}}")
    text += rows("kLongTitle", "LongCase", [c for c in POINTS if len(chr(c).title()) > 1],
                 lambda c: f"{{{c:#x}, {quoted(chr(c).title())}}}")
    for name, test in (("kUpper", is_of("Lu")), ("kLower", is_of("Ll")),
                       ("kOtherCased", lambda c: is_cased(c) and not is_of("Lu")(c)
                        and not is_of("Ll")(c)),
                       ("kDigits", is_of("Nd")), ("kIgnorable", is_ignorable)):
        members = [c for c in POINTS if test(chr(c))]
        if name == "kIgnorable":
            members = [c for c in range(LAST) if not 0xD800 <= c < 0xE000 and test(chr(c))]
        text += rows(name, "SetRange", set_ranges(members), set_row)
    text += """// clang-format on

}  // namespace

"""
    for function, kind, name in (
            ("ToUpper", "CaseRange", "kToUpper"), ("ToLower", "CaseRange", "kToLower"),
            ("ToTitle", "CaseRange", "kToTitle"), ("LongUpper", "LongCase", "kLongUpper"),
            ("LongTitle", "LongCase", "kLongTitle"),
            ("Upper", "SetRange", "kUpper"), ("Lower", "SetRange", "kLower"),
            ("OtherCased", "SetRange", "kOtherCased"), ("Digits", "SetRange", "kDigits"),
            ("Ignorable", "SetRange", "kIgnorable")):
        text += f"std::span<const {kind}> {function}Table() {{ return {name}; }}\n"
    text += "\n}  // namespace st::spark_values::internal\n"
    lines = []
    for line in text.split("\n"):
        while len(line) > 100 and ", " in line[:100]:
            at = line.rindex("}, ", 0, 98) + 2 if "}, " in line[:98] else line.rindex(", ", 0, 98) + 1
            lines.append(line[:at])
            line = "    " + line[at:].strip()
        lines.append(line)
    (HERE / "case_table.cc").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
