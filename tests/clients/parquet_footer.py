"""Every field of a Parquet file's footer by the name that parquet.thrift gives it, with nothing
interpreted: bytes are hex digits, numbers stay numbers."""
import pathlib
import struct

MAGIC = b"PAR1"
TAIL_BYTES = 8  # the footer's length, and the magic again
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
INTEGERS = (4, 5, 6)

# {structure: {number of a field: its name}}; a name with a structure behind it is of that structure,
# or a list of it, and one with "text" is UTF-8.
STRUCTURES = {
    "file": {1: "version", 2: ("schema", "element"), 3: "num_rows", 4: ("row_groups", "group"),
             5: ("key_value_metadata", "pair"), 6: ("created_by", "text"),
             7: ("column_orders", "order")},
    "element": {1: "type", 2: "type_length", 3: "repetition_type", 4: ("name", "text"),
                5: "num_children", 6: "converted_type", 7: "scale", 8: "precision", 9: "field_id",
                10: ("logicalType", "logical")},
    "logical": {1: ("STRING", "empty"), 2: ("MAP", "empty"), 3: ("LIST", "empty"),
                5: ("DECIMAL", "decimal"), 6: ("DATE", "empty"), 7: ("TIME", "time"),
                8: ("TIMESTAMP", "time"), 10: ("INTEGER", "integer"), 14: ("UUID", "empty")},
    "decimal": {1: "scale", 2: "precision"},
    "time": {1: "isAdjustedToUTC", 2: ("unit", "unit")},
    "unit": {1: ("MILLIS", "empty"), 2: ("MICROS", "empty"), 3: ("NANOS", "empty")},
    "integer": {1: "bitWidth", 2: "isSigned"},
    "empty": {},
    "order": {1: ("TYPE_ORDER", "empty")},
    "pair": {1: ("key", "text"), 2: ("value", "text")},
    "group": {1: ("columns", "chunk"), 2: "total_byte_size", 3: "num_rows",
              4: ("sorting_columns", "sorting"), 5: "file_offset", 6: "total_compressed_size",
              7: "ordinal"},
    "sorting": {1: "column_idx", 2: "descending", 3: "nulls_first"},
    "chunk": {1: ("file_path", "text"), 2: "file_offset", 3: ("meta_data", "column"),
              4: "offset_index_offset", 5: "offset_index_length", 6: "column_index_offset",
              7: "column_index_length"},
    "column": {1: "type", 2: "encodings", 3: ("path_in_schema", "text"), 4: "codec", 5: "num_values",
               6: "total_uncompressed_size", 7: "total_compressed_size",
               8: ("key_value_metadata", "pair"), 9: "data_page_offset", 10: "index_page_offset",
               11: "dictionary_page_offset", 12: ("statistics", "statistics"),
               13: ("encoding_stats", "encoding"), 14: "bloom_filter_offset",
               15: "bloom_filter_length", 16: ("size_statistics", "sizes")},
    "statistics": {1: "max", 2: "min", 3: "null_count", 4: "distinct_count", 5: "max_value",
                   6: "min_value", 7: "is_max_value_exact", 8: "is_min_value_exact", 9: "nan_count"},
    "encoding": {1: "page_type", 2: "encoding", 3: "count"},
    "sizes": {1: "unencoded_byte_array_data_bytes", 2: "repetition_level_histogram",
              3: "definition_level_histogram"},
}


class _Reader:
    """Thrift's compact protocol."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def _take(self, count):
        self._at += count
        return self._data[self._at - count:self._at]

    def _varint(self):
        shift = number = 0
        while True:
            byte = self._take(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def _integer(self):
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _value(self, kind, inner):
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == BYTE:
            return struct.unpack("b", self._take(1))[0]
        if kind in INTEGERS:
            return self._integer()
        if kind == DOUBLE:
            return struct.unpack("<d", self._take(8))[0]
        if kind == BINARY:
            data = self._take(self._varint())
            return data.decode() if inner == "text" else data.hex()
        if kind in (LIST, SET):
            return self._list(inner)
        assert kind == STRUCT, f"a value of kind {kind}"
        return self.structure(inner)

    def _list(self, inner):
        head = self._take(1)[0]
        count = head >> 4 if head >> 4 < 15 else self._varint()
        kind = head & 15
        if kind in (TRUE, FALSE):
            return [self._take(1)[0] == TRUE for _ in range(count)]
        return [self._value(kind, inner) for _ in range(count)]

    def structure(self, name):
        names = STRUCTURES.get(name, {})
        fields = {}
        number = 0
        while head := self._take(1)[0]:
            number = number + (head >> 4) if head >> 4 else self._integer()
            known = names.get(number, f"field {number}")
            known, inner = (known, None) if isinstance(known, str) else known
            fields[known] = self._value(head & 15, inner)
        return fields


def read_footer(path):
    data = pathlib.Path(path).read_bytes()
    assert data[:4] == data[-4:] == MAGIC, path
    length = int.from_bytes(data[-TAIL_BYTES:-4], "little")
    return _Reader(data[-TAIL_BYTES - length:-TAIL_BYTES]).structure("file")
