#include "dialect/spark/generators.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dialect/spark/expr_translator.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

constexpr std::array<std::string_view, 6> kGenerators = {
    "explode", "explode_outer", "posexplode", "posexplode_outer", "inline", "inline_outer"};
constexpr std::string_view kElement = "st_element";
constexpr std::string_view kPlace = "st_place";

Expression Member(const Expression& structure, std::string_view name, const Type& type) {
  return Expression::Call("struct_extract", {structure, Expression::Text(name)}, type);
}

// The elements with their places from 0, as structs of pos and the other columns.
Generator WithPlaces(const Generator& plain) {
  const Type element_type = ElementOf(plain.list.type);
  const auto element = Expression::PlainColumn(kElement, element_type);
  const auto place = Expression::PlainColumn(kPlace, {.kind = TypeKind::kLong});
  std::vector<std::string> names = {"pos"};
  std::vector<Expression> values = {
      Expression::Cast(Expression::Apply(Operator::kSubtract, {place, Expression::Integer(1)}),
                       {.kind = TypeKind::kInt})};
  Generator made{.list = plain.list,
                 .columns = {{"pos", {.kind = TypeKind::kInt}}},
                 .has_structs = true,
                 .fields = {}};
  for (const auto& column : plain.columns) {
    names.push_back(column.first);
    values.push_back(plain.has_structs ? Member(element, column.first, column.second) : element);
    made.columns.push_back(column);
  }
  Expression body = Expression::Struct(names, std::move(values));
  const Type type = ListOf(body.type);
  made.list = Expression::Call(
      "list_transform",
      {plain.list, Expression::Lambda({element.text, place.text}, std::move(body))}, type);
  return made;
}

}  // namespace

Expression OuterList(const Expression& list) {
  const auto length = Expression::Call("len", {list}, {.kind = TypeKind::kLong});
  const auto has_elements = Expression::Apply(Operator::kGreater, {length, Expression::Integer(0)});
  Expression none = Expression::List({Expression::Null()});
  none.type = list.type;
  if (!HasVoid(list.type))
    none = Expression::Cast(Expression::List({Expression::Null()}), list.type);
  return Expression::Case({{has_elements, list}}, none);
}

bool IsGenerator(std::string_view function) {
  return std::ranges::find(kGenerators, function) != kGenerators.end();
}

Result<Generator> MakeGenerator(const SourceText& source, Scope& scope, const Expr& call,
                                bool is_outer, std::vector<Constant>& constants) {
  const auto wrong = [&](std::string_view message) {
    return std::unexpected(source.At(call.position, message));
  };
  if (!IsGenerator(call.text)) {
    return wrong(
        fmt::format("{} is no generator that is supported; those are explode, posexplode, "
                    "inline and the same with _outer",
                    call.text));
  }
  if (call.args.size() != 1) return wrong(fmt::format("write {}(array)", call.text));
  ST_TRY(const auto value, ExprTranslator(source, scope, constants).Translate(call.args[0]));
  const bool is_inline = call.text.starts_with("inline");
  Generator made{.list = value, .columns = {}, .has_structs = false, .fields = {}};
  if (is_inline && value.type.is_list() && ElementOf(value.type).is_struct()) {
    made.columns = FieldsOf(ElementOf(value.type));
    made.has_structs = true;
  } else if (!is_inline && value.type.is_list()) {
    made.columns = {{"col", ElementOf(value.type)}};
  } else if (!is_inline && value.type.is_map()) {
    made.columns = {{"key", KeyOf(value.type)}, {"value", ValueOf(value.type)}};
    made.has_structs = true;
    made.list = Expression::Call("map_entries", {value}, ListOf(StructOf(made.columns)));
  } else {
    return wrong(fmt::format("{} takes {}, not {}", call.text,
                             is_inline ? "an array of structs" : "an array or a map",
                             SparkName(value.type)));
  }
  if (call.text.starts_with("pos")) made = WithPlaces(made);
  if (is_outer || call.text.ends_with("_outer")) made.list = OuterList(made.list);
  return made;
}

}  // namespace st::dialect::spark
