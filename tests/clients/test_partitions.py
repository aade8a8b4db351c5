"""Partitioned and sorted tables as PyIceberg and the command line see them."""
import csv
import io
import json
import urllib.request

import pytest
from pyiceberg.catalog.rest import RestCatalog

from test_iceberg import send

HOSTS = [f"user{n}.comcast.com" for n in range(6)]
PIPELINE = """CREATE STREAMING TABLE visits
PARTITIONED BY ({fields})
TBLPROPERTIES ('steelthread.trigger' = '1 hour', 'steelthread.format' = 'json'{order})
AS SELECT timestamp AS seen_at, get_json_object(CAST(value AS STRING), '$.Host') AS host, offset
FROM STREAM(events)
"""


def write(server, fields, order=""):
    order = f", 'sort-order' = '{order}'" if order else ""
    (server.project / "pipelines/visits.sql").write_text(
        PIPELINE.format(fields=fields, order=order))


def visit(server, count):
    """Requests of all hosts, and then the table with all their rows."""
    for _ in range(count):
        for host in HOSTS:
            send(server, "/", host)
    done = server.run("pipeline", "run", "visits", "--once")
    assert done.returncode == 0, done.stderr


def load(server):
    return RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}").load_table(
        "default.visits")


def files(server, table="visits"):
    done = server.run("table", "files", table, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.fixture
def visits(server):
    """A server whose upkeep leaves the files as they are, with a table by host."""
    server.stop()
    server.settings["lake.upkeep"] = "false"
    write(server, "days(seen_at), host, bucket(4, host)", "host, offset DESC")
    return server.start()


def check_pruning(server, rows_of_host):
    """Each host's rows are found in its own files, and no others are read."""
    table = load(server)
    everything = list(table.scan().plan_files())
    for host in HOSTS:
        scan = table.scan(row_filter=f"host = '{host}'")
        planned = list(scan.plan_files())
        assert 0 < len(planned) < len(everything)
        rows = scan.to_arrow().to_pylist()
        assert [row["host"] for row in rows] == [host] * rows_of_host
    assert list(table.scan(row_filter="host = 'nobody'").plan_files()) == []
    assert list(table.scan(row_filter="seen_at < '2020-01-01T00:00:00+00:00'").plan_files()) == []


def test_pyiceberg_prunes_by_partitions_before_and_after_a_compaction(visits):
    visit(visits, 2)
    visit(visits, 2)
    table = load(visits)
    assert [str(field.transform) for field in table.spec().fields] == ["day", "identity",
                                                                       "bucket[4]"]
    assert [field.name for field in table.spec().fields] == ["seen_at_day", "host", "host_bucket"]
    assert [(field.source_id, str(field.direction), str(field.null_order))
            for field in table.sort_order().fields] == [(2, "ASC", "NULLS FIRST"),
                                                        (3, "DESC", "NULLS LAST")]
    check_pruning(visits, 4)
    assert len(files(visits)) >= 2 * len(HOSTS)
    # A bucket that PyIceberg computes is the one that our worker did.
    for task in table.scan().plan_files():
        host = task.file.partition[1]
        assert task.file.partition[2] == table.spec().fields[2].transform.transform(
            table.schema().find_type("host"))(host)
    done = visits.run("table", "compact", "visits")
    assert done.returncode == 0, done.stderr
    left = files(visits)
    assert len({one["partition"] for one in left}) == len(left) >= len(HOSTS)
    check_pruning(visits, 4)
    for task in load(visits).scan().plan_files():
        rows = load(visits).scan(row_filter=f"host = '{task.file.partition[1]}'").to_arrow()
        offsets = rows["offset"].to_pylist()
        assert offsets == sorted(offsets, reverse=True)
        assert task.file.sort_order_id == load(visits).sort_order().order_id


def test_the_command_line_shows_layout_and_partitions(visits):
    visit(visits, 1)
    shown = visits.run("table", "describe", "visits", "--format", "csv").stdout
    columns = {row["column"]: row for row in csv.DictReader(io.StringIO(shown))}
    assert columns["seen_at"]["partitioned by"] == "day(seen_at)"
    assert columns["host"]["partitioned by"] == "host, bucket(4, host)"
    assert columns["host"]["sorted"] == "1: host"
    assert columns["offset"]["sorted"] == "2: offset DESC NULLS LAST"
    assert columns["offset"]["partitioned by"] == ""
    for one in files(visits):
        assert one["partition"].startswith("seen_at_day=20")
        assert any(f"host={host}, host_bucket=" in one["partition"] for host in HOSTS)


def test_a_layout_changes_for_new_files_alone(visits):
    visit(visits, 1)
    before = {one["file"] for one in files(visits)}
    write(visits, "bucket(2, host)")
    checked = visits.run("check")
    assert checked.returncode == 0, checked.stderr
    assert ("table default.visits: with the next start or reload: new files are partitioned by "
            "bucket(2, host), not sorted; the others stay as they are") in checked.stdout
    assert visits.run("reload").returncode == 0
    visit(visits, 1)
    after = files(visits)
    assert before < {one["file"] for one in after}
    new = [one["partition"] for one in after if one["file"] not in before]
    assert new and all(partition.startswith("host_bucket_2=") for partition in new)
    check_pruning(visits, 2)
    assert "bucket(2, host)" not in visits.run("check").stdout
    reset = [visits.run("pipeline", *words) for words in
             (("pause", "visits"), ("reset", "visits", "--yes"))]
    assert all(done.returncode == 0 for done in reset), reset
    visits.run("pipeline", "run", "visits", "--once")
    assert all(one["partition"].startswith("host_bucket_2=") for one in files(visits))
    check_pruning(visits, 2)


def test_a_partitioned_table_of_a_moved_project_is_relocated(visits):
    visit(visits, 1)
    write(visits, "bucket(2, host)")
    assert visits.run("reload").returncode == 0
    visit(visits, 1)
    before = [(one["partition"], one["rows"]) for one in files(visits)]
    visits.stop()
    moved = visits.project.with_name(visits.project.name + "-moved")
    visits.project.rename(moved)
    visits.project, visits.data = moved, moved / ".steelthread"
    visits.start()
    with pytest.raises(FileNotFoundError):
        load(visits).scan().to_arrow()
    done = visits.run("table", "relocate")
    assert done.returncode == 0, done.stderr
    assert [(one["partition"], one["rows"]) for one in files(visits)] == before
    table = load(visits)
    assert [len(spec.fields) for spec in table.specs().values()] == [3, 1]
    assert {str(task.file.spec_id) for task in table.scan().plan_files()} == {"0", "1"}
    assert all(str(moved) in task.file.file_path for task in table.scan().plan_files())
    check_pruning(visits, 2)
    visit(visits, 1)
    check_pruning(visits, 3)


def test_the_table_of_an_event_has_the_layout_of_its_file(visits):
    file = visits.project / "events/jump.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text('name = "jump"\nroute = "POST /jump"\nreply = "up"\n'
                    'partition_by = ["days(event_time)", "truncate(2, who)"]\n'
                    'sort_by = ["who DESC"]\n[fields]\nevent_type = "jump"\nwho = {}\n')
    assert visits.run("reload").returncode == 0
    for who in ("abc", "abd", "xyz"):
        urllib.request.urlopen(urllib.request.Request(
            f"http://{visits.endpoints['http']}/jump", data=json.dumps({"who": who}).encode(),
            headers={"Content-Type": "application/json"})).read()
    assert visits.run("pipeline", "run", "jump", "--once").returncode == 0
    # The pipeline's own step may have committed a part of the three before the command did.
    assert {one["partition"].rsplit("=", 1)[1] for one in files(visits, "jump")} == {"ab", "xy"}
    file.write_text(file.read_text().replace("days(event_time)", "days(who)"))
    checked = visits.run("check")
    assert checked.returncode != 0
    assert "events/jump.toml:4:16: partition_by:1:1: day(who): day takes a column" in checked.stderr


def test_a_mistake_is_refused_with_its_place(visits):
    write(visits, "days(host)")
    checked = visits.run("check")
    assert checked.returncode != 0
    assert "pipelines/visits.sql:2:17: day(host): day takes a column of type date or timestamp" \
        in checked.stderr
