// What members of the classic protocol ask for in a group of the new one: to join, to get their
// assignment, to stay.
//
// The server assigns, so none of them leads, and no join waits for others. A member that is to give
// up or to get partitions is told by its heartbeat to join again, and its JoinGroup says what it
// has.
//
// Threads: those of the coordinator, under its lock.
// Limits:  Settings; the coordinator's Room.
// Source:  Kafka's GroupMetadataManager, classicGroup…ToConsumerGroup; KIP-848, "Upgrade &
//          Downgrade".
#pragma once

#include <cstdint>
#include <string>

#include "group/consumer_changes.h"
#include "group/consumer_group.h"
#include "group/effects.h"
#include "group/group.h"
#include "group/messages.h"
#include "group/settings.h"
#include "log/log.h"

namespace st::group {

class ClassicConsumers {
 public:
  ClassicConsumers(const Settings& settings, Effects& effects, ConsumerChanges& changes,
                   const log::Log& log)
      : settings_(settings), effects_(effects), changes_(changes), log_(log) {}

  // Requires, of all: the group is one of the new protocol, with members.
  void Join(Group& group, const JoinRequest& request, JoinDone done);
  void Sync(Group& group, const SyncRequest& request, SyncDone done);
  Outcome Heartbeat(Group& group, const MemberRef& ref);

 private:
  // kDone, or why the request does not come from a classic member, or not from one in this epoch.
  Outcome Check(const ConsumerGroup& group, const MemberRef& ref) const;
  // kDone, or why the member that the request is of, or would make, may not join.
  Outcome CheckJoin(const ConsumerGroup& group, const JoinRequest& request,
                    const std::string& id) const;
  void Refuse(const JoinDone& done, const std::string& member, Outcome outcome);
  // Joins as `id`, in the place of `replaced` where that is not "".
  void JoinAs(Group& group, const JoinRequest& request, const std::string& id,
              const std::string& replaced, JoinDone done);
  // The member is to join again, in time.
  void AskToJoin(ConsumerGroup& group, const ConsumerMember& member);

  const Settings& settings_;
  Effects& effects_;
  ConsumerChanges& changes_;
  const log::Log& log_;
};

}  // namespace st::group
