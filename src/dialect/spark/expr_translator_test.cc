#include "dialect/spark/expr_translator.h"

#include <gtest/gtest.h>

#include "dialect/spark/limits.h"
#include "dialect/spark/testing.h"

namespace st::dialect::spark {
namespace {

TEST(ExprTranslator, TypesNumbersAsSparkDoes) {
  EXPECT_EQ(SqlOf("007"), "7 INT");
  EXPECT_EQ(SqlOf("-2147483648"), "(-2147483648) INT");
  EXPECT_EQ(SqlOf("2147483648"), "CAST('2147483648' AS BIGINT) BIGINT");
  EXPECT_EQ(SqlOf("-1L"), "CAST('-1' AS BIGINT) BIGINT");
  EXPECT_EQ(SqlOf("1.50"), "CAST('1.50' AS DECIMAL(3,2)) DECIMAL(3,2)");
  EXPECT_EQ(SqlOf("1e3"), "CAST('1e3' AS DOUBLE) DOUBLE");
  EXPECT_EQ(SqlOf("9223372036854775808"), "x.sql:1:1: 9223372036854775808 does not fit BIGINT");
}

TEST(ExprTranslator, BringsOperandsToOneType) {
  EXPECT_EQ(SqlOf("i + n"), "(CAST(i AS BIGINT) + n) BIGINT!");
  EXPECT_EQ(SqlOf("i = d"), "(CAST(i AS DOUBLE) = d) BOOLEAN");
  EXPECT_EQ(SqlOf("m = i"), "(CAST(m AS DECIMAL(12,2)) = CAST(i AS DECIMAL(12,2))) BOOLEAN");
  EXPECT_EQ(SqlOf("t = n"), "(spark_text_to_bigint(t) = n) BOOLEAN!");
  EXPECT_EQ(SqlOf("t = x"),
            "x.sql:1:3: STRING and BINARY are compared; Spark would cast one of "
            "them, so say which: CAST(… AS …)");
  EXPECT_EQ(SqlOf("m + i"),
            "x.sql:1:3: + takes INT, BIGINT, FLOAT or DOUBLE, not DECIMAL(9,2) and INT; "
            "write CAST(… AS …)");
}

TEST(ExprTranslator, FailsADivisionByZero) {
  EXPECT_EQ(SqlOf("n % n"),
            "(CASE WHEN n IS NOT NULL AND n = 0 THEN error('division by zero') ELSE "
            "n % n END) BIGINT!");
  EXPECT_EQ(SqlOf("i div i"),
            "CAST((CASE WHEN i IS NOT NULL AND i = 0 THEN error('division by "
            "zero') ELSE i // i END) AS BIGINT) BIGINT!");
}

TEST(ExprTranslator, WritesTheOrderOutWhereAPartMayFail) {
  EXPECT_EQ(SqlOf("b AND t = 'a' AND b"), "(b AND (t = 'a') AND b) BOOLEAN");
  EXPECT_EQ(SqlOf("b OR -n = 1"),
            "(CASE WHEN b THEN true WHEN ((-n) = CAST(1 AS BIGINT)) THEN true "
            "ELSE (b OR ((-n) = CAST(1 AS BIGINT))) END) BOOLEAN!");
  EXPECT_EQ(SqlOf("b AND abs(n) = 1L"),
            "(CASE WHEN NOT b THEN false WHEN NOT (abs(n) = CAST('1' AS BIGINT)) THEN false "
            "ELSE (b AND (abs(n) = CAST('1' AS BIGINT))) END) BOOLEAN!");
  EXPECT_EQ(SqlOf("n IN (1, -n)"),
            "x.sql:1:3: a value in IN (…) may raise an error; write OR, "
            "which has an order");
}

TEST(ExprTranslator, TranslatesPredicates) {
  EXPECT_EQ(SqlOf("t NOT LIKE 'a\\_%'"), "(t NOT LIKE 'a\\_%' ESCAPE '\\') BOOLEAN");
  EXPECT_EQ(SqlOf("t NOT RLIKE 'a'"), "(NOT regexp_matches(t, 'a')) BOOLEAN");
  EXPECT_EQ(SqlOf("n NOT BETWEEN 1L AND 2L"),
            "(NOT ((n >= CAST('1' AS BIGINT)) AND (n <= CAST('2' AS BIGINT)))) BOOLEAN");
  EXPECT_EQ(SqlOf("i NOT IN (1, 2)"), "(i NOT IN (1, 2)) BOOLEAN");
  EXPECT_EQ(SqlOf("b IS NOT TRUE"), "(b IS NOT TRUE) BOOLEAN");
  EXPECT_EQ(SqlOf("t IS NOT DISTINCT FROM t"), "(t IS NOT DISTINCT FROM t) BOOLEAN");
  EXPECT_EQ(SqlOf("t <=> t"), "(t IS NOT DISTINCT FROM t) BOOLEAN");
  EXPECT_EQ(SqlOf("CASE i WHEN 1 THEN t END"), "(CASE WHEN (i = 1) THEN t END) STRING");
  EXPECT_EQ(SqlOf("NOT n"), "x.sql:1:5: a condition is BOOLEAN, not BIGINT");
}

TEST(ExprTranslator, LimitsTheSqlThatAnExpressionMakes) {
  std::string casts = "n";  // each remainder spells its first operand twice
  for (int i = 0; i < 20; ++i) casts = "(" + casts + " % 2)";
  EXPECT_NE(SqlOf(casts).find("bytes of SQL; the limit is 524288"), std::string::npos);
  std::string sum = "n";
  for (int i = 0; i < kMaxExprOperators; ++i) sum += " + n";
  EXPECT_TRUE(SqlOf(sum).ends_with(" + n) BIGINT!"));
}

}  // namespace
}  // namespace st::dialect::spark
