#include "net/budget.h"

#include <gtest/gtest.h>

#include "net/address.h"
#include "net/limits.h"

namespace st::net {
namespace {

std::shared_ptr<Budget> Make(BudgetOptions options) {
  options.name = "b";
  return Budget::Make(std::move(options));
}

TEST(Budget, OneAddressCannotTakeMoreThanItsShare) {
  const auto budget = Make({.total = 10, .per_address = 5, .per_charge = 5});
  Charge first(budget->AccountOf("127.0.0.2"));
  Charge second(budget->AccountOf("127.0.0.2"));
  Charge other(budget->AccountOf("127.0.0.1"));
  EXPECT_TRUE(first.Resize(4));
  EXPECT_FALSE(second.Resize(2));
  EXPECT_TRUE(second.Resize(1));
  EXPECT_TRUE(other.Resize(5));
  EXPECT_EQ(budget->used(), 10U);
  Charge third(budget->AccountOf("127.0.0.3"));
  EXPECT_FALSE(third.Resize(1)) << "the total";
  first = {};
  EXPECT_TRUE(third.Resize(1));
}

TEST(Budget, AChargeGivesBackWhatItHolds) {
  MetricRegistry metrics;
  const auto budget = Make({.total = 10, .per_address = 10, .per_charge = 8, .metrics = &metrics});
  {
    Charge charge(budget->AccountOf("a"));
    EXPECT_FALSE(charge.Resize(9)) << "the limit of one charge";
    EXPECT_EQ(charge.units(), 0U);
    EXPECT_TRUE(charge.Resize(8));
    EXPECT_TRUE(charge.Resize(3));
    Charge moved = std::move(charge);
    EXPECT_EQ(budget->used(), 3U);
    EXPECT_TRUE(metrics.Render().contains("steelthread_budget_used{budget=\"b\"} 3\n"));
  }
  EXPECT_EQ(budget->used(), 0U);
  EXPECT_TRUE(metrics.Render().contains("steelthread_budget_used{budget=\"b\"} 0\n"));
}

TEST(Budget, LargeChargesLeaveAQuarterToSmallOnes) {
  const auto budget = Make({.total = 160, .per_address = 80, .per_charge = 80, .small = 4});
  Charge large(budget->AccountOf("a"));
  EXPECT_EQ(large.Room(), 60U);
  EXPECT_FALSE(large.Resize(61));
  EXPECT_TRUE(large.Resize(60));
  EXPECT_EQ(large.Room(), 60U);
  Charge another(budget->AccountOf("a"));
  EXPECT_FALSE(another.Resize(5));
  EXPECT_TRUE(another.Resize(4));
}

TEST(Budget, AClientIsAnAddressWithoutItsPort) {
  EXPECT_EQ(ClientOf("127.0.0.1:51234"), "127.0.0.1");
  EXPECT_EQ(ClientOf("[2001:db8:1:2:3:4:5:6]:1"), "[2001:db8:1:2::]");
  EXPECT_EQ(ClientOf("[::ffff:10.0.0.1]:1"), "10.0.0.1");
  EXPECT_EQ(ClientOf("unix"), "unix");
}

TEST(Budget, ConnectionsLeaveDescriptorsToTheRest) {
  EXPECT_EQ(MaxConnectionsOf(1024), 1024 - kReservedDescriptors);
  EXPECT_EQ(MaxConnectionsOf(64), 32U);
  EXPECT_EQ(MaxConnectionsOf(1 << 20), kMaxConnections);
}

}  // namespace
}  // namespace st::net
