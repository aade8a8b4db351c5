#include "dialect/spark/subquery_translator.h"

#include <gtest/gtest.h>

#include "dialect/emit.h"
#include "dialect/spark/expr_parser.h"
#include "dialect/spark/expr_translator.h"
#include "dialect/spark/lexer.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

const Type kInt{.kind = TypeKind::kInt};

// An expression over the columns n INT, s STRING and a ARRAY<INT> of the relation r, as SQL.
std::string SqlOf(const std::string& text) {
  const SourceText source("x.sql", text);
  TokenCursor cursor(source, Tokenize(source).value());
  const auto expr = ParseExpression(cursor);
  const auto shown = [](const Error& error) {
    return error.message().substr(0, error.message().find('\n'));
  };
  if (!expr) return shown(expr.error());
  StatementCounts counts;
  SubqueryTranslator subqueries(source, {}, counts);
  const std::vector<RelationColumn> columns = {
      {"r", "n", kInt}, {"r", "s", {.kind = TypeKind::kString}}, {"r", "a", ListOf(kInt)}};
  RelationScope scope(source, columns, false, &subqueries);
  std::vector<Constant> constants;
  const auto made = ExprTranslator(source, scope, constants).Translate(*expr);
  return made ? ToSql(*made) : shown(made.error());
}

TEST(SubqueryTranslator, MakesValuesOfOneRow) {
  EXPECT_EQ(SqlOf("(SELECT n + 1)"), "(\"n\" + 1)");
  EXPECT_EQ(SqlOf("(SELECT n WHERE s = 'x')"), "(CASE WHEN (\"s\" = 'x') THEN \"n\" END)");
  EXPECT_EQ(SqlOf("(SELECT y FROM (SELECT n AS y WHERE n > 1) WHERE y < 5)"),
            "(CASE WHEN (\"n\" > 1) AND (\"n\" < 5) THEN \"n\" END)");
  EXPECT_EQ(SqlOf("(VALUES (5))"), "5");
}

TEST(SubqueryTranslator, MakesListsOfManyRows) {
  EXPECT_EQ(SqlOf("EXISTS (SELECT 1 FROM explode(a) AS e(y) WHERE y = n)"),
            "((len(list_filter(\"a\", lambda st_each_1: (st_each_1 = \"n\"))) > 0) IS TRUE)");
  EXPECT_EQ(SqlOf("EXISTS (SELECT explode(a))"), "((len(\"a\") > 0) IS TRUE)");
  EXPECT_EQ(SqlOf("n IN (SELECT y + 1 FROM explode(a) AS e(y))"),
            "((len(list_filter(\"a\", lambda st_each_1: (\"n\" = (st_each_1 + 1)))) > 0) IS TRUE)");
  EXPECT_EQ(SqlOf("EXISTS (SELECT n UNION ALL SELECT 2L)"),
            "((len(list_concat([CAST(\"n\" AS BIGINT)], [CAST('2' AS BIGINT)])) > 0) IS TRUE)");
}

TEST(SubqueryTranslator, HidesTheNullsOfInAsSparkDoes) {
  EXPECT_EQ(SqlOf("n IN (SELECT 1)"), "((\"n\" = 1) IS TRUE)");
  EXPECT_EQ(SqlOf("n NOT IN (SELECT 1)"), "(NOT (((\"n\" = 1) IS NOT FALSE) IS TRUE))");
  EXPECT_EQ(SqlOf("NOT n IN (SELECT 1)"), SqlOf("n NOT IN (SELECT 1)"));
  EXPECT_EQ(SqlOf("(n, s) IN (SELECT 1, 'x')"), "(((\"n\" = 1) AND (\"s\" = 'x')) IS TRUE)");
}

TEST(SubqueryTranslator, SeesTheQueryRightAroundIt) {
  EXPECT_EQ(SqlOf("(SELECT n FROM (SELECT 5 AS n))"), "5");
  EXPECT_EQ(SqlOf("(SELECT r.n FROM (SELECT 5 AS n))"), "\"n\"");
  EXPECT_TRUE(SqlOf("(SELECT (SELECT n))").contains("(UNRESOLVED_COLUMN)"));
  EXPECT_TRUE(SqlOf("(SELECT y FROM VALUES (n) AS v(y))")
                  .contains("(CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE)"));
  EXPECT_TRUE(SqlOf("(SELECT z FROM (SELECT 1 AS y) LATERAL VIEW explode(a) l AS z)")
                  .contains("(CORRELATED_REFERENCE)"));
}

TEST(SubqueryTranslator, ReadsQueriesOfWithInTheirOrder) {
  EXPECT_EQ(SqlOf("(WITH w AS (SELECT n AS y), v AS (SELECT y + 1 AS z FROM w) SELECT z FROM v)"),
            "(\"n\" + 1)");
  EXPECT_TRUE(SqlOf("(WITH w AS (SELECT 1 AS y FROM w) SELECT y FROM w)")
                  .contains("no query of WITH is called w"));
}

TEST(SubqueryTranslator, NamesSparksClassOfAMistake) {
  EXPECT_EQ(SqlOf("(SELECT n, 1)"),
            "x.sql:1:1: a subquery that is a value has one column, not 2 "
            "(SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN)");
  EXPECT_EQ(SqlOf("n IN (SELECT 1, 2)"),
            "x.sql:1:3: IN compares 1 values with the 2 columns of its subquery "
            "(IN_SUBQUERY_LENGTH_MISMATCH)");
  EXPECT_EQ(SqlOf("n IN (SELECT array(1))"),
            "x.sql:1:3: IN compares INT with ARRAY<INT> of its subquery "
            "(IN_SUBQUERY_DATA_TYPE_MISMATCH); write CAST(… AS …)");
  EXPECT_TRUE(SqlOf("transform(a, x -> (SELECT 1))").contains("(HIGHER_ORDER_FUNCTION)"));
  EXPECT_TRUE(
      SqlOf("(SELECT y FROM VALUES (1, 2), (3) AS v(y))").contains("(NUM_COLUMNS_MISMATCH"));
  EXPECT_TRUE(SqlOf("(SELECT explode(a) WHERE n > 1)")
                  .contains("(ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED)"));
}

TEST(SubqueryTranslator, RefusesWhatReadsOtherRecords) {
  EXPECT_EQ(SqlOf("EXISTS (SELECT 1 FROM STREAM(e))"),
            "x.sql:1:30: a subquery that reads the stream e looks at more than one record, so it "
            "needs a window, which is not supported yet; a subquery may read VALUES and the "
            "record's own values, as in FROM explode(array)");
  EXPECT_EQ(SqlOf("n IN (SELECT k FROM t)"),
            "x.sql:1:21: no query of WITH is called t; a subquery that reads a table or a view is "
            "not supported yet, as it looks at more than one record");
}

TEST(SubqueryTranslator, LimitsQueriesThatGrowAsPowers) {
  std::string with = "(WITH w0 AS (SELECT 1 AS y)";
  for (int i = 1; i < 20; ++i) {
    with += fmt::format(", w{0} AS (SELECT y FROM w{1} UNION ALL SELECT y FROM w{1})", i, i - 1);
  }
  EXPECT_TRUE(SqlOf(with + " SELECT y FROM w19)").contains("a statement reads at most"));
  std::string chain = "(WITH w0 AS (SELECT 1 AS y)";
  for (int i = 1; i < 40; ++i) chain += fmt::format(", w{} AS (SELECT y FROM w{})", i, i - 1);
  EXPECT_TRUE(SqlOf(chain + " SELECT y FROM w39)").contains("nested deeper than 32 levels"));
  std::string sums = "n";
  for (int i = 0; i < 25; ++i) sums = fmt::format("(SELECT y + y FROM (SELECT {} AS y))", sums);
  EXPECT_TRUE(SqlOf(sums).contains("levels") || SqlOf(sums).contains("bytes of SQL"));
}

}  // namespace
}  // namespace st::dialect::spark
