#include "query/statement_text.h"

#include <gtest/gtest.h>

namespace st::query {
namespace {

ParsedStatement Parsed(std::string_view sql) {
  const auto parsed = ParseStatement(sql);
  EXPECT_TRUE(parsed.has_value()) << sql << ": "
                                  << (parsed ? std::string() : parsed.error().message);
  return parsed.value_or(ParsedStatement{});
}

statement::Failure Refused(std::string_view sql) {
  const auto parsed = ParseStatement(sql);
  EXPECT_FALSE(parsed.has_value()) << sql;
  return parsed ? statement::Failure{} : parsed.error();
}

TEST(ParseStatement, QueriesGoToAWorker) {
  for (const char* sql : {"select 1", " /* a */ -- b\n WITH x as (select 1) select * from x",
                          "VALUES 1", "(select 1)", "TABLE t"}) {
    EXPECT_EQ(Parsed(sql).kind, StatementKind::kSelect) << sql;
  }
}

TEST(ParseStatement, ShowStatementsAreParsed) {
  EXPECT_EQ(Parsed("show catalogs").kind, StatementKind::kShowCatalogs);
  EXPECT_EQ(Parsed("SHOW SCHEMAS FROM lake;").name, (std::vector<std::string>{"lake"}));
  const auto tables = Parsed("show tables from \"Lake\".\"de\"\"fault\" like 'a!_%' escape '!'");
  EXPECT_EQ(tables.kind, StatementKind::kShowTables);
  EXPECT_EQ(tables.name, (std::vector<std::string>{"lake", "de\"fault"}));
  EXPECT_EQ(tables.like, "a!_%");
  EXPECT_EQ(tables.escape, '!');
  EXPECT_EQ(Parsed("show columns in t").kind, StatementKind::kShowColumns);
  EXPECT_EQ(Parsed("desc lake.bad.rows").name, (std::vector<std::string>{"lake", "bad", "rows"}));
  EXPECT_EQ(Parsed("describe input").name, (std::vector<std::string>{"input"}));
  EXPECT_EQ(Parsed("USE bad").kind, StatementKind::kUse);
}

TEST(ParseStatement, RefusalsNameThePlace) {
  const auto typo = Refused("-- é\n  selec 1");
  EXPECT_EQ(typo.name, "SYNTAX_ERROR");
  EXPECT_EQ(typo.message.substr(0, 38), "line 2:3: mismatched input 'selec'. Ex");
  EXPECT_EQ(typo.location->line, 2);
  EXPECT_EQ(typo.location->column, 3);
  EXPECT_EQ(Refused("drop table t").name, "NOT_SUPPORTED");
  EXPECT_EQ(Refused("EXECUTE IMMEDIATE 'SELECT 1'").name, "NOT_SUPPORTED");
  EXPECT_EQ(Refused("show functions").name, "NOT_SUPPORTED");
  EXPECT_EQ(Refused("").name, "SYNTAX_ERROR");
  EXPECT_EQ(Refused("/* open").name, "SYNTAX_ERROR");
  EXPECT_EQ(Refused("show tables from").message,
            "line 1:17: mismatched input '<EOF>'. Expecting: <identifier>");
  EXPECT_EQ(Refused("show tables; drop table t").location->column, 14);
  EXPECT_EQ(Refused("describe a.b.c.d").name, "SYNTAX_ERROR");
  EXPECT_EQ(Refused("show tables like x").name, "SYNTAX_ERROR");
}

TEST(IsLike, FollowsSql) {
  EXPECT_TRUE(IsLike("sword_purchases", "sword%", {}));
  EXPECT_TRUE(IsLike("sword_purchases", "%purch%es", {}));
  EXPECT_TRUE(IsLike("aXb", "a_b", {}));
  EXPECT_TRUE(
      IsLike("a\xC3\xA9"
             "b",
             "a_b", {}));
  EXPECT_FALSE(IsLike("aXb", "a!_b", '!'));
  EXPECT_TRUE(IsLike("a_b", "a!_b", '!'));
  EXPECT_TRUE(IsLike("", "%", {}));
  EXPECT_FALSE(IsLike("a", "", {}));
  EXPECT_FALSE(IsLike("abc", "a%d", {}));
  // Many percent signs over a long text must not take long.
  EXPECT_FALSE(IsLike(std::string(5000, 'a'), "%a%a%a%a%a%a%a%a%b", {}));
}

}  // namespace
}  // namespace st::query
