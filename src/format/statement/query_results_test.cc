#include "format/statement/query_results.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace st::statement {
namespace {

// Reads an answer that was recorded from Trino 476.
std::string Recorded(const std::string& name) {
  std::ifstream in("answer_fuzz_corpus/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

QueryResults Parsed(const std::string& json) {
  auto results = Parse(json);
  EXPECT_TRUE(results.has_value()) << json;
  return results.value_or(QueryResults{});
}

TEST(Results, QueuedAnswerHasTheBytesOfTrino) {
  const std::string recorded = Recorded("queued.json");
  const auto results = Parsed(recorded);
  EXPECT_EQ(results.stats.state, "QUEUED");
  EXPECT_EQ(ToJson(results, Family::kTrino), recorded);
}

TEST(Results, FailedAnswerHasTheBytesOfTrino) {
  const std::string recorded = Recorded("failed.json");
  const auto results = Parsed(recorded);
  ASSERT_TRUE(results.failure.has_value());
  EXPECT_EQ(results.failure->name, "TABLE_NOT_FOUND");
  EXPECT_EQ(results.failure->location->column, 15);
  EXPECT_EQ(ToJson(results, Family::kTrino), recorded);
}

TEST(Results, ColumnsAndRowsPassOnUnchanged) {
  const std::string recorded = Recorded("types.json");
  const auto results = Parsed(recorded);
  ASSERT_EQ(results.columns.size(), 16u);
  EXPECT_EQ(results.columns[9].type, "timestamp(3) with time zone");
  const auto begin = recorded.find(R"("columns":)");
  const auto end = recorded.find(R"(,"stats":)");
  EXPECT_NE(ToJson(results, Family::kTrino).find(recorded.substr(begin, end - begin)),
            std::string::npos);
}

TEST(Results, PrestoSignaturesHaveItsKinds) {
  QueryResults results{.id = "q", .info_uri = "i"};
  results.columns = {
      {"a", "array(varchar)",
       R"({"rawType":"array","arguments":[{"kind":"TYPE","value":)"
       R"({"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]}}]})"},
      {"u", "uuid", R"({"rawType":"uuid","arguments":[]})"}};
  const std::string json = ToJson(results, Family::kPresto);
  EXPECT_NE(json.find(R"("typeArguments":[{"rawType":"varchar")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("kind":"LONG_LITERAL","value":2147483647)"), std::string::npos);
  EXPECT_NE(json.find(R"({"name":"u","type":"varchar")"), std::string::npos);
}

TEST(Results, AbsentMembersAreNotWritten) {
  const std::string json = ToJson({.id = "q", .info_uri = "i"}, Family::kTrino);
  for (const char* key : {"nextUri", "columns", "data", "error", "updateType"}) {
    EXPECT_EQ(json.find(key), std::string::npos) << key;
  }
}

TEST(Results, BrokenTextOfAUserDoesNotBreakTheAnswer) {
  const QueryResults results{.id = "q",
                             .failure = Failure{"SYNTAX_ERROR", "near '\xff\"'", Location{1, 2}}};
  const auto back = Parsed(ToJson(results, Family::kTrino));
  EXPECT_EQ(back.failure->message, "near '\xEF\xBF\xBD\"'");
}

TEST(Parse, RefusesTextThatIsNotAnAnswer) {
  for (const char* bad : {"", "[]", "{}", "null", R"({"id":1})", R"({"id":"a")", "<html>"}) {
    EXPECT_FALSE(Parse(bad).has_value()) << bad;
  }
  const std::string deep =
      R"({"id":"a","x":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_FALSE(Parse(deep).has_value());
}

TEST(Rows, AreSplitWithoutTouchingTheirValues) {
  const auto rows = SplitRows(R"([ [1,"a\"],[" ], [-1.5E10,{"k":[1,"]"]}],[], [null,true]])");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_EQ((*rows)[0], (Row{"1", R"("a\"],[")"}));
  EXPECT_EQ((*rows)[1], (Row{"-1.5E10", R"({"k":[1,"]"]})"}));
  EXPECT_TRUE((*rows)[2].empty());
  EXPECT_EQ((*rows)[3], (Row{"null", "true"}));
  for (const char* bad : {"", "1", "[1]", "[[1]", "[[1,", "[[\"a]]", "[[{]"}) {
    EXPECT_FALSE(SplitRows(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace st::statement
