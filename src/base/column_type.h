// The primitive types of columns, and the name of each in Iceberg, DuckDB and Trino. Pure.
//
// Every module that names a column's type takes the name from here; an engine's further types
// (DuckDB's TINYINT, Trino's row) are the matter of the module that meets them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace st {

enum class TypeKind {
  kUnknown,  // the type of a bare NULL; no column has it
  kBoolean,
  kInt,   // 32 bits
  kLong,  // 64 bits
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTime,         // microseconds of a day
  kTimestamp,    // microseconds without a zone
  kTimestampTz,  // microseconds since the epoch, UTC
  kUuid,
};

inline constexpr int kMaxDecimalPrecision = 38;

struct ColumnType {
  TypeKind kind = TypeKind::kUnknown;
  int precision = 0;  // kDecimal: 1 to kMaxDecimalPrecision
  int scale = 0;      // kDecimal: 0 to precision
  friend bool operator==(const ColumnType&, const ColumnType&) = default;
  bool is_integer() const { return kind == TypeKind::kInt || kind == TypeKind::kLong; }
  bool is_numeric() const {
    return is_integer() || kind == TypeKind::kFloat || kind == TypeKind::kDouble ||
           kind == TypeKind::kDecimal;
  }
};

std::string IcebergName(const ColumnType& type);  // "decimal(9, 2)"; "" for kUnknown
std::string DuckDbName(const ColumnType& type);   // "TIMESTAMP WITH TIME ZONE", "DECIMAL(9,2)"
std::string TrinoName(const ColumnType& type);    // "timestamp(6) with time zone", "decimal(9,2)"

// nullopt: no primitive of this table (fixed[16], a nested type, a decimal out of range).
std::optional<ColumnType> ColumnTypeFromIceberg(std::string_view name);
// Of DuckDB's own spelling, in any case. nullopt: a type that is none of these.
std::optional<ColumnType> ColumnTypeFromDuckDb(std::string_view name);

}  // namespace st
