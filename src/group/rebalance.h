// A group's way from one generation to the next: the moves of the states of state.h, and the
// answers of those who wait for them.
//
// Threads: those of the coordinator, under its lock.
// Source:  Kafka's GroupMetadataManager, classic groups.
#pragma once

#include <cstdint>
#include <string>

#include "group/effects.h"
#include "group/group.h"
#include "group/messages.h"
#include "group/settings.h"

namespace st::group {

class Rebalance {
 public:
  Rebalance(const Settings& settings, Effects& effects) : settings_(settings), effects_(effects) {}

  // After a change of the members: begins a rebalance, or ends its join phase if all joined.
  void BeginOrCompleteJoin(Group& group);
  // Ends the join phase if every member waits in it; but the first rebalance of an empty group
  // takes its delay in any case.
  void TryCompleteJoin(Group& group);
  void OnJoinDeadline(Group& group);
  // Removes the members that owe a sync.
  void OnSyncDeadline(Group& group);
  // Stores the leader's assignment, and answers those who wait for theirs.
  void Assign(Group& group, const SyncRequest& request);
  // Removes the member and answers what it waits for. Not an error if it is not there.
  void Remove(Group& group, const std::string& id);

  // Answers the member's JoinGroup or SyncGroup, if one waits.
  void AnswerJoin(Member& member, const JoinAnswer& answer);
  void AnswerSync(Member& member, const SyncAnswer& answer);
  // The member gave a sign of life.
  void Extend(Member& member);
  // The present generation; all members for its leader.
  static JoinAnswer AnswerOf(const Group& group, const Member& member, bool with_members);

 private:
  void Prepare(Group& group);
  void CompleteJoin(Group& group);
  void BeginGeneration(Group& group);
  void OnGenerationStored(Group& group, std::int32_t generation, bool is_durable);
  void OnAssignmentStored(Group& group, std::int32_t generation, bool is_durable);
  void AnswerSyncs(Group& group);
  void FailSyncs(Group& group, Outcome outcome);

  const Settings& settings_;
  Effects& effects_;
};

}  // namespace st::group
