#include "lake/types.h"

#include <algorithm>
#include <array>

#include "base/column_type.h"
#include "base/text.h"
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

std::optional<std::string> Bound(const Column& column, const std::optional<std::string>& text,
                                 bool is_upper) {
  if (!text) return std::nullopt;
  auto bound = BoundFromText(column.type, *text);
  if (!bound) return std::nullopt;
  if (!bound->empty()) WidenZero(column.type, *bound, is_upper);
  return Shorten(column.type, std::move(*bound), is_upper);
}

}  // namespace

Result<std::string> IcebergTypeFor(std::string_view duckdb_type) {
  if (const auto type = ColumnTypeFromDuckDb(duckdb_type)) return IcebergName(*type);
  for (const auto& pair : kFurtherTypes) {
    if (EqualsIgnoreCase(pair.duckdb, duckdb_type)) return std::string(pair.iceberg);
  }
  // ENUM('a', 'b') is text with a list of allowed values; ENUM('a')[] is a list.
  if (duckdb_type.starts_with("ENUM(") && duckdb_type.ends_with(')')) return "string";
  return Fail(ErrorCode::kUnsupported,
              "a table cannot hold a column of type {}; cast it to VARCHAR, BIGINT, DOUBLE, "
              "DECIMAL(p,s), BOOLEAN, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, UUID or BLOB",
              duckdb_type);
}

Result<std::string> DuckdbTypeFor(std::string_view iceberg_type) {
  if (const auto type = ColumnTypeFromIceberg(iceberg_type)) return DuckDbName(*type);
  return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no type of a table's column", iceberg_type);
}

Status CheckType(std::string_view iceberg_type) {
  ST_TRY(const auto unused, DuckdbTypeFor(iceberg_type));
  static_cast<void>(unused);
  return {};
}

DataFile DataFileFrom(const WrittenFile& file, const std::vector<Column>& columns) {
  DataFile data{
      .location = file.location, .record_count = file.rows, .file_size_bytes = file.bytes};
  for (const auto& column : columns) {
    const auto found = file.columns.find(column.name);
    if (found == file.columns.end()) continue;
    const auto& from = found->second;
    auto& to = data.columns[column.id];
    to.size_bytes = from.size_bytes;
    to.value_count = from.value_count;
    to.null_count = from.null_count;
    // NaN has no order, and DuckDB leaves it out of min and max, so such a column has no bounds.
    if (from.has_nan) continue;
    to.lower = Bound(column, from.min, false);
    to.upper = Bound(column, from.max, true);
  }
  return data;
}

}  // namespace st::lake
