#include "group/room.h"

#include <gtest/gtest.h>

#include "group/limits.h"

namespace st::group {
namespace {

TEST(GroupRoom, AClientAddsUpToItsShareAndLeavesRoomForOthers) {
  MetricRegistry metrics;
  Room room(&metrics);
  std::vector<Charge> charges;
  const auto fill = [&](std::uint64_t client) {
    std::uint64_t taken = 0;
    while (true) {
      Charge charge;
      if (!Charge::Take(room, client, 64 << 10, charge)) return taken;
      charges.push_back(std::move(charge));
      taken += 64 << 10;
    }
  };
  const auto first = fill(ClientNumber("10.0.0.1"));
  EXPECT_LE(first, kMaxClientGroupBytes);
  EXPECT_GT(first, kMaxClientGroupBytes * 9 / 10) << "nobody else has any";
  for (int n = 2; n < 10; ++n) EXPECT_GT(fill(ClientNumber(std::to_string(n))), 0U) << n;
  Charge recovered;
  EXPECT_TRUE(Charge::Take(room, 0, kMaxGroupBytes, recovered)) << "what is there already stays";
  recovered = Charge();
  charges.clear();
  EXPECT_EQ(fill(ClientNumber("10.0.0.1")), first) << "everything was given back";
}

TEST(GroupRoom, AChargeThatFindsNoRoomStaysAsItWas) {
  Room room(nullptr);
  Charge charge;
  EXPECT_TRUE(Charge::Take(room, 1, 1'000, charge));
  EXPECT_FALSE(charge.Resize(kMaxClientGroupBytes + 1));
  EXPECT_TRUE(charge.Resize(kMaxClientGroupBytes - (1 << 20)));
  EXPECT_TRUE(charge.Resize(10));
}

}  // namespace
}  // namespace st::group
