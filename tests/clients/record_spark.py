#!/usr/bin/env python3
"""Records what Spark answers to expressions and SELECTs, in the files of
src/dialect/spark/testdata/answers and src/dialect/spark/testdata/selects.

    tests/clients/record_spark.py [--new] [FILE…]
    tests/clients/record_spark.py --functions   # the names of all functions, into testdata/functions.txt

Spark is that of .deps/spark (`tools/setup --tests`); it runs in ANSI mode with the session time zone
UTC. A file has blocks of columns, rows and expressions; this script rewrites what stands below each
expression (README.md beside the files). With --new, expressions that have answers keep them.
"""
import argparse
import json
import logging
import os
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANSWERS = ROOT / "src/dialect/spark/testdata/answers"
SELECTS = ROOT / "src/dialect/spark/testdata/selects"
FUNCTIONS = ROOT / "src/dialect/spark/testdata/functions.txt"


def session(scratch):
    home = ROOT / ".deps/spark"
    os.environ["SPARK_HOME"] = str(home / "pyspark")
    sys.path.insert(0, str(home))
    from pyspark.sql import SparkSession
    built = (SparkSession.builder.master("local[1]")
             .config("spark.ui.enabled", "false")
             .config("spark.ui.showConsoleProgress", "false")
             .config("spark.sql.shuffle.partitions", "1")
             .config("spark.sql.session.timeZone", "UTC")
             .config("spark.sql.ansi.enabled", "true")
             .config("spark.local.dir", scratch)
             .config("spark.sql.warehouse.dir", f"{scratch}/warehouse")
             .getOrCreate())
    built.sparkContext.setLogLevel("OFF")
    logging.disable(logging.CRITICAL)
    return built


def literal(value):
    if value is None:
        return "NULL"
    return "'" + "".join(c if 32 < ord(c) < 127 and c not in "'\\" else
                         "".join(f"\\u{unit:04x}" for unit in units(c)) for c in value) + "'"


def units(character):
    encoded = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(encoded[i:i + 2], "big") for i in range(0, len(encoded), 2)]


class Block:
    """Some rows of typed columns, as a subquery of Spark's SQL."""

    def __init__(self):
        self.columns = []
        self.rows = []

    def set_columns(self, text):
        self.columns = [tuple(part.split()) for part in text.split(";")]

    def source(self):
        rows = self.rows
        texts = ", ".join("(" + ", ".join([str(i), *map(literal, row)]) + ")"
                          for i, row in enumerate(rows))
        names = ", ".join(f"c{i}" for i in range(len(self.columns)))
        typed = ", ".join(self.typed(f"c{i}", kind) + f" AS {name}"
                          for i, (name, kind) in enumerate(self.columns))
        casts = ", ".join(f"CAST(c{i} AS STRING) AS c{i}" for i in range(len(self.columns)))
        return (f"(SELECT id, {typed} FROM (SELECT id, {casts} FROM VALUES {texts} "
                f"AS v(id, {names})))")

    @staticmethod
    def typed(name, kind):
        if kind == "STRING":
            return name
        return f"unhex({name})" if kind == "BINARY" else f"CAST({name} AS {kind})"


def condition_of(error):
    if hasattr(error, "getCondition") and error.getCondition():
        return error.getCondition()
    text = str(error)
    if text.startswith("[") and "]" in text:
        return text[1:text.index("]")]
    return text.split("\n")[0].split(":")[0].strip().split(" ")[0] or type(error).__name__


def shown(value, kind):
    if value is None:
        return "NULL"
    if kind == "binary":
        return f"X'{value}'"
    return json.dumps(value) if kind == "string" else value


def text_of(kind):
    """The expression that shows the value c."""
    if kind.startswith(("struct<", "array<", "map<")):
        return "to_json(c, map('ignoreNullFields', 'false'))"
    return "hex(c)" if kind == "binary" else "CAST(c AS STRING)"


def answers(spark, block, expr):
    """The lines below an expression."""
    source = block.source()
    try:
        frame = spark.sql(f"SELECT id, {expr} AS c FROM {source}")
    except Exception as error:  # pylint: disable=broad-except
        return [f"refused {condition_of(error)}"]
    kind = frame.schema["c"].dataType.simpleString()
    text = text_of(kind)
    query = f"SELECT id, {text} AS c FROM (SELECT id, {expr} AS c FROM {source})"
    try:
        found = {row.id: row.c for row in spark.sql(query).collect()}
        return [f"type {kind}", *(shown(found[i], kind) for i in range(len(block.rows)))]
    except Exception:  # pylint: disable=broad-except
        lines = [f"type {kind}"]
    for i in range(len(block.rows)):
        one = Block()
        one.columns, one.rows = block.columns, [block.rows[i]]
        try:
            rows = spark.sql(f"SELECT {text} AS c FROM (SELECT {expr} AS c FROM "
                             f"{one.source()})").collect()
            lines.append(shown(rows[0].c, kind))
        except Exception as error:  # pylint: disable=broad-except
            lines.append(f"ERROR {condition_of(error)}")
    return lines


def record(spark, path, only_new):
    lines = path.read_text().rstrip("\n").split("\n")
    out, block, i = [], Block(), 0
    while i < len(lines):
        line = lines[i]
        i += 1
        out.append(line)
        if line.startswith("columns "):
            block = Block()
            block.set_columns(line[8:])
        elif line.startswith("rows "):
            block.rows = [row if isinstance(row, list) else [row] for row in json.loads(line[5:])]
        elif line.startswith("expr "):
            old = i
            while i < len(lines) and not lines[i].startswith(("expr ", "columns ", "rows ", "#")):
                i += 1
            kept = lines[old:i]
            out += kept if only_new and kept else answers(spark, block, line[5:])
    path.write_text("\n".join(out) + "\n")


def stream(spark, rows):
    """A view with the columns of Spark's Kafka source."""
    texts = ", ".join("(" + ", ".join([*map(literal, row[:3]), *map(str, row[3:])]) + ")" for row in rows)
    spark.sql(f"SELECT CAST(k AS BINARY) AS key, CAST(v AS BINARY) AS value, t AS topic, p AS partition, "
              f"CAST(o AS BIGINT) AS offset, timestamp_micros(us) AS timestamp, 0 AS timestampType "
              f"FROM VALUES {texts} AS v(k, v, t, p, o, us)").createOrReplaceTempView("events")


def rows_of(spark, select):
    """The lines below a SELECT: its columns, and its rows as JSON in the order of the alphabet."""
    try:
        frame = spark.sql(re.sub(r"STREAM\((\w+)\)", r"\1", select))
    except Exception as error:  # pylint: disable=broad-except
        return [f"refused {condition_of(error)}"]
    kinds = "; ".join(f"{field.name} {field.dataType.simpleString()}" for field in frame.schema)
    try:
        names = ", ".join(f"`{name}`" for name in frame.columns)
        frame.createOrReplaceTempView("made")
        shown = spark.sql(f"SELECT to_json(struct({names}), map('ignoreNullFields', 'false')) AS c FROM made")
        return [f"columns {kinds}", *sorted(row.c for row in shown.collect())]
    except Exception as error:  # pylint: disable=broad-except
        return [f"columns {kinds}", f"ERROR {condition_of(error)}"]


def record_selects(spark, path, only_new):
    lines = path.read_text().rstrip("\n").split("\n")
    out, i = [], 0
    while i < len(lines):
        line = lines[i]
        i += 1
        out.append(line)
        if line.startswith("rows "):
            stream(spark, json.loads(line[5:]))
        elif line.startswith("select "):
            old = i
            while i < len(lines) and not lines[i].startswith(("select ", "rows ", "#")):
                i += 1
            kept = lines[old:i]
            out += kept if only_new and kept else rows_of(spark, line[7:])
    path.write_text("\n".join(out) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--functions", action="store_true")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        spark = session(scratch)
        if arguments.functions:
            names = [row.function for row in spark.sql("SHOW FUNCTIONS").collect()]
            FUNCTIONS.write_text("\n".join(sorted(names)) + "\n")
            spark.stop()
            return
        for path in arguments.files or sorted([*ANSWERS.glob("*.txt"), *SELECTS.glob("*.txt")]):
            is_select = path.resolve().parent == SELECTS
            (record_selects if is_select else record)(spark, path, arguments.new)
        spark.stop()


if __name__ == "__main__":
    main()
