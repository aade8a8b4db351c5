"""Flattens what iceberg_files.read_table gives to one value a field, so that two tables of different
ids, names and times can be compared."""
import json
import re

STATUSES = ("existing", "added", "deleted")


def flatten(table):
    """{path: value}. Snapshots are called by their place in the history; a file's entry by its status,
    rows, partition, snapshot and sequence number, its footer likewise; its list row by its place."""
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
    # Each manifest under the place of its row.
    by_path = {row["manifest_path"]: manifest for row, manifest in zip(table["list"]["rows"], table["manifests"])}
    for row in rows:
        place = live.index(row) if row in live else "of deleted files"
        _walk(_header(by_path[row["manifest_path"]]["header"]), f"manifest/{place}/header", ids, flat)
        _schema(by_path[row["manifest_path"]]["schema"], f"manifest/{place}/schema", flat)
    names = _names(table["metadata"])
    footers = iter(table["footers"])
    for manifest in table["manifests"]:
        for entry in manifest["rows"]:
            file = entry["data_file"]
            name = f"{file['record_count']} rows of {ids.get(entry['snapshot_id'], GONE)}"
            if file["partition"]:
                name += f" in {[value for _, value in sorted(file['partition'].items())]}".replace("/", "|")
            if entry["file_sequence_number"] is not None:
                name += f" from {entry['file_sequence_number']}"
            status = STATUSES[entry["status"]]
            assert f"entry/{status} {name}/status" not in flat, f"two files are {name}"
            _walk(_entry(entry, names), f"entry/{status} {name}", ids, flat)
            if status != "deleted":
                _walk(_footer(next(footers)), f"footer {name}", ids, flat)
    return flat


def _names(metadata):
    """{field id: name}, with the names around it, as the newest schema that has the field calls it."""
    names = {}

    def add(field, name):
        names[field["id"]] = name
        inside(field["type"], name)

    def inside(kind, name):
        if not isinstance(kind, dict):
            return
        for field in kind.get("fields", ()):
            add(field, f"{name}.{field['name']}")
        for part in ("element", "key", "value"):
            if part in kind:
                add({"id": kind[f"{part}-id"], "type": kind[part]}, f"{name}.{part}")

    for schema in metadata["schemas"]:
        for field in schema["fields"]:
            add(field, field["name"])
    return names


def _entry(entry, names):
    """Statistics by the names of fields."""
    def by_name(value):
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            return value
        return {names[one["key"]]: one["value"] for one in value}
    return {**entry, "data_file": {key: by_name(value) for key, value in entry["data_file"].items()}}


def _metadata(metadata):
    def by_id(items, key):
        return {str(item[key]): item for item in items}
    schemas = [{**schema, "fields": by_id(schema["fields"], "id")} for schema in metadata["schemas"]]
    # A tag is told by what it keeps: here its name is that of an hour.
    refs = {name if ref["type"] == "branch" else "a tag": ref for name, ref in metadata["refs"].items()}
    return {**metadata, "schemas": by_id(schemas, "schema-id"), "refs": refs}


def _header(header):
    texts = ("schema", "partition-spec")
    known = {key: json.loads(value) if key in texts else value for key, value in header.items()}
    return {**known, "iceberg.schema": "a schema"} if "iceberg.schema" in known else known


def _footer(footer):
    groups = [{**group, "columns": {".".join(chunk["meta_data"]["path_in_schema"]): chunk
                                    for chunk in group["columns"]}} for group in footer["row_groups"]]
    pairs = footer.get("key_value_metadata", [])
    keys = {pair["key"]: "a schema" if pair["key"] == "iceberg.schema" else pair["value"] for pair in pairs}
    return {**footer, "row_groups": groups, "key_value_metadata": keys,
            "schema": _elements(iter(footer["schema"]))}


def _elements(elements, path=None):
    """The elements of a Parquet schema, which stand one behind the other, by their paths."""
    element = dict(next(elements))
    name = element.pop("name")
    path = "root" if path is None else name if path == "root" else f"{path}.{name}"
    found = {path: element}
    for _ in range(element.get("num_children", 0)):
        found.update(_elements(elements, path))
    return found


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


GONE = "a snapshot that has expired"


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
        if re.search(r"snapshot[-_]id$", path) and isinstance(number, int) and number > 0:
            value = ids.get(number, GONE)
        flat[path] = value


def differences(theirs, ours):
    """{path: (theirs, ours)}; a path ends with "-" where only they have it, with "+" where only we do. A
    row of the list, a manifest, an entry or a footer that only one has is one difference."""
    found = {}
    for path in sorted(theirs.keys() | ours.keys()):
        if path in theirs and path in ours:
            if theirs[path] != ours[path]:
                found[path] = (theirs[path], ours[path])
            continue
        lacks, mark = (ours, "-") if path in theirs else (theirs, "+")
        part = re.match(r"(list|manifest)/(\d+|of deleted files)/|(entry|footer)[ /][^/]*/", path)
        if part and not any(other.startswith(part.group()) for other in lacks):
            found[part.group().rstrip("/") + mark] = ("there", None) if mark == "-" else (None, "there")
            continue
        found[path + mark] = (theirs.get(path), ours.get(path))
    return found
