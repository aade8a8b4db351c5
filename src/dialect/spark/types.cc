#include "dialect/spark/types.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "base/quote.h"
#include "base/text.h"
#include "dialect/spark/intervals.h"

namespace st::dialect::spark {
namespace {

std::string PrimitiveName(const Type& type) {
  if (type.is_interval()) return IntervalName(type);
  switch (type.kind) {
    case TypeKind::kUnknown:
      return "VOID";
    case TypeKind::kInt:
      return "INT";
    case TypeKind::kString:
      return "STRING";
    case TypeKind::kBinary:
      return "BINARY";
    case TypeKind::kTimestamp:
      return "TIMESTAMP_NTZ";
    case TypeKind::kTimestampTz:
      return "TIMESTAMP";
    default:  // BOOLEAN, BIGINT, FLOAT, DOUBLE, DECIMAL(p,s), DATE have DuckDB's names
      return DuckDbName(type);
  }
}

// A field's name as Spark's SQL writes it.
std::string FieldName(const std::string& name) {
  const bool is_plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return is_plain ? name : Quoted(name, '`');
}

std::optional<Type> PrimitiveFromName(const TypeName& name) {
  using enum TypeKind;
  if (name.name == "decimal" || name.name == "dec" || name.name == "numeric") {
    Type type{.kind = kDecimal, .precision = 10, .scale = 0};
    if (name.arguments.size() > 2) return std::nullopt;
    if (!name.arguments.empty()) type.precision = name.arguments[0];
    if (name.arguments.size() == 2) type.scale = name.arguments[1];
    if (type.precision < 1 || type.precision > kMaxDecimalPrecision ||
        type.scale > type.precision) {
      return std::nullopt;
    }
    return type;
  }
  if (name.name == "interval") {
    if (name.arguments.empty()) return CalendarType();
    const auto field = [&](std::size_t i) {
      return static_cast<spark_values::IntervalField>(name.arguments.at(i));
    };
    return IntervalType({.first = field(0), .last = field(1)});
  }
  static constexpr std::array<std::pair<std::string_view, TypeKind>, 14> kNames = {
      {{"boolean", kBoolean},
       {"int", kInt},
       {"integer", kInt},
       {"bigint", kLong},
       {"long", kLong},
       {"float", kFloat},
       {"real", kFloat},
       {"double", kDouble},
       {"string", kString},
       {"binary", kBinary},
       {"date", kDate},
       {"timestamp", kTimestampTz},
       {"timestamp_ltz", kTimestampTz},
       {"timestamp_ntz", kTimestamp}}};
  if (!name.arguments.empty()) return std::nullopt;
  for (const auto& [text, kind] : kNames) {
    if (name.name == text) return Type{.kind = kind};
  }
  return std::nullopt;
}

std::optional<Type> StructFromName(const TypeName& name) {
  std::vector<NamedType> fields;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < name.parts.size(); ++i) {
    auto part = TypeFromName(name.parts[i]);
    if (!part || part->is_interval() || !seen.insert(AsciiLower(name.field_names[i])).second)
      return std::nullopt;
    fields.emplace_back(name.field_names[i], *std::move(part));
  }
  if (fields.empty()) return std::nullopt;  // neither Iceberg nor DuckDB has one without fields
  return StructOf(fields);
}

}  // namespace

std::string SparkName(const Type& type) {
  if (type.is_list()) return "ARRAY<" + SparkName(ElementOf(type)) + ">";
  if (type.is_map()) return "MAP<" + SparkName(KeyOf(type)) + ", " + SparkName(ValueOf(type)) + ">";
  if (!type.is_struct()) return PrimitiveName(type);
  std::string fields;
  for (const auto& [name, field] : FieldsOf(type)) {
    fields += (fields.empty() ? "" : ", ") + FieldName(name) + ": " + SparkName(field);
  }
  return "STRUCT<" + fields + ">";
}

std::string SimpleName(const Type& type) {
  if (type.is_list()) return "array<" + SimpleName(ElementOf(type)) + ">";
  if (type.is_map()) {
    return "map<" + SimpleName(KeyOf(type)) + "," + SimpleName(ValueOf(type)) + ">";
  }
  if (!type.is_struct()) return AsciiLower(PrimitiveName(type));
  std::string fields;
  for (const auto& [name, field] : FieldsOf(type)) {
    fields += (fields.empty() ? "" : ",") + name + ":" + SimpleName(field);
  }
  return "struct<" + fields + ">";
}

std::optional<Type> TypeFromName(const TypeName& name) {
  if (name.parts.empty()) return PrimitiveFromName(name);
  if (name.name == "struct") return StructFromName(name);
  std::vector<Type> parts;
  for (const auto& part : name.parts) {
    auto type = TypeFromName(part);
    if (!type || type->is_interval()) return std::nullopt;
    parts.push_back(*std::move(type));
  }
  if (name.name == "array") return ListOf(parts[0]);
  if (parts[0].is_map()) return std::nullopt;  // Spark's INVALID_MAP_KEY_TYPE
  return MapOf(parts[0], parts[1]);
}

const TypeName& UnknownPart(const TypeName& name) {
  for (const auto& part : name.parts) {
    const auto type = TypeFromName(part);
    if (!type || type->is_interval()) return UnknownPart(part);
  }
  return name;
}

std::optional<Type> CommonNested(const Type& a, const Type& b, const CommonRule& common) {
  if (a.is_list() && b.is_list()) {
    const auto element = common(ElementOf(a), ElementOf(b));
    return element ? std::optional(ListOf(*element)) : std::nullopt;
  }
  if (a.is_map() && b.is_map()) {
    const auto key = common(KeyOf(a), KeyOf(b));
    const auto value = common(ValueOf(a), ValueOf(b));
    return key && value ? std::optional(MapOf(*key, *value)) : std::nullopt;
  }
  if (!a.is_struct() || !b.is_struct()) return std::nullopt;
  auto fields = FieldsOf(a);
  const auto others = FieldsOf(b);
  if (fields.size() != others.size()) return std::nullopt;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!EqualsIgnoreCase(fields[i].first, others[i].first)) return std::nullopt;
    const auto field = common(fields[i].second, others[i].second);
    if (!field) return std::nullopt;
    fields[i].second = *field;
  }
  return StructOf(fields);
}

std::optional<Type> CommonType(const Type& a, const Type& b) {
  if (a == b || b.is_void()) return a;
  if (a.is_void()) return b;
  if (a.nested != nullptr || b.nested != nullptr) return CommonNested(a, b, CommonType);
  if (a.is_interval() || b.is_interval()) return CommonInterval(a, b);
  if (a.is_numeric() && b.is_numeric() && a.kind != TypeKind::kDecimal &&
      b.kind != TypeKind::kDecimal) {
    // The enum orders them kInt < kLong < kFloat < kDouble; no FLOAT has the whole numbers.
    const bool has_float = a.kind == TypeKind::kFloat || b.kind == TypeKind::kFloat;
    if (has_float) return Type{.kind = TypeKind::kDouble};
    return a.kind > b.kind ? a : b;
  }
  return std::nullopt;
}

}  // namespace st::dialect::spark
