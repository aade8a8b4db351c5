#include "stream/definition_check.h"

#include <gtest/gtest.h>

#include "lake/limits.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

class DefinitionCheckTest : public ::testing::Test {
 protected:
  DefinitionCheckTest() {
    definition_.place = "p.sql:1:24";
    definition_.columns = {{.name = "v", .iceberg_type = "string", .duckdb_type = "VARCHAR"}};
  }

  std::string Check() {
    const auto checked = CheckDefinition(transformer_, definition_);
    return checked ? "" : checked.error().message();
  }

  os::testing::MemoryFileSystem fs_;
  testing::FakeTransformer transformer_{fs_, fs_};
  dialect::spark::Definition definition_;
};

TEST_F(DefinitionCheckTest, NamesEachConstantWithoutAValue) {
  definition_.constants = {{.sql = "good", .place = "p.sql:1:1", .excerpt = ""},
                           {.sql = "poison 1", .place = "p.sql:2:3", .excerpt = "\n  one\n  ^"},
                           {.sql = "poison 2", .place = "p.sql:4:5", .excerpt = "\n  two\n  ^"}};
  EXPECT_EQ(Check(),
            "p.sql:2:3: cannot cast poison 1\n  one\n  ^\n"
            "p.sql:4:5: cannot cast poison 2\n  two\n  ^");
  definition_.constants.resize(1);
  EXPECT_EQ(Check(), "");
}

TEST_F(DefinitionCheckTest, RefusesColumnsAndPropertiesThatNoTableHasRoomFor) {
  definition_.properties = {{"comment", std::string(lake::kMaxPropertiesBytes, 'c')}};
  EXPECT_THAT(Check(), ::testing::StartsWith("p.sql:1:24: the properties, the comment among them"));
  definition_.properties.clear();
  definition_.columns.front().comment = std::string(lake::kMaxSchemaBytes, 'c');
  EXPECT_THAT(Check(), ::testing::StartsWith("p.sql:1:24: the names, types and comments of the 1"));
}

TEST_F(DefinitionCheckTest, ComparesTheColumns) {
  transformer_.columns = {{.name = "v", .duckdb_type = "INTEGER"}};
  EXPECT_EQ(Check(),
            "p.sql:1:24: the SELECT is translated to columns of other types (v INTEGER); write a "
            "CAST to the type that is meant");
}

}  // namespace
}  // namespace st::stream
