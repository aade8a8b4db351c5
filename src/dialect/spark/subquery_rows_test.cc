#include "dialect/spark/subquery_rows.h"

#include <gtest/gtest.h>

#include "dialect/emit.h"

namespace st::dialect::spark {
namespace {

const Type kInt{.kind = TypeKind::kInt};

Expression Column(std::string_view name) { return Expression::PlainColumn(name, kInt); }
Expression Condition(std::string_view name) {
  return Expression::PlainColumn(name, {.kind = TypeKind::kBoolean});
}

// The rows of a list with the element as their column.
SubqueryRows Elements(std::string_view list, std::string_view name, RowVariables& variables) {
  return RowsOfList(Expression::PlainColumn(list, ListOf(kInt)),
                    {{.relation = "r", .name = std::string(name), .value = Column("x")}},
                    variables);
}

SubqueryRows OneRow(std::string_view column) {
  return {.list = {}, .element = {}, .columns = {{"", "a", Column(column)}}, .where = {}};
}

std::string ListSql(const SubqueryRows& rows) { return ToSql(ListOfRows(rows, ValuesOf(rows))); }

TEST(SubqueryRows, ListTheRowsThatAreKept) {
  RowVariables variables;
  SubqueryRows one = OneRow("i");
  EXPECT_EQ(ListSql(one), "[i]");
  one.where = Condition("b");
  EXPECT_EQ(ListSql(one), "(CASE WHEN b THEN [i] END)");
  SubqueryRows many = Elements("l", "x", variables);
  EXPECT_EQ(ListSql(many), "l");
  many.where = Condition("b");
  EXPECT_EQ(ListSql(many), "list_filter(l, lambda st_each_1: b)");
  many.columns.push_back({"", "y", Column("i")});
  EXPECT_EQ(ListSql(many),
            "list_transform(list_filter(l, lambda st_each_1: b), lambda st_each_1: {'c1': "
            "st_each_1, 'c2': i})");
}

TEST(SubqueryRows, GiveOneValueOrFail) {
  RowVariables variables;
  SubqueryRows one = OneRow("i");
  EXPECT_EQ(ToSql(OneValue(one, variables)), "i");
  EXPECT_FALSE(OneValue(one, variables).can_fail);
  one.where = Condition("b");
  EXPECT_EQ(ToSql(OneValue(one, variables)), "(CASE WHEN b THEN i END)");
  const auto value = OneValue(Elements("l", "x", variables), variables);
  EXPECT_EQ(ToSql(value),
            "list_transform([l], lambda st_each_2: CASE WHEN len(st_each_2) > 1 THEN "
            "error('SCALAR_SUBQUERY_TOO_MANY_ROWS: a subquery that is a value has more than one "
            "row') ELSE st_each_2[1] END)[1]");
  EXPECT_TRUE(value.can_fail);
}

TEST(SubqueryRows, TellWhetherThereIsOne) {
  RowVariables variables;
  SubqueryRows one = OneRow("i");
  EXPECT_EQ(ToSql(HasRow(one)), "true");
  one.where = Condition("b");
  EXPECT_EQ(ToSql(HasRow(one)), "(b IS TRUE)");
  EXPECT_EQ(ToSql(HasRow(Elements("l", "x", variables))), "((len(l) > 0) IS TRUE)");
}

TEST(SubqueryRows, JoinEachRowWithEach) {
  RowVariables variables;
  const SubqueryRows left = Elements("l", "x", variables);
  const SubqueryRows right = Elements("m", "y", variables);
  EXPECT_EQ(ListSql(Joined(OneRow("i"), OneRow("n"), variables)), "[{'c1': i, 'c2': n}]");
  EXPECT_EQ(ListSql(Joined(OneRow("i"), left, variables)),
            "list_transform(l, lambda st_each_1: {'c1': i, 'c2': st_each_1})");
  EXPECT_EQ(ListSql(Joined(left, OneRow("i"), variables)),
            "list_transform(l, lambda st_each_1: {'c1': st_each_1, 'c2': i})");
  const SubqueryRows both = Joined(left, right, variables);
  EXPECT_EQ(ToSql(*both.list),
            "flatten(list_transform(l, lambda st_each_1: list_transform(m, lambda st_each_2: "
            "{'c1': st_each_1, 'c2': st_each_2})))");
  EXPECT_EQ(ToSql(both.columns.at(1).value), "struct_extract(st_each_3, 'c2')");
  EXPECT_EQ(both.columns.at(1).name, "y");
}

TEST(SubqueryRows, GetAnOuterRowWhereThereIsNone) {
  RowVariables variables;
  EXPECT_EQ(ListSql(WithOuterRow(OneRow("i"), variables)), "[i]");
  SubqueryRows one = OneRow("i");
  one.where = Condition("b");
  EXPECT_EQ(ListSql(WithOuterRow(one, variables)), "[(CASE WHEN b THEN i END)]");
  EXPECT_EQ(ListSql(WithOuterRow(Elements("l", "x", variables), variables)),
            "CASE WHEN len(l) > 0 THEN l ELSE CAST([NULL] AS INTEGER[]) END");
}

TEST(SubqueryRows, EvaluateTheFirstConditionFirst) {
  const auto plain = Condition("b");
  const auto failing = Condition("c").CanFail();
  EXPECT_EQ(ToSql(*Both(plain, Condition("c"))), "b AND c");
  EXPECT_EQ(ToSql(*Both(plain, failing)), "CASE WHEN b THEN c ELSE false END");
  EXPECT_EQ(ToSql(*Both(std::nullopt, plain)), "b");
  EXPECT_EQ(ToSql(*Both(plain, std::nullopt)), "b");
}

}  // namespace
}  // namespace st::dialect::spark
