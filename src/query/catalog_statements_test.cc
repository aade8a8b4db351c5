#include "query/catalog_statements.h"

#include <gtest/gtest.h>

#include "query/testing/fake_catalog.h"

namespace st::query {
namespace {

class CatalogStatements : public ::testing::Test {
 protected:
  CatalogStatements() {
    lake_.Add("default", "sword_purchases",
              {{1, "raw_event", "string"}, {2, "timestamp", "timestamptz"}, {3, "n", "long"}});
    lake_.Add("default", "purchases", {{1, "Price", "decimal(10, 2)"}});
    lake_.Add("bad", "rows", {});
    lake_.Add("default", "nested",
              {{1, "l",
                R"({"type":"list","element-id":2,"element":{"type":"struct","fields":[{"id":3,)"
                R"("name":"A b","required":false,"type":"int"}]},"element-required":false})",
                "what l is"}});
  }
  StatementResult<CatalogAnswer> Ask(std::string_view sql) {
    const auto parsed = ParseStatement(sql);
    if (!parsed) return std::unexpected(parsed.error());
    return AnswerFromCatalog(*parsed, session_, lake_);
  }
  std::string Rows(std::string_view sql) {
    const auto answer = Ask(sql);
    return answer ? answer->page.rows_json : answer.error().message;
  }
  testing::FakeCatalog lake_;
  statement::Session session_;
};

TEST_F(CatalogStatements, ListCatalogsSchemasAndTables) {
  EXPECT_EQ(Rows("show catalogs"), R"([["lake"]])");
  EXPECT_EQ(Rows("show schemas"), R"([["bad"],["default"]])");
  EXPECT_EQ(Rows("show schemas from lake like 'd%'"), R"([["default"]])");
  EXPECT_EQ(Rows("show tables"), R"([["nested"],["purchases"],["sword_purchases"]])");
  EXPECT_EQ(Rows("show tables like 'sword\\_%' escape '\\'"), R"([["sword_purchases"]])");
  EXPECT_EQ(Rows("show tables in lake.bad"), R"([["rows"]])");
  session_.schema = "BAD";
  EXPECT_EQ(Rows("show tables"), R"([["rows"]])");
}

TEST_F(CatalogStatements, DescribeNamesTheTypesAsTrinoDoes) {
  EXPECT_EQ(Rows("describe Sword_Purchases"),
            R"([["raw_event","varchar","",""],)"
            R"(["timestamp","timestamp(6) with time zone","",""],["n","bigint","",""]])");
  EXPECT_EQ(Rows("show columns from lake.default.purchases"),
            R"j([["price","decimal(10,2)","",""]])j");
  EXPECT_EQ(Rows("describe nested"), R"j([["l","array(row(\"a b\" integer))","","what l is"]])j");
  const auto answer = Ask("desc bad.rows");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->columns.size(), 4u);
  EXPECT_EQ(answer->columns[0].name, "Column");
  EXPECT_EQ(answer->page.rows, 0);
}

TEST_F(CatalogStatements, NameAMissingObjectAndTheNearestOne) {
  const auto table = Ask("describe sword_purchase");
  ASSERT_FALSE(table.has_value());
  EXPECT_EQ(table.error().name, "TABLE_NOT_FOUND");
  EXPECT_EQ(table.error().message,
            "line 1:1: Table 'lake.default.sword_purchase' does not exist; did you mean "
            "'sword_purchases'?");
  EXPECT_EQ(Ask("show tables from nosuch").error().name, "SCHEMA_NOT_FOUND");
  EXPECT_EQ(Ask("show schemas from hive").error().name, "CATALOG_NOT_FOUND");
  EXPECT_EQ(Ask("use lake.nosuch").error().name, "SCHEMA_NOT_FOUND");
}

TEST_F(CatalogStatements, UseNamesCatalogAndSchemaForTheClient) {
  const auto answer = Ask("use bad");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->update_type, "USE");
  EXPECT_EQ(answer->set_catalog, "lake");
  EXPECT_EQ(answer->set_schema, "bad");
}

}  // namespace
}  // namespace st::query
