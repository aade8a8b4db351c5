#include "dialect/spark/array_functions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/intervals.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

Status CheckArray(const Call& call, std::size_t index = 0) {
  if (call.args[index].type.is_list()) return {};
  return WrongType(call, index, "an array");
}

Expression IsNull(const Expression& value) {
  return Expression::Apply(Operator::kIsNull, {value}).InBrackets();
}
Expression IsNotNull(const Expression& value) {
  return Expression::Apply(Operator::kIsNotNull, {value}).InBrackets();
}

// NULL where one of the values is, which DuckDB's function would not see.
Expression UnlessNull(const std::vector<Expression>& values, const Expression& made) {
  std::vector<Expression> tests;
  for (const auto& value : values) tests.push_back(IsNotNull(value));
  Expression all =
      tests.size() == 1 ? tests[0] : Expression::Apply(Operator::kAnd, std::move(tests));
  return Expression::Case({{std::move(all), made}}).InBrackets();
}

// The array and a value, the two of one type, as Spark casts either.
Result<std::pair<Expression, Expression>> ArrayAndValue(const Call& call, std::size_t value_index) {
  ST_TRY_STATUS(CheckArray(call));
  std::vector<Expression> both = {call.args[0], Expression::List({call.args[value_index]})};
  if (!Unify(both)) {
    return WrongType(call, value_index, SparkName(ElementOf(call.args[0].type)));
  }
  ST_TRY(auto value, Cast(call.args[value_index], ElementOf(both[0].type), false));
  return std::pair(both[0], std::move(value));
}

Result<std::vector<Expression>> Arrays(const Call& call) {
  for (std::size_t i = 0; i < call.args.size(); ++i) ST_TRY_STATUS(CheckArray(call, i));
  return OneType(call, call.args);
}

// list_filter(list, lambda x: condition(x)).
template <typename F>
Expression Filtered(Call& call, const Expression& list, F&& condition) {
  const Expression x = call.lambdas.NewVariable(ElementOf(list.type));
  return MakeCall("list_filter", {list, Expression::Lambda({x.text}, condition(x))}, list.type);
}

template <typename F>
Expression Transformed(Call& call, const Expression& list, F&& make) {
  const Expression x = call.lambdas.NewVariable(ElementOf(list.type));
  Expression body = make(x);
  const Type type = ListOf(body.type);
  return MakeCall("list_transform", {list, Expression::Lambda({x.text}, std::move(body))}, type);
}

// Whether an element is NULL.
Expression HasNull(Call& call, const Expression& list) {
  return MakeCall("list_contains", {Transformed(call, list, IsNull), Expression::Boolean(true)},
                  kBoolean);
}

Expression Place(const Expression& list, const Expression& value) {
  return MakeCall("list_position", {list, value}, kLong);
}

Expression Distinct(Call& call, const Expression& list) {
  const Expression x = call.lambdas.NewVariable(ElementOf(list.type));
  const Expression i = call.lambdas.NewVariable({.kind = kLong});
  return MakeCall(
      "list_filter",
      {list, Expression::Lambda({x.text, i.text},
                                Expression::Apply(Operator::kEqual, {Place(list, x), i}))},
      list.type);
}

// Whether the array has it, a NULL too.
Expression Has(const Expression& list, const Expression& value) {
  return IsNotNull(Place(list, value));
}

Result<Expression> ArrayContains(Call& call) {
  ST_TRY(const auto both, ArrayAndValue(call, 1));
  const auto& [list, value] = both;
  const auto found = MakeCall("list_contains", {list, value}, kBoolean);
  const Expression unknown = Expression::Apply(
      Operator::kAnd, {HasNull(call, list), Expression::Apply(Operator::kNot, {found})});
  return Expression::Case({{unknown, Expression::Cast(Expression::Null(), {.kind = kBoolean})}},
                          found)
      .InBrackets();
}

Result<Expression> ArrayPosition(Call& call) {
  ST_TRY(const auto both, ArrayAndValue(call, 1));
  return UnlessNull({both.first, both.second},
                    MakeCall("coalesce",
                             {Place(both.first, both.second),
                              Expression::Cast(Expression::Integer(0), {.kind = kLong})},
                             kLong));
}

Result<Expression> ArrayDistinct(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  return Distinct(call, call.args[0]);
}

Result<Expression> ArraySets(Call& call) {
  ST_TRY(const auto lists, Arrays(call));
  const std::string& name = call.expr.text;
  Expression made;
  if (name == "array_union") {
    made = Distinct(call, Concatenation(lists, lists[0].type));
  } else {
    const bool is_both = name == "array_intersect";
    made = Distinct(call, Filtered(call, lists[0], [&](const Expression& x) {
                      const Expression has = Has(lists[1], x);
                      return is_both ? has : IsNull(Place(lists[1], x));
                    }));
  }
  return UnlessNull(lists, made);
}

Result<Expression> ArraysOverlap(Call& call) {
  ST_TRY(const auto lists, Arrays(call));
  const auto common = Filtered(call, lists[0], [&](const Expression& x) {
    return Expression::Apply(Operator::kAnd, {IsNotNull(x), Has(lists[1], x)});
  });
  const auto is_empty = [](const Expression& list) {
    return Expression::Apply(Operator::kEqual,
                             {MakeCall("len", {list}, kLong), Expression::Integer(0)});
  };
  const Type boolean{.kind = kBoolean};
  const Expression nothing =
      Expression::Apply(Operator::kOr, {is_empty(lists[0]), is_empty(lists[1])});
  const Expression has_null =
      Expression::Apply(Operator::kOr, {HasNull(call, lists[0]), HasNull(call, lists[1])});
  return UnlessNull(lists,
                    Expression::Case({{Expression::Apply(Operator::kNot, {is_empty(common)}),
                                       Expression::Boolean(true)},
                                      {nothing, Expression::Boolean(false)},
                                      {has_null, Expression::Cast(Expression::Null(), boolean)}},
                                     Expression::Boolean(false)));
}

Result<Expression> ArrayJoin(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  ST_TRY(const auto texts, Cast(call.args[0], ListOf({.kind = kString}), false));
  ST_TRY(auto between, Argument(call, 1, kString));
  if (call.args.size() == 2) {
    return UnlessNull(
        {texts, between},
        MakeCall("coalesce",
                 {MakeCall("array_to_string", {texts, between}, kString), Expression::Text("")},
                 kString));
  }
  ST_TRY(const auto instead, Argument(call, 2, kString));
  const auto filled = Transformed(call, texts, [&](const Expression& x) {
    return MakeCall("coalesce", {x, instead}, kString);
  });
  return UnlessNull(
      {texts, between, instead},
      MakeCall("coalesce",
               {MakeCall("array_to_string", {filled, between}, kString), Expression::Text("")},
               kString));
}

Result<Expression> ArrayExtreme(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  return MakeCall(call.expr.text == "array_max" ? "list_max" : "list_min", call.args,
                  ElementOf(call.args[0].type));
}

Expression Sorted(const Expression& list, bool is_rising, bool has_nulls_first) {
  return MakeCall("list_sort",
                  {list, Expression::Text(is_rising ? "ASC" : "DESC"),
                   Expression::Text(has_nulls_first ? "NULLS FIRST" : "NULLS LAST")},
                  list.type);
}

Result<Expression> SortArray(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  if (call.args.size() == 1) return Sorted(call.args[0], true, true);
  const Expr& order = call.expr.args[1];
  if (order.kind != ExprKind::kTrue && order.kind != ExprKind::kFalse) {
    return call.Wrong(order.position, "the order is TRUE or FALSE");
  }
  const bool is_rising = order.kind == ExprKind::kTrue;
  return Sorted(call.args[0], is_rising, is_rising);
}

Result<Expression> ArraySort(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  return Sorted(call.args[0], true, false);
}

Result<Expression> Slice(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  ST_TRY(const auto start, Argument(call, 1, kLong));
  ST_TRY(const auto count, Argument(call, 2, kLong));
  const auto length = MakeCall("len", {call.args[0]}, kLong);
  return MakeCall("list_slice",
                  {call.args[0], MakeCall("spark_slice_begin", {length, start, count}, kLong),
                   MakeCall("spark_slice_end", {length, start, count}, kLong)},
                  call.args[0].type)
      .CanFail();
}

Result<Expression> Flatten(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  const Type inner = ElementOf(call.args[0].type);
  if (!inner.is_list()) return WrongType(call, 0, "an array of arrays");
  const auto none = Expression::Apply(Operator::kNot, {HasNull(call, call.args[0])});
  return Expression::Case({{none, MakeCall("flatten", call.args, inner)}}).InBrackets();
}

// A sequence of dates or times, by a day or by an interval.
Result<Expression> SequenceOfTimes(Call& call) {
  const bool has_step = call.args.size() == 3;
  const Type step = has_step ? call.args[2].type : Type();
  if (has_step && (!step.is_interval() || step.interval == IntervalKind::kCalendar)) {
    return WrongType(call, 2, "an interval of years and months, or of days and seconds,");
  }
  ST_TRY(const auto ends, OneType(call, {call.args[0], call.args[1]}));
  const Type type = ends[0].type;
  const bool is_of_days = step.interval != IntervalKind::kDayTime ||
                          RangeOf(step).last == spark_values::IntervalField::kDay;
  const bool is_time = type.kind == kTimestampTz || type.kind == kTimestamp;
  if (!is_time && !(type.kind == kDate && is_of_days)) {
    return WrongType(call, 0, "dates with a step of days, or times,");
  }
  const bool is_months = step.interval == IntervalKind::kYearMonth;
  const Expression none = Expression::Cast(Expression::Integer(0), {.kind = kLong});
  const Expression day = Expression::Cast(Expression::Text("86400000000"), {.kind = kLong});
  Expression length = day;
  if (has_step) {
    length =
        Expression::Cast(As(call.args[2], {.kind = is_months ? kInt : kLong}), {.kind = kLong});
  }
  std::vector<Expression> arguments;
  for (const auto& end : ends) {
    ST_TRY(auto time, Cast(end, {.kind = kTimestampTz}, false));
    arguments.push_back(std::move(time));
  }
  arguments.push_back(is_months ? length : none);
  arguments.push_back(is_months ? none : length);
  const auto made =
      MakeCall("spark_sequence_times", std::move(arguments), ListOf({.kind = kTimestampTz}))
          .CanFail();
  return Cast(made, ListOf(type), false);
}

Result<Expression> Sequence(Call& call) {
  const TypeKind first = call.args[0].type.kind;
  if (first == kDate || first == kTimestampTz || first == kTimestamp) return SequenceOfTimes(call);
  ST_TRY(auto values, OneType(call, call.args));
  if (!values[0].type.is_integer()) return WrongType(call, 0, "whole numbers");
  const Type type = ListOf(values[0].type);
  for (auto& value : values) {
    ST_TRY(value, Cast(value, {.kind = kLong}, false));
  }
  const auto name = values.size() == 2 ? "spark_sequence" : "spark_sequence_by";
  Expression made = MakeCall(name, std::move(values), ListOf({.kind = kLong})).CanFail();
  return type == made.type ? made : Expression::Cast(made, type);
}

Result<Expression> ArrayRepeat(Call& call) {
  ST_TRY(auto count, Argument(call, 1, kLong));
  const auto places = MakeCall("spark_repeat_places", {std::move(count)}, ListOf({.kind = kLong}));
  return Transformed(call, places, [&](const Expression&) { return call.args[0]; }).CanFail();
}

Result<Expression> ArrayAdd(Call& call) {
  ST_TRY(const auto both, ArrayAndValue(call, 1));
  const auto& [list, value] = both;
  const auto made = call.expr.text == "array_append"
                        ? MakeCall("list_append", {list, value}, list.type)
                        : MakeCall("list_prepend", {value, list}, list.type);
  return UnlessNull({list}, made);
}

Result<Expression> ArrayRemove(Call& call) {
  ST_TRY(const auto both, ArrayAndValue(call, 1));
  const auto rest = Filtered(call, both.first, [&](const Expression& x) {
    return Expression::Apply(Operator::kIsDistinct, {x, both.second});
  });
  return UnlessNull({both.first, both.second}, rest);
}

Result<Expression> ArrayCompact(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  return Filtered(call, call.args[0], IsNotNull);
}

Result<Expression> Concat(Call& call) {
  ST_TRY(const auto lists, Arrays(call));
  if (lists.size() == 1) return lists[0];
  return Concatenation(lists, lists[0].type);
}

Result<Expression> Reverse(Call& call) {
  ST_TRY_STATUS(CheckArray(call));
  return MakeCall("list_reverse", call.args, call.args[0].type);
}

// A negative place counts from the end, where -1 is behind the last element.
Result<Expression> ArrayInsert(Call& call) {
  ST_TRY(const auto both, ArrayAndValue(call, 2));
  const auto& [list, value] = both;
  ST_TRY(auto at, Argument(call, 1, kLong));
  const Expression places =
      MakeCall("spark_insert_places", {MakeCall("len", {list}, kLong), std::move(at)},
               ListOf({.kind = kLong}));
  const Expression p = call.lambdas.NewVariable({.kind = kLong});
  Expression body =
      Expression::Case({{Expression::Apply(Operator::kEqual, {p, Expression::Integer(0)}), value}},
                       MakeCall("list_extract", {list, p}, ElementOf(list.type)));
  return MakeCall("list_transform", {places, Expression::Lambda({p.text}, std::move(body))},
                  list.type)
      .CanFail();
}

// A column or a field gives its name to the structs; other arguments have numbers from 0.
Result<Expression> ArraysZip(Call& call) {
  std::vector<std::string> names;
  std::vector<Expression> lengths;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    ST_TRY_STATUS(CheckArray(call, i));
    const Expr& written = call.expr.args[i];
    const bool has_name = written.kind == ExprKind::kColumn || written.kind == ExprKind::kField;
    names.push_back(has_name ? written.text : fmt::format("{}", i));
    for (std::size_t k = 0; k < i; ++k) {
      if (EqualsIgnoreCase(names[k], names[i])) {
        return call.Wrong(written.position,
                          fmt::format("arrays_zip makes two fields '{}'", names[i]));
      }
    }
    lengths.push_back(MakeCall("len", {call.args[i]}, kLong));
  }
  const Expression most = lengths.size() == 1 ? lengths[0] : MakeCall("greatest", lengths, kLong);
  const Expression places = MakeCall(
      "range",
      {Expression::Integer(1), Expression::Apply(Operator::kAdd, {most, Expression::Integer(1)})},
      ListOf({.kind = kLong}));
  const Expression p = call.lambdas.NewVariable({.kind = kLong});
  std::vector<Expression> fields;
  for (const auto& list : call.args) {
    fields.push_back(MakeCall("list_extract", {list, p}, ElementOf(list.type)));
  }
  auto zipped = Expression::Struct(names, std::move(fields));
  const Type type = ListOf(zipped.type);
  return UnlessNull(
      call.args,
      MakeCall("list_transform", {places, Expression::Lambda({p.text}, std::move(zipped))}, type));
}

constexpr std::array kArray = {
    Custom{"array_insert", 3, 3, "array_insert(array, place, value)", ArrayInsert},
    Custom{"arrays_zip", 1, kManyArguments, "arrays_zip(array, …)", ArraysZip},
    Custom{"concat", 1, kManyArguments, "concat(array, …)", Concat},
    Custom{"reverse", 1, 1, "reverse(array)", Reverse},
    Custom{"array_contains", 2, 2, "array_contains(array, value)", ArrayContains},
    Custom{"array_position", 2, 2, "array_position(array, value)", ArrayPosition},
    Custom{"array_distinct", 1, 1, "array_distinct(array)", ArrayDistinct},
    Custom{"array_union", 2, 2, "array_union(array, array)", ArraySets},
    Custom{"array_intersect", 2, 2, "array_intersect(array, array)", ArraySets},
    Custom{"array_except", 2, 2, "array_except(array, array)", ArraySets},
    Custom{"arrays_overlap", 2, 2, "arrays_overlap(array, array)", ArraysOverlap},
    Custom{"array_join", 2, 3, "array_join(array, text[, instead of NULL])", ArrayJoin},
    Custom{"array_max", 1, 1, "array_max(array)", ArrayExtreme},
    Custom{"array_min", 1, 1, "array_min(array)", ArrayExtreme},
    Custom{"sort_array", 1, 2, "sort_array(array[, TRUE or FALSE])", SortArray},
    Custom{"array_sort", 1, 1, "array_sort(array)", ArraySort},
    Custom{"slice", 3, 3, "slice(array, start, length)", Slice},
    Custom{"flatten", 1, 1, "flatten(array of arrays)", Flatten},
    Custom{"sequence", 2, 3, "sequence(start, stop[, step])", Sequence},
    Custom{"array_repeat", 2, 2, "array_repeat(value, count)", ArrayRepeat},
    Custom{"array_append", 2, 2, "array_append(array, value)", ArrayAdd},
    Custom{"array_prepend", 2, 2, "array_prepend(array, value)", ArrayAdd},
    Custom{"array_remove", 2, 2, "array_remove(array, value)", ArrayRemove},
    Custom{"array_compact", 1, 1, "array_compact(array)", ArrayCompact},
};

}  // namespace

std::span<const CustomFunction> ArrayFunctions() { return kArray; }

}  // namespace st::dialect::spark
