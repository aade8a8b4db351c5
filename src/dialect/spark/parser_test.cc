#include "dialect/spark/parser.h"

#include <gtest/gtest.h>

namespace st::dialect::spark {
namespace {

Result<Statements> Parse(std::string_view text) {
  ST_TRY(auto statements, ParseStatements(SourceText("x.sql", std::string(text))));
  if (!statements.mistakes.empty()) return std::unexpected(statements.mistakes.front());
  return statements;
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
  const auto tables = Parse(text).value().tables;
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
  ASSERT_EQ(table.query.selects.size(), 1U);
  const auto& one = table.query.selects[0];
  ASSERT_EQ(one.items.size(), 3U);
  EXPECT_EQ(one.items[0].alias, std::nullopt);
  EXPECT_EQ(one.items[1].alias, "t");
  EXPECT_EQ(one.items[2].alias, "one");
  EXPECT_EQ(one.from.name, "my.topic");
  EXPECT_EQ(one.from.alias, "s");
  EXPECT_TRUE(one.where.has_value());
  const auto select = text.substr(table.query.begin, table.query.end - table.query.begin);
  EXPECT_TRUE(select.starts_with("SELECT offset") && select.ends_with("offset > 1")) << select;
}

TEST(Parser, ReadsSeveralStatementsAndNone) {
  const std::string one = "CREATE STREAMING TABLE a AS SELECT * FROM STREAM(t)";
  EXPECT_EQ(Parse(one + ";;\n" + one)->tables.size(), 2U);
  EXPECT_EQ(Parse(" ;; -- nothing\n")->tables.size(), 0U);
}

TEST(Parser, ReadsViewsAndQueriesInQueries) {
  const auto all = Parse(
      "CREATE TEMPORARY VIEW IF NOT EXISTS v (a, b) COMMENT 'x' AS SELECT 1 AS p, 2 AS q FROM "
      "STREAM(t); CREATE STREAMING TABLE s AS WITH w AS (SELECT a FROM STREAM(v)) SELECT x FROM "
      "(SELECT a FROM w) AS i LATERAL VIEW OUTER explode(a) l AS x UNION ALL (SELECT explode(a) AS "
      "(k, x) FROM w)");
  ASSERT_TRUE(all) << all.error().message();
  ASSERT_EQ(all->views.size(), 1U);
  EXPECT_EQ(all->views[0].name, "v");
  EXPECT_EQ(all->views[0].columns, (std::vector<std::string>{"a", "b"}));
  const Query& query = all->tables.at(0).query;
  ASSERT_EQ(query.with.size(), 1U);
  ASSERT_EQ(query.selects.size(), 2U);
  EXPECT_EQ(query.selects[0].from.kind, Source::Kind::kQuery);
  EXPECT_EQ(query.selects[0].from.alias, "i");
  ASSERT_EQ(query.selects[0].views.size(), 1U);
  EXPECT_TRUE(query.selects[0].views[0].is_outer);
  const auto& inner = query.selects[1].from.query->selects.at(0);
  EXPECT_EQ(inner.items[0].aliases, (std::vector<std::string>{"k", "x"}));
}

TEST(Parser, ReadsLateralJoinsAndRowsOfValues) {
  const auto all = Parse(
      "CREATE STREAMING TABLE s AS SELECT a FROM STREAM(t) AS e, LATERAL explode(x) AS f (a) JOIN "
      "LATERAL (SELECT 1 AS b) ON b = a LEFT OUTER JOIN LATERAL inline(y) g CROSS JOIN LATERAL "
      "(SELECT c FROM VALUES (1, 'x'), (2, 'y') AS v (c, d)) LATERAL VIEW explode(z) l WHERE a");
  ASSERT_TRUE(all) << all.error().message();
  const SelectStatement& select = all->tables.at(0).query.selects.at(0);
  ASSERT_EQ(select.joins.size(), 4U);
  EXPECT_EQ(select.joins[0].source.kind, Source::Kind::kCall);
  EXPECT_EQ(select.joins[0].source.columns, (std::vector<std::string>{"a"}));
  EXPECT_EQ(select.joins[1].source.kind, Source::Kind::kQuery);
  EXPECT_TRUE(select.joins[1].on.has_value());
  EXPECT_FALSE(select.joins[1].is_left);
  EXPECT_TRUE(select.joins[2].is_left);
  EXPECT_EQ(select.joins[2].source.alias, "g");
  const Source& values = select.joins[3].source.query->selects.at(0).from;
  EXPECT_EQ(values.kind, Source::Kind::kValues);
  ASSERT_EQ(values.rows.size(), 2U);
  EXPECT_EQ(values.rows[1].size(), 2U);
  EXPECT_EQ(select.views.size(), 1U);
}

TEST(Parser, LimitsQueriesInQueries) {
  std::string deep = "SELECT a FROM STREAM(t)";
  for (int i = 0; i < 40; ++i) deep = "SELECT a FROM (" + deep + ")";
  EXPECT_NE(Mistake("CREATE STREAMING TABLE a AS " + deep).find("deeper than 32 levels"),
            std::string::npos);
  std::string wide = "SELECT a FROM STREAM(t)";
  for (int i = 0; i < 100; ++i) wide += " UNION ALL SELECT a FROM STREAM(t)";
  EXPECT_NE(Mistake("CREATE STREAMING TABLE a AS " + wide).find("at most 100 SELECTs"),
            std::string::npos);
  std::string rows = "VALUES 0";
  for (int i = 0; i < 1000; ++i) rows += ", 1";
  EXPECT_NE(Mistake("CREATE STREAMING TABLE a AS " + rows).find("VALUES has at most 1000 rows"),
            std::string::npos);
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
  EXPECT_EQ(Mistake("CREATE STREAMING TABLE a AS SELECT 1 + 1 = 2 b c FROM t"),
            "x.sql:1:48: expected FROM behind the SELECT's columns, found 'c'");
  EXPECT_EQ(Mistake("CREATE STREAMING TABLE a AS SELECT 1"), "none")
      << "a stream is missed later, since a subquery needs none";
  EXPECT_EQ(Mistake("CREATE STREAMING TABLE a AS SELECT 1 AS x FROM t"), "none")
      << "names are resolved later";
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
