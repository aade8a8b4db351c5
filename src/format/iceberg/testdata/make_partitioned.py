"""Writes pyiceberg_partitioned.avro and pyiceberg_partitioned_list.avro: a manifest of two files in
two partitions of every type, and its list, as PyIceberg writes them.

    .deps/venv/bin/python src/format/iceberg/testdata/make_partitioned.py
"""
import decimal
import pathlib
import uuid

from pyiceberg import manifest, partitioning, schema, transforms, typedef, types
from pyiceberg.io.pyarrow import PyArrowFileIO

HERE = pathlib.Path(__file__).resolve().parent
FIELDS = [("b", types.BooleanType(), True), ("i", types.IntegerType(), -7),
          ("l", types.LongType(), 2**40), ("f", types.FloatType(), 1.5),
          ("d", types.DoubleType(), -2.5), ("s", types.StringType(), "é x"),
          ("y", types.BinaryType(), b"\0\1"), ("u", types.UUIDType(), uuid.UUID(int=258)),
          ("m", types.DecimalType(9, 2), decimal.Decimal("-0.01")),
          ("t", types.DateType(), 17486), ("z", types.TimestamptzType(), 1512151975038194)]


def main():
    """Writes both files."""
    columns = [types.NestedField(i + 1, name, kind, required=False)
               for i, (name, kind, _) in enumerate(FIELDS)]
    table = schema.Schema(*columns)
    parts = [partitioning.PartitionField(i + 1, 1000 + i, transforms.IdentityTransform(), name)
             for i, (name, _, _) in enumerate(FIELDS)]
    parts += [partitioning.PartitionField(11, 1100, transforms.DayTransform(), "z_day"),
              partitioning.PartitionField(11, 1101, transforms.HourTransform(), "z_hour"),
              partitioning.PartitionField(6, 1102, transforms.BucketTransform(16), "s_bucket")]
    spec = partitioning.PartitionSpec(*parts, spec_id=3)
    values = [value for _, _, value in FIELDS] + [17501, 420042, 9]
    nothing = [None] * len(values)
    io = PyArrowFileIO()
    path = HERE / "pyiceberg_partitioned.avro"
    writer = manifest.write_manifest(2, spec, table, io.new_output(f"file://{path}"), 77, "deflate")
    with writer:
        for number, partition in enumerate((values, nothing)):
            data = manifest.DataFile.from_args(
                content=manifest.DataFileContent.DATA, file_path=f"file:///w/data/{number}.parquet",
                file_format=manifest.FileFormat.PARQUET, partition=typedef.Record(*partition),
                record_count=3, file_size_in_bytes=400, sort_order_id=1)
            writer.add_entry(manifest.ManifestEntry.from_args(
                status=manifest.ManifestEntryStatus.ADDED, snapshot_id=77, data_file=data))
        summary = writer.to_manifest_file()
    summary[0] = "file:///w/metadata/m0.avro"
    lists = HERE / "pyiceberg_partitioned_list.avro"
    with manifest.write_manifest_list(2, io.new_output(f"file://{lists}"), 77, None, 6,
                                      "deflate") as lister:
        lister.add_manifests([summary])


if __name__ == "__main__":
    main()
