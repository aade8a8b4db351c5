// Tests what a definition changes of its table beside the rows.
#include "stream/table_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class TableColumnsTest : public ::testing::Test {
 protected:
  TableColumnsTest() {
    view_.name = {"default", "t"};
    view_.columns = {{1, "day", "date"}, {2, "host", "string"}};
    view_.layout = {.partition = {{"day", {}}}, .sort = {{"host"}}};
    definition_.columns = {{"day", "date", "DATE"}, {"host", "string", "VARCHAR"}};
    definition_.layout = view_.layout;
  }
  std::string ChangeOfLayout() {
    const auto evolution = EvolutionOf(definition_, view_);
    EXPECT_TRUE(evolution) << evolution.error().message();
    return LayoutChange(definition_, view_, evolution->columns);
  }

  lake::View view_;
  dialect::spark::Definition definition_;
};

TEST_F(TableColumnsTest, ALayoutFollowsTheNewNamesOfItsColumns) {
  EXPECT_EQ(ChangeOfLayout(), "");
  definition_.columns[0].name = "at";
  definition_.renames = {{"day", "at"}};
  definition_.layout.partition[0].column = "at";
  EXPECT_EQ(ChangeOfLayout(), "");
  definition_.columns[1] = {"path", "string", "VARCHAR"};
  definition_.drops = {"host"};
  definition_.layout.sort.clear();
  EXPECT_EQ(ChangeOfLayout(), "") << "a column that goes leaves the order";
  definition_.layout.sort = {{"path"}};
  EXPECT_EQ(ChangeOfLayout(),
            "new files are partitioned by at, sorted by path; the others stay as they are");
}

TEST_F(TableColumnsTest, PropertiesAndTheCommentAreThoseOfTheDefinition) {
  EXPECT_THAT(PropertyChangeOf(definition_, view_).texts, IsEmpty());
  definition_.properties = {{"comment", "visits"}, {"team", "games"}};
  auto change = PropertyChangeOf(definition_, view_);
  EXPECT_THAT(change.set, ElementsAre(Pair("comment", "visits"), Pair("team", "games")));
  EXPECT_THAT(change.texts,
              ElementsAre("changes the comment of the table", "sets property team to 'games'"));
  view_.properties = {{"comment", "visits"}, {"team", "games"}, {"set.by", "another"}};
  EXPECT_THAT(PropertyChangeOf(definition_, view_).texts, IsEmpty());
  definition_.properties.clear();
  change = PropertyChangeOf(definition_, view_);
  EXPECT_THAT(change.set, IsEmpty());
  EXPECT_THAT(change.removed, ElementsAre("comment")) << "others may have set the other ones";
  EXPECT_THAT(change.texts, ElementsAre("removes the comment of the table"));
}

}  // namespace
}  // namespace st::stream
