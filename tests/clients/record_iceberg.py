#!/usr/bin/env python3
"""Records what Iceberg's reference implementation writes.

    .deps/venv/bin/python tests/clients/record_iceberg.py [TABLE …]

Spark with the Iceberg runtime makes the tables of iceberg_tables.py, or those that are named;
iceberg_answers.json gets what their files hold. It needs tools/setup --tests and some minutes. The test that compares needs none
of it.
"""
import json
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ANSWERS = HERE / "iceberg_answers.json"
DEPS = HERE.parents[1] / ".deps"
sys.path.insert(0, str(HERE))
import iceberg_files  # noqa: E402
import iceberg_tables  # noqa: E402


def session(warehouse):
    home = DEPS / "spark"
    os.environ.update({"SPARK_HOME": str(home / "pyspark"), "PYTHONPATH": str(home),
                       "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "TZ": "UTC"})
    sys.path.insert(0, str(home))
    from pyspark.sql import SparkSession
    [jar] = (DEPS / "iceberg").glob("*.jar")
    lake = "spark.sql.catalog.lake"
    return (SparkSession.builder.master("local[1]").config("spark.jars", str(jar))
            .config(lake, "org.apache.iceberg.spark.SparkCatalog")
            .config(f"{lake}.type", "hadoop").config(f"{lake}.warehouse", str(warehouse))
            .config("spark.sql.extensions",
                    "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
            .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.session.timeZone", "UTC").getOrCreate())


class Tables:
    """The tables of a Spark session that lie below the folder `warehouse`."""

    def __init__(self, spark, warehouse):
        self._spark = spark
        self._warehouse = warehouse

    def made(self, name, statements):
        """What the files of the table hold once the statements have run."""
        folder = self._warehouse / "default" / name
        for statement in statements:
            rows = self._spark.sql(self._filled(name, statement)).collect()
            if "rewrite_table_path" in statement:
                return iceberg_files.read_table(self._copied(rows[0], folder))
        version = (folder / "metadata/version-hint.text").read_text()
        return iceberg_files.read_table(folder / f"metadata/v{version}.metadata.json")

    def _filled(self, name, statement):
        table = f"lake.default.{name}"
        if "{first}" in statement:
            [[first]] = self._spark.sql(
                f"SELECT snapshot_id FROM {table}.snapshots WHERE parent_id IS NULL").collect()
            statement = statement.replace("{first}", str(first))
        # Rows are JSON, so there are other braces.
        return statement.replace("{table}", table).replace("{folder}", str(self._warehouse / "default" / name))

    def _copied(self, rewritten, folder):
        """The newest metadata file in the place for which Iceberg rewrote the paths of a table, once
        all files of its list are there."""
        for line in iceberg_files.local(rewritten["file_list_location"]).read_text().splitlines():
            source, target = map(iceberg_files.local, line.split(","))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        return folder.with_name(f"{folder.name}-moved") / "metadata" / rewritten["latest_version"]


def short(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def main():
    tables = iceberg_files.read_answers(ANSWERS) if sys.argv[1:] else {}
    with tempfile.TemporaryDirectory() as folder:
        warehouse = pathlib.Path(folder)
        spark = session(warehouse)
        made = Tables(spark, warehouse)
        for name in sys.argv[1:] or iceberg_tables.FOR_SPARK:
            tables[name] = made.made(name, iceberg_tables.FOR_SPARK[name])
        spark.stop()
    schemas = iceberg_files.share_schemas([table for _, table in sorted(tables.items())])
    shared = ",\n".join(map(short, schemas))
    lines = ",\n".join(f"{short(name)}:{short(table)}" for name, table in sorted(tables.items()))
    text = f'{{"schemas":[\n{shared}],\n"tables":{{\n{lines}}}}}\n'
    ANSWERS.write_text(text.replace(str(warehouse), "WAREHOUSE"))


if __name__ == "__main__":
    main()
