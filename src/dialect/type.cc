#include "dialect/type.h"

#include <algorithm>

#include "base/check.h"

namespace st::dialect {
namespace {

Type Nested(NestedType type) {
  return {.nested = std::make_shared<const NestedType>(std::move(type))};
}

ColumnType Primitive(const Type& type) {
  return {.kind = type.kind, .precision = type.precision, .scale = type.scale};
}

}  // namespace

bool operator==(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.precision != b.precision || a.scale != b.scale ||
      a.interval != b.interval) {
    return false;
  }
  if (a.nested == b.nested) return true;
  return a.nested != nullptr && b.nested != nullptr && *a.nested == *b.nested;
}

Type TypeOf(const NestedType& type) {
  if (type.shape != TypeShape::kPrimitive) return Nested(type);
  const auto primitive = ColumnTypeFromIceberg(type.primitive).value_or(ColumnType());
  return {.kind = primitive.kind, .precision = primitive.precision, .scale = primitive.scale};
}

NestedType NestedOf(const Type& type) {
  return type.nested != nullptr ? *type.nested : PrimitiveType(IcebergName(Primitive(type)));
}

Type StructOf(const std::vector<NamedType>& fields) {
  std::vector<NestedField> parts;
  for (const auto& [name, type] : fields) {
    parts.push_back({.name = name, .type = NestedOf(type), .doc = {}});
  }
  return Nested(StructType(std::move(parts)));
}

Type ListOf(const Type& element) { return Nested(ListType(NestedOf(element))); }

Type MapOf(const Type& key, const Type& value) {
  return Nested(MapType(NestedOf(key), NestedOf(value)));
}

std::vector<NamedType> FieldsOf(const Type& structure) {
  ST_CHECK(structure.is_struct());
  std::vector<NamedType> fields;
  for (const auto& field : structure.nested->fields) {
    fields.emplace_back(field.name, TypeOf(field.type));
  }
  return fields;
}

Type ElementOf(const Type& list) {
  ST_CHECK(list.is_list());
  return TypeOf(list.nested->fields.at(0).type);
}

Type KeyOf(const Type& map) {
  ST_CHECK(map.is_map());
  return TypeOf(map.nested->fields.at(0).type);
}

Type ValueOf(const Type& map) {
  ST_CHECK(map.is_map());
  return TypeOf(map.nested->fields.at(1).type);
}

bool HasVoid(const Type& type) {
  if (type.nested == nullptr) return type.is_void();
  return std::ranges::any_of(type.nested->fields,
                             [](const NestedField& field) { return HasVoid(TypeOf(field.type)); });
}

std::string DuckDbName(const Type& type) {
  switch (type.interval) {
    case IntervalKind::kNone:
      break;
    case IntervalKind::kYearMonth:
      return "INTEGER";
    case IntervalKind::kDayTime:
      return "BIGINT";
    case IntervalKind::kCalendar:
      return "INTERVAL";
  }
  if (type.nested == nullptr) return st::DuckDbName(Primitive(type));
  const auto name = DuckDbTypeOf(*type.nested);
  ST_CHECK(name.has_value());
  return *name;
}

std::string TypeText(const Type& type) { return st::TypeText(NestedOf(type)); }

}  // namespace st::dialect
