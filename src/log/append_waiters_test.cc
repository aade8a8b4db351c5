#include "log/append_waiters.h"

#include <gtest/gtest.h>

namespace st::log {
namespace {

TopicPartition At(std::int32_t partition) { return {TopicId(), PartitionId(partition)}; }

TEST(AppendWaiters, WakesOnceWhoeverWaitsForOneOfThePartitions) {
  AppendWaiters waiters;
  int first = 0;
  int second = 0;
  const auto handle = waiters.Add({At(1), At(2)}, [&] { ++first; });
  waiters.Add({At(2), At(3)}, [&] { ++second; });
  waiters.Wake({At(9)});
  EXPECT_EQ(first + second, 0);
  waiters.Wake({At(1)});
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
  waiters.Wake({At(1), At(2), At(3)});
  EXPECT_EQ(first, 1) << "once";
  EXPECT_EQ(second, 1) << "once, though two of its partitions were appended to";
  waiters.Cancel(handle);
}

TEST(AppendWaiters, ACancelledWaitIsNotWoken) {
  AppendWaiters waiters;
  int woken = 0;
  std::vector<TopicPartition> many;
  for (std::int32_t p = 0; p < 1000; ++p) many.push_back(At(p));
  const auto handle = waiters.Add(many, [&] { ++woken; });
  waiters.Cancel(handle);
  waiters.Cancel(handle);
  waiters.Wake({At(0), At(500), At(999)});
  EXPECT_EQ(woken, 0);
}

TEST(AppendWaiters, AWakeMayWaitAgain) {
  AppendWaiters waiters;
  int woken = 0;
  std::function<void()> again = [&] {
    if (++woken < 3) waiters.Add({At(0)}, again);
  };
  waiters.Add({At(0)}, again);
  for (int i = 0; i < 5; ++i) waiters.Wake({At(0)});
  EXPECT_EQ(woken, 3);
}

}  // namespace
}  // namespace st::log
