#include "dialect/spark/subquery_rows.h"

#include <fmt/format.h>

#include <utility>

#include "dialect/spark/generators.h"

namespace st::dialect::spark {
namespace {

constexpr std::string_view kTooMany =
    "SCALAR_SUBQUERY_TOO_MANY_ROWS: a subquery that is a value has more than one row";

Expression ForEach(std::string_view function, const Expression& list, const Expression& element,
                   Expression body, const Type& type) {
  return Expression::Call(function, {list, Expression::Lambda({element.text}, std::move(body))},
                          type);
}

// The elements for which the condition is true.
Expression Kept(const SubqueryRows& rows) {
  if (!rows.where) return *rows.list;
  return ForEach("list_filter", *rows.list, rows.element, *rows.where, rows.list->type);
}

// No rows where the condition is not true.
Expression Where(const std::optional<Expression>& condition, Expression list) {
  if (!condition) return list;
  return Expression::Case({{*condition, std::move(list)}}).InBrackets();
}

}  // namespace

Expression RowVariables::New(const Type& type) {
  return Expression::PlainColumn(fmt::format("st_each_{}", ++last_), type);
}

std::optional<Expression> Both(const std::optional<Expression>& first,
                               std::optional<Expression> second) {
  if (!first) return second;
  if (!second) return first;
  if (!second->can_fail) return Expression::Apply(Operator::kAnd, {*first, *std::move(second)});
  return Expression::Case({{*first, *std::move(second)}}, Expression::Boolean(false));
}

std::vector<Expression> ValuesOf(const SubqueryRows& rows) {
  std::vector<Expression> values;
  for (const auto& column : rows.columns) values.push_back(column.value);
  return values;
}

std::string FieldOfRow(std::size_t column) { return fmt::format("c{}", column + 1); }

Expression PackedRow(const std::vector<Expression>& values) {
  if (values.size() == 1) return values[0];
  std::vector<std::string> names;
  for (std::size_t i = 0; i < values.size(); ++i) names.push_back(FieldOfRow(i));
  return Expression::Struct(names, values);
}

Expression ListOfRows(const SubqueryRows& rows, const std::vector<Expression>& values) {
  Expression row = PackedRow(values);
  if (!rows.list) return Where(rows.where, Expression::List({std::move(row)}));
  if (row == rows.element) return Kept(rows);
  const Type type = ListOf(row.type);
  return ForEach("list_transform", Kept(rows), rows.element, std::move(row), type);
}

SubqueryRows RowsOfList(Expression list, const std::vector<RowColumn>& columns,
                        RowVariables& variables) {
  SubqueryRows rows;
  rows.element = variables.New(ElementOf(list.type));
  rows.list = std::move(list);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Type& type = columns[i].value.type;
    rows.columns.push_back(
        {.relation = columns[i].relation,
         .name = columns[i].name,
         .value = columns.size() == 1
                      ? rows.element
                      : Expression::Call("struct_extract",
                                         {rows.element, Expression::Text(FieldOfRow(i))}, type)});
  }
  return rows;
}

SubqueryRows Joined(const SubqueryRows& rows, const SubqueryRows& other, RowVariables& variables) {
  SubqueryRows joined = rows;
  joined.columns.insert(joined.columns.end(), other.columns.begin(), other.columns.end());
  if (!other.list) {
    joined.where = Both(rows.where, other.where);
    return joined;
  }
  if (!rows.list) {
    joined.list = Where(rows.where, Kept(other));
    joined.element = other.element;
    joined.where.reset();
    return joined;
  }
  Expression inner = ListOfRows(other, ValuesOf(joined));
  const Type type = inner.type;
  Expression lists =
      ForEach("list_transform", Kept(rows), rows.element, std::move(inner), ListOf(type));
  return RowsOfList(Expression::Call("flatten", {std::move(lists)}, type), joined.columns,
                    variables);
}

SubqueryRows WithOuterRow(const SubqueryRows& rows, RowVariables& variables) {
  if (rows.list) {
    return RowsOfList(OuterList(ListOfRows(rows, ValuesOf(rows))), rows.columns, variables);
  }
  SubqueryRows outer = rows;
  outer.where.reset();
  if (!rows.where) return outer;
  for (auto& column : outer.columns) {
    column.value = Expression::Case({{*rows.where, column.value}}).InBrackets();
  }
  return outer;
}

Expression OneValue(const SubqueryRows& rows, RowVariables& variables) {
  const Expression value = rows.columns.at(0).value;
  if (!rows.list) {
    if (!rows.where) return value;
    return Expression::Case({{*rows.where, value}}).InBrackets();
  }
  // A list of one value gives the value a name, so that it is computed once.
  Expression all = ListOfRows(rows, {value});
  const Expression named = variables.New(all.type);
  const auto are_many = Expression::Apply(
      Operator::kGreater,
      {Expression::Call("len", {named}, {.kind = TypeKind::kLong}), Expression::Integer(1)});
  const auto error = Expression::Call("error", {Expression::Text(kTooMany)}, value.type);
  Expression one = Expression::Case({{are_many, error}}, Expression::Element(named, 1, value.type));
  Expression ones = ForEach("list_transform", Expression::List({std::move(all)}), named,
                            std::move(one), ListOf(value.type));
  return Expression::Element(std::move(ones), 1, value.type).CanFail();
}

Expression HasRow(const SubqueryRows& rows) {
  if (!rows.list) {
    if (!rows.where) return Expression::Boolean(true);
    return Expression::Apply(Operator::kIsTrue, {*rows.where}).InBrackets();
  }
  const auto length = Expression::Call("len", {Kept(rows)}, {.kind = TypeKind::kLong});
  const auto has_one = Expression::Apply(Operator::kGreater, {length, Expression::Integer(0)});
  return Expression::Apply(Operator::kIsTrue, {has_one}).InBrackets();
}

}  // namespace st::dialect::spark
