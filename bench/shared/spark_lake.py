"""Spark with Iceberg's runtime on a warehouse folder: rewrite_data_files, timed."""
import os
import pathlib
import sys
import time

from shared.server import stat_of

DEPS = pathlib.Path(__file__).resolve().parents[2] / ".deps"


class SparkLake:
    """One session, which stays warm. It commits to the folder, so that must be a copy."""

    def __init__(self, warehouse, scratch, cores):
        home = DEPS / "spark"
        os.environ.update({"SPARK_HOME": str(home / "pyspark"), "PYTHONPATH": str(home), "TZ": "UTC",
                           "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"})
        sys.path.insert(0, str(home))
        from pyspark.sql import SparkSession
        [jar] = (DEPS / "iceberg").glob("*.jar")
        lake = "spark.sql.catalog.lake"
        self.session = (
            SparkSession.builder.master(f"local[{cores}]").config("spark.jars", str(jar))
            .config("spark.driver.memory", "3g").config("spark.local.dir", str(scratch))
            .config(lake, "org.apache.iceberg.spark.SparkCatalog")
            .config(f"{lake}.type", "hadoop").config(f"{lake}.warehouse", str(warehouse))
            .config(f"{lake}.cache-enabled", "false")
            .config("spark.sql.extensions",
                    "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
            .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.session.timeZone", "UTC").getOrCreate())
        self.session.sparkContext.setLogLevel("ERROR")
        jvm = self.session.sparkContext._jvm
        self.pid = jvm.java.lang.ProcessHandle.current().pid()

    def rows(self, sql):
        return [tuple(row) for row in self.session.sql(sql).collect()]

    def compact(self, table, target_bytes):
        """Seconds, processor seconds and files left of one rewrite of all files of a table, which is
        then as it was."""
        [(before,)] = self.rows(f"SELECT snapshot_id FROM lake.{table}.refs WHERE name = 'main'")
        began, cpu = time.monotonic(), stat_of(f"/proc/{self.pid}")[0]
        [done] = self.rows(
            f"CALL lake.system.rewrite_data_files(table => '{table}', options => map("
            f"'rewrite-all', 'true', 'target-file-size-bytes', '{target_bytes}'))")
        took, used = time.monotonic() - began, stat_of(f"/proc/{self.pid}")[0] - cpu
        [(rows, files)] = self.rows(
            f"SELECT sum(record_count), count(*) FROM lake.{table}.files")
        self.rows(f"CALL lake.system.rollback_to_snapshot('{table}', {before})")
        return {"seconds": took, "cpu": used, "rewritten": done[0], "rows": rows, "files": files}

    def stop(self):
        self.session.stop()
