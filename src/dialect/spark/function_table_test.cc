#include "dialect/spark/function_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "base/text.h"
#include "dialect/spark/generators.h"
#include "dialect/spark/refused_functions.h"
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
  EXPECT_EQ(SqlOf("upper(CAST(x AS STRING))"), "spark_upper(spark_binary_to_text(x)) STRING");
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
  EXPECT_EQ(
      SqlOf("count(*)"),
      "x.sql:1:1: count: it looks at more than one record, so it needs a window, which is not "
      "supported yet; aggregate the table when you query it");
  EXPECT_EQ(SqlOf("struct(*)"), "x.sql:1:8: struct takes no star here; name the columns");
}

TEST(FunctionTable, HasEachNameOnce) {
  const auto names = FunctionNames();
  EXPECT_GT(names.size(), 100U);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(FunctionTable, SaysWhyTheOthersOfTheDocumentsAreRefused) {
  std::ifstream in("../../../docs/pipelines.md");
  ASSERT_TRUE(in);
  std::map<std::string_view, std::string> groups;  // of the page, by the reason
  int listed = 0;
  bool is_in_table = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "| not offered | functions of Spark |") is_in_table = true;
    if (line.empty()) is_in_table = false;
    if (!is_in_table) continue;
    const auto words = Split(line, '`');
    for (std::size_t i = 1; i < words.size(); i += 2) {
      const auto why = WhyRefused(words[i]);
      ASSERT_TRUE(why) << words[i];
      EXPECT_EQ(groups.try_emplace(*why, words[0]).first->second, words[0]) << words[i];
      ++listed;
    }
  }
  EXPECT_EQ(groups.size(), 7U);
  EXPECT_GT(listed, 150);
  for (const auto& name : FunctionNames()) EXPECT_FALSE(WhyRefused(name)) << name;
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

// The words between backticks of the table in docs/pipelines.md that begins with this line.
std::set<std::string> NamesOfTable(std::string_view first_line) {
  std::ifstream in("../../../docs/pipelines.md");
  EXPECT_TRUE(in);
  std::set<std::string> names;
  bool is_in_table = false;
  for (std::string line; std::getline(in, line);) {
    if (line == first_line) is_in_table = true;
    if (line.empty()) is_in_table = false;
    const auto words = Split(line, '`');
    for (std::size_t i = 1; is_in_table && i < words.size(); i += 2) {
      EXPECT_TRUE(names.emplace(words[i]).second) << words[i] << " is listed twice";
    }
  }
  return names;
}

// Spark's SHOW FUNCTIONS, as tests/clients/record_spark.py --functions writes it: each is ours, has
// a syntax of its own here, or is one that the documents refuse.
TEST(FunctionTable, KnowsAllOfSpark) {
  const std::set<std::string> syntax = {"and",  "or",   "not",  "in",  "between",
                                        "case", "when", "cast", "div", "extract"};
  const auto names = FunctionNames();
  const std::set<std::string> ours(names.begin(), names.end());
  auto refused = NamesOfTable("| not offered | functions of Spark |");
  std::ifstream in("testdata/functions.txt");
  ASSERT_TRUE(in);
  std::size_t count = 0;
  for (std::string name; std::getline(in, name);) {
    ++count;
    const bool is_word = (name[0] >= 'a' && name[0] <= 'z');
    const bool is_offered =
        ours.contains(name) || IsGenerator(name) || syntax.contains(name) || !is_word;
    const bool is_refused = refused.erase(name) == 1 || IsClockFunction(name);
    EXPECT_NE(is_offered && !IsClockFunction(name), is_refused) << name;
  }
  EXPECT_GT(count, 500U);
  EXPECT_EQ(refused, std::set<std::string>()) << "no function of Spark";
}

TEST(FunctionTable, RefusesClocks) {
  EXPECT_TRUE(IsClockFunction("now"));
  EXPECT_FALSE(IsClockFunction("year"));
  EXPECT_EQ(SqlOf("now()"), "x.sql:1:1: " + ClockMessage("now"));
  EXPECT_EQ(SqlOf("unix_timestamp()"), "x.sql:1:1: " + ClockMessage("unix_timestamp"));
}

}  // namespace
}  // namespace st::dialect::spark
