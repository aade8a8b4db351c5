#include "os/memory.h"

#include <gtest/gtest.h>

namespace st::os {
namespace {

TEST(IdleMemory, GivesBackOnceAfterWorkAndNotDuringIt) {
  IdleMemory memory;
  EXPECT_FALSE(memory.Step(IdleMemory::kBusyUs)) << "busy";
  EXPECT_FALSE(memory.Step(2 * IdleMemory::kBusyUs)) << "busy";
  EXPECT_TRUE(memory.Step(2 * IdleMemory::kBusyUs + 1)) << "little to do, for the first time";
  EXPECT_FALSE(memory.Step(2 * IdleMemory::kBusyUs + 2)) << "nothing happened since";
  EXPECT_TRUE(memory.Step(2 * IdleMemory::kBusyUs + 1 + IdleMemory::kTouchedUs));
}

}  // namespace
}  // namespace st::os
