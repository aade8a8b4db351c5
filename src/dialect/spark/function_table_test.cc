#include "dialect/spark/function_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/text.h"
#include "dialect/spark/testing.h"

namespace st::dialect::spark {
namespace {

TEST(FunctionTable, FillsInSimpleFunctions) {
  EXPECT_EQ(SqlOf("LCASE(t)"), "spark_lower(t) STRING");
  EXPECT_EQ(SqlOf("trim(t)"), "trim(t, ' ') STRING");
  EXPECT_EQ(SqlOf("replace(t, 'a')"), "spark_replace(t, 'a', '') STRING");
  EXPECT_EQ(SqlOf("replace(t, 'a', 'b')"), "spark_replace(t, 'a', 'b') STRING");
  EXPECT_EQ(SqlOf("locate('a', t)"), "CAST(instr(t, 'a') AS INTEGER) INT");
  EXPECT_EQ(SqlOf("endswith(t, 'a')"), "suffix(t, 'a') BOOLEAN");
  EXPECT_EQ(SqlOf("upper(CAST(x AS STRING))"), "spark_upper(decode(x)) STRING!");
}

TEST(FunctionTable, RefusesWrongArguments) {
  EXPECT_EQ(SqlOf("lower(t, t)"),
            "x.sql:1:1: 2 arguments do not fit; write lower(…) as docs/pipelines.md shows");
  EXPECT_EQ(SqlOf("abs()"), "x.sql:1:1: 0 arguments do not fit; write abs(number)");
}

TEST(FunctionTable, FindsItsOwnEntriesOnly) {
  EXPECT_EQ(SqlOf("lowr(t)"),
            "x.sql:1:1: function lowr is not supported; did you mean lower?; "
            "docs/pipelines.md lists those that are");
  EXPECT_EQ(SqlOf("regexp_full_match(t, 'a')").substr(0, 52),
            "x.sql:1:1: function regexp_full_match is not support")
      << "a function of DuckDB's is none of Spark's";
  EXPECT_EQ(SqlOf("count(*)"),
            "x.sql:1:1: aggregates (count) are not supported yet; aggregate the "
            "table when you query it");
}

TEST(FunctionTable, HasEachNameOnce) {
  const auto names = FunctionNames();
  EXPECT_GT(names.size(), 100U);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(FunctionTable, IsThatOfTheDocuments) {
  std::ifstream in("../../../docs/pipelines.md");
  ASSERT_TRUE(in);
  std::set<std::string> listed;
  bool is_in_table = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "| | functions |") is_in_table = true;
    if (line.empty()) is_in_table = false;
    if (!is_in_table) continue;
    const auto words = Split(line, '`');
    for (std::size_t i = 1; i < words.size(); i += 2) {
      EXPECT_TRUE(listed.emplace(words[i]).second) << words[i] << " is listed twice";
    }
  }
  const auto names = FunctionNames();
  EXPECT_EQ(listed, std::set<std::string>(names.begin(), names.end()));
}

TEST(FunctionTable, RefusesClocks) {
  EXPECT_TRUE(IsClockFunction("now"));
  EXPECT_FALSE(IsClockFunction("year"));
  EXPECT_EQ(SqlOf("now()"), "x.sql:1:1: " + ClockMessage("now"));
  EXPECT_EQ(SqlOf("unix_timestamp()"), "x.sql:1:1: " + ClockMessage("unix_timestamp"));
}

}  // namespace
}  // namespace st::dialect::spark
