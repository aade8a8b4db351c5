#include "dialect/spark/types.h"

#include <array>
#include <string_view>
#include <utility>

namespace st::dialect::spark {

std::string SparkName(const SparkType& type) {
  switch (type.kind) {
    case SparkKind::kNull:
      return "VOID";
    case SparkKind::kBoolean:
      return "BOOLEAN";
    case SparkKind::kInt:
      return "INT";
    case SparkKind::kBigint:
      return "BIGINT";
    case SparkKind::kDouble:
      return "DOUBLE";
    case SparkKind::kDecimal:
      return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case SparkKind::kString:
      return "STRING";
    case SparkKind::kBinary:
      return "BINARY";
    case SparkKind::kDate:
      return "DATE";
    case SparkKind::kTimestamp:
      return "TIMESTAMP";
  }
  return "?";
}

std::string DuckDbName(const SparkType& type) {
  switch (type.kind) {
    case SparkKind::kInt:
      return "INTEGER";
    case SparkKind::kString:
      return "VARCHAR";
    case SparkKind::kBinary:
      return "BLOB";
    case SparkKind::kTimestamp:
      return "TIMESTAMP WITH TIME ZONE";
    default:
      return SparkName(type);
  }
}

std::string IcebergName(const SparkType& type) {
  switch (type.kind) {
    case SparkKind::kNull:
      return "";
    case SparkKind::kBoolean:
      return "boolean";
    case SparkKind::kInt:
      return "int";
    case SparkKind::kBigint:
      return "long";
    case SparkKind::kDouble:
      return "double";
    case SparkKind::kDecimal:
      return fmt::format("decimal({}, {})", type.precision, type.scale);
    case SparkKind::kString:
      return "string";
    case SparkKind::kBinary:
      return "binary";
    case SparkKind::kDate:
      return "date";
    case SparkKind::kTimestamp:
      return "timestamptz";
  }
  return "";
}

std::optional<SparkType> TypeFromName(const TypeName& name) {
  using enum SparkKind;
  if (name.name == "decimal" || name.name == "dec" || name.name == "numeric") {
    SparkType type{.kind = kDecimal, .precision = 10, .scale = 0};
    if (name.arguments.size() > 2) return std::nullopt;
    if (!name.arguments.empty()) type.precision = name.arguments[0];
    if (name.arguments.size() == 2) type.scale = name.arguments[1];
    if (type.precision < 1 || type.precision > 38 || type.scale > type.precision) {
      return std::nullopt;
    }
    return type;
  }
  static constexpr std::array<std::pair<std::string_view, SparkKind>, 10> kNames = {
      {{"boolean", kBoolean},
       {"int", kInt},
       {"integer", kInt},
       {"bigint", kBigint},
       {"long", kBigint},
       {"double", kDouble},
       {"string", kString},
       {"binary", kBinary},
       {"date", kDate},
       {"timestamp", kTimestamp}}};
  if (!name.arguments.empty()) return std::nullopt;
  for (const auto& [text, kind] : kNames) {
    if (name.name == text) return SparkType{.kind = kind};
  }
  return std::nullopt;
}

std::optional<SparkType> CommonType(const SparkType& a, const SparkType& b) {
  if (a == b || b.kind == SparkKind::kNull) return a;
  if (a.kind == SparkKind::kNull) return b;
  if (a.is_numeric() && b.is_numeric() && a.kind != SparkKind::kDecimal &&
      b.kind != SparkKind::kDecimal) {
    return a.kind > b.kind ? a : b;  // kInt < kBigint < kDouble
  }
  return std::nullopt;
}

}  // namespace st::dialect::spark
