// Keeps the epoch of a group of the new protocol, and its target assignment, up to the members'
// subscriptions and the topics of the log.
//
// Threads: those of the coordinator, under its lock.
// Limits:  kGroupPartitionBytes, kTopicsCheckUs, kPatternMinRefreshMs, kPatternMaxRefreshMs.
// Source:  Kafka's GroupMetadataManager and TargetAssignmentBuilder.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "group/consumer_group.h"
#include "group/effects.h"
#include "log/log.h"

namespace st::group {

class ConsumerTarget {
 public:
  ConsumerTarget(Effects& effects, const log::Log& log) : effects_(effects), log_(log) {}

  // Begins a new epoch where `must`, or where topics of the group came or changed.
  bool UpdateEpoch(ConsumerGroup& group, bool must);
  // Computes the target for the group's epoch.
  void Compute(ConsumerGroup& group) const;
  // Whether the change of the member's pattern changes the subscription at once. Forgets what
  // nobody's pattern is any more. Requires: the group has the member as it is now.
  static bool ForgetPattern(ConsumerGroup& group, const ConsumerMember& before,
                            const ConsumerMember& now);
  // Finds the topics of the patterns, where it is time to; they were found at `last_ms` before.
  // Then true: the group has changed.
  bool RefreshPatterns(ConsumerGroup& group, std::optional<std::int64_t> last_ms, bool is_required);
  // Of the topics of all subscriptions that are there.
  std::uint64_t HashOfTopics(const ConsumerGroup& group) const;
  // Charges the group for the partitions of the topics. False, without a change: there is no room.
  bool ChargePartitions(ConsumerGroup& group, const std::set<std::string>& topics);

 private:
  Effects& effects_;
  const log::Log& log_;
};

}  // namespace st::group
