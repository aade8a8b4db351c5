"""Tables that an earlier head filled go on: every event once, whatever order it read them in."""
import json
import sys
import tarfile

import pytest

from conftest import ROOT, Server

sys.path.insert(0, str(ROOT / "tests/folders"))
import make_tables  # noqa: E402

FOLDERS = sorted((ROOT / "tests/folders/tables").glob("*.tar.xz"))
LONG_FOLDERS = sorted((ROOT / "tests/folders/long").glob("*.tar.xz"))


def rows(server, sql):
    done = server.run("sql", "--format", "json", sql)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_a_table_that_is_ahead_in_one_partition_goes_on(folder, tmp_path):
    with tarfile.open(folder) as archive:
        archive.extractall(tmp_path)
    before = make_tables.next_offsets(tmp_path)
    ends = {p: count * make_tables.A_BATCH for p, count in make_tables.BATCHES.items()}
    assert before[0] < ends[0] and before[1] == ends[1], before
    server = Server(tmp_path).start()
    try:
        connection = make_tables.kafka_wire.Connection(server.endpoints["kafka"])
        batch = make_tables.a_batch()
        for partition in (1, 0, 2, 1):
            assert connection.produce("events", partition, batch)[0] == 0
            ends[partition] += make_tables.A_BATCH
        assert server.run("pipeline", "run", "samples", "--once").returncode == 0
        want = [{"partition": p, "offset": offset} for p, end in ends.items()
                for offset in range(7, end, make_tables.A_BATCH // 2)]
        found = rows(server, "select \"partition\", \"offset\" from samples order by 1, 2")
        assert found == want
        dead = rows(server, "select \"partition\", \"offset\" from bad.rows order by 1, 2")
        assert dead == [{"partition": p, "offset": offset} for p, end in ends.items()
                        for offset in range(11, end, make_tables.A_BATCH)]
        assert make_tables.next_offsets(tmp_path) == ends
    finally:
        server.stop()


@pytest.mark.parametrize("folder", LONG_FOLDERS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_a_table_whose_select_lies_in_a_file_goes_on(folder, tmp_path):
    """Its definition is known again, so that no record is read twice, and a hold of it can be released or has ended."""
    with tarfile.open(folder) as archive:
        archive.extractall(tmp_path)
    metadata = tmp_path / ".steelthread/warehouse/default/long/metadata"
    definitions = list(metadata.glob("definitions-*.json"))
    assert len(definitions) == 1
    server = Server(tmp_path).start()
    try:
        done = server.run("topic", "produce", "lines", input="no word\nword number 9\n")
        assert done.returncode == 0, done.stderr
        assert server.run("pipeline", "run", "long", "--once").returncode == 0
        found = rows(server, "select \"offset\", is_word from long order by 1")
        assert [(row["offset"], row["is_word"]) for row in found] == [
            (0, True), (1, False), (2, True), (3, False), (4, True)]
        assert list(metadata.glob("definitions-*.json")) == definitions
        if json.loads(server.run("table", "holds", "long", "--format", "json").stdout):
            assert server.run("table", "release", "long", "reader").returncode == 0
        assert server.run("table", "verify").returncode == 0
    finally:
        server.stop()
