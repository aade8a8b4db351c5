#include "dialect/spark/casts.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "dialect/spark/testing.h"

namespace st::dialect::spark {
namespace {

TEST(Casts, UseDuckDbsCastsOfNumbersWhereTheyMeanTheSame) {
  EXPECT_EQ(SqlOf("CAST(i AS INT)"), "i INT");
  EXPECT_EQ(SqlOf("CAST(i AS BIGINT)"), "CAST(i AS BIGINT) BIGINT");
  EXPECT_EQ(SqlOf("CAST(n AS INT)"), "CAST(n AS INTEGER) INT!");
  EXPECT_EQ(SqlOf("TRY_CAST(n AS INT)"), "TRY_CAST(n AS INTEGER) INT");
  EXPECT_EQ(SqlOf("CAST(n AS DOUBLE)"), "CAST(n AS DOUBLE) DOUBLE");
  EXPECT_EQ(SqlOf("CAST(b AS INT)"), "CAST(b AS INTEGER) INT");
  EXPECT_EQ(SqlOf("CAST(NULL AS DATE)"), "CAST(NULL AS DATE) DATE");
}

TEST(Casts, TruncateFractionsAsSparkDoes) {
  EXPECT_EQ(SqlOf("CAST(d AS INT)"), "spark_double_to_int(d) INT!");
  EXPECT_EQ(SqlOf("CAST(m AS BIGINT)"), "CAST(trunc(m) AS BIGINT) BIGINT!");
  EXPECT_EQ(SqlOf("CAST(m AS DOUBLE)"), "CAST(m AS DOUBLE) DOUBLE");
}

TEST(Casts, ReadTextsByTheWorker) {
  for (const auto* type : {"INT", "BIGINT", "DOUBLE", "BOOLEAN", "DATE"}) {
    const std::string name = AsciiLower(type);
    EXPECT_EQ(SqlOf(fmt::format("CAST(t AS {})", type)),
              fmt::format("spark_text_to_{}(t) {}!", name, type));
    EXPECT_EQ(SqlOf(fmt::format("TRY_CAST(t AS {})", type)),
              fmt::format("spark_try_text_to_{}(t) {}", name, type));
  }
  EXPECT_EQ(SqlOf("TRY_CAST(t AS TIMESTAMP)"), "spark_try_text_to_timestamp(t) TIMESTAMP!")
      << "what needs a clock or the time zone database fails";
  EXPECT_EQ(SqlOf("CAST(t AS DECIMAL(9,2))"),
            "CAST(spark_text_to_plain(t) AS DECIMAL(9,2)) DECIMAL(9,2)!");
  EXPECT_EQ(SqlOf("CAST(t AS BINARY)"), "encode(t) BINARY");
}

TEST(Casts, DoNotFailForASoundConstant) {
  EXPECT_EQ(SqlOf("CAST('7' AS INT)"), "spark_text_to_int('7') INT");
  EXPECT_EQ(SqlOf("CAST('x' AS INT)"), "spark_text_to_int('x') INT!");
  EXPECT_EQ(SqlOf("CAST(n AS DECIMAL(20,1))"), "CAST(n AS DECIMAL(20,1)) DECIMAL(20,1)");
  EXPECT_EQ(SqlOf("CAST(n AS DECIMAL(19,1))"), "CAST(n AS DECIMAL(19,1)) DECIMAL(19,1)!");
}

TEST(Casts, ConvertTimesInUtc) {
  EXPECT_EQ(SqlOf("CAST(at AS STRING)"), "spark_timestamp_to_text(at) STRING");
  EXPECT_EQ(SqlOf("CAST(at AS DATE)"), "CAST(timezone('UTC', at) AS DATE) DATE");
  EXPECT_EQ(SqlOf("CAST(day AS TIMESTAMP)"), "timezone('UTC', CAST(day AS TIMESTAMP)) TIMESTAMP");
  EXPECT_EQ(SqlOf("CAST(at AS DOUBLE)"), "(epoch_us(at) / 1e6) DOUBLE");
  EXPECT_EQ(SqlOf("CAST(at AS BIGINT)"),
            "((epoch_us(at) - (epoch_us(at) % 1000000 + 1000000) % 1000000) // 1000000) BIGINT");
}

TEST(Casts, FailOnBytesThatAreNotUtf8) {
  EXPECT_EQ(SqlOf("CAST(x AS STRING)"), "spark_binary_to_text(x) STRING");
  EXPECT_EQ(SqlOf("TRY_CAST(x AS STRING)"), "spark_binary_to_text(x) STRING");
}

TEST(Casts, RefuseWhatSparkWritesOrReadsOtherwise) {
  const auto refusal = [](const Expression& value, TypeKind to) {
    const auto cast = Cast(value, {.kind = to}, false);
    if (cast) return std::string("none");
    EXPECT_EQ(cast.error().code(), ErrorCode::kUnsupported);
    return cast.error().message();
  };
  const auto column = [](std::string_view name) { return ColumnsOfEachType::Named(name); };
  EXPECT_EQ(refusal(column("d"), TypeKind::kTimestampTz),
            "a cast from DOUBLE to TIMESTAMP is not supported");
  EXPECT_EQ(refusal(column("day"), TypeKind::kInt), "a cast from DATE to INT is not supported");
  EXPECT_EQ(refusal(column("x"), TypeKind::kDate), "a cast from BINARY to DATE is not supported");
}

TEST(Casts, UnifyNumbersAndNullsToOneType) {
  std::vector<Expression> values = {ColumnsOfEachType::Named("i"), ColumnsOfEachType::Named("d"),
                                    Expression::Null()};
  ASSERT_TRUE(Unify(values));
  EXPECT_EQ(ToSql(values[0]), "CAST(i AS DOUBLE)");
  EXPECT_EQ(ToSql(values[1]), "d");
  EXPECT_EQ(ToSql(values[2]), "CAST(NULL AS DOUBLE)");
}

TEST(Casts, UnifyTextsWithWhatStandsBesideThem) {
  std::vector<Expression> mixed = {ColumnsOfEachType::Named("i"), ColumnsOfEachType::Named("t")};
  ASSERT_TRUE(Unify(mixed));
  EXPECT_EQ(ToSql(mixed[0]), "CAST(i AS BIGINT)");
  EXPECT_EQ(ToSql(mixed[1]), "spark_text_to_bigint(t)");
  std::vector<Expression> exact = {ColumnsOfEachType::Named("i"), ColumnsOfEachType::Named("m")};
  ASSERT_TRUE(Unify(exact));
  EXPECT_EQ(exact[1].type, (Type{.kind = TypeKind::kDecimal, .precision = 12, .scale = 2}));
  std::vector<Expression> bytes = {ColumnsOfEachType::Named("x"), ColumnsOfEachType::Named("t")};
  EXPECT_FALSE(Unify(bytes));
}

}  // namespace
}  // namespace st::dialect::spark
