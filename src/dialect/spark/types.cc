#include "dialect/spark/types.h"

#include <array>
#include <string_view>
#include <utility>

namespace st::dialect::spark {

std::string SparkName(const ColumnType& type) {
  switch (type.kind) {
    case TypeKind::kUnknown:
      return "VOID";
    case TypeKind::kInt:
      return "INT";
    case TypeKind::kString:
      return "STRING";
    case TypeKind::kBinary:
      return "BINARY";
    case TypeKind::kTimestampTz:
      return "TIMESTAMP";
    default:  // BOOLEAN, BIGINT, DOUBLE, DECIMAL(p,s), DATE have DuckDB's names
      return DuckDbName(type);
  }
}

std::optional<ColumnType> TypeFromName(const TypeName& name) {
  using enum TypeKind;
  if (name.name == "decimal" || name.name == "dec" || name.name == "numeric") {
    ColumnType type{.kind = kDecimal, .precision = 10, .scale = 0};
    if (name.arguments.size() > 2) return std::nullopt;
    if (!name.arguments.empty()) type.precision = name.arguments[0];
    if (name.arguments.size() == 2) type.scale = name.arguments[1];
    if (type.precision < 1 || type.precision > kMaxDecimalPrecision ||
        type.scale > type.precision) {
      return std::nullopt;
    }
    return type;
  }
  static constexpr std::array<std::pair<std::string_view, TypeKind>, 10> kNames = {
      {{"boolean", kBoolean},
       {"int", kInt},
       {"integer", kInt},
       {"bigint", kLong},
       {"long", kLong},
       {"double", kDouble},
       {"string", kString},
       {"binary", kBinary},
       {"date", kDate},
       {"timestamp", kTimestampTz}}};
  if (!name.arguments.empty()) return std::nullopt;
  for (const auto& [text, kind] : kNames) {
    if (name.name == text) return ColumnType{.kind = kind};
  }
  return std::nullopt;
}

std::optional<ColumnType> CommonType(const ColumnType& a, const ColumnType& b) {
  if (a == b || b.kind == TypeKind::kUnknown) return a;
  if (a.kind == TypeKind::kUnknown) return b;
  if (a.is_numeric() && b.is_numeric() && a.kind != TypeKind::kDecimal &&
      b.kind != TypeKind::kDecimal) {
    return a.kind > b.kind ? a : b;  // the enum orders them kInt < kLong < kDouble
  }
  return std::nullopt;
}

}  // namespace st::dialect::spark
