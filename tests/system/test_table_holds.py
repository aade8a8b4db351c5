"""steelthread table hold, release and holds: snapshots that stay for a reader, as PyIceberg sees them."""
import csv
import io
import json
import re
import urllib.request

from test_upkeep import commit, load, off, put_together  # noqa: F401 (off is a fixture)

from conftest import DEADLINE_S

KEPT = 100  # snapshots that a table keeps without a hold
LATER = 200  # commits behind the held snapshot


def holds(server, *words):
    done = server.run("table", "holds", *words, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def hold(server, *words):
    done = server.run("table", "hold", "sword_purchases", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def status_of(server):
    status = json.loads(server.run("status", "--format", "json").stdout)
    return next(one for one in status["tables"] if one["name"] == "sword_purchases")


def test_a_held_snapshot_is_read_after_many_commits_and_upkeep(server):
    commit(server, 3)
    reader = load(server)
    before = reader.scan().to_arrow()
    files = [task.file.file_path for task in reader.scan().plan_files()]
    held = reader.current_snapshot().snapshot_id
    hold(server, "report")
    commit(server, LATER)
    put_together(server)
    table = load(server)
    ids = [snapshot.snapshot_id for snapshot in table.snapshots()]
    assert held in ids and len(ids) > LATER > KEPT
    assert table.metadata.refs["hold-report"].snapshot_id == held
    assert table.scan(snapshot_id=held).to_arrow().equals(before)
    assert [task.file.file_path for task in table.scan(snapshot_id=held).plan_files()] == files
    assert reader.scan().to_arrow().equals(before), "with the metadata of before, too"
    # The changes since then, snapshot by snapshot.
    parents = {snapshot.snapshot_id: snapshot.parent_snapshot_id for snapshot in table.snapshots()}
    walked, at = 0, ids[-1]
    while at != held:
        walked, at = walked + 1, parents[at]
    assert walked >= LATER
    server.kill9()
    server.start()
    assert load(server).scan(snapshot_id=held).to_arrow().equals(before)
    assert server.run("table", "release", "sword_purchases", "report").returncode == 0
    left = load(server).snapshots()
    assert len(left) < LATER and held not in [snapshot.snapshot_id for snapshot in left]


def test_a_hold_is_set_named_and_released(off):
    commit(off, 2)
    first = load(off).snapshots()[0].snapshot_id
    said = hold(off, "report", "--snapshot", str(first), "--for", "6h")
    assert re.fullmatch(rf'default\.sword_purchases: hold "report" keeps snapshot {first} and every later one until '
                        r"\S+Z; the table has 2 snapshots\n", said), said
    [one] = holds(off)
    assert (one["table"], one["hold"], one["first snapshot"], one["kept snapshots"]) == (
        "default.sword_purchases", "report", str(first), "2")
    described = off.run("table", "describe", "sword_purchases").stdout
    assert "`steelthread table release default.sword_purchases report` ends it" in described
    assert 'hold "report" until ' in described
    assert isinstance(json.loads(off.run("table", "describe", "sword_purchases", "--format", "json").stdout), list)
    assert "hold-report" in off.run("table", "history", "sword_purchases").stdout
    [shown] = status_of(off)["holds"]
    assert (shown["hold"], shown["snapshot"], shown["kept"]) == ("report", first, 2)
    assert shown["until_ms"] - shown["set_ms"] == 6 * 3600 * 1000
    with urllib.request.urlopen(f"http://{off.endpoints['sql']}/metrics", timeout=DEADLINE_S) as page:
        metrics = page.read().decode()
    assert 'steelthread_table_held_snapshots{table="default.sword_purchases",hold="report"} 2' in metrics
    off.stop()
    assert len(holds(off, "sword_purchases")) == 1, "without a server, too"
    off.start()
    assert "is released" in off.run("table", "release", "sword_purchases", "report").stdout
    assert holds(off) == []


def test_what_would_break_a_hold_is_refused_with_its_name(off):
    commit(off, 3)
    first, second, _ = [snapshot.snapshot_id for snapshot in load(off).snapshots()]
    hold(off, "report", "--snapshot", str(second))
    refused = off.run("table", "rollback", "sword_purchases", "--to", str(first))
    assert refused.returncode == 1 and "table release default.sword_purchases report" in refused.stderr
    expired = off.run("table", "expire", "sword_purchases", "--older-than", "0s")
    assert "expired 1 snapshot, kept 2 snapshots" in expired.stdout
    assert 'what hold "report" keeps stays' in expired.stdout
    assert [snapshot.snapshot_id for snapshot in load(off).snapshots()][0] == second


def test_a_hold_says_what_it_takes(off):
    commit(off, 1)
    for words, code, text in (
            (("a b",), 1, "is no name for a hold"),
            (("report", "--for", "32d"), 1, "31 days"),
            (("report", "--for", "soon"), 2, "--for: 'soon' is no duration"),
            (("report", "--snapshot", "5"), 1, "has no snapshot 5"),
            (("report", "--as-of", "yesterday"), 2, "is no time")):
        done = off.run("table", "hold", "sword_purchases", *words)
        assert done.returncode == code and text in done.stderr, done.stderr
    missing = off.run("table", "release", "sword_purchases", "report")
    assert missing.returncode == 1 and 'has no hold "report"; it has none' in missing.stderr
    off.stop()
    assert off.run("table", "hold", "sword_purchases", "report").returncode == 3
