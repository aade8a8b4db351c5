#include "lake/types.h"

#include <algorithm>
#include <array>

#include "base/column_type.h"
#include "base/nested_type.h"
#include "base/text.h"
#include "lake/partition.h"
#include "lake/single_value.h"

namespace st::lake {

namespace {

struct TypePair {
  std::string_view duckdb;
  std::string_view iceberg;
};

// DuckDB's types that base/column_type.h lacks, and aliases, each with the Iceberg type that holds
// its values.
constexpr std::array kFurtherTypes = {
    TypePair{"TINYINT", "int"},
    TypePair{"SMALLINT", "int"},
    TypePair{"UTINYINT", "int"},
    TypePair{"USMALLINT", "int"},
    TypePair{"UINTEGER", "long"},
    TypePair{"TIMESTAMP_S", "timestamp"},
    TypePair{"TIMESTAMP_MS", "timestamp"},
    TypePair{"TIMESTAMP_NS", "timestamp"},
    TypePair{"TIMESTAMPTZ", "timestamptz"},
    TypePair{"STRING", "string"},
    TypePair{"JSON", "string"},
    TypePair{"UBIGINT", "decimal(20, 0)"},
    TypePair{"HUGEINT", "decimal(38, 0)"},
};

// Truncates a bound to kMaxBoundCharacters; nullopt if no upper bound of that length exists.
std::optional<std::string> Shorten(std::string_view type, std::string bound, bool is_upper) {
  const bool is_text = type == "string";
  if (!is_text && type != "binary") return bound;
  const auto cut =
      is_text ? Utf8Prefix(bound, kMaxBoundCharacters) : bound.substr(0, kMaxBoundCharacters);
  if (cut.size() == bound.size()) return bound;
  if (!is_upper) return cut;
  return is_text ? Utf8Successor(cut) : BytesSuccessor(cut);
}

// Iceberg orders -0.0 below +0.0, but DuckDB may report either for both, so a zero bound is
// widened.
void WidenZero(std::string_view type, std::string& bound, bool is_upper) {
  if (type != "float" && type != "double") return;
  const bool is_zero =
      std::ranges::all_of(bound.substr(0, bound.size() - 1), [](char c) { return c == '\0'; }) &&
      (bound.back() == '\0' || bound.back() == '\x80');
  if (is_zero) bound.back() = is_upper ? '\0' : '\x80';
}

std::optional<std::string> Bound(std::string_view type, const std::optional<std::string>& text,
                                 bool is_upper) {
  if (!text) return std::nullopt;
  auto bound = BoundFromText(type, *text);
  if (!bound) return std::nullopt;
  if (!bound->empty()) WidenZero(type, *bound, is_upper);
  return Shorten(type, std::move(*bound), is_upper);
}

// Reads DuckDB's text of a type. nullopt: it is none that a table can hold.
class DuckDbTypeReader {
 public:
  static std::optional<NestedType> Read(std::string_view text, int depth = 1) {
    text = Trim(text);
    if (depth > kMaxTypeDepth + 1) return std::nullopt;
    if (text.ends_with(']')) {
      const auto open = text.rfind('[');
      const auto size = open == std::string_view::npos ? "x" : text.substr(open + 1);
      const bool is_list = size == "]" || ParseInt64(size.substr(0, size.size() - 1));
      if (!is_list) return std::nullopt;
      auto element = Read(text.substr(0, open), depth + 1);
      return element ? std::optional(ListType(std::move(*element))) : std::nullopt;
    }
    if (const auto inside = Inside(text, "STRUCT(")) return Struct(*inside, depth);
    if (const auto inside = Inside(text, "MAP(")) return Map(*inside, depth);
    return Primitive(text);
  }

 private:
  // The text between `begin` and the bracket at the end.
  static std::optional<std::string_view> Inside(std::string_view text, std::string_view begin) {
    if (!EqualsIgnoreCase(text.substr(0, begin.size()), begin) || !text.ends_with(')')) {
      return std::nullopt;
    }
    return text.substr(begin.size(), text.size() - begin.size() - 1);
  }

  // The parts between commas that stand in no brackets and no quotes.
  static std::vector<std::string_view> Parts(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    int brackets = 0;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '(' || c == ')') {
        brackets += c == '(' ? 1 : -1;
      } else if (c == ',' && brackets == 0) {
        parts.push_back(text.substr(begin, i - begin));
        begin = i + 1;
      }
    }
    parts.push_back(text.substr(begin));
    return parts;
  }

  // Takes a member's name off the front: up to a space, or in quotes.
  static std::optional<std::string> TakeName(std::string_view& member) {
    member = Trim(member);
    if (!member.starts_with('"')) {
      std::string name(member.substr(0, member.find(' ')));
      member.remove_prefix(name.size());
      return name.empty() ? std::nullopt : std::optional(std::move(name));
    }
    std::string name;
    for (std::size_t i = 1; i < member.size(); ++i) {
      if (member[i] == '"' && (i + 1 == member.size() || member[i + 1] != '"')) {
        member.remove_prefix(i + 1);
        return name;
      }
      if (member[i] == '"') ++i;
      name.push_back(member[i]);
    }
    return std::nullopt;
  }

  static std::optional<NestedType> Struct(std::string_view text, int depth) {
    std::vector<NestedField> fields;
    for (auto member : Parts(text)) {
      auto name = TakeName(member);
      auto type = name ? Read(member, depth + 1) : std::nullopt;
      if (!type) return std::nullopt;
      fields.push_back({.name = std::move(*name), .type = std::move(*type)});
    }
    return StructType(std::move(fields));
  }

  static std::optional<NestedType> Map(std::string_view text, int depth) {
    const auto parts = Parts(text);
    if (parts.size() != 2) return std::nullopt;
    auto key = Read(parts[0], depth + 1);
    auto value = Read(parts[1], depth + 1);
    if (!key || !value) return std::nullopt;
    return MapType(std::move(*key), std::move(*value));
  }

  static std::optional<NestedType> Primitive(std::string_view text) {
    if (const auto type = ColumnTypeFromDuckDb(text)) return PrimitiveType(IcebergName(*type));
    for (const auto& pair : kFurtherTypes) {
      if (EqualsIgnoreCase(pair.duckdb, text)) return PrimitiveType(pair.iceberg);
    }
    // ENUM('a', 'b') is text with a list of allowed values.
    if (text.starts_with("ENUM(") && text.ends_with(')')) return PrimitiveType("string");
    return std::nullopt;
  }
};

// Takes the statistics of a column, or of a part of one, over. `is_repeated`: it is in a list or
// map.
void AddStats(const NestedField& column, const WrittenFile& file, bool is_repeated,
              DataFile& data) {
  const auto& type = column.type;
  for (const auto& field : type.fields) {
    AddStats(field, file, is_repeated || type.shape != TypeShape::kStruct, data);
  }
  const auto found = file.columns.find(column.id);
  if (type.shape != TypeShape::kPrimitive || found == file.columns.end()) return;
  const auto& from = found->second;
  auto& to = data.columns[column.id];
  to.size_bytes = from.size_bytes;
  // In a list or map an empty one counts as a value, and some nulls count twice: such counts are no
  // value_counts of the spec, and the reference implementation writes none.
  if (is_repeated) return;
  to.value_count = from.value_count;
  to.null_count = from.null_count;
  to.nan_count = from.nan_count;
  // DuckDB leaves NaN out of min and max, but engines take it for the largest value: bounds would
  // prune rows that such an engine finds, so a column with NaN has none.
  if (from.has_nan) return;
  to.lower = Bound(type.primitive, from.min, false);
  to.upper = Bound(type.primitive, from.max, true);
}

}  // namespace

Result<std::string> IcebergTypeFor(std::string_view duckdb_type) {
  const auto type = DuckDbTypeReader::Read(duckdb_type);
  if (type && ParseType(TypeText(*type))) return TypeText(*type);
  return Fail(ErrorCode::kUnsupported,
              "a table cannot hold a column of type {}; cast it to VARCHAR, BIGINT, DOUBLE, "
              "DECIMAL(p,s), BOOLEAN, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, UUID, BLOB, or a STRUCT, "
              "list or MAP of these",
              duckdb_type);
}

Result<std::string> DuckdbTypeFor(std::string_view iceberg_type) {
  const auto type = ParseType(iceberg_type);
  const auto name = type ? DuckDbTypeOf(*type) : std::nullopt;
  if (name) return *name;
  return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no type of a table's column", iceberg_type);
}

DataFile DataFileFrom(const WrittenFile& file, const std::vector<Column>& columns) {
  DataFile data{
      .location = file.location, .record_count = file.rows, .file_size_bytes = file.bytes};
  data.split_offsets = file.row_group_offsets;
  for (const auto& column : columns) {
    auto type = ParseType(column.type);
    if (!type) continue;
    AddStats({.id = column.id, .name = column.name, .type = std::move(*type)}, file, false, data);
  }
  return data;
}

DataFile DataFileFrom(const WrittenFile& file, const View& view) {
  auto data = DataFileFrom(file, view.columns);
  data.spec_id = view.spec_id;
  data.sort_order_id = view.sort_order_id;
  const auto* spec = FindSpec(view, view.spec_id);
  if (spec == nullptr) return data;
  // A void field has no value, and the worker is not asked for one.
  std::size_t i = 0;
  for (const auto& field : spec->fields) {
    if (field.transform.kind == TransformKind::kVoid) continue;
    if (i >= file.partition.size()) break;
    if (file.partition[i]) data.partition[field.id] = *file.partition[i];
    ++i;
  }
  return data;
}

}  // namespace st::lake
