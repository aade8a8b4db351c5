// One consumer group in memory: its members, its generation and its committed offsets.
//
// Threads: those of the coordinator, under its lock.
// Source:  Kafka's ClassicGroup.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "group/consumer_group.h"
#include "group/messages.h"
#include "group/room.h"
#include "group/state.h"
#include "log/groups.h"

namespace st::group {

struct Member {
  std::string id;
  std::optional<std::string> instance;
  std::string client_id;
  std::string client_host;
  std::int64_t session_timeout_ms = 0;
  std::int64_t rebalance_timeout_ms = 0;
  std::vector<Protocol> protocols;
  std::string assignment;

  // In memory alone.
  JoinDone joining;              // set: its JoinGroup waits for an answer
  SyncDone syncing;              // set: its SyncGroup does
  bool is_new = false;           // it has not been in a generation yet
  bool owes_sync = false;        // it has not asked for its assignment of this generation
  std::int64_t deadline_us = 0;  // of its next sign of life; 0: none
  Charge charge;

  bool Offers(std::string_view name) const;
  // "": it does not offer the protocol.
  std::string_view MetadataOf(std::string_view protocol) const;
};

// What it counts for in the coordinator's Room.
std::uint64_t BytesOf(const Member& member);

// What an offset counts for in the coordinator's Room.
std::uint64_t BytesOf(const log::CommittedOffset& offset);

// Of a client that was given a member id and has not joined with it yet.
struct PendingMember {
  std::int64_t deadline_us = 0;
  Charge charge;
};

struct GroupOffset {
  log::CommittedOffset committed;
  Charge charge;
};

class Group {
 public:
  explicit Group(std::string id) : id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  State state() const { return state_; }
  State previous_state() const { return previous_state_; }
  std::int64_t since_ms() const { return since_ms_; }  // it is in its state
  // Requires: MayMove(state(), to).
  void MoveTo(State to, std::int64_t now_ms);
  // As a stored group was.
  void Restore(State state, std::int64_t since_ms);

  // The member or null.
  Member* Find(const std::string& member);
  // The member id of a static member, or null.
  const std::string* FindInstance(const std::string& instance) const;
  Member& Add(Member member);
  // Gives the static member another id. Requires: it is there, with an instance.
  Member& Rename(const std::string& from, const std::string& to);
  void Remove(const std::string& member);
  std::map<std::string, Member>& members() { return members_; }
  const std::map<std::string, Member>& members() const { return members_; }

  // kDone, kUnknownMember or kFencedInstance.
  Outcome Check(const std::string& member, const std::optional<std::string>& instance) const;
  bool Supports(const std::string& protocol_type, const std::vector<Protocol>& protocols) const;
  // The protocol that all members offer and most prefer. Requires: members, of which each passed
  // Supports.
  std::string ChooseProtocol() const;
  bool AllJoined() const;
  std::size_t JoiningCount() const;
  // The longest of its members.
  std::int64_t RebalanceTimeoutMs() const;
  // Whether the leader waits in the join phase, or another who does was made leader.
  bool ElectLeader();
  // The earliest of all deadlines; 0: none.
  std::int64_t NextDeadlineUs() const;
  // Whether consumers of the topic are in it; where their subscriptions cannot be read, of any.
  bool IsSubscribedTo(std::string_view topic) const;
  bool HasMembers() const {
    return !members_.empty() || (consumers && !consumers->members().empty());
  }
  // Forgets what the group has as one of the classic protocol. Requires: nobody waits in it.
  void LeaveClassic();
  // "classic" or "consumer".
  std::string_view type() const { return consumers ? kConsumerGroup : kClassicGroup; }
  // Kafka's name: "Stable".
  std::string_view StateName() const { return consumers ? consumers->StateName() : NameOf(state_); }
  // Nothing would be lost with it.
  bool is_bare() const;

  std::int32_t generation = 0;
  std::string protocol_type;
  // Set: the group is of the new protocol, and what is of the classic one is as of an empty group.
  std::unique_ptr<ConsumerGroup> consumers;
  std::optional<std::string> protocol;
  std::string leader;
  std::map<std::string, PendingMember> pending;
  std::map<TopicPartition, GroupOffset> offsets;
  std::int64_t join_deadline_us = 0;  // the join phase ends; 0: not in it
  std::int64_t sync_deadline_us = 0;  // members that owe a sync are removed; 0: none does
  // Of the first rebalance of an empty group: what may be added to its delay, and whether a member
  // came during the delay.
  std::int64_t delay_left_ms = 0;
  bool has_new_member = false;
  // The generation whose assignment is being stored; -1: none.
  std::int32_t storing_generation = -1;
  std::uint64_t conversions = 0;       // since the start, to the new protocol
  std::int64_t changes_in_flight = 0;  // that the log has not answered
  bool is_being_deleted = false;
  std::int64_t wake_us = 0;  // the coordinator looks at it then; 0: never
  Charge charge;

 private:
  const std::string id_;
  State state_ = State::kEmpty;
  State previous_state_ = State::kEmpty;
  std::int64_t since_ms_ = 0;
  std::map<std::string, Member> members_;         // by id
  std::map<std::string, std::string> instances_;  // member ids by instance
};

}  // namespace st::group
