#include "game_service/phase.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace st::game_service {
namespace {

constexpr std::array kAll = {Phase::kReady,      Phase::kConfirming, Phase::kRebuilding,
                             Phase::kBackingOff, Phase::kPoisoned,   Phase::kStopped};

std::set<Phase> ReachableFrom(Phase begin) {
  std::set<Phase> seen = {begin};
  std::vector<Phase> todo = {begin};
  while (!todo.empty()) {
    const Phase at = todo.back();
    todo.pop_back();
    for (const Phase next : kAll) {
      if (MayFollow(at, next) && seen.insert(next).second) todo.push_back(next);
    }
  }
  return seen;
}

TEST(Phase, EachIsReachedFromReadyAndEachCanStop) {
  EXPECT_EQ(ReachableFrom(Phase::kReady), std::set<Phase>(kAll.begin(), kAll.end()));
  for (const Phase phase : kAll) EXPECT_TRUE(ReachableFrom(phase).contains(Phase::kStopped));
}

TEST(Phase, OnlyAnOpeningLeavesAPoisonedOrStoppedService) {
  EXPECT_EQ(ReachableFrom(Phase::kPoisoned), (std::set{Phase::kPoisoned, Phase::kStopped}));
  EXPECT_EQ(ReachableFrom(Phase::kStopped), std::set{Phase::kStopped});
}

TEST(Phase, NoneFollowsItselfAndNoTransitionIsListedTwice) {
  std::set<std::pair<Phase, Phase>> seen;
  for (const auto& one : kPhaseTransitions) {
    EXPECT_NE(one.from, one.to) << one.when;
    EXPECT_TRUE(seen.insert({one.from, one.to}).second) << one.when;
  }
}

}  // namespace
}  // namespace st::game_service
