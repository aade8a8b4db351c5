"""Flattens what iceberg_files.read_table gives to one value a field, so that two tables of different
ids, names and times can be compared."""
import json
import re

STATUSES = ("existing", "added", "deleted")


def flatten(table):
    """{path: value}. Snapshots are called by their place in the history; a file's entry by its status,
    rows, partition and snapshot, its footer likewise; its list row by its place."""
    ids = {snapshot["snapshot-id"]: f"snapshot {place}"
           for place, snapshot in enumerate(table["metadata"]["snapshots"])}
    flat = {}
    _walk(_metadata(table["metadata"]), "metadata", ids, flat)
    if table["list"] is None:
        return flat
    rows = sorted(table["list"]["rows"], key=lambda row: (row["sequence_number"], row["added_files_count"]))
    _walk(_header(table["list"]["header"]), "list/header", ids, flat)
    _schema(table["list"]["schema"], "list/schema", flat)
    # A rewrite's manifests may be one or many; their counts together say the same.
    counts = [key for key in rows[0] if key.endswith("_count")]
    flat["list/manifests"] = len(rows)
    for key in counts:
        flat[f"list/sum/{key}"] = sum(row[key] for row in rows)
    live = [row for row in rows if row["added_files_count"] + row["existing_files_count"] > 0]
    for row in rows:
        place = live.index(row) if row in live else "of deleted files"
        _walk({key: value for key, value in row.items() if key not in counts}, f"list/{place}", ids, flat)
    # Of the newest one: an older manifest has the schema of its time.
    newest = max(zip(table["list"]["rows"], table["manifests"]), key=lambda pair: pair[0]["sequence_number"])[1]
    _walk(_header(newest["header"]), "manifest/header", ids, flat)
    _schema(newest["schema"], "manifest/schema", flat)
    footers = iter(table["footers"])
    for manifest in table["manifests"]:
        for entry in manifest["rows"]:
            file = entry["data_file"]
            name = f"{file['record_count']} rows"
            if file["partition"]:
                name += f" {file['partition']} of {ids.get(entry['snapshot_id'])}".replace("/", "|")
            status = STATUSES[entry["status"]]
            _walk(entry, f"entry/{status} {name}", ids, flat)
            if status != "deleted":
                _walk(_footer(next(footers)), f"footer {name}", ids, flat)
    return flat


def _metadata(metadata):
    def by_id(items, key):
        return {str(item[key]): item for item in items}
    schemas = [{**schema, "fields": by_id(schema["fields"], "id")} for schema in metadata["schemas"]]
    # A tag is told by what it keeps: here its name is that of an hour.
    refs = {name if ref["type"] == "branch" else "a tag": ref for name, ref in metadata["refs"].items()}
    return {**metadata, "schemas": by_id(schemas, "schema-id"), "refs": refs}


def _header(header):
    texts = ("schema", "partition-spec", "iceberg.schema")
    return {key: json.loads(value) if key in texts else value for key, value in header.items()}


def _footer(footer):
    groups = [{**group, "columns": {chunk["path"]: chunk for chunk in group["columns"]}}
              for group in footer["groups"]]
    keys = {key: "a schema" if key == "iceberg.schema" else value for key, value in footer["keys"].items()}
    return {**footer, "groups": groups, "keys": keys,
            "columns": {column["path"]: column for column in footer["columns"]}}


def _schema(schema, path, flat):
    """An Avro schema by the ids of its fields, whatever they are called."""
    for field in schema["fields"]:
        at = f"{path}/{field['field-id']}"
        for key in ("name", "doc"):
            if key in field:
                flat[f"{at}/{key}"] = field[key]
        kind = field["type"]
        flat[f"{at}/optional"] = isinstance(kind, list)
        if isinstance(kind, list):
            flat[f"{at}/default"] = field.get("default", "none")
            kind = next(one for one in kind if one != "null")
        while isinstance(kind, dict):
            for key in ("logicalType", "element-id", "name"):
                if key in kind:
                    flat[f"{at}/{kind['type']}/{key}"] = kind[key]
            if kind["type"] == "record":
                _schema(kind, f"{at}/{kind['name']}", flat)
                kind = "record"
            elif kind["type"] == "array":
                kind = kind["items"]
            else:
                kind = kind["type"]
        flat[f"{at}/type"] = kind


def _walk(value, path, ids, flat):
    if isinstance(value, list) and value and all(set(one) == {"key", "value"} for one in value
                                                 if isinstance(one, dict)) and isinstance(value[0], dict):
        value = {str(one["key"]): one["value"] for one in value}
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            _walk(inner, f"{path}/{key}", ids, flat)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            _walk(inner, f"{path}/{place}", ids, flat)
    else:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"\d{10,}", value) else value
        named = ids.get(number, value) if isinstance(number, int) else value
        flat[path] = named


def differences(theirs, ours):
    """{path: (theirs, ours)}; a path ends with "-" where only they have it, with "+" where only we do."""
    found = {}
    for path in sorted(theirs.keys() | ours.keys()):
        if path not in ours:
            found[path + "-"] = (theirs[path], None)
        elif path not in theirs:
            found[path + "+"] = (None, ours[path])
        elif theirs[path] != ours[path]:
            found[path] = (theirs[path], ours[path])
    return found
