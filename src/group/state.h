// The states of a consumer group, and how it moves between them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace st::group {

enum class State : std::uint8_t {
  kEmpty = 0,  // no members; its offsets stay until their retention ends
  // Members give their subscriptions with JoinGroup, which is answered when the phase ends.
  kPreparingRebalance = 1,
  // The generation began; its leader gives the assignment with SyncGroup.
  kCompletingRebalance = 2,
  kStable = 3,  // every member may fetch what it was assigned
  kDead = 4,    // deleted: nobody finds it any more
};

struct Transition {
  State from;
  State to;
  std::string_view when;
};

// Every move that there is; any other one is a bug.
//
// Source: Kafka's ClassicGroupState.
inline constexpr Transition kTransitions[] = {
    {State::kEmpty, State::kPreparingRebalance, "a first member joins"},
    {State::kStable, State::kPreparingRebalance,
     "a member joins, leaves, is silent for too long, or offers another subscription"},
    {State::kCompletingRebalance, State::kPreparingRebalance,
     "the same, or the assignment was not made or not stored in time"},
    {State::kPreparingRebalance, State::kCompletingRebalance,
     "every member joined, or the time to join is over"},
    {State::kPreparingRebalance, State::kEmpty, "the time to join is over without a member"},
    {State::kCompletingRebalance, State::kStable, "the leader's assignment is durable"},
    {State::kEmpty, State::kDead, "it is deleted, or its last offset expires"},
};

constexpr bool MayMove(State from, State to) {
  return std::ranges::any_of(
      kTransitions, [&](const Transition& one) { return one.from == from && one.to == to; });
}

// Kafka's name: "Stable".
constexpr std::string_view NameOf(State state) {
  switch (state) {
    case State::kEmpty:
      return "Empty";
    case State::kPreparingRebalance:
      return "PreparingRebalance";
    case State::kCompletingRebalance:
      return "CompletingRebalance";
    case State::kStable:
      return "Stable";
    case State::kDead:
      return "Dead";
  }
  return "";
}

}  // namespace st::group
