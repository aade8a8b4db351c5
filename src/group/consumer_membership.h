// What members of the new protocol ask for by their heartbeats: to join, to stay, to get and give
// up partitions, to leave.
//
// A heartbeat changes what is in memory, and is answered when that is durable.
//
// Threads: those of the coordinator, under its lock.
// Limits:  Settings; limits.h.
// Source:  Kafka's GroupMetadataManager, consumer groups; KIP-848, KIP-1082.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "group/consumer_changes.h"
#include "group/consumer_group.h"
#include "group/effects.h"
#include "group/group.h"
#include "group/messages.h"
#include "group/settings.h"

namespace st::group {

// Why the request is refused in any group; nullopt: it is not.
std::optional<Refusal> CheckShape(const ConsumerHeartbeat& request);
// Why the request, of a member of the new protocol, is not one for this group, or for none (null).
std::optional<Refusal> CheckProtocol(const Group* group, const ConsumerHeartbeat& request);
// Whether it asks to leave.
bool IsLeaving(const ConsumerHeartbeat& request);

class ConsumerMembership {
 public:
  ConsumerMembership(const Settings& settings, Effects& effects, ConsumerChanges& changes)
      : settings_(settings), effects_(effects), changes_(changes) {}

  // Why the group does not take the request; nullopt: it does. Changes nothing.
  std::optional<Refusal> Check(const ConsumerGroup& group, const ConsumerHeartbeat& request) const;
  // False, without a change: there is no room, which `done` is told.
  // Requires: CheckShape and Check took it, and the group is one of the new protocol.
  bool Heartbeat(Group& group, const ConsumerHeartbeat& request, ConsumerHeartbeatDone done);
  // By the classic LeaveGroup, of members of either protocol; an outcome a member, in their order.
  std::vector<Outcome> RemoveMembers(Group& group, const std::vector<LeavingMember>& leaving);
  // kDone, or why offsets may not be committed, or read, as the member.
  static Outcome CheckCommit(const ConsumerGroup& group, const CommitRequest& request);
  static Outcome CheckFetch(const ConsumerGroup& group, const std::optional<std::string>& member,
                            std::int32_t epoch);
  // Does what is due.
  void Expire(Group& group);

 private:
  std::optional<Refusal> CheckJoin(const ConsumerGroup& group,
                                   const ConsumerHeartbeat& request) const;
  void Leave(Group& group, const ConsumerHeartbeat& request, ConsumerHeartbeatDone done);

  const Settings& settings_;
  Effects& effects_;
  ConsumerChanges& changes_;
};

}  // namespace st::group
