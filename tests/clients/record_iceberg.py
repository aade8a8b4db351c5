#!/usr/bin/env python3
"""Records what Iceberg's reference implementation writes: .deps/venv/bin/python record_iceberg.py

Spark with the Iceberg runtime makes the tables of iceberg_tables.py; iceberg_answers.json gets what
its files hold. It needs tools/setup --tests and a minute. The test that compares needs none
of it.
"""
import json
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
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


def short(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def newest(warehouse, name):
    metadata = warehouse / "default" / name / "metadata"
    version = (metadata / "version-hint.text").read_text()
    return metadata / f"v{version}.metadata.json"


def main():
    tables = {}
    with tempfile.TemporaryDirectory() as folder:
        warehouse = pathlib.Path(folder)
        spark = session(warehouse)
        for name, statements in iceberg_tables.FOR_SPARK.items():
            for statement in statements:
                spark.sql(statement.replace("{table}", f"lake.default.{name}"))
            tables[name] = iceberg_files.read_table(newest(warehouse, name))
        spark.stop()
    # The schemas of Avro files are the same in all of them.
    avro = [tables["appended"]["list"], tables["appended"]["manifests"][0]]
    schemas = [{"schema": file["schema"], "iceberg.schema": file["header"]["iceberg.schema"]} for file in avro]
    for table in tables.values():
        for number, files in enumerate(([table["list"]] if table["list"] else [], table["manifests"])):
            for file in files:
                iceberg_files.leave_out(file, schemas[number])
    lines = ",\n".join(f"{short(name)}:{short(table)}" for name, table in sorted(tables.items()))
    text = f'{{"schemas":{short(schemas)},\n"tables":{{\n{lines}}}}}\n'
    (HERE / "iceberg_answers.json").write_text(text.replace(str(warehouse), "WAREHOUSE"))


if __name__ == "__main__":
    main()
