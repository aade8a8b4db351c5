#include "base/column_type.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace st {
namespace {

struct TypeNames {
  TypeKind kind;
  std::string_view iceberg;
  std::string_view duckdb;
  std::string_view trino;
};

// kDecimal is not in the table: its names have arguments.
constexpr std::array kNames = {
    TypeNames{TypeKind::kUnknown, "", "NULL", "unknown"},
    TypeNames{TypeKind::kBoolean, "boolean", "BOOLEAN", "boolean"},
    TypeNames{TypeKind::kInt, "int", "INTEGER", "integer"},
    TypeNames{TypeKind::kLong, "long", "BIGINT", "bigint"},
    TypeNames{TypeKind::kFloat, "float", "FLOAT", "real"},
    TypeNames{TypeKind::kDouble, "double", "DOUBLE", "double"},
    TypeNames{TypeKind::kString, "string", "VARCHAR", "varchar"},
    TypeNames{TypeKind::kBinary, "binary", "BLOB", "varbinary"},
    TypeNames{TypeKind::kDate, "date", "DATE", "date"},
    TypeNames{TypeKind::kTime, "time", "TIME", "time(6)"},
    TypeNames{TypeKind::kTimestamp, "timestamp", "TIMESTAMP", "timestamp(6)"},
    TypeNames{TypeKind::kTimestampTz, "timestamptz", "TIMESTAMP WITH TIME ZONE",
              "timestamp(6) with time zone"},
    TypeNames{TypeKind::kUuid, "uuid", "UUID", "uuid"},
};

std::string NameOf(const ColumnType& type, std::string_view TypeNames::* engine) {
  for (const auto& names : kNames) {
    if (names.kind == type.kind) return std::string(names.*engine);
  }
  return "";
}

// Reads "decimal(9, 2)", with or without the space.
std::optional<ColumnType> DecimalFromName(std::string_view name) {
  constexpr std::string_view kBegin = "decimal(";
  if (!name.starts_with(kBegin) || !name.ends_with(')')) return std::nullopt;
  const auto parts = Split(name.substr(kBegin.size(), name.size() - kBegin.size() - 1), ',');
  if (parts.size() != 2) return std::nullopt;
  const auto precision = ParseInt64(Trim(parts[0]));
  const auto scale = ParseInt64(Trim(parts[1]));
  if (!precision || !scale || *precision < 1 || *precision > kMaxDecimalPrecision || *scale < 0 ||
      *scale > *precision) {
    return std::nullopt;
  }
  return ColumnType{.kind = TypeKind::kDecimal,
                    .precision = static_cast<int>(*precision),
                    .scale = static_cast<int>(*scale)};
}

}  // namespace

std::string IcebergName(const ColumnType& type) {
  if (type.kind == TypeKind::kDecimal) {
    return fmt::format("decimal({}, {})", type.precision, type.scale);
  }
  return NameOf(type, &TypeNames::iceberg);
}

std::string DuckDbName(const ColumnType& type) {
  if (type.kind == TypeKind::kDecimal) {
    return fmt::format("DECIMAL({},{})", type.precision, type.scale);
  }
  return NameOf(type, &TypeNames::duckdb);
}

std::string TrinoName(const ColumnType& type) {
  if (type.kind == TypeKind::kDecimal) {
    return fmt::format("decimal({},{})", type.precision, type.scale);
  }
  return NameOf(type, &TypeNames::trino);
}

std::optional<ColumnType> ColumnTypeFromIceberg(std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (const auto& names : kNames) {
    if (names.iceberg == name) return ColumnType{.kind = names.kind};
  }
  return DecimalFromName(name);
}

std::optional<ColumnType> ColumnTypeFromDuckDb(std::string_view name) {
  for (const auto& names : kNames) {
    if (names.kind != TypeKind::kUnknown && EqualsIgnoreCase(names.duckdb, name)) {
      return ColumnType{.kind = names.kind};
    }
  }
  return DecimalFromName(AsciiLower(name));
}

}  // namespace st
