// How a group of the new protocol changes, whichever protocol the member speaks that changes it:
// members come and go, get nearer to their target, and are answered when that is durable.
//
// A group is stored once at a time; what changes meanwhile goes into the next time.
//
// Threads: those of the coordinator, under its lock.
// Limits:  Settings; the coordinator's Room; limits.h.
// Source:  Kafka's GroupMetadataManager, consumer groups.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "group/consumer_target.h"
#include "group/effects.h"
#include "group/group.h"
#include "group/messages.h"
#include "group/rebalance.h"
#include "group/room.h"
#include "group/settings.h"
#include "log/log.h"

namespace st::group {

// Answers a request once what it changed, or saw, is durable or will not be.
using DurableReply = std::function<void(bool is_durable)>;

class ConsumerChanges {
 public:
  ConsumerChanges(const Settings& settings, Room& room, Effects& effects, const log::Log& log)
      : settings_(settings),
        room_(room),
        effects_(effects),
        log_(log),
        target_(effects, log),
        rebalance_(settings, effects) {}

  ConsumerTarget& target() { return target_; }
  // Takes the member into the group. False, without a change: there is no room.
  bool TakeIn(ConsumerGroup& group, const ConsumerMember& before, const ConsumerMember& now,
              const std::string& client);
  // Begins a new epoch where `must`, or where the topics of the group changed, and computes its
  // target; whether that changed the group.
  bool UpdateTarget(ConsumerGroup& group, bool must);
  // Brings the member nearer to its target; whether that changed it.
  bool Reconcile(ConsumerGroup& group, const std::string& id, const AssignedPartitions* owned);
  // Removes the members and ends so many epochs; where only classic members are left, the group
  // becomes a classic one, which rebalances. Requires: there is one to remove.
  void Fence(Group& group, const std::set<std::string>& gone, std::int32_t epochs,
             DurableReply reply);
  // Makes the group, of classic members alone, a classic one, which rebalances where `must`.
  void BecomeClassic(Group& group, bool must, DurableReply reply);
  // Replies when the group, as it is in memory, is durable.
  void Finish(Group& group, bool has_changed, DurableReply reply);
  // Tells whoever waits that nothing is durable. Not an error for a classic group.
  void Dismiss(Group& group);

 private:
  void Remove(ConsumerGroup& group, const std::string& id);
  void Answer(DurableReply reply, bool is_durable);
  void StoreNow(Group& group);
  void OnStored(Group& group, std::uint64_t version, bool is_durable);

  const Settings& settings_;
  Room& room_;
  Effects& effects_;
  const log::Log& log_;
  ConsumerTarget target_;
  Rebalance rebalance_;
};

}  // namespace st::group
