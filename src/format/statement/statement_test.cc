#include "format/statement/statement.h"

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

TEST(Errors, HaveTrinosNumbersAndTypes) {
  EXPECT_EQ(KindOf("SYNTAX_ERROR").code, 1);
  EXPECT_EQ(KindOf("COLUMN_NOT_FOUND").code, 47);
  EXPECT_EQ(KindOf("COLUMN_NOT_FOUND").type, "USER_ERROR");
  EXPECT_EQ(KindOf("EXCEEDED_TIME_LIMIT").code, 131075);
  EXPECT_EQ(KindOf("EXCEEDED_TIME_LIMIT").type, "INSUFFICIENT_RESOURCES");
  EXPECT_EQ(KindOf("WHAT_IS_THIS").code, 65536);
  EXPECT_EQ(KindOf("WHAT_IS_THIS").type, "INTERNAL_ERROR");
}

TEST(Headers, AreReadInBothFamilies) {
  const auto trino = ParseSession({{"X-Trino-User", "ann"},
                                   {"x-trino-catalog", "lake"},
                                   {"X-Trino-Schema", " bad "},
                                   {"X-Trino-Time-Zone", "Europe/Berlin"},
                                   {"X-Trino-Client-Capabilities", "PATH, PARAMETRIC_DATETIME"},
                                   {"X-Trino-Session", "a=1%202,b=x+y,broken,c=%zz"},
                                   {"X-Trino-Session", "d=4"}});
  EXPECT_EQ(trino.family, Family::kTrino);
  EXPECT_EQ(trino.user, "ann");
  EXPECT_EQ(trino.schema, "bad");
  EXPECT_TRUE(trino.parametric_datetime);
  EXPECT_EQ(trino.properties, (std::map<std::string, std::string>{
                                  {"a", "1 2"}, {"b", "x y"}, {"c", "%zz"}, {"d", "4"}}));
  const auto presto = ParseSession({{"X-PRESTO-USER", "bob"}, {"X-Presto-Schema", "default"}});
  EXPECT_EQ(presto.family, Family::kPresto);
  EXPECT_EQ(presto.user, "bob");
  EXPECT_EQ(presto.schema, "default");
  EXPECT_FALSE(presto.parametric_datetime);
  EXPECT_EQ(ParseSession({}).family, Family::kTrino);
}

}  // namespace
}  // namespace st::statement
