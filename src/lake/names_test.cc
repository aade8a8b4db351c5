#include "lake/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::lake {
namespace {

using ::testing::HasSubstr;

TEST(FindTable, TakesAnyCaseAndTheDefaultSchema) {
  const std::vector<TableName> tables = {{"bad", "rows"}, {"default", "sword_Purchases"}};
  EXPECT_EQ(FindTable(tables, "Sword_purchases").value(), tables[1]);
  EXPECT_EQ(FindTable(tables, "DEFAULT.sword_purchases").value(), tables[1]);
  EXPECT_EQ(FindTable(tables, "bad.rows").value(), tables[0]);
}

TEST(FindTable, NamesTheNearest) {
  const std::vector<TableName> tables = {{"default", "purchases"}};
  const auto near = FindTable(tables, "purchase");
  EXPECT_EQ(near.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(near.error().message(), "no table \"purchase\"; did you mean \"default.purchases\"?");
  EXPECT_THAT(FindTable(tables, "clicks").error().message(), HasSubstr("table ls"));
  EXPECT_THAT(FindTable({{"default", "swords"}}, "guilds").error().message(),
              HasSubstr("table ls"));
  EXPECT_THAT(FindTable({}, "clicks").error().message(), HasSubstr("there is none"));
  EXPECT_FALSE(FindTable(tables, ""));
}

}  // namespace
}  // namespace st::lake
