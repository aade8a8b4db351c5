#include "dialect/spark/parser.h"

#include <gtest/gtest.h>

namespace st::dialect::spark {
namespace {

Result<std::vector<StreamingTable>> Parse(std::string_view text) {
  return ParseStatements(SourceText("x.sql", std::string(text)));
}

std::string Mistake(std::string_view text) {
  const auto tables = Parse(text);
  if (tables) return "none";
  return tables.error().message().substr(0, tables.error().message().find('\n'));
}

TEST(Parser, ReadsEachClauseOfAStatement) {
  const std::string text =
      "CREATE STREAMING TABLE IF NOT EXISTS default.Sales USING iceberg COMMENT 'all sales' "
      "TBLPROPERTIES ('a.b' = 'c', d.e 1) AS SELECT offset, topic AS t, 1 one FROM "
      "STREAM(`my.topic`) AS s WHERE offset > 1;";
  const auto tables = Parse(text).value();
  ASSERT_EQ(tables.size(), 1U);
  const auto& table = tables[0];
  EXPECT_EQ(table.name, "sales");
  EXPECT_EQ(text.substr(table.name_position, 5), "Sales");
  EXPECT_EQ(table.comment, "all sales");
  ASSERT_EQ(table.properties.size(), 2U);
  EXPECT_EQ(table.properties[0].key, "a.b");
  EXPECT_EQ(table.properties[0].value, "c");
  EXPECT_EQ(table.properties[1].key, "d.e");
  EXPECT_EQ(table.properties[1].value, "1");
  ASSERT_EQ(table.items.size(), 3U);
  EXPECT_EQ(table.items[0].alias, std::nullopt);
  EXPECT_EQ(table.items[1].alias, "t");
  EXPECT_EQ(table.items[2].alias, "one");
  EXPECT_EQ(table.topic, "my.topic");
  EXPECT_EQ(table.alias, "s");
  EXPECT_TRUE(table.where.has_value());
  const auto select = text.substr(table.select_begin, table.select_end - table.select_begin);
  EXPECT_TRUE(select.starts_with("SELECT offset") && select.ends_with("offset > 1")) << select;
}

TEST(Parser, ReadsSeveralStatementsAndNone) {
  const std::string one = "CREATE STREAMING TABLE a AS SELECT * FROM STREAM(t)";
  EXPECT_EQ(Parse(one + ";;\n" + one)->size(), 2U);
  EXPECT_EQ(Parse(" ;; -- nothing\n")->size(), 0U);
}

TEST(Parser, NamesTheClauseThatIsNotOffered) {
  const std::string_view begin = "CREATE STREAMING TABLE a AS SELECT offset FROM STREAM(t)";
  for (const auto* clause : {"GROUP BY offset", "ORDER BY offset", "LIMIT 1", "UNION SELECT 1"}) {
    const auto words = std::string_view(clause).substr(0, 5);
    EXPECT_NE(Mistake(fmt::format("{} {}", begin, clause)).find(words), std::string::npos)
        << Mistake(fmt::format("{} {}", begin, clause));
  }
}

TEST(Parser, SaysWhereAndWhatWasExpected) {
  EXPECT_EQ(Mistake("SELECT 1"), "x.sql:1:1: expected CREATE STREAMING TABLE");
  EXPECT_EQ(Mistake("CREATE STREAMING TABLE a AS SELECT 1"),
            "x.sql:1:37: expected FROM behind the SELECT's columns, found the end of the file");
  EXPECT_EQ(Mistake("CREATE STREAMING TABLE a AS SELECT 1 AS x FROM t"),
            "x.sql:1:48: a streaming table reads a stream: write FROM STREAM(topic)");
  EXPECT_EQ(Mistake("CREATE STREAMING TABLE other.a AS SELECT 1"),
            "x.sql:1:24: tables of pipelines are in schema default, not 'other'");
}

TEST(Parser, LimitsNamesAndStatements) {
  const auto with = [](const std::string& name) {
    return Mistake("CREATE STREAMING TABLE " + name + " AS SELECT * FROM STREAM(t)");
  };
  EXPECT_EQ(with(std::string(128, 'a')), "none");
  EXPECT_EQ(with(std::string(129, 'a')),
            "x.sql:1:24: a table's name has letters a-z, digits and _, at most 128 of them");
  EXPECT_EQ(with("`a b`").substr(0, 30), "x.sql:1:24: a table's name has");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "CREATE STREAMING TABLE a AS SELECT * FROM STREAM(t);";
  EXPECT_EQ(Mistake(many), "none");
  EXPECT_NE(Mistake(many + many).find("a file has at most 1000 statements"), std::string::npos);
}

}  // namespace
}  // namespace st::dialect::spark
