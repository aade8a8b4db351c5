#include "dialect/spark/nested_functions.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/nested_access.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

Result<Expression> MakeStruct(const Call& call, const std::vector<std::string>& names,
                              std::vector<Expression> values) {
  std::set<std::string> seen;
  for (const auto& name : names) {
    if (seen.insert(AsciiLower(name)).second && !name.empty()) continue;
    return call.Wrong(call.expr.position,
                      name.empty() ? std::string("a field of a struct needs a name")
                                   : fmt::format("two fields of the struct are called '{}'", name));
  }
  return Expression::Struct(names, std::move(values));
}

Result<Expression> NamedStruct(Call& call) {
  if (call.args.size() % 2 != 0) {
    return call.Wrong(call.expr.position, "named_struct takes names and values in turn");
  }
  std::vector<std::string> names;
  std::vector<Expression> values;
  for (std::size_t i = 0; i < call.args.size(); i += 2) {
    ST_TRY(auto name, TextLiteral(call, i, "a field's name"));
    names.push_back(std::move(name));
    values.push_back(call.args[i + 1]);
  }
  return MakeStruct(call, names, std::move(values));
}

// A field has the name behind AS, the name of the column or of the field that it is, or colN.
Result<Expression> Struct(Call& call) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const Expr& arg = call.expr.args[i];
    const bool has_name = arg.kind == ExprKind::kNamed || arg.kind == ExprKind::kColumn ||
                          arg.kind == ExprKind::kField;
    names.push_back(has_name ? arg.text : fmt::format("col{}", i + 1));
  }
  return MakeStruct(call, names, call.args);
}

Result<Expression> Array(Call& call) {
  ST_TRY(auto values, OneType(call, call.args));
  return Expression::List(std::move(values));
}

Result<Expression> Map(Call& call) {
  if (call.args.size() % 2 != 0) {
    return call.Wrong(call.expr.position, "map takes keys and values in turn");
  }
  std::vector<Expression> keys;
  std::vector<Expression> values;
  for (std::size_t i = 0; i < call.args.size(); i += 2) {
    keys.push_back(call.args[i]);
    values.push_back(call.args[i + 1]);
  }
  ST_TRY(keys, OneType(call, std::move(keys)));
  ST_TRY(values, OneType(call, std::move(values)));
  const bool is_empty = keys.empty();
  if (!is_empty && (keys[0].type.is_map() || keys[0].type.is_void())) {
    return call.Wrong(call.expr.args[0].position, "a key of a map is neither NULL nor a map");
  }
  const Type type = MapOf(is_empty ? Type() : keys[0].type, is_empty ? Type() : values[0].type);
  return MakeCall("map", {Expression::List(std::move(keys)), Expression::List(std::move(values))},
                  type)
      .CanFail(!is_empty);
}

Result<Expression> MapFromArrays(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.args[i].type.is_list()) return WrongType(call, i, "an array");
  }
  const Type type = MapOf(ElementOf(call.args[0].type), ElementOf(call.args[1].type));
  return MakeCall("map", call.args, type).CanFail();
}

Result<Expression> MapFromEntries(Call& call) {
  const Type& type = call.args[0].type;
  const bool is_list = type.is_list() && ElementOf(type).is_struct();
  if (!is_list || FieldsOf(ElementOf(type)).size() != 2) {
    return WrongType(call, 0, "an array of structs of two fields");
  }
  const auto fields = FieldsOf(ElementOf(type));
  return MakeCall("map_from_entries", call.args, MapOf(fields[0].second, fields[1].second))
      .CanFail();
}

Expression Length(const Expression& list) { return MakeCall("len", {list}, kLong); }

// The element at the place that `function` makes of the length and the second argument.
Result<Expression> ElementBy(const Call& call, std::string_view function, bool can_fail) {
  ST_TRY(auto index, Argument(call, 1, kLong));
  Expression place = MakeCall(function, {Length(call.args[0]), std::move(index)}, kLong);
  Expression made =
      MakeCall("list_extract", {call.args[0], std::move(place)}, ElementOf(call.args[0].type));
  made.can_fail = made.can_fail || can_fail;
  return made;
}

Result<Expression> ElementAt(Call& call) {
  const bool is_try = call.expr.text == "try_element_at";
  const Type& type = call.args[0].type;
  if (type.is_list()) {
    if (!call.args[1].type.is_integer()) return WrongType(call, 1, "a whole number");
    return ElementBy(call, is_try ? "spark_try_element_place" : "spark_element_place", true);
  }
  if (!type.is_map()) return WrongType(call, 0, "an array or a map");
  auto item = TakeItem(call.args[0], call.args[1]);
  if (!item) return call.Wrong(call.expr.args[1].position, item.error().message());
  return item;
}

Result<Expression> Get(Call& call) {
  if (!call.args[0].type.is_list()) return WrongType(call, 0, "an array");
  if (!call.args[1].type.is_integer()) return WrongType(call, 1, "a whole number");
  return ElementBy(call, "spark_get_place", false);
}

Result<Expression> Size(Call& call) {
  const Type& type = call.args[0].type;
  if (type.is_list()) return AsInt(Length(call.args[0]));
  if (type.is_map() && call.expr.text != "array_size") {
    return AsInt(MakeCall("cardinality", {call.args[0]}, kLong));
  }
  return WrongType(call, 0, call.expr.text == "array_size" ? "an array" : "an array or a map");
}

Result<Expression> MapPart(Call& call) {
  const Type& type = call.args[0].type;
  if (!type.is_map()) return WrongType(call, 0, "a map");
  const Type entry = StructOf({{"key", KeyOf(type)}, {"value", ValueOf(type)}});
  const Type part = call.expr.text == "map_keys"     ? KeyOf(type)
                    : call.expr.text == "map_values" ? ValueOf(type)
                                                     : entry;
  return MakeCall(call.expr.text, call.args, ListOf(part));
}

Result<Expression> MapContainsKey(Call& call) {
  if (!call.args[0].type.is_map()) return WrongType(call, 0, "a map");
  auto key = AsKey(call.args[0], call.args[1]);
  if (!key) return call.Wrong(call.expr.args[1].position, key.error().message());
  const auto keys = MakeCall("map_keys", {call.args[0]}, ListOf(KeyOf(call.args[0].type)));
  return MakeCall("list_contains", {keys, *std::move(key)}, kBoolean);
}

Result<Expression> MapConcat(Call& call) {
  ST_TRY(auto maps, OneType(call, call.args));
  const Type type = maps[0].type;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    if (!call.args[i].type.is_map()) return WrongType(call, i, "a map");
  }
  const Type entries = ListOf(StructOf({{"key", KeyOf(type)}, {"value", ValueOf(type)}}));
  // The operator is NULL where an operand is, the function is not.
  std::vector<Expression> parts;
  for (auto& map : maps) parts.push_back(MakeCall("map_entries", {std::move(map)}, entries));
  return MakeCall("map_from_entries", {Concatenation(std::move(parts), entries)}, type).CanFail();
}

constexpr std::array kNested = {
    Custom{"named_struct", 2, kManyArguments, "named_struct('name', value, …)", NamedStruct},
    Custom{"struct", 1, kManyArguments, "struct(value [AS name], …)", Struct},
    Custom{"array", 0, kManyArguments, "array(value, …)", Array},
    Custom{"map", 0, kManyArguments, "map(key, value, …)", Map},
    Custom{"map_from_arrays", 2, 2, "map_from_arrays(keys, values)", MapFromArrays},
    Custom{"map_from_entries", 1, 1, "map_from_entries(array of structs)", MapFromEntries},
    Custom{"element_at", 2, 2, "element_at(array or map, place or key)", ElementAt},
    Custom{"try_element_at", 2, 2, "try_element_at(array or map, place or key)", ElementAt},
    Custom{"get", 2, 2, "get(array, place from 0)", Get},
    Custom{"size", 1, 1, "size(array or map)", Size},
    Custom{"cardinality", 1, 1, "cardinality(array or map)", Size},
    Custom{"array_size", 1, 1, "array_size(array)", Size},
    Custom{"map_keys", 1, 1, "map_keys(map)", MapPart},
    Custom{"map_values", 1, 1, "map_values(map)", MapPart},
    Custom{"map_entries", 1, 1, "map_entries(map)", MapPart},
    Custom{"map_contains_key", 2, 2, "map_contains_key(map, key)", MapContainsKey},
    Custom{"map_concat", 1, kManyArguments, "map_concat(map, …)", MapConcat},
};

}  // namespace

std::span<const CustomFunction> NestedFunctions() { return kNested; }

}  // namespace st::dialect::spark
