"""Every field of every file of a table beside what Iceberg's reference implementation writes for the
same table (iceberg_answers.json, by record_iceberg.py): equal, or named here with the reason."""
import os
import pathlib
import re

import pytest

import iceberg_compare
import iceberg_files
import iceberg_tables
from conftest import Server

HERE = pathlib.Path(__file__).resolve().parent
FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
HOUR_S = 3600
ANSWERS = iceberg_files.read_answers(HERE / "iceberg_answers.json")
PIPELINE = """CREATE STREAMING TABLE {name} {layout} TBLPROPERTIES ('steelthread.trigger' = '10 hours')
AS {select} FROM STREAM({topic});
"""
TABLES = ("empty", "appended", "rewritten", "emptied", "partitioned", "sorted", "evolved", "tagged")
LAYOUTS = {"partitioned": "PARTITIONED BY (days(at))", "sorted": "CLUSTER BY (n, name)"}

# What differs: a pattern over the whole path of a field, and why. A path ends with "+" where only
# steelthread has the field, and with "-" where only the reference implementation has it.
DIFFERENT = {
    # Of each run.
    r"metadata/(table-uuid|location|last-updated-ms)": "each table has its own",
    r".*/(timestamp-ms|metadata-file|manifest-list|manifest_path|file_path)": "times and names of the run",
    r".*/(manifest_length|file_size_in_bytes|column_sizes/\d+|offset)|.*/summary/.*files-size":
        "other programs compress the same values",
    # Who writes.
    r"metadata/metadata-log/.*": "here the progress of a pipeline without a row is a version too",
    r"metadata/properties/(owner|write\.parquet\.compression-codec|write\.distribution-mode)-": "Spark's own",
    r"(metadata/properties|.*/summary)/steelthread\..*\+": "progress of the pipeline; others ignore it",
    r".*/summary/(app-id|app-name|spark\.app\.id|iceberg-version|engine-version)-": "the name of Spark's run",
    r".*/summary/engine-name": "who wrote it",
    # Avro.
    r"(list|manifest)/header/iceberg\.schema/.*-":
        "the Avro schema once more in Iceberg's words, two kilobytes a file; the field ids of the Avro "
        "schema are what readers go by",
    r"(list|manifest)/schema/.*/doc-": "sentences of the specification, in each file",
    r"manifest/header/schema-id\+": "the specification requires it; the reference leaves it out",
    r"manifest/header/steelthread\.crc32c\+": "checksums of the data files (docs/formats/lake.md)",
    # Layout.
    r"list/manifests|list/(\d+|of deleted files)/.*-|.*/summary/manifests-created":
        "a rewrite makes one manifest where the reference makes one for the added files and one for each "
        "manifest that it takes files out of",
    # Statistics.
    r"entry/.*/(lower|upper)_bounds/4-":
        "no bounds where a value is NaN: engines take NaN for the largest value, and a reader that goes by "
        "bounds without it would lose its row",
    r"entry/.*/upper_bounds/4": "a zero is 0.0: DuckDB's statistics do not tell -0.0 from it, and an upper "
                                "bound may be larger",
    # Parquet, as DuckDB writes it.
    r"footer .*/keys/iceberg\.schema-": "a copy of the schema; field ids are what readers go by",
    r"footer .*/keys\+": "nothing where the reference has that copy",
    r"footer .*/columns/(n|big)/logical/.*": "the same integers, with their width stated once more",
    r"footer .*/has_(column|offset)_index": "DuckDB writes no page indexes",
    r"footer .*/columns/x/has_bounds": "DuckDB writes no bounds where a value is NaN",
}


def ok(server, *words, **options):
    done = server.run(*words, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def newest(server, name):
    """The table's newest metadata file."""
    metadata = server.data / "warehouse/default" / name / "metadata"
    return max(metadata.glob("v*.metadata.json"), key=lambda file: int(file.name[1:].split(".")[0]))


def declare(server, name, select):
    (server.project / "pipelines" / f"{name}.sql").write_text(PIPELINE.format(
        name=name, layout=LAYOUTS.get(name, ""), topic=f"for_{name}", select=select))


def commit(server, name, number):
    ok(server, "topic", "produce", f"for_{name}", input="\n".join(iceberg_tables.values_of(number)) + "\n")
    ok(server, "pipeline", "run", name, "--once")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """{name: the table as steelthread made it}"""
    project = tmp_path_factory.mktemp("fields")
    (project / "pipelines").mkdir()
    (project / "steelthread.toml").write_text("")
    server = Server(project)
    server.settings["lake.upkeep"] = "false"
    server.start()
    for name in TABLES:
        ok(server, "topic", "create", f"for_{name}")
    server.stop()
    for name in TABLES:
        declare(server, name, iceberg_tables.SELECT)
    server.start()
    try:
        for number in range(len(iceberg_tables.ROWS)):
            for name in ("appended", "rewritten", "emptied", "partitioned", "sorted"):
                commit(server, name, number)
        commit(server, "evolved", 0)
        declare(server, "evolved", iceberg_tables.SELECT_MORE)
        ok(server, "reload")
        commit(server, "evolved", 1)
        ok(server, "table", "compact", "rewritten")
        ok(server, "pipeline", "pause", "emptied")
        ok(server, "pipeline", "reset", "emptied", "--yes")
        commit(server, "tagged", 0)
        server.stop()
        server.popen["env"] = {**os.environ, "LD_PRELOAD": str(FAKETIME), "FAKETIME": f"+{HOUR_S}s",
                               "NO_FAKE_STAT": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        server.start()
        commit(server, "tagged", 1)
        return {name: iceberg_files.read_table(newest(server, name),
                                               "delete" if name == "emptied" else None)
                for name in TABLES}
    finally:
        server.stop()


def reasons(path):
    return [pattern for pattern in DIFFERENT if re.fullmatch(pattern, path)]


@pytest.mark.parametrize("name", TABLES)
def test_every_field_is_as_the_reference_writes_it(made, name):
    found = iceberg_compare.differences(iceberg_compare.flatten(ANSWERS[name]),
                                        iceberg_compare.flatten(made[name]))
    assert {path: pair for path, pair in found.items() if not reasons(path)} == {}


def test_every_reason_is_needed(made):
    """A difference that is gone leaves the list."""
    needed = set()
    for name in TABLES:
        for path in iceberg_compare.differences(iceberg_compare.flatten(ANSWERS[name]),
                                                iceberg_compare.flatten(made[name])):
            needed.update(reasons(path))
    assert needed == set(DIFFERENT)
