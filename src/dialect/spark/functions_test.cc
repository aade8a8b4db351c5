#include "dialect/spark/functions.h"

#include <gtest/gtest.h>

#include <set>

#include "dialect/spark/choice_functions.h"
#include "dialect/spark/number_functions.h"
#include "dialect/spark/pattern_functions.h"
#include "dialect/spark/simple_functions.h"
#include "dialect/spark/testing.h"
#include "dialect/spark/text_functions.h"
#include "dialect/spark/time_functions.h"

namespace st::dialect::spark {
namespace {

TEST(Functions, AreDuckDbsWithSparksTypes) {
  EXPECT_EQ(SqlOf("length(t)"), "CAST(length(t) AS INTEGER) INT");
  EXPECT_EQ(SqlOf("length(x)"), "CAST(octet_length(x) AS INTEGER) INT");
  EXPECT_EQ(SqlOf("abs(n)"), "abs(n) BIGINT!");
  EXPECT_EQ(SqlOf("ceiling(d)"), "spark_ceil(d) BIGINT");
  EXPECT_EQ(SqlOf("round(m, 1)"), "CAST(round(m, 1) AS DECIMAL(9,1)) DECIMAL(9,1)");
  EXPECT_EQ(SqlOf("floor(i)"), "CAST(i AS BIGINT) BIGINT");
  EXPECT_EQ(SqlOf("coalesce(i, n, NULL)"),
            "coalesce(CAST(i AS BIGINT), n, CAST(NULL AS BIGINT)) BIGINT");
  EXPECT_EQ(SqlOf("if(b, 1, d)"), "CASE WHEN b THEN CAST(1 AS DOUBLE) ELSE d END DOUBLE");
  EXPECT_EQ(SqlOf("concat(t, n)"), "(t || CAST(n AS VARCHAR)) STRING");
}

TEST(Functions, CountPlacesAsSparkDoes) {
  EXPECT_EQ(SqlOf("substring(t, 0, -1)"), "spark_substring(t, 0, (-1)) STRING");
  EXPECT_EQ(SqlOf("split_part(t, '''', -1)"), "spark_split_part(t, '''', (-1)) STRING!");
  EXPECT_EQ(SqlOf("dayofweek(day)"), "CAST(dayofweek(day) + 1 AS INTEGER) INT");
  EXPECT_EQ(SqlOf("weekday(at)"), "CAST(isodow(timezone('UTC', at)) - 1 AS INTEGER) INT");
  EXPECT_EQ(SqlOf("datediff(day, day)"), "CAST(date_diff('day', day, day) AS INTEGER) INT");
}

TEST(Functions, RoundTimesAsSparkDoes) {
  EXPECT_EQ(SqlOf("unix_timestamp(at)"), "(epoch_us(at) // 1000000) BIGINT");
  EXPECT_EQ(SqlOf("unix_millis(at)"),
            "((epoch_us(at) - (epoch_us(at) % 1000 + 1000) % 1000) // 1000) BIGINT");
  EXPECT_EQ(SqlOf("timestamp_seconds(i)"),
            "timezone('UTC', make_timestamp(CAST(i AS BIGINT) * 1000000)) TIMESTAMP!");
  EXPECT_EQ(SqlOf("date_sub(day, i)"), "(day - i) DATE!");
}

TEST(Functions, TakeFieldsOfTheValueThroughTheScope) {
  EXPECT_EQ(SqlOf("get_json_object(CAST(value AS STRING), '$.a')"), "extract('$.a') STRING");
  EXPECT_EQ(SqlOf("get_json_object(t, '$.a')"), "spark_json_path(t, '$.a') STRING");
}

TEST(Functions, CastTheirArgumentsAsSparkDoes) {
  EXPECT_EQ(SqlOf("repeat(n, 2)"), "spark_repeat(CAST(n AS VARCHAR), 2) STRING!");
  EXPECT_EQ(SqlOf("crc32(t)"), "spark_crc32(encode(t)) BIGINT");
  EXPECT_EQ(SqlOf("hex(i)"), "spark_hex_number(CAST(i AS BIGINT)) STRING");
  EXPECT_EQ(SqlOf("left(x, 2)"), "spark_left_binary(x, 2) BINARY");
}

TEST(Functions, RefuseArgumentsOfTheWrongTypeOrForm) {
  EXPECT_EQ(SqlOf("upper(x)"),
            "x.sql:1:7: upper takes STRING here, not BINARY; write CAST(… AS STRING)");
  EXPECT_EQ(SqlOf("left(t, n)"),
            "x.sql:1:9: left takes INT here, not BIGINT; write CAST(… AS INT)");
  EXPECT_EQ(SqlOf("rlike(t, t)"), "x.sql:1:10: the pattern must be a constant string");
  EXPECT_EQ(SqlOf("regexp_extract(t, '(a)', 2)"),
            "x.sql:1:26: the pattern has 1 groups; write regexp_extract(text, pattern, group)");
  EXPECT_EQ(SqlOf("regexp_replace(t, 'a', '$1')"),
            "x.sql:1:24: in the replacement: $1: the pattern has 0 groups");
  EXPECT_EQ(SqlOf("nullif(t, x)"),
            "x.sql:1:1: nullif needs values of one type, not STRING, BINARY; write CAST(… AS …)");
  EXPECT_EQ(SqlOf("date_format(at, 'YYYY')"), "x.sql:1:17: in the format: 'YYYY' is not supported");
  EXPECT_EQ(SqlOf("timestampadd(HOURS, 1, at)"), "x.sql:1:14: unit HOURS is not known");
  EXPECT_EQ(SqlOf("date_trunc('hours', at)"),
            "x.sql:1:12: unit 'hours' is not known; did you mean 'hour'?");
  EXPECT_EQ(SqlOf("encode(t, 'latin1')"),
            "x.sql:1:11: the character set is UTF-8, UTF-16, UTF-16BE, UTF-16LE, US-ASCII or "
            "ISO-8859-1");
}

TEST(Functions, HashTakesNoNestedValues) {
  EXPECT_EQ(SqlOf("hash(t, array(1))"), "x.sql:1:9: hash does not take ARRAY<INT>");
  EXPECT_EQ(SqlOf("xxhash64(named_struct('a', t))"),
            "x.sql:1:10: xxhash64 does not take STRUCT<a: STRING>");
}

TEST(Functions, HaveOneEntryEachWithAUsage) {
  std::set<std::string_view> names;
  for (const auto& unit : {ChoiceFunctions(), NumberFunctions(), PatternFunctions(),
                           TextFunctions(), TimeFunctions()}) {
    for (const auto& function : unit) {
      EXPECT_TRUE(names.insert(function.name).second) << function.name;
      EXPECT_LE(function.least, function.most) << function.name;
      EXPECT_TRUE(function.usage.starts_with(function.name)) << function.name;
      EXPECT_FALSE(IsSimpleFunction(function.name)) << function.name;
    }
  }
}

}  // namespace
}  // namespace st::dialect::spark
