// What members ask for: to join, to get their assignment, to stay, to leave.
//
// Threads: those of the coordinator, under its lock.
// Limits:  Settings; the coordinator's Room.
// Source:  Kafka's GroupMetadataManager, classic groups; KIP-345, KIP-394, KIP-814.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "group/effects.h"
#include "group/group.h"
#include "group/messages.h"
#include "group/rebalance.h"
#include "group/room.h"
#include "group/settings.h"

namespace st::group {

class Membership {
 public:
  Membership(const Settings& settings, Room& room, Effects& effects)
      : settings_(settings), room_(room), effects_(effects), rebalance_(settings, effects) {}

  void Join(Group& group, const JoinRequest& request, JoinDone done);
  void Sync(Group& group, const SyncRequest& request, SyncDone done);
  Outcome Heartbeat(Group& group, const MemberRef& ref);
  // An outcome a member, in their order.
  std::vector<Outcome> Leave(Group& group, const std::vector<LeavingMember>& leaving);
  // kDone, or why this member's offsets may not be committed; counts as its sign of life.
  Outcome CheckCommit(Group& group, const MemberRef& ref);
  // Does what is due.
  void Expire(Group& group);
  // Gives recovered members the time of their sessions.
  void Resume(Group& group);
  // Answers whoever waits with this outcome.
  void Dismiss(Group& group, Outcome outcome);

 private:
  bool MayJoin(const Group& group, const std::string& member) const;
  void JoinNew(Group& group, const JoinRequest& request, JoinDone done);
  void JoinKnown(Group& group, const JoinRequest& request, JoinDone done);
  void AddPending(Group& group, const JoinRequest& request, const std::string& id,
                  const JoinDone& done);
  void AddMember(Group& group, const JoinRequest& request, const std::string& id, JoinDone done);
  // A static member came back under a new id.
  void ReplaceStatic(Group& group, const JoinRequest& request, const std::string& id,
                     JoinDone done);
  // Stores the group with the member that replaced another, then answers it.
  void StoreReplaced(Group& group, const JoinRequest& request, const std::string& old_leader);
  // False: there is no room, which `done` was told.
  bool Update(Group& group, Member& member, const JoinRequest& request, JoinDone done);
  void UpdateThenRebalance(Group& group, Member& member, const JoinRequest& request, JoinDone done);
  void ExpireMembers(Group& group);
  void RefuseJoin(const JoinDone& done, const std::string& member, Outcome outcome);

  const Settings& settings_;
  Room& room_;
  Effects& effects_;
  Rebalance rebalance_;
};

}  // namespace st::group
