// The members of groups, by the protocols that they and their group speak; changes the protocol of
// a group as members come.
//
// Threads: those of the coordinator, under its lock.
// Limits:  Settings; the coordinator's Room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "group/classic_consumers.h"
#include "group/consumer_changes.h"
#include "group/consumer_membership.h"
#include "group/effects.h"
#include "group/group.h"
#include "group/membership.h"
#include "group/messages.h"
#include "group/room.h"
#include "group/settings.h"
#include "log/log.h"

namespace st::group {

class Members {
 public:
  Members(const Settings& settings, Room& room, Effects& effects, const log::Log& log)
      : settings_(settings),
        room_(room),
        effects_(effects),
        log_(log),
        classic_(settings, room, effects),
        changes_(settings, room, effects, log),
        consumers_(settings, effects, changes_),
        classic_consumers_(settings, effects, changes_, log) {}

  void Join(Group& group, const JoinRequest& request, JoinDone done);
  void Sync(Group& group, const SyncRequest& request, SyncDone done);
  Outcome Heartbeat(Group& group, const MemberRef& ref);
  // Why the group, or a new one (null), does not take the request; nullopt: it does. Changes
  // nothing. Requires: CheckShape took it.
  std::optional<Refusal> Check(const Group* group, const ConsumerHeartbeat& request) const;
  // Makes the group one of the new protocol, where it is none. Requires: Check took it.
  void Heartbeat(Group& group, const ConsumerHeartbeat& request, ConsumerHeartbeatDone done);
  // An outcome a member, in their order.
  std::vector<Outcome> Leave(Group& group, const std::vector<LeavingMember>& leaving);
  // kDone, or why this member's offsets may not be committed.
  Outcome CheckCommit(Group& group, const CommitRequest& request);
  // Does what is due.
  void Expire(Group& group);
  // Gives recovered members their charges and the time of their sessions.
  void Resume(Group& group);
  // Answers whoever waits with kNotAvailable.
  void Dismiss(Group& group);

 private:
  // Whether there is room for the members that a classic group has, as ones of the new protocol.
  bool TakeRoom(Group& group, const std::string& client);
  void ResumeConsumers(ConsumerGroup& consumers);

  const Settings& settings_;
  Room& room_;
  Effects& effects_;
  const log::Log& log_;
  Membership classic_;
  ConsumerChanges changes_;
  ConsumerMembership consumers_;
  ClassicConsumers classic_consumers_;
};

}  // namespace st::group
