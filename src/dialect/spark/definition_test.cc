#include "dialect/spark/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace st::dialect::spark {
namespace {

// A case of testdata/*.txt begins with a line "=== name". It has the file's text, a line "---", and
// the result: "sql: …", "column: name type", properties, or the error. ST_UPDATE_GOLDEN=1 rewrites
// the files.
struct Case {
  std::string name;
  std::string input;
  std::string expected;
};

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<Case> ReadCases(const std::string& path) {
  std::vector<Case> cases;
  bool in_input = false;
  for (const auto line : Split(ReadAll(path), '\n')) {
    if (line.starts_with("=== ")) {
      cases.push_back({.name = std::string(line.substr(4)), .input = {}, .expected = {}});
      in_input = true;
    } else if (line == "---" && in_input) {
      in_input = false;
    } else if (!cases.empty()) {
      (in_input ? cases.back().input : cases.back().expected) += std::string(line) + "\n";
    }
  }
  for (auto& one : cases) {
    while (one.expected.ends_with("\n\n")) one.expected.pop_back();
    if (one.expected == "\n") one.expected.clear();
  }
  return cases;
}

std::string Describe(const Definition& definition) {
  std::string out = fmt::format("table: {} from {}\nsql: {}\n", definition.name,
                                definition.topics.at(0), definition.sql);
  for (const auto& column : definition.columns) {
    out += fmt::format("column: {} {}\n", column.name, column.iceberg_type);
  }
  if (!definition.layout.partition.empty()) {
    out += fmt::format("partition: {}\n", st::Describe(definition.layout.partition));
  }
  if (!definition.layout.sort.empty()) {
    out += fmt::format("sort: {}\n", st::Describe(definition.layout.sort));
  }
  if (definition.trigger_us != kDefaultTriggerUs) {
    out += fmt::format("trigger_us: {}\n", definition.trigger_us);
  }
  for (const auto& field : definition.require) out += fmt::format("require: {}\n", field);
  for (const auto& [key, value] : definition.properties) {
    out += fmt::format("property: {} = {}\n", key, value);
  }
  return out;
}

std::string Outcome(const std::string& input) {
  const auto definitions = ParsePipelineFile("pipelines/x.sql", input);
  if (!definitions) return definitions.error().message() + "\n";
  std::string out;
  for (const auto& definition : *definitions) out += Describe(definition);
  return out;
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, Agrees) {
  const std::string path = std::string("testdata/") + GetParam();
  const auto cases = ReadCases(path);
  ASSERT_FALSE(cases.empty());
  std::string rewritten;
  for (const auto& one : cases) {
    const std::string got = Outcome(one.input);
    rewritten += fmt::format("=== {}\n{}---\n{}\n", one.name, one.input, got);
    if (std::getenv("ST_UPDATE_GOLDEN") == nullptr) {
      EXPECT_EQ(got, one.expected) << path << ": " << one.name;
    }
  }
  if (std::getenv("ST_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << rewritten;
  }
}

INSTANTIATE_TEST_SUITE_P(Stream, Golden,
                         testing::Values("statements.txt", "layouts.txt", "expressions.txt",
                                         "errors.txt"));

TEST(Definition, RefusesTwoTablesOfOneNameInTwoFiles) {
  const std::string text = "CREATE STREAMING TABLE t AS SELECT offset FROM STREAM(events)";
  auto all = ParsePipelineFile("a.sql", text).value();
  for (auto& other : ParsePipelineFile("b.sql", text).value()) all.push_back(other);
  const auto checked = CheckTogether(all);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message(),
            "b.sql:1:24: the table 't' is declared at a.sql:1:24 already; give one of them another "
            "name");
}

TEST(Definition, FindsTheMistakesOfAllStatements) {
  const auto file =
      ReadPipelineFile("x.sql",
                       "CREATE STREAMING TABLE a AS SELECT b AS c, c + 1 AS d, e AS f "
                       "FROM STREAM(t) WHERE g;\n"
                       "CREATE STREAMING TABLE h AS SELECT FROM STREAM(t);\n"
                       "CREATE STREAMING TABLE i AS SELECT offset FROM STREAM(t);\n"
                       "CREATE TEMPORARY VIEW j AS SELECT k FROM STREAM(t);\n"
                       "CREATE STREAMING TABLE l AS SELECT * FROM STREAM(j);\n"
                       "CREATE STREAMING TABLE m AS SELECT n FROM STREAM(t) p q");
  ASSERT_EQ(file.definitions.size(), 1U);
  EXPECT_EQ(file.definitions[0].name, "i");
  ASSERT_FALSE(file.mistakes);
  std::vector<std::string> places;
  for (const auto line : Split(file.mistakes.error().message(), '\n')) {
    if (line.starts_with("x.sql")) places.emplace_back(line.substr(0, line.find(' ')));
  }
  EXPECT_THAT(places, ::testing::ElementsAre("x.sql:2:36:", "x.sql:6:55:", "x.sql:4:35:",
                                             "x.sql:1:36:", "x.sql:1:56:", "x.sql:1:84:"));
}

TEST(Definition, TakesCommentsAndRequestsForColumns) {
  const auto definition =
      ParsePipelineFile("a.sql",
                        "CREATE STREAMING TABLE t (offset BIGINT COMMENT 'where it stands', Topic "
                        "string) TBLPROPERTIES ('steelthread.rename' = 'price AS cost,a b As n', "
                        "'steelthread.drop' = 'x, s.y') AS SELECT offset, topic FROM STREAM(e)")
          .value()
          .at(0);
  EXPECT_EQ(definition.columns.at(0).comment, "where it stands");
  EXPECT_EQ(definition.columns.at(1).comment, "");
  EXPECT_EQ(definition.columns.at(1).name, "topic");
  EXPECT_THAT(definition.renames,
              testing::ElementsAre(testing::Pair("price", "cost"), testing::Pair("a b", "n")));
  EXPECT_THAT(definition.drops, testing::ElementsAre("x", "s.y"));
}

TEST(Definition, TakesQuotedNamesOfColumns) {
  const auto definition =
      ParsePipelineFile(
          "a.sql",
          "CREATE STREAMING TABLE t TBLPROPERTIES ('steelthread.rename' = '`a, b` AS "
          "`c as d`, ` x` as `y``z` ,s.`k` AS\tl', 'steelthread.drop' = '`p, q`,`r`.s , "
          "u v') AS SELECT offset FROM STREAM(e)")
          .value()
          .at(0);
  EXPECT_THAT(definition.renames,
              testing::ElementsAre(testing::Pair("a, b", "c as d"), testing::Pair(" x", "y`z"),
                                   testing::Pair("s.k", "l")));
  EXPECT_THAT(definition.drops, testing::ElementsAre("p, q", "r.s", "u v"));
}

TEST(Definition, RefusesTimesOutsideTheYearsThatReadersSupport) {
  const std::string begin = "CREATE STREAMING TABLE t AS SELECT offset, ";
  const auto sql = [&](const std::string& columns) {
    return TableSql(ParsePipelineFile("a.sql", begin + columns + " FROM STREAM(events)")->at(0));
  };
  EXPECT_EQ(sql("topic"), "SELECT \"offset\" AS \"offset\", topic AS \"topic\" FROM st_source()");
  EXPECT_EQ(
      sql("timestamp AS `a\"b`"),
      "SELECT \"offset\", CASE WHEN \"a\"\"b\" < TIMESTAMPTZ '0001-01-01 00:00:00+00' OR "
      "\"a\"\"b\" > TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' THEN error('column ''a\"b'': "
      "a time outside the years 0001 to 9999') ELSE \"a\"\"b\" END AS \"a\"\"b\" FROM (SELECT "
      "\"offset\" AS \"offset\", \"timestamp\" AS \"a\"\"b\" FROM st_source())");
  EXPECT_NE(sql("to_date(timestamp) AS d")
                .find("\"d\" < DATE '0001-01-01' OR \"d\" > DATE "
                      "'9999-12-31' THEN"),
            std::string::npos);
}

TEST(Definition, ReadsTheQueriesOfThePage) {
  std::string statements;
  bool is_shown = false;
  for (const auto line : Split(ReadAll("../../../docs/pipelines.md"), '\n')) {
    if (line.starts_with("#")) is_shown = line == "## Queries" || line == "### Subqueries";
    if (is_shown && line.starts_with("    ")) statements += std::string(line) + "\n";
  }
  const auto parsed = ParsePipelineFile("a.sql", statements);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->size(), 4U);
}

TEST(Definition, ReadsTheExample) {
  for (const std::string name : {"extracted_events", "sword_purchases", "purchases"}) {
    const std::string path = "../../../examples/w205/pipelines/" + name + ".sql";
    const auto parsed = ParsePipelineFile(path, ReadAll(path));
    ASSERT_TRUE(parsed) << parsed.error().message();
    ASSERT_EQ(parsed->size(), 1U);
    EXPECT_EQ((*parsed)[0].name, name);
    EXPECT_THAT((*parsed)[0].topics, testing::ElementsAre("events"));
    EXPECT_EQ((*parsed)[0].columns.size(), name == "extracted_events" ? 8U : 6U);
  }
}

TEST(Definition, RefusesInvalidUtf8AndLargeFiles) {
  EXPECT_EQ(ParsePipelineFile("a.sql", "\xff").error().message(),
            "a.sql: the file is not UTF-8; save it as UTF-8");
  const std::string large((1 << 20) + 1, ' ');
  EXPECT_EQ(ParsePipelineFile("a.sql", large).error().message(),
            "a.sql: 1048577 bytes; a pipeline file has at most 1048576");
}

TEST(Definition, RefusesDepthInsteadOfOverflowing) {
  const auto with = [](const std::string& expression) {
    return ParsePipelineFile(
        "a.sql", "CREATE STREAMING TABLE t AS SELECT " + expression + " AS x FROM STREAM(events)");
  };
  std::string nested(5000, '(');
  EXPECT_NE(with(nested).error().message().find("nested deeper"), std::string::npos);
  std::string signs;
  for (int i = 0; i < 5000; ++i) signs += "- ";
  EXPECT_NE(with(signs + "1").error().message().find("nested deeper"), std::string::npos);
  std::string chain = "1";
  for (int i = 0; i < 5000; ++i) chain += " + 1";
  EXPECT_NE(with(chain).error().message().find("at most 900 operators"), std::string::npos);
  std::string rests = "offset";  // each remainder spells its first operand twice
  for (int i = 0; i < 20; ++i) rests = "(" + rests + " % 2)";
  EXPECT_NE(with(rests).error().message().find("bytes of SQL; the limit is"), std::string::npos);
}

// Any prefix and any changed byte of a good file gives a definition or an error, and no crash.
TEST(Definition, ReturnsOnAnyBrokenText) {
  const std::string good = ReadAll("testdata/statements.txt");
  for (std::size_t i = 0; i < good.size(); i += 7) {
    Ignore(ParsePipelineFile("a.sql", good.substr(0, i)), "only that it returns");
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ (1 << i % 7));
    Ignore(ParsePipelineFile("a.sql", changed), "only that it returns");
  }
}

}  // namespace
}  // namespace st::dialect::spark
