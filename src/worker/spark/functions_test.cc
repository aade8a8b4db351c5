#include "worker/spark/functions.h"

#include <gtest/gtest.h>

namespace st::worker::spark {
namespace {

class SparkFunctions : public ::testing::Test {
 protected:
  SparkFunctions() { EXPECT_TRUE(RegisterFunctions(connection_)); }

  std::string Text(const std::string& sql) {
    const auto text = connection_.Text("SELECT " + sql);
    return text ? *text : text.error().message();
  }

  sql::Database database_ = sql::Database::Open({}).value();
  sql::Connection connection_ = database_.Connect().value();
};

TEST_F(SparkFunctions, HaveSparksAnswers) {
  EXPECT_EQ(Text("spark_upper('ß')"), "SS");
  EXPECT_EQ(Text("spark_regexp_replace('a1b22', '[0-9]+', '#', 1)"), "a#b#");
  EXPECT_EQ(Text("spark_unhex('4142')::VARCHAR"), "AB");
  EXPECT_EQ(Text("spark_hash_int(1, 42)::VARCHAR"), "-559580957");
}

TEST_F(SparkFunctions, MakeNullOfNull) {
  EXPECT_EQ(Text("coalesce(spark_repeat(NULL, 2), 'none')"), "none");
  EXPECT_EQ(Text("coalesce(spark_repeat('a', NULL), 'none')"), "none");
  EXPECT_EQ(Text("coalesce(spark_try_parse_url('a b', 'HOST'), 'none')"), "none");
  EXPECT_EQ(Text("spark_hash_text(NULL, 7)::VARCHAR"), "7") << "it leaves the seed";
}

TEST_F(SparkFunctions, FailWithTheirMessage) {
  EXPECT_EQ(Text("spark_url_decode('%z')"),
            "Invalid Input Error: [CANNOT_DECODE_URL] the text has a % without two hexadecimal "
            "digits behind it");
}

TEST_F(SparkFunctions, TakeManyRowsAndChangingPatterns) {
  EXPECT_EQ(Text("count(*)::VARCHAR FROM range(5000) t(i) WHERE spark_reverse(i::VARCHAR) = "
                 "reverse(i::VARCHAR)"),
            "5000");
  EXPECT_EQ(Text("count(*)::VARCHAR FROM range(5000) t(i) WHERE "
                 "spark_regexp_count('aabbb', CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END) = "
                 "2 + i % 2"),
            "5000");
  EXPECT_EQ(Text("count(spark_reverse(CASE WHEN i % 3 <> 0 THEN 'ab' END))::VARCHAR FROM "
                 "range(3000) t(i)"),
            "2000");
}

}  // namespace
}  // namespace st::worker::spark
