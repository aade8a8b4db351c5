#include "trial/test_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace st::trial {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TestFile Parsed(const std::string& text) {
  auto file = ParseTestFile("t.toml", text);
  EXPECT_TRUE(file) << file.error().message();
  return file ? *std::move(file) : TestFile();
}

std::string Mistakes(const std::string& text) {
  const auto file = ParseTestFile("t.toml", text);
  EXPECT_FALSE(file);
  return file ? "" : file.error().message();
}

TEST(TestFile, HasWhatItsTestsAreGivenAndExpect) {
  const auto file = Parsed(R"(# ß
[[test]]
name = "é"   # the name
given.events = '''
{"a": 1}

  not JSON
'''
expect.t = '''
{"a": 1, "b": null}
'''
bad = '{"code": "not_json"}'

[[test]]
name = "two"
pipelines = ["u"]
[test.given]
clicks = ["x", { value = { b = [1, 2.5, true], at = 2026-01-01 }, key = "k", partition = 2 },
  { value = "", timestamp = 2026-11-30T05:40:00.5Z, headers = { h = "v" } },
  { value_base64 = "/w==" }]
[[test.sql]]
query = "select 1 as x"
rows = """
{"x": 1}
{"x": 2}"""
)");
  ASSERT_EQ(file.tests.size(), 2U);
  const auto& one = file.tests[0];
  EXPECT_EQ(one.name, "é");
  EXPECT_EQ(one.place, "t.toml:3");
  EXPECT_TRUE(file.text.substr(one.behind_name).starts_with("given.events"));
  ASSERT_EQ(one.given.size(), 2U);
  EXPECT_EQ(one.given[0].topic, "events");
  EXPECT_EQ(one.given[0].value, R"({"a": 1})");
  EXPECT_EQ(one.given[1].value, "not JSON");
  ASSERT_EQ(one.expectations.size(), 2U);
  const auto& rows = one.expectations[0];
  EXPECT_EQ(rows.of, "t");
  EXPECT_EQ(rows.place, "t.toml:9");
  ASSERT_EQ(rows.rows.size(), 1U);
  EXPECT_EQ(rows.rows[0].line, 10U);
  EXPECT_EQ(rows.rows[0].row["b"], nullptr);
  EXPECT_EQ(file.text.substr(rows.begin, rows.end - rows.begin),
            "'''\n{\"a\": 1, \"b\": null}\n'''");
  const auto& bad = one.expectations[1];
  EXPECT_EQ(bad.kind, Expectation::Kind::kBadRows);
  EXPECT_EQ(bad.rows.at(0).line, 12U);
  EXPECT_EQ(file.text.substr(bad.begin, bad.end - bad.begin), "'{\"code\": \"not_json\"}'");

  const auto& two = file.tests[1];
  EXPECT_THAT(two.pipelines, ElementsAre("u"));
  ASSERT_EQ(two.given.size(), 4U);
  EXPECT_EQ(two.given[1].value, R"({"at":"2026-01-01","b":[1,2.5,true]})");
  EXPECT_EQ(two.given[1].key, "k");
  EXPECT_EQ(two.given[1].partition, 2);
  EXPECT_EQ(two.given[2].timestamp_ms, 1'796'017'200'500);
  ASSERT_EQ(two.given[2].headers.size(), 1U);
  EXPECT_EQ(two.given[2].headers[0].first, "h");
  EXPECT_EQ(two.given[2].headers[0].second, "v");
  EXPECT_EQ(two.given[3].value, "\xFF");
  ASSERT_EQ(two.expectations.size(), 1U);
  EXPECT_EQ(two.expectations[0].of, "select 1 as x");
  EXPECT_EQ(two.expectations[0].rows.at(1).line, 25U);
  const auto& sql = two.expectations[0];
  EXPECT_EQ(file.text.substr(sql.begin, sql.end - sql.begin),
            "\"\"\"\n{\"x\": 1}\n{\"x\": 2}\"\"\"");
}

TEST(TestFile, TellsEachMistakeWithItsPlace) {
  EXPECT_THAT(Mistakes("# nothing\n"), HasSubstr("t.toml:1:1: has no test"));
  EXPECT_THAT(Mistakes("[[test]\n"), HasSubstr("t.toml:1:"));
  const auto text = Mistakes(R"([[test]]
name = "a"
givn.events = ''
expect.t = 5
[[test]]
name = "a"
given.events = [1, { value = "x", value_base64 = "x" }, { value_base64 = "!" }]
given.more = 7
bad = '''
{"code": "x"}
{"code": nix}
[1]
'''
[[test]]
expect.t = ''
[[test]]
name = "b"
given.events = [{ value = "x", partition = 1024 }, { value = "x", timestamp = "now" }, {}]
[[test]]
name = "c"
sql = [{ query = "select 1" }]
)");
  std::vector<std::string> lines;
  for (const auto line : Split(text, '\n')) lines.emplace_back(line);
  EXPECT_THAT(
      lines,
      ElementsAre(
          "t.toml:3:1: unknown key \"givn\"; did you mean \"given\"?",
          "t.toml:4:12: want the rows as a text, a line of JSON each",
          "t.toml:2:8: the test expects nothing: give it expect, bad or sql",
          "t.toml:6:8: two tests have the name \"a\"",
          "t.toml:7:17: given.events: a record is a text, or a table with its value",
          "t.toml:7:20: a record has either value or value_base64",
          "t.toml:7:74: value_base64: is no base64",
          "t.toml:8:14: given.more: want the values as a text, a line each, or a list of records",
          HasSubstr("t.toml:11: a row is a JSON object such as {\"player\": \"ada\"}: byte 9"),
          "t.toml:12: a row is a JSON object such as {\"player\": \"ada\"}",
          "t.toml:14:1: the test has no name",
          "t.toml:18:44: partition: want a whole number from 0 to 1023",
          HasSubstr("t.toml:18:79: timestamp: want a time such as 2026-11-30T05:40:00Z"),
          "t.toml:18:88: a record has either value or value_base64",
          "t.toml:17:8: the test expects nothing: give it expect, bad or sql",
          "t.toml:21:8: sql: want query and rows",
          "t.toml:20:8: the test expects nothing: give it expect, bad or sql"));
}

}  // namespace
}  // namespace st::trial
