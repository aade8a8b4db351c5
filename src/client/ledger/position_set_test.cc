#include "client/ledger/position_set.h"

#include <gtest/gtest.h>

namespace st::client::ledger {
namespace {

TEST(PositionSet, CountsUpToTwoInAnyOrder) {
  PositionSet set;
  EXPECT_EQ(set.Count(7), 0);
  for (const auto offset : {1'000'003, 1'000'004, 1'000'004, 1'000'004, 17}) set.Add(offset);
  EXPECT_EQ(set.Count(1'000'003), 1);
  EXPECT_EQ(set.Count(1'000'004), 2);
  EXPECT_EQ(set.Count(17), 1);
  EXPECT_EQ(set.Count(16), 0);
  EXPECT_EQ(set.Count(2), 0);
  EXPECT_EQ(set.Count(2'000'000), 0);
}

}  // namespace
}  // namespace st::client::ledger
