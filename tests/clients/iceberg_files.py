"""What the files of an Iceberg table hold, field by field, with nothing interpreted.

read_table(metadata file) is the table's metadata, and of one snapshot the manifest list, the manifests
and the footers of the data files, as JSON can hold them (bytes as hex digits).
"""
import io
import json
import pathlib
import struct
import zlib

import parquet_footer

DELETED = 2  # the status of a manifest's entry
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


def local(location):
    """The path of a location of a local folder, in each of its spellings."""
    return pathlib.Path(str(location).removeprefix("file://").removeprefix("file:"))


class Avro:
    """One Avro container file: `metadata` of its header, `schema`, `rows`."""

    def __init__(self, path):
        self._in = io.BytesIO(pathlib.Path(path).read_bytes())
        assert self._in.read(4) == b"Obj\x01", path
        self.metadata = {}
        while count := self._long():
            for _ in range(count):
                key = self._bytes().decode()
                self.metadata[key] = self._bytes().decode()
        sync = self._in.read(16)
        self.schema = json.loads(self.metadata.pop("avro.schema"))
        self._named = {}
        self.rows = []
        file = self._in
        while start := file.read(1):
            file.seek(-1, io.SEEK_CUR)
            count, block = self._long(), self._bytes()
            assert start and file.read(16) == sync, path
            if self.metadata.get("avro.codec") == "deflate":
                block = zlib.decompress(block, -15)
            self._in = io.BytesIO(block)
            self.rows += [self._value(self.schema) for _ in range(count)]
            self._in = file

    def _long(self):
        shift = number = 0
        while True:
            byte = self._in.read(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)

    def _bytes(self):
        return self._in.read(self._long())

    def _blocks(self, item):
        items = []
        while count := self._long():
            if count < 0:  # its size in bytes follows
                count, _ = -count, self._long()
            items += [item() for _ in range(count)]
        return items

    def _value(self, schema):
        if isinstance(schema, list):
            return self._value(schema[self._long()])
        if isinstance(schema, str) and schema not in PRIMITIVES:
            schema = self._named[schema]
        kind = schema["type"] if isinstance(schema, dict) else schema
        if isinstance(kind, (dict, list)):
            return self._value(kind)
        if isinstance(schema, dict) and "name" in schema:
            self._named[schema["name"]] = schema
        if kind == "record":
            return {field["name"]: self._value(field["type"]) for field in schema["fields"]}
        if kind == "array":
            return self._blocks(lambda: self._value(schema["items"]))
        if kind == "map":
            return dict(self._blocks(lambda: (self._bytes().decode(), self._value(schema["values"]))))
        if kind == "fixed":
            return self._in.read(schema["size"]).hex()
        return {"null": lambda: None, "boolean": lambda: self._in.read(1) == b"\1",
                "int": self._long, "long": self._long, "string": lambda: self._bytes().decode(),
                "bytes": lambda: self._bytes().hex(),
                "float": lambda: struct.unpack("<f", self._in.read(4))[0],
                "double": lambda: struct.unpack("<d", self._in.read(8))[0]}[kind]()

    def as_json(self):
        return {"header": self.metadata, "schema": self.schema, "rows": self.rows}


def read_table(metadata_file, operation=None):
    """The table as its current snapshot left it, or its last one of an operation."""
    metadata = json.loads(local(metadata_file).read_text(encoding="utf-8"))
    if operation:
        _turn_back(metadata, operation)
    table = {"metadata": metadata, "list": None, "manifests": [], "footers": []}
    current = metadata.get("current-snapshot-id", -1)
    if current == -1:
        return table
    [snapshot] = [one for one in metadata["snapshots"] if one["snapshot-id"] == current]
    manifests = Avro(local(snapshot["manifest-list"]))
    table["list"] = manifests.as_json()
    for row in manifests.rows:
        manifest = Avro(local(row["manifest_path"]))
        table["manifests"].append(manifest.as_json())
        table["footers"] += [parquet_footer.read_footer(local(entry["data_file"]["file_path"]))
                             for entry in manifest.rows if entry["status"] != DELETED]
    return table


def _avro_files(table):
    return [*([table["list"]] if table["list"] else []), *table["manifests"]]


def share_schemas(tables):
    """Takes the schemas of Avro files out of the tables; each file then has the place of its own in
    the list that is returned. Copies of a table's schema in Parquet files go likewise."""
    schemas = []
    for table in tables:
        for file in _avro_files(table):
            schema = {"schema": file["schema"], "iceberg.schema": file["header"].pop("iceberg.schema")}
            if schema not in schemas:
                schemas.append(schema)
            file["schema"] = schemas.index(schema)
        for footer in table["footers"]:
            for pair in footer["key_value_metadata"]:
                if pair["key"] == "iceberg.schema":
                    pair["value"] = "a schema"
    return schemas


def read_answers(path):
    """{name: table} as record_iceberg.py wrote them."""
    answers = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    for table in answers["tables"].values():
        for file in _avro_files(table):
            schema = answers["schemas"][file["schema"]]
            file["schema"] = schema["schema"]
            file["header"]["iceberg.schema"] = schema["iceberg.schema"]
    return answers["tables"]


def _turn_back(metadata, operation):
    """Takes the snapshots behind the last one of the operation out."""
    snapshots = metadata["snapshots"]
    while snapshots[-1]["summary"]["operation"] != operation:
        gone = snapshots.pop()["snapshot-id"]
        metadata["snapshot-log"] = [one for one in metadata["snapshot-log"] if one["snapshot-id"] != gone]
    metadata["current-snapshot-id"] = metadata["refs"]["main"]["snapshot-id"] = snapshots[-1]["snapshot-id"]
    metadata["last-sequence-number"] = snapshots[-1]["sequence-number"]
