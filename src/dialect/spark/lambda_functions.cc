#include "dialect/spark/lambda_functions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"
#include "spark_values/limits.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

Status CheckLambda(const Call& call, std::size_t index, std::size_t least, std::size_t most) {
  const Expr& lambda = call.expr.args[index];
  if (lambda.kind != ExprKind::kLambda) {
    return call.Wrong(lambda.position,
                      fmt::format("{} takes a lambda here, as in x -> x + 1", call.expr.text));
  }
  if (lambda.names.size() >= least && lambda.names.size() <= most) return {};
  return call.Wrong(lambda.position, fmt::format("{} takes a lambda of {} parameters here, not {}",
                                                 call.expr.text, most, lambda.names.size()));
}

// Whether the body is a condition.
Status CheckCondition(const Call& call, std::size_t index, const Expression& body) {
  if (body.type.kind == kBoolean || body.type.is_void()) return {};
  return call.Wrong(
      call.expr.args[index].position,
      fmt::format("the lambda of {} is a condition, not {}", call.expr.text, SparkName(body.type)));
}

Expression UnlessNull(const Expression& value, const Expression& made) {
  return Expression::Case({{Expression::Apply(Operator::kIsNotNull, {value}), made}}).InBrackets();
}

Expression NullOf(const Type& type) {
  if (!HasVoid(type)) return Expression::Cast(Expression::Null(), type);
  Expression null = Expression::Null();
  null.type = type;
  return null;
}

Expression Member(const Expression& structure, std::string_view name, const Type& type) {
  return MakeCall("struct_extract", {structure, Expression::Text(name)}, type);
}

// list_transform or list_filter with the lambda over the array, the first argument. The lambda's
// second parameter is the place from 0.
Result<std::pair<Expression, Expression>> OverElements(Call& call, std::size_t most) {
  if (!call.args[0].type.is_list()) return WrongType(call, 0, "an array");
  ST_TRY_STATUS(CheckLambda(call, 1, 1, most));
  const Expression x = call.lambdas.NewVariable(ElementOf(call.args[0].type));
  const Expression i = call.lambdas.NewVariable({.kind = kLong});
  const Expression place =
      AsInt(Expression::Apply(Operator::kSubtract, {i, Expression::Integer(1)}));
  ST_TRY(auto body, call.lambdas.Body(call.expr.args[1], {x, place}));
  std::vector<std::string> names = {x.text};
  if (call.expr.args[1].names.size() == 2) names.push_back(i.text);
  Expression lambda = Expression::Lambda(std::move(names), body);
  return std::pair(std::move(lambda), std::move(body));
}

Result<Expression> Transform(Call& call) {
  ST_TRY(auto both, OverElements(call, 2));
  return MakeCall("list_transform", {call.args[0], std::move(both.first)},
                  ListOf(both.second.type));
}

Result<Expression> Filter(Call& call) {
  ST_TRY(auto both, OverElements(call, 2));
  ST_TRY_STATUS(CheckCondition(call, 1, both.second));
  return MakeCall("list_filter", {call.args[0], std::move(both.first)}, call.args[0].type);
}

Result<Expression> ExistsOrForall(Call& call) {
  ST_TRY(auto both, OverElements(call, 1));
  ST_TRY_STATUS(CheckCondition(call, 1, both.second));
  ST_TRY(auto body, Cast(both.second, {.kind = kBoolean}, false));
  Expression lambda = Expression::Lambda(both.first.names, std::move(body));
  auto tested =
      MakeCall("list_transform", {call.args[0], std::move(lambda)}, ListOf({.kind = kBoolean}));
  return MakeCall(call.expr.text == "exists" ? "spark_exists" : "spark_forall", {std::move(tested)},
                  kBoolean);
}

// DuckDB's list_reduce has one type for its elements and its state, so both are in one struct:
// {'a': the state, 'x': the element}.
Result<Expression> Reduced(Call& call) {
  const Type element = ElementOf(call.args[0].type);
  const Type state = call.args[1].type;
  const Type both = StructOf({{"a", state}, {"x", element}});
  const Expression x = call.lambdas.NewVariable(element);
  const auto elements =
      MakeCall("list_transform",
               {call.args[0],
                Expression::Lambda({x.text}, Expression::Struct({"a", "x"}, {NullOf(state), x}))},
               ListOf(both));
  const Expression before = call.lambdas.NewVariable(both);
  const Expression next = call.lambdas.NewVariable(both);
  ST_TRY(auto merged, call.lambdas.Body(call.expr.args[2],
                                        {Member(before, "a", state), Member(next, "x", element)}));
  if (merged.type != state) {
    return call.Wrong(
        call.expr.args[2].position,
        fmt::format("the state begins as {} and becomes {}; write CAST(… AS {}) "
                    "for its beginning",
                    SparkName(state), SparkName(merged.type), SparkName(merged.type)));
  }
  auto step = Expression::Struct({"a", "x"}, {std::move(merged), Member(next, "x", element)});
  auto begin = Expression::Struct({"a", "x"}, {call.args[1], NullOf(element)});
  auto reduced = MakeCall(
      "list_reduce",
      {elements, Expression::Lambda({before.text, next.text}, std::move(step)), std::move(begin)},
      both);
  return Member(reduced, "a", state);
}

Result<Expression> Aggregate(Call& call) {
  if (!call.args[0].type.is_list()) return WrongType(call, 0, "an array");
  ST_TRY_STATUS(CheckLambda(call, 2, 2, 2));
  ST_TRY(auto reduced, Reduced(call));
  if (call.args.size() == 3) return UnlessNull(call.args[0], reduced);
  ST_TRY_STATUS(CheckLambda(call, 3, 1, 1));
  const Expression result = call.lambdas.NewVariable(reduced.type);
  ST_TRY(auto finish, call.lambdas.Body(call.expr.args[3], {result}));
  const Type type = finish.type;
  // A list of one value gives the value a name, so that it is computed once.
  auto finished = MakeCall("list_transform",
                           {Expression::List({std::move(reduced)}),
                            Expression::Lambda({result.text}, std::move(finish))},
                           ListOf(type));
  return UnlessNull(call.args[0], Expression::Element(std::move(finished), 1, type));
}

Result<Expression> ZipWith(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.args[i].type.is_list()) return WrongType(call, i, "an array");
  }
  ST_TRY_STATUS(CheckLambda(call, 2, 2, 2));
  const Type left = ElementOf(call.args[0].type);
  const Type right = ElementOf(call.args[1].type);
  const Type both = StructOf({{"a", left}, {"b", right}});
  const Expression pair = call.lambdas.NewVariable(both);
  const auto part = [&](std::int64_t place, const Type& type) {
    return MakeCall("struct_extract_at", {pair, Expression::Integer(place)}, type);
  };
  ST_TRY(auto body, call.lambdas.Body(call.expr.args[2], {part(1, left), part(2, right)}));
  const Type type = ListOf(body.type);
  auto zipped = MakeCall("list_zip", {call.args[0], call.args[1]}, ListOf(both));
  auto made = MakeCall("list_transform",
                       {std::move(zipped), Expression::Lambda({pair.text}, std::move(body))}, type);
  return Expression::Case(
             {{Expression::Apply(Operator::kAnd,
                                 {Expression::Apply(Operator::kIsNotNull, {call.args[0]}),
                                  Expression::Apply(Operator::kIsNotNull, {call.args[1]})}),
               std::move(made)}})
      .InBrackets();
}

// map_filter, transform_keys and transform_values, over the map's entries.
Result<Expression> OverEntries(Call& call) {
  const Type type = call.args[0].type;
  if (!type.is_map()) return WrongType(call, 0, "a map");
  ST_TRY_STATUS(CheckLambda(call, 1, 2, 2));
  const Type entry = StructOf({{"key", KeyOf(type)}, {"value", ValueOf(type)}});
  const Expression x = call.lambdas.NewVariable(entry);
  const Expression key = Member(x, "key", KeyOf(type));
  const Expression value = Member(x, "value", ValueOf(type));
  ST_TRY(auto body, call.lambdas.Body(call.expr.args[1], {key, value}));
  const auto entries = MakeCall("map_entries", {call.args[0]}, ListOf(entry));
  if (call.expr.text == "map_filter") {
    ST_TRY_STATUS(CheckCondition(call, 1, body));
    auto kept = MakeCall("list_filter", {entries, Expression::Lambda({x.text}, std::move(body))},
                         ListOf(entry));
    return MakeCall("map_from_entries", {std::move(kept)}, type);
  }
  const bool makes_keys = call.expr.text == "transform_keys";
  const Type made = makes_keys ? MapOf(body.type, ValueOf(type)) : MapOf(KeyOf(type), body.type);
  auto other = makes_keys ? Expression::Struct({"key", "value"}, {std::move(body), value})
                          : Expression::Struct({"key", "value"}, {key, std::move(body)});
  const Type others = ListOf(other.type);
  Expression map =
      MakeCall("map_from_entries",
               {MakeCall("list_transform",
                         {entries, Expression::Lambda({x.text}, std::move(other))}, others)},
               made);
  map.can_fail = map.can_fail || makes_keys;  // two keys may become one
  return map;
}

// The array by what the lambda says of each pair of elements: the worker's function sorts by a
// table of it, since a function of DuckDB cannot call a lambda.
Result<Expression> ArraySort(Call& call) {
  if (!call.args[0].type.is_list()) return WrongType(call, 0, "an array");
  ST_TRY_STATUS(CheckLambda(call, 1, 2, 2));
  const Type type = call.args[0].type;
  const Type row = ListOf({.kind = kInt});
  const Expression list = call.lambdas.NewVariable(type);
  const Expression left = call.lambdas.NewVariable(ElementOf(type));
  const Expression right = call.lambdas.NewVariable(ElementOf(type));
  ST_TRY(auto body, call.lambdas.Body(call.expr.args[1], {left, right}));
  if (body.type.kind != kInt) {
    return call.Wrong(
        call.expr.args[1].position,
        fmt::format("the lambda of array_sort makes INT, not {}; write CAST(… AS INT)",
                    SparkName(body.type)));
  }
  const auto over = [](const Expression& values, const Expression& x, Expression made, Type of) {
    return MakeCall("list_transform", {values, Expression::Lambda({x.text}, std::move(made))},
                    std::move(of));
  };
  const auto table = over(list, left, over(list, right, std::move(body), row), ListOf(row));
  const Expression place = call.lambdas.NewVariable({.kind = kLong});
  const auto sorted = over(MakeCall("spark_sort_places", {table}, ListOf({.kind = kLong})), place,
                           MakeCall("list_extract", {list, place}, ElementOf(type)), type);
  const Expression is_long = Expression::Apply(
      Operator::kGreater,
      {MakeCall("len", {list}, kLong), Expression::Integer(spark_values::kMaxSortedByLambda)});
  const auto error =
      MakeCall("error",
               {Expression::Text(fmt::format("array_sort with a lambda sorts at most {} elements",
                                             spark_values::kMaxSortedByLambda))},
               type);
  // A list of one value gives the value a name, so that it is computed once.
  Expression one = over(Expression::List({call.args[0]}), list,
                        Expression::Case({{is_long, error}}, sorted), ListOf(type));
  return Expression::Element(std::move(one), 1, type).CanFail();
}

// The entries of both maps by their keys, those of the first one first.
Result<Expression> MapZipWith(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.args[i].type.is_map()) return WrongType(call, i, "a map");
  }
  ST_TRY_STATUS(CheckLambda(call, 2, 3, 3));
  const auto key_type = CommonType(KeyOf(call.args[0].type), KeyOf(call.args[1].type));
  if (!key_type || key_type->is_void()) {
    return call.Wrong(
        call.expr.args[1].position,
        fmt::format("map_zip_with takes maps with keys of one type, not {} and {}",
                    SparkName(KeyOf(call.args[0].type)), SparkName(KeyOf(call.args[1].type))));
  }
  std::vector<Expression> maps;
  for (std::size_t i = 0; i < 2; ++i) {
    auto map = Cast(call.args[i], MapOf(*key_type, ValueOf(call.args[i].type)), false);
    if (!map) return call.Wrong(call.expr.args[i].position, map.error().message());
    maps.push_back(*std::move(map));
  }
  const Type list = ListOf(*key_type);
  const Expression key = call.lambdas.NewVariable(*key_type);
  const auto value_in = [&](const Expression& map) {
    return MakeCall("map_extract_value", {map, key}, ValueOf(map.type));
  };
  ST_TRY(auto body,
         call.lambdas.Body(call.expr.args[2], {key, value_in(maps[0]), value_in(maps[1])}));
  const Type made = MapOf(*key_type, body.type);
  const Expression first = MakeCall("map_keys", {maps[0]}, list);
  const Expression x = call.lambdas.NewVariable(*key_type);
  const Expression is_new =
      Expression::Apply(Operator::kNot, {MakeCall("list_contains", {first, x}, kBoolean)});
  const Expression others =
      MakeCall("list_filter",
               {MakeCall("map_keys", {maps[1]}, list), Expression::Lambda({x.text}, is_new)}, list);
  const Expression keys = MakeCall("list_concat", {first, others}, list);
  auto entry = Expression::Struct({"key", "value"}, {key, std::move(body)});
  const Type entries = ListOf(entry.type);
  auto zipped =
      MakeCall("map_from_entries",
               {MakeCall("list_transform", {keys, Expression::Lambda({key.text}, std::move(entry))},
                         entries)},
               made);
  return Expression::Case({{Expression::Apply(Operator::kAnd,
                                              {Expression::Apply(Operator::kIsNotNull, {maps[0]}),
                                               Expression::Apply(Operator::kIsNotNull, {maps[1]})}),
                            std::move(zipped)}})
      .InBrackets();
}

constexpr std::array kLambda = {
    Custom{"array_sort", 2, 2, "array_sort(array[, (x, y) -> …])", ArraySort},
    Custom{"map_zip_with", 3, 3, "map_zip_with(map, map, (key, x, y) -> …)", MapZipWith},
    Custom{"transform", 2, 2, "transform(array, x -> …)", Transform},
    Custom{"filter", 2, 2, "filter(array, x -> condition)", Filter},
    Custom{"exists", 2, 2, "exists(array, x -> condition)", ExistsOrForall},
    Custom{"forall", 2, 2, "forall(array, x -> condition)", ExistsOrForall},
    Custom{"aggregate", 3, 4, "aggregate(array, start, (state, x) -> …[, state -> …])", Aggregate},
    Custom{"reduce", 3, 4, "reduce(array, start, (state, x) -> …[, state -> …])", Aggregate},
    Custom{"zip_with", 3, 3, "zip_with(array, array, (x, y) -> …)", ZipWith},
    Custom{"map_filter", 2, 2, "map_filter(map, (key, value) -> condition)", OverEntries},
    Custom{"transform_keys", 2, 2, "transform_keys(map, (key, value) -> …)", OverEntries},
    Custom{"transform_values", 2, 2, "transform_values(map, (key, value) -> …)", OverEntries},
};

}  // namespace

std::span<const CustomFunction> LambdaFunctions() { return kLambda; }

}  // namespace st::dialect::spark
