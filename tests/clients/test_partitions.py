"""Partitioned and sorted tables as PyIceberg and the command line see them."""
import csv
import datetime
import io
import json
import urllib.request

import pyarrow.parquet
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


TIMES = """CREATE STREAMING TABLE times
PARTITIONED BY (hours(at), months(local), years(born))
TBLPROPERTIES ('steelthread.trigger' = '1 hour', 'steelthread.format' = 'json')
AS SELECT CAST(get_json_object(CAST(value AS STRING), '$.at') AS TIMESTAMP) AS at,
CAST(get_json_object(CAST(value AS STRING), '$.at') AS TIMESTAMP_NTZ) AS local,
CAST(get_json_object(CAST(value AS STRING), '$.at') AS DATE) AS born, offset
FROM STREAM(moments)
"""
# Both sides of ends of hours, months and years, before 1970 too.
MOMENTS = ["1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "1969-11-30T22:59:59Z", "1900-02-28T23:00:00Z",
           "2023-12-31T23:59:59.999999Z", "2024-01-01T00:00:00Z", "2024-02-29T23:30:00Z", "2024-03-01T00:00:00Z",
           "2024-03-01T00:59:59Z", "2024-03-01T01:00:00Z", None]


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


def numbered(value):
    """A date or a time as Iceberg numbers it: days or microseconds."""
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
    return (value - datetime.date(1970, 1, 1)).days if value else None


def check_times(server, rounds):
    """Each file has rows of one partition, which PyIceberg computes as our worker did; and each filter by a moment
    finds its rows, and reads the files of few partitions."""
    table = RestCatalog("lake", uri=f"http://{server.endpoints['catalog']}").load_table("default.times")
    fields = table.spec().fields
    assert [str(field.transform) for field in fields] == ["hour", "month", "year"]
    assert [field.name for field in fields] == ["at_hour", "local_month", "born_year"]
    columns = [table.schema().find_field(field.source_id) for field in fields]
    everything = list(table.scan().plan_files())
    found = []
    for task in everything:
        rows = pyarrow.parquet.read_table(task.file.file_path.removeprefix("file://")).to_pylist()
        found += [row["offset"] for row in rows]
        for row in rows:
            assert list(task.file.partition) == [
                field.transform.transform(column.field_type)(numbered(row[column.name]))
                for field, column in zip(fields, columns)], row
    assert sorted(found) == list(range(rounds * len(MOMENTS)))
    for number, moment in enumerate(MOMENTS):
        offsets = [number + round * len(MOMENTS) for round in range(rounds)]
        filters = ["at is null", "local is null", "born is null"]
        if moment:
            local = moment.removesuffix("Z")
            filters = [f"at = '{local}+00:00'", f"local = '{local}'", f"born = '{local[:10]}' and local = '{local}'"]
        for row_filter in filters:
            scan = table.scan(row_filter=row_filter)
            assert sorted(scan.to_arrow()["offset"].to_pylist()) == offsets, row_filter
            assert len(list(scan.plan_files())) < len(everything), row_filter
    year = table.scan(row_filter="born >= '2024-01-01' and born < '2025-01-01'")
    assert {task.file.partition[2] for task in year.plan_files()} == {2024 - 1970}
    months = table.scan(row_filter="local >= '2023-12-01T00:00:00' and local < '2024-02-01T00:00:00'")
    assert {task.file.partition[1] for task in months.plan_files()} == {53 * 12 + 11, 54 * 12}


def test_hours_months_and_years_are_those_of_pyiceberg(server):
    server.stop()
    server.settings["lake.upkeep"] = "false"
    (server.project / "pipelines/times.sql").write_text(TIMES)
    server.start()
    made = server.run("topic", "create", "moments")
    assert made.returncode == 0, made.stderr
    for _ in range(2):
        lines = "".join(json.dumps({"at": moment}) + "\n" for moment in MOMENTS)
        done = server.run("topic", "produce", "moments", input=lines)
        assert done.returncode == 0, done.stderr
        done = server.run("pipeline", "run", "times")
        assert done.returncode == 0, done.stderr
    check_times(server, 2)
    before = files(server, "times")
    done = server.run("table", "compact", "times")
    assert done.returncode == 0, done.stderr
    left = files(server, "times")
    assert len({one["partition"] for one in left}) == len(left) < len(before)
    shown = {tuple(one["partition"].split(", ")) for one in left}
    assert ("at_hour=2024-03-01-00", "local_month=2024-03", "born_year=2024") in shown
    assert ("at_hour=1969-12-31-23", "local_month=1969-12", "born_year=1969") in shown
    check_times(server, 2)


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
