"""Every field of every file of a table beside what Iceberg's reference implementation writes for the
same table (iceberg_answers.json, by record_iceberg.py): equal, or named here with the reason."""
import pathlib
import re

import pytest

import iceberg_compare
import iceberg_files
import iceberg_ours
import iceberg_tables

HERE = pathlib.Path(__file__).resolve().parent
ANSWERS = iceberg_files.read_answers(HERE / "iceberg_answers.json")

# What differs: a pattern over the whole path of a field, and why. A path ends with "+" where only
# steelthread has the field, and with "-" where only the reference implementation has it.
DIFFERENT = {
    # Of each run.
    r"metadata/(table-uuid|location|last-updated-ms)": "each table has its own",
    r".*/(timestamp-ms|metadata-file|manifest-list|manifest_path|file_path)": "times and names of the run",
    r".*/(manifest_length|file_size_in_bytes|column_sizes/[^/]+)|.*/summary/.*files-size":
        "other programs compress the same values",
    # Who writes.
    r"metadata/metadata-log(/.*|\+)": "here the progress of a pipeline without a row is a version too",
    r"metadata/properties/(owner|write\.parquet\.compression-codec|write\.distribution-mode)-": "Spark's own",
    r"(metadata/properties|.*/summary)/steelthread\..*\+": "progress of the pipeline; others ignore it",
    r".*/summary/(app-id|app-name|spark\.app\.id|iceberg-version|engine-version)-": "the name of Spark's run",
    r".*/summary/engine-name": "who wrote it",
    r"metadata/steelthread\.crc32c\+": "the checksum of the version (docs/formats/lake.md)",
    # Avro.
    r"(list|manifest/[^/]+)/header/iceberg\.schema-":
        "the Avro schema once more in Iceberg's words, two kilobytes a file; the field ids of the Avro "
        "schema are what readers go by",
    r"(list|manifest/[^/]+)/schema/.*/doc-": "sentences of the specification, in each file",
    r"manifest/[^/]+/header/schema-id\+": "the specification requires it; the reference leaves it out",
    r"manifest/[^/]+/header/steelthread\.crc32c\+": "checksums of the data files (docs/formats/lake.md)",
    # Layout.
    r"list/manifests|(list|manifest)/(\d+|of deleted files)-|.*/summary/manifests-created":
        "a rewrite makes one manifest where the reference makes one for the added files and one for each "
        "manifest that it takes files out of",
    r"list/0/(min_sequence_number|partitions/0/lower_bound)":
        "that one manifest has the files of them all, the oldest among them",
    r"(metadata/partition-specs|manifest/[^/]+/(header/partition-spec|schema))/.*/name":
        "a field that came later has the name that it would have in a new table, where no other has it; the "
        "reference adds the number",
    r"entry/.*/partition/n_bucket(_4-|\+)": "and so in the files of that layout",
    # Statistics.
    r"entry/.*/(lower|upper)_bounds/(x|ratio)-":
        "no bounds where a value is NaN: engines take NaN for the largest value, and a reader that goes by "
        "bounds without it would lose its row",
    r"entry/.*/upper_bounds/(x|ratio)": "a zero is 0.0: DuckDB's statistics do not tell -0.0 from it, an upper "
                                        "bound may be larger",
    r"entry/.*/(value_counts|null_value_counts)/event\.place\.x":
        "of a floating-point field the reference counts only where the struct is there; of a field of "
        "another type each row, as here",
    # Parquet, as DuckDB writes it.
    r"footer .*/created_by": "who wrote it",
    r"footer .*/key_value_metadata(/iceberg\.schema-|\+)":
        "a copy of the schema; field ids are what readers go by",
    r"footer .*/schema/root/repetition_type\+": "the root has none in the specification; readers ignore it",
    r"footer .*/schema/[^/]+/logicalType/(STRING|DATE|LIST|MAP)-":
        "said by converted_type alone, which the specification keeps for it",
    r"footer .*/schema/[^/]+/converted_type\+": "the same integers, with their width stated once more",
    r"footer .*/(encodings/\d+|encoding_stats/.*|dictionary_page_offset)-?":
        "other programs encode the same values in another way",
    r"footer .*/(data_page_offset|total_(un)?compressed_size|total_byte_size)":
        "and in another number of bytes",
    r"footer .*/(column|offset)_index_(offset|length)-": "DuckDB writes no page indexes",
    r"footer .*/size_statistics.*-|footer .*/ordinal-": "DuckDB leaves out what is optional",
    r"footer .*/statistics/is_(max|min)_value_exact\+": "the reference leaves out what is optional",
    r"footer .*/statistics/(max|min)[-+]":
        "the fields before min_value and max_value: of texts and decimals each writer has its own rule",
    r"footer .*/columns/(x|ratio)/meta_data/statistics/(max|min)_value-":
        "DuckDB writes no bounds where a value is NaN",
    r"footer .*\.(element|key_value)[./].*/statistics/null_count":
        "DuckDB counts an empty list or map as a NULL in it, and some twice",
}
# Of some differences all that the two say.
PAIRS = {
    r"entry/.*/upper_bounds/(x|ratio)": {("0000000000000080", "0000000000000000"), ("00000080", "00000000")},
    r"list/0/(min_sequence_number|partitions/0/lower_bound)": {(2, 1), ("33510000", "ffffffff")},
    r"(metadata/partition-specs|manifest/[^/]+/(header/partition-spec|schema))/.*/name": {("n_bucket_4", "n_bucket")},
    r".*/summary/engine-name": {("spark", "steelthread")},
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """{name: how the table differs that steelthread made}"""
    folder = tmp_path_factory.mktemp("fields") / "project"
    folder.mkdir()
    made = iceberg_ours.Lake(folder).make()
    return {name: iceberg_compare.differences(iceberg_compare.flatten(ANSWERS[name]),
                                              iceberg_compare.flatten(made[name])) for name in ANSWERS}


def reasons(path, pair):
    return [pattern for pattern in DIFFERENT
            if re.fullmatch(pattern, path) and pair in PAIRS.get(pattern, (pair,))]


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_every_field_is_as_the_reference_writes_it(found, name):
    assert {path: pair for path, pair in found[name].items() if not reasons(path, pair)} == {}


def test_every_reason_is_needed(found):
    """A difference that is gone leaves the list."""
    needed = {reason for name in ANSWERS for path, pair in found[name].items() for reason in reasons(path, pair)}
    assert needed == set(DIFFERENT)


def test_every_table_is_compared():
    assert set(ANSWERS) == set(iceberg_tables.FOR_SPARK)
