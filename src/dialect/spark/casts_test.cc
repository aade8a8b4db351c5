#include "dialect/spark/casts.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(SqlOf("CAST(d AS INT)"), "CAST(trunc(d) AS INTEGER) INT!");
  EXPECT_EQ(SqlOf("CAST(m AS BIGINT)"), "CAST(trunc(m) AS BIGINT) BIGINT!");
  EXPECT_EQ(SqlOf("CAST(m AS DOUBLE)"), "CAST(m AS DOUBLE) DOUBLE");
}

TEST(Casts, CheckATextBeforeTheyCastIt) {
  EXPECT_EQ(SqlOf("CAST(t AS INT)"),
            "CASE WHEN t IS NULL THEN NULL "
            R"(WHEN regexp_full_match(t, '[\x00-\x20\x7F]*([+-]?[0-9]+)[\x00-\x20\x7F]*') )"
            R"(THEN CAST(regexp_extract(t, '[\x00-\x20\x7F]*([+-]?[0-9]+)[\x00-\x20\x7F]*', 1) )"
            "AS INTEGER) ELSE error('cannot cast ''' || left(t, 100) || ''' to INT') END INT!");
  const std::string tried = SqlOf("TRY_CAST(t AS DOUBLE)");
  EXPECT_TRUE(tried.ends_with("ELSE NULL END DOUBLE")) << tried;
  EXPECT_EQ(tried.find("error("), std::string::npos) << tried;
  for (const auto* type : {"BIGINT", "DOUBLE", "DECIMAL(9,2)", "BOOLEAN", "DATE", "TIMESTAMP"}) {
    const std::string sql = SqlOf(fmt::format("CAST(t AS {})", type));
    EXPECT_TRUE(sql.starts_with("CASE WHEN t IS NULL THEN NULL WHEN regexp_full_match(t, ")) << sql;
    EXPECT_TRUE(sql.ends_with(fmt::format("''' to {0}') END {0}!", type))) << sql;
  }
  EXPECT_EQ(SqlOf("CAST(t AS BINARY)"), "encode(t) BINARY");
}

TEST(Casts, ConvertTimesInUtc) {
  EXPECT_EQ(SqlOf("CAST(at AS STRING)"), "CAST(timezone('UTC', at) AS VARCHAR) STRING");
  EXPECT_EQ(SqlOf("CAST(at AS DATE)"), "CAST(timezone('UTC', at) AS DATE) DATE");
  EXPECT_EQ(SqlOf("CAST(day AS TIMESTAMP)"), "timezone('UTC', CAST(day AS TIMESTAMP)) TIMESTAMP");
  EXPECT_EQ(SqlOf("CAST(at AS DOUBLE)"), "(epoch_us(at) / 1e6) DOUBLE");
  EXPECT_EQ(SqlOf("CAST(at AS BIGINT)"),
            "((epoch_us(at) - (epoch_us(at) % 1000000 + 1000000) % 1000000) // 1000000) BIGINT");
}

TEST(Casts, FailOnBytesThatAreNotUtf8) {
  EXPECT_EQ(SqlOf("CAST(x AS STRING)"), "decode(x) STRING!");
  EXPECT_EQ(SqlOf("TRY_CAST(x AS STRING)"), "try(decode(x)) STRING");
}

TEST(Casts, RefuseWhatSparkWritesOrReadsOtherwise) {
  const auto refusal = [](const Expression& value, TypeKind to) {
    const auto cast = Cast(value, {.kind = to}, false);
    if (cast) return std::string("none");
    EXPECT_EQ(cast.error().code(), ErrorCode::kUnsupported);
    return cast.error().message();
  };
  const auto column = [](std::string_view name) { return ColumnsOfEachType::Named(name); };
  EXPECT_EQ(refusal(column("d"), TypeKind::kString),
            "a cast from DOUBLE to STRING is not supported (Spark writes doubles as Java does, "
            "1.0E7)");
  EXPECT_EQ(refusal(column("n"), TypeKind::kTimestampTz),
            "a cast from BIGINT to TIMESTAMP is not supported; write timestamp_seconds(x) or "
            "timestamp_millis(x)");
  EXPECT_EQ(refusal(column("d"), TypeKind::kBoolean),
            "a cast from DOUBLE to BOOLEAN is not supported");
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
  std::vector<Expression> mixed = {ColumnsOfEachType::Named("i"), ColumnsOfEachType::Named("t")};
  EXPECT_FALSE(Unify(mixed));
}

}  // namespace
}  // namespace st::dialect::spark
