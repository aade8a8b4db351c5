#include "dialect/spark/nested_casts.h"

#include <string>
#include <utility>
#include <vector>

#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

// In no lambda of an expression as written (expr_translator.h). An inner one may hide an outer one,
// which it does not use.
constexpr std::string_view kPart = "st_part";

Expression PartOf(const Type& type) { return Expression::PlainColumn(kPart, type); }

Expression Transformed(const Expression& list, Expression body) {
  const Type type = ListOf(body.type);
  return Expression::Call("list_transform",
                          {list, Expression::Lambda({std::string(kPart)}, std::move(body))}, type);
}

Result<std::vector<Expression>> CastFields(const std::vector<Expression>& fields,
                                           const std::vector<NamedType>& to, bool is_try) {
  std::vector<Expression> cast;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    ST_TRY(auto field, Cast(fields[i], to[i].second, is_try));
    cast.push_back(std::move(field));
  }
  return cast;
}

std::vector<std::string> NamesOf(const std::vector<NamedType>& fields) {
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field.first);
  return names;
}

// A struct's fields keep their places and get the names of `to`.
Result<Expression> CastStruct(const Expression& value, const Type& to, bool is_try) {
  const auto from_fields = FieldsOf(value.type);
  const auto to_fields = FieldsOf(to);
  if (from_fields.size() != to_fields.size()) {
    return Fail(ErrorCode::kUnsupported,
                "a cast from {} to {} is not supported: the structs have "
                "another number of fields",
                SparkName(value.type), SparkName(to));
  }
  if (value.kind == Expression::Kind::kStruct) {
    ST_TRY(auto fields, CastFields(value.operands(), to_fields, is_try));
    return Expression::Struct(NamesOf(to_fields), std::move(fields));
  }
  const Expression part = PartOf(value.type);
  std::vector<Expression> fields;
  for (const auto& [name, type] : from_fields) {
    fields.push_back(Expression::Call("struct_extract", {part, Expression::Text(name)}, type));
  }
  ST_TRY(auto cast, CastFields(fields, to_fields, is_try));
  auto made = Expression::Struct(NamesOf(to_fields), std::move(cast));
  auto body =
      Expression::Case({{Expression::Apply(Operator::kIsNotNull, {part}), std::move(made)}});
  // A list of one value gives the value a name, so that it is computed once.
  return Expression::Element(Transformed(Expression::List({value}), std::move(body)), 1, to);
}

Result<Expression> CastMap(const Expression& value, const Type& to, bool is_try) {
  const Type key = KeyOf(value.type);
  const Type item = ValueOf(value.type);
  const Type entry = StructOf({{"key", key}, {"value", item}});
  const Expression part = PartOf(entry);
  ST_TRY(auto new_key,
         Cast(Expression::Call("struct_extract", {part, Expression::Text("key")}, key), KeyOf(to),
              is_try));
  ST_TRY(auto new_item,
         Cast(Expression::Call("struct_extract", {part, Expression::Text("value")}, item),
              ValueOf(to), is_try));
  // Two keys may become one.
  const bool can_fail = KeyOf(to) != key;
  auto entries =
      Transformed(Expression::Call("map_entries", {value}, ListOf(entry)),
                  Expression::Struct({"key", "value"}, {std::move(new_key), std::move(new_item)}));
  Expression made = Expression::Call("map_from_entries", {std::move(entries)}, to);
  made.can_fail = made.can_fail || can_fail;
  return made;
}

// A value of a type with bare NULLs in it, all of whose other parts are those of `to`.
bool IsNullIn(const Type& from, const Type& to) {
  if (from == to || from.is_void()) return true;
  if (from.is_list() && to.is_list()) return IsNullIn(ElementOf(from), ElementOf(to));
  if (from.is_map() && to.is_map()) {
    return IsNullIn(KeyOf(from), KeyOf(to)) && IsNullIn(ValueOf(from), ValueOf(to));
  }
  return false;
}

}  // namespace

Result<Expression> CastNested(const Expression& value, const Type& to, bool is_try) {
  if (value.type.nested != nullptr && to.kind == TypeKind::kString) {
    return Expression::Call("spark_nested_to_text", {value}, to);
  }
  if (HasVoid(to) && IsNullIn(value.type, to)) {
    Expression same = value;
    same.type = to;
    return same;
  }
  if (IsNullIn(value.type, to)) return Expression::Cast(value, to);
  if (value.type.is_list() && to.is_list()) {
    ST_TRY(auto body, Cast(PartOf(ElementOf(value.type)), ElementOf(to), is_try));
    return Transformed(value, std::move(body));
  }
  if (value.type.is_map() && to.is_map()) return CastMap(value, to, is_try);
  if (value.type.is_struct() && to.is_struct()) return CastStruct(value, to, is_try);
  return Fail(ErrorCode::kUnsupported, "a cast from {} to {} is not supported",
              SparkName(value.type), SparkName(to));
}

}  // namespace st::dialect::spark
