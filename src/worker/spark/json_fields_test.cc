#include "worker/spark/json_fields.h"

#include <gtest/gtest.h>

#include "worker/spark/functions.h"
#include "worker/spark/json_path.h"

namespace st::worker::spark {
namespace {

const std::vector<std::string> kPaths = {"$",      "$.a",    "$.a.b", "$['a']",  "$.a[0]", "$[1]",
                                         "$[1].c", "$.x[2]", "$.\n",  "$.b.b.b", "$.null"};

constexpr std::array<std::string_view, 26> kTexts = {
    "",
    "null",
    "[null,null]",
    "5",
    R"("x")",
    "'x'",
    "{}",
    R"({"a":1})",
    R"({"a":null,"a":2,"a":3})",
    R"({"a":{"b":null},"a":{"b":"later"}})",
    R"({"a":[null,1]})",
    R"({"a":["\u00e9\"\ud83d\ude00"]})",
    "{\"a\":\"\xF0\x9F\x98\x80\"}",
    "{\"a\":[\"\xF0\x9F\x98\x80\"]}",
    R"({"a":1} and more)",
    R"({"a":1)",
    R"({"a":1,})",
    R"({"a":1.50,"b":{"b":{"b":NaN}}})",
    R"({'a':{'b':'single'}})",
    R"([1,{"c":"d"}])",
    R"([1,{"c":null},3])",
    R"({"x":[1,2,[3, 4]],"a":tru})",
    R"({"x":[1,2,[3, 4]],"a":true})",
    R"({"\n":1,"null":"n"})",
    "hello",
    "  \n{ \"a\" : { \"b\" : [ 1 , 2 ] } }",
};

// Each path finds alone what it finds among the others.
TEST(JsonFields, FindWhatEachPathFindsAlone) {
  auto fields = JsonFields::Make(kPaths).value();
  for (const auto text : kTexts) {
    const bool is_json = fields.Read(text);
    for (std::size_t i = 0; i < kPaths.size(); ++i) {
      JsonPathCache cache;
      const auto alone = AtJsonPath(cache, text, kPaths[i]).value();
      const auto& match = fields.matches()[i];
      const auto together =
          is_json && match.is_found ? std::optional(match.text) : std::optional<std::string>();
      EXPECT_EQ(together, alone) << text << " at " << kPaths[i];
    }
  }
}

TEST(JsonFields, RefuseWildcardsAndWhatIsNoPath) {
  EXPECT_FALSE(JsonFields::Make({"$.a", "$[*]"}));
  EXPECT_FALSE(JsonFields::Make({"a"}));
}

TEST(JsonFields, AreAListOfTheRow) {
  auto database = sql::Database::Open({}).value();
  auto connection = database.Connect().value();
  ASSERT_TRUE(RegisterFunctions(connection));
  const auto text = [&](const std::string& sql) {
    const auto answer = connection.Text("SELECT " + sql);
    return answer ? *answer : answer.error().message();
  };
  EXPECT_EQ(
      text("list(f[1] ORDER BY i)::VARCHAR || list(f[2] ORDER BY i)::VARCHAR FROM (SELECT i, "
           "spark_json_fields(t, '[\"$.a\",\"$.b\"]') AS f FROM (VALUES (1, '{\"a\":1}'), (2, "
           "NULL), (3, '{'), (4, '{\"b\":\"x\",\"a\":[2]}')) v(i, t))"),
      "[1, NULL, NULL, '[2]'][NULL, NULL, NULL, x]");
  EXPECT_EQ(text("sum(f[1]::INT)::VARCHAR FROM (SELECT spark_json_fields('{\"a\":' || i || '}', "
                 "'[\"$.a\"]') AS f FROM range(5000) t(i))"),
            "12497500");
  EXPECT_NE(text("spark_json_fields('{}', '[\"$[*]\"]')::VARCHAR").find("wildcard"),
            std::string::npos);
}

}  // namespace
}  // namespace st::worker::spark
