#include "dialect/spark/translate.h"

#include <gtest/gtest.h>

#include "dialect/emit.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/parser.h"

namespace st::dialect::spark {
namespace {

std::string Translated(const std::string& select, bool is_json) {
  const SourceText source("x.sql", "CREATE STREAMING TABLE t AS " + select);
  const auto tables = ParseStatements(source).value();
  const auto translation = Translate(source, tables.at(0), is_json);
  if (translation) return ToSql(translation->plan);
  return translation.error().message().substr(0, translation.error().message().find('\n'));
}

constexpr std::string_view kA = "get_json_object(CAST(value AS STRING), '$.a')";
constexpr std::string_view kB = "get_json_object(CAST(value AS STRING), '$.b')";

TEST(Translate, ReadsEachValueOnceForAllFields) {
  EXPECT_EQ(Translated(fmt::format("SELECT {0} AS a, {1} AS b, upper({0}) AS c, offset FROM "
                                   "STREAM(e)",
                                   kA, kB),
                       true),
            "SELECT fields[1] AS \"a\", fields[2] AS \"b\", upper(fields[1]) AS \"c\", \"offset\" "
            "AS \"offset\" FROM (SELECT \"offset\", value_text, json_extract_string(value_text, "
            "['$.\"a\"', '$.\"b\"']) AS fields FROM st_source())");
}

TEST(Translate, TakesTheFieldsOfWhereBelowTheSelect) {
  EXPECT_EQ(Translated(fmt::format("SELECT {0} AS a FROM STREAM(e) WHERE {1} = 'x'", kA, kB), true),
            "SELECT fields[1] AS \"a\" FROM (SELECT value_text, json_extract_string(value_text, "
            "['$.\"a\"']) AS fields FROM st_source() WHERE (json_extract_string(value_text, "
            "'$.\"b\"') = 'x'))");
  EXPECT_EQ(Translated("SELECT topic FROM STREAM(e) WHERE offset > 1L", true),
            "SELECT topic AS \"topic\" FROM st_source() WHERE (\"offset\" > CAST('1' AS BIGINT))");
}

TEST(Translate, ChecksEachValueForJsonUnlessTheReaderHas) {
  EXPECT_EQ(
      Translated(fmt::format("SELECT {} AS a FROM STREAM(e)", kA), false),
      "SELECT fields[1] AS \"a\" FROM (SELECT value, value_text, CASE WHEN "
      "json_valid(value_text) THEN json_extract_string(value_text, ['$.\"a\"']) END AS fields "
      "FROM st_source())");
}

TEST(Translate, SpellsEarlierNamesOut) {
  EXPECT_EQ(Translated("SELECT lower(topic) AS a, a || 'x' AS b FROM STREAM(e)", true),
            "SELECT lower(topic) AS \"a\", (lower(topic) || 'x') AS \"b\" FROM st_source()");
  EXPECT_EQ(Translated("SELECT lower(topic) AS topic, topic || 'x' AS b FROM STREAM(e)", true),
            "SELECT lower(topic) AS \"topic\", (topic || 'x') AS \"b\" FROM st_source()")
      << "a column of the stream comes before an earlier name";
}

TEST(Translate, SaysWhichNameIsWrong) {
  EXPECT_EQ(Translated("SELECT ofset FROM STREAM(e)", true),
            "x.sql:1:36: column 'ofset' does not exist; did you mean offset?; a stream has key, "
            "value, topic, partition, offset, timestamp, timestampType");
  EXPECT_EQ(Translated("SELECT o.offset FROM STREAM(e)", true),
            "x.sql:1:36: 'o' names no stream here; the stream is called e");
  EXPECT_EQ(Translated("SELECT 1 AS a, 2 AS A FROM STREAM(e)", true),
            "x.sql:1:44: two columns are called 'a'");
  EXPECT_EQ(Translated("SELECT 1 AS a FROM STREAM(e) WHERE a = 1", true),
            "x.sql:1:64: 'a' is made by the SELECT, which comes after WHERE; repeat its expression "
            "here");
}

// Each column repeats the one before it, so the total SQL grows with the square of their number.
TEST(Translate, LimitsTheSqlThatRepeatedNamesMake) {
  std::string chain = "SELECT offset AS c0";
  for (int i = 1; i < 20'000; ++i) chain += fmt::format(", -c{} AS c{}", i - 1, i);
  EXPECT_NE(Translated(chain + " FROM STREAM(e)", true).find("bytes of SQL; the limit is 524288"),
            std::string::npos);
  std::string half;
  for (int i = 0; i < kMaxPlanDepth / 2; ++i) half += "+offset";
  const std::string deep = fmt::format("SELECT offset{} AS c0, c0{}+offset AS c1", half, half);
  EXPECT_NE(Translated(deep + " FROM STREAM(e)", true).find("nested deeper than 950 levels"),
            std::string::npos);
}

}  // namespace
}  // namespace st::dialect::spark
