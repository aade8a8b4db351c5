// What members of the new protocol ask for by their heartbeats: to join, to stay, to get and give
// up partitions, to leave.
//
// A heartbeat changes what is in memory, and is answered when that is durable. One change of a
// group is stored at a time; what changes meanwhile goes into the next.
//
// Threads: those of the coordinator, under its lock.
// Limits:  Settings; the coordinator's Room; limits.h.
// Source:  Kafka's GroupMetadataManager, consumer groups; KIP-848, KIP-1082.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "group/consumer_target.h"
#include "group/effects.h"
#include "group/group.h"
#include "group/messages.h"
#include "group/room.h"
#include "group/settings.h"
#include "log/log.h"

namespace st::group {

struct Refusal {
  Outcome outcome = Outcome::kDone;
  std::string message;
};

// Why the request is refused in any group; nullopt: it is not.
std::optional<Refusal> CheckShape(const ConsumerHeartbeat& request);
// Why the request, of a member of the new protocol, is not one for this group, or for none (null).
std::optional<Refusal> CheckProtocol(const Group* group, const ConsumerHeartbeat& request);
// Whether it asks to leave.
bool IsLeaving(const ConsumerHeartbeat& request);

class ConsumerMembership {
 public:
  ConsumerMembership(const Settings& settings, Room& room, Effects& effects, const log::Log& log)
      : settings_(settings), room_(room), effects_(effects), target_(effects, log) {}

  // Why the group does not take the request; nullopt: it does. Changes nothing.
  std::optional<Refusal> Check(const ConsumerGroup& group, const ConsumerHeartbeat& request) const;
  // Requires: CheckShape and Check took it, and the group is one of the new protocol.
  void Heartbeat(Group& group, const ConsumerHeartbeat& request, ConsumerHeartbeatDone done);
  // By the classic LeaveGroup, as administrators use it; an outcome a member, in their order.
  std::vector<Outcome> RemoveMembers(Group& group, const std::vector<LeavingMember>& leaving);
  // kDone, or why offsets may not be committed, or read, as the member.
  static Outcome CheckCommit(const ConsumerGroup& group, const CommitRequest& request);
  static Outcome CheckFetch(const ConsumerGroup& group, const std::optional<std::string>& member,
                            std::int32_t epoch);
  // Does what is due.
  void Expire(Group& group);
  // Gives recovered members the time of their sessions.
  void Resume(Group& group);
  // Answers whoever waits with kNotAvailable.
  void Dismiss(Group& group);

 private:
  std::optional<Refusal> CheckJoin(const ConsumerGroup& group,
                                   const ConsumerHeartbeat& request) const;
  void Leave(Group& group, const ConsumerHeartbeat& request, ConsumerHeartbeatDone done);
  // Takes the member into the group. False, without a change: there is no room.
  bool TakeIn(ConsumerGroup& group, const ConsumerMember& before, const ConsumerMember& now,
              const std::string& client);
  // Brings the member nearer to its target; whether that changed it.
  bool Reconcile(ConsumerGroup& group, const std::string& id, const AssignedPartitions* owned);
  void Remove(ConsumerGroup& group, const std::string& id);
  // Removes the members, ends so many epochs, and stores that.
  void Fence(Group& group, const std::set<std::string>& gone, std::int32_t epochs);

  // Answers when the group, as it is in memory, is durable.
  void Finish(Group& group, bool has_changed, ConsumerHeartbeatDone done,
              const ConsumerHeartbeatAnswer& answer);
  void StoreNow(Group& group);
  void OnStored(Group& group, std::uint64_t version, bool is_durable);

  const Settings& settings_;
  Room& room_;
  Effects& effects_;
  ConsumerTarget target_;
};

}  // namespace st::group
