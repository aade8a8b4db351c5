#include "dialect/spark/nested_access.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

Result<Expression> StructField(const Expression& value, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [field, type] : FieldsOf(value.type)) {
    if (EqualsIgnoreCase(field, name)) {
      return Expression::Call("struct_extract", {value, Expression::Text(field)}, type);
    }
    names.push_back(field);
  }
  const auto nearest = NearestName(name, names);
  return Fail(ErrorCode::kInvalidArgument, "{} has no field '{}'{}", SparkName(value.type), name,
              nearest ? fmt::format("; did you mean {}?", *nearest) : "");
}

// Whether Spark casts a value of this type to a map's key by itself.
bool BecomesKey(const Type& from, const Type& key) {
  if (from == key || from.is_void()) return true;
  if (from.kind == TypeKind::kInt) return key.kind == TypeKind::kLong;
  return false;
}

}  // namespace

Result<Expression> AsKey(const Expression& map, const Expression& key) {
  const Type type = KeyOf(map.type);
  if (BecomesKey(key.type, type)) return Cast(key, type, false);
  return Fail(ErrorCode::kInvalidArgument, "the keys of {} are {}, not {}; write CAST(… AS {})",
              SparkName(map.type), SparkName(type), SparkName(key.type), SparkName(type));
}

Result<Expression> TakeField(const Expression& value, const std::string& name) {
  if (value.type.is_struct()) return StructField(value, name);
  if (value.type.is_map()) return TakeItem(value, Expression::Text(name));
  if (value.type.is_list() && ElementOf(value.type).is_struct()) {
    const auto element = Expression::PlainColumn("st_element", ElementOf(value.type));
    ST_TRY(auto field, StructField(element, name));
    const Type type = ListOf(field.type);
    return Expression::Call("list_transform",
                            {value, Expression::Lambda({element.text}, std::move(field))}, type);
  }
  return Fail(ErrorCode::kInvalidArgument,
              "{} has no fields; those of a JSON text are taken with get_json_object(text, "
              "'$.name') or from_json(text, 'name TYPE')",
              SparkName(value.type));
}

Result<Expression> TakeItem(const Expression& value, const Expression& index) {
  if (value.type.is_map()) {
    ST_TRY(auto key, AsKey(value, index));
    return Expression::Call("map_extract_value", {value, std::move(key)}, ValueOf(value.type));
  }
  if (value.type.is_struct() && index.kind == Expression::Kind::kLiteral &&
      index.type.kind == TypeKind::kString) {
    return StructField(value, index.text);
  }
  if (!value.type.is_list()) {
    return Fail(ErrorCode::kInvalidArgument, "{} has no elements", SparkName(value.type));
  }
  if (!index.type.is_integer() && !index.type.is_void()) {
    return Fail(ErrorCode::kInvalidArgument, "the number of an element is INT or BIGINT, not {}",
                SparkName(index.type));
  }
  const Expression length = Expression::Call("len", {value}, {.kind = TypeKind::kLong});
  const Expression place =
      Expression::Call("spark_array_index", {length, index}, {.kind = TypeKind::kLong});
  return Expression::Call("list_extract", {value, place}, ElementOf(value.type)).CanFail();
}

}  // namespace st::dialect::spark
