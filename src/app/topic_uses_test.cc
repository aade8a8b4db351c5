#include "app/topic_uses.h"

#include <gtest/gtest.h>

namespace st::app {
namespace {

project::ServedProject Project() {
  project::ServedProject served;
  served.files.events.push_back({.name = "dig", .topic = "gold"});
  served.pipelines.push_back({.name = "nuggets", .topics = {"gold", "silver"}});
  return served;
}

TEST(TopicUses, NameWhatADeletionBreaks) {
  const auto broken = BrokenByDeletion(Project(), "gold");
  ASSERT_EQ(broken.size(), 2U);
  EXPECT_TRUE(broken[0].starts_with("event \"dig\""));
  EXPECT_TRUE(broken[1].starts_with("the pipeline of table \"nuggets\""));
  EXPECT_EQ(BrokenByDeletion(Project(), "silver").size(), 1U);
  EXPECT_TRUE(BrokenByDeletion(Project(), "iron").empty());
}

TEST(TopicUses, OnlyATopicThatNobodyNeedsMayGoWithoutForce) {
  EXPECT_TRUE(CheckNobodyNeeds(Project(), "iron"));
  EXPECT_FALSE(CheckNobodyNeeds(Project(), "gold"));
  EXPECT_TRUE(CheckMayChange("gold"));
  for (const auto* own : {"_declarations", "game"}) {
    EXPECT_FALSE(CheckMayChange(own)) << own;
    EXPECT_FALSE(CheckNobodyNeeds(Project(), own)) << own;
  }
}

TEST(TopicUses, ARefusalNamesThreeAndCountsTheOthers) {
  auto project = Project();
  for (const auto* name : {"mine", "wash", "melt", "sell"}) {
    project.files.events.push_back({.name = name, .topic = "gold"});
  }
  const auto refused = CheckNobodyNeeds(project, "gold");
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().message(),
      "topic \"gold\" is in use: declared for it are the events \"dig\", \"mine\", \"wash\" and "
      "2 more; it is read by the pipelines of tables \"nuggets\". Remove what uses it first, "
      "or delete it all the same with --force: `steelthread topic delete gold --force` says "
      "what breaks");
}

}  // namespace
}  // namespace st::app
