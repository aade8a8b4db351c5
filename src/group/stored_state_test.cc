#include "group/stored_state.h"

#include <gtest/gtest.h>

namespace st::group {
namespace {

Group Stable() {
  Group group("g");
  group.generation = 7;
  group.protocol_type = "consumer";
  group.protocol = "range";
  group.Add({.id = "m",
             .instance = "i",
             .client_id = "c",
             .client_host = "/h",
             .session_timeout_ms = 10,
             .rebalance_timeout_ms = 20,
             .protocols = {{"range", "topics"}, {"other", ""}},
             .assignment = "all",
             .joining = {},
             .syncing = {},
             .charge = {}});
  group.Restore(State::kStable, 123);
  return group;
}

TEST(StoredState, ComesBackAsItWas) {
  const auto bytes = EncodeState(Stable(), State::kStable);
  Group read("g");
  ASSERT_TRUE(DecodeState(bytes, read));
  EXPECT_EQ(EncodeState(read, read.state()), bytes);
  EXPECT_EQ(read.since_ms(), 123);
  EXPECT_EQ(*read.FindInstance("i"), "m");
  EXPECT_EQ(read.Find("m")->assignment, "all");
}

Group Mixed() {
  Group group("g");
  group.consumers = std::make_unique<ConsumerGroup>();
  group.consumers->epoch = 7;
  group.consumers->assignment_epoch = 6;
  ConsumerMember modern{.id = "m"};
  modern.topics = {"t"};
  ConsumerMember classic{.id = "c"};
  classic.classic = {.session_timeout_ms = 10, .protocols = {{"range", "topics"}, {"other", ""}}};
  group.consumers->Put(modern);
  group.consumers->Put(classic);
  return group;
}

TEST(StoredState, AGroupOfBothProtocolsComesBackAsItWas) {
  const auto bytes = EncodeState(Mixed(), State::kEmpty);
  EXPECT_EQ(bytes[0], 3);
  Group read("g");
  ASSERT_TRUE(DecodeState(bytes, read));
  EXPECT_EQ(read.consumers->members(), Mixed().consumers->members());
  EXPECT_EQ(EncodeState(read, State::kEmpty), bytes);
  for (std::size_t n = 1; n < bytes.size(); ++n) {
    Group damaged("g");
    const auto decoded = DecodeState(bytes.substr(0, n), damaged);
    ASSERT_FALSE(decoded) << n;
    EXPECT_EQ(decoded.error().code(), ErrorCode::kCorruption);
  }
}

TEST(StoredState, AGroupWithoutClassicMembersIsReadByOlderPrograms) {
  auto group = Mixed();
  group.consumers->Remove("c");
  const auto bytes = EncodeState(group, State::kEmpty);
  EXPECT_EQ(bytes[0], 2);
  Group read("g");
  ASSERT_TRUE(DecodeState(bytes, read));
  EXPECT_EQ(read.consumers->members(), group.consumers->members());
}

TEST(StoredState, DamageAndALaterVersionAreRefused) {
  const auto bytes = EncodeState(Stable(), State::kStable);
  for (std::size_t n = 1; n < bytes.size(); ++n) {
    Group read("g");
    const auto decoded = DecodeState(bytes.substr(0, n), read);
    ASSERT_FALSE(decoded) << n;
    EXPECT_EQ(decoded.error().code(), ErrorCode::kCorruption);
  }
  Group later("g");
  EXPECT_EQ(DecodeState('\4' + bytes.substr(1), later).error().code(), ErrorCode::kUnsupported);
  Group without("g");
  EXPECT_FALSE(DecodeState(EncodeState(Group("g"), State::kStable), without)) << "no member";
}

}  // namespace
}  // namespace st::group
