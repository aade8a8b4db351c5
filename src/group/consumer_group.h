// A group of the new protocol (KIP-848) in memory: the group's epoch, its members with their
// epochs, and what each has and is to have. Members of the classic protocol may be among them.
//
// The target assignment is computed for an epoch of the group. A member goes towards it by itself:
// it first gives up what it is to lose, then takes the target's epoch, and gets each partition as
// soon as no other member has it.
//
// Threads: those of the coordinator, under its lock.
// Source:  Kafka's ConsumerGroup, ConsumerGroupMember, CurrentAssignmentBuilder.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "group/messages.h"
#include "group/room.h"

namespace st::group {

// Epochs that a request may name instead of the member's.
inline constexpr std::int32_t kJoinEpoch = 0;
inline constexpr std::int32_t kLeaveEpoch = -1;
inline constexpr std::int32_t kLeaveStaticEpoch = -2;  // its instance comes back

// Where a member is on its way to the target assignment.
enum class MemberState : std::uint8_t {
  kStable = 0,      // it has what the target of its epoch gives it
  kUnrevoked = 1,   // it has still to give up partitions
  kUnreleased = 2,  // it waits for partitions that others have still to give up
};

// Of a member that speaks the classic protocol in a group of the new one.
struct ClassicMember {
  std::int64_t session_timeout_ms = 0;
  // The preferred one first; never empty. One of them is offered by all classic members.
  std::vector<Protocol> protocols;

  friend bool operator==(const ClassicMember&, const ClassicMember&) = default;
};

struct ConsumerMember {
  std::string id;
  std::optional<std::string> instance;
  std::optional<std::string> rack;
  std::string client_id;
  std::string client_host;
  std::int32_t rebalance_timeout_ms = -1;
  std::set<std::string> topics;
  std::optional<std::string> pattern;  // of names of topics; "": none any more
  std::optional<std::string> assignor;
  std::int32_t epoch = 0;  // kLeaveStaticEpoch: it left, and its instance may come back
  std::int32_t previous_epoch = 0;
  MemberState state = MemberState::kStable;
  AssignedPartitions assigned;  // it may use them
  AssignedPartitions revoking;  // it has still to give them up
  AssignedPartitions target;
  std::optional<ClassicMember> classic;  // set: it speaks the classic protocol

  bool HasPattern() const { return pattern && !pattern->empty(); }
  bool IsReconciledTo(std::int32_t target_epoch) const {
    return state == MemberState::kStable && epoch == target_epoch;
  }
  friend bool operator==(const ConsumerMember&, const ConsumerMember&) = default;
};

// What it counts for in the coordinator's Room, without its partitions.
std::uint64_t BytesOf(const ConsumerMember& member);

// Of a member, in memory alone.
struct ConsumerSession {
  std::int64_t deadline_us = 0;  // of its next heartbeat
  // Of a classic member: it was told to join again, or has joined and not asked for its assignment;
  // 0: neither.
  std::int64_t join_deadline_us = 0;
  std::int64_t sync_deadline_us = 0;
  // It gives up its partitions until then, while it is in this epoch; 0: it has nothing to give up.
  std::int64_t revoke_deadline_us = 0;
  std::int32_t revoke_epoch = 0;
  Charge charge;

  // The earliest of its deadlines; 0: none.
  std::int64_t NextDeadlineUs() const;
};

// The topics that a pattern matched.
struct ResolvedPattern {
  std::set<std::string> topics;
  std::uint64_t topic_count = 0;  // of the log, then
  std::int64_t at_ms = 0;         // of the day

  friend bool operator==(const ResolvedPattern&, const ResolvedPattern&) = default;
};

// The member after one step towards the target of `target_epoch`. `owned` is what it says it has,
// null where it does not say; `is_owned` tells whether any member has a partition.
ConsumerMember Reconciled(const ConsumerMember& member, std::int32_t target_epoch,
                          const AssignedPartitions* owned,
                          const std::function<bool(TopicPartition)>& is_owned);

class ConsumerGroup {
 public:
  const std::map<std::string, ConsumerMember>& members() const { return members_; }
  // The member or null.
  const ConsumerMember* Find(const std::string& id) const;
  // The member id of a static member, or null.
  const std::string* FindInstance(const std::string& instance) const;
  // Adds the member, or replaces the one of its id. The partitions that it has become its own.
  void Put(ConsumerMember member);
  // Gives a static member another id. Requires: it is there, and nobody has the other id.
  void Rename(const std::string& from, const std::string& to);
  // Not an error if it is not there.
  void Remove(const std::string& id);
  // Whether a member has the partition, or has still to give it up.
  bool IsOwned(TopicPartition tp) const { return owners_.contains(tp); }
  void SetTarget(const std::string& id, AssignedPartitions target);
  ConsumerSession& session(const std::string& id) { return sessions_[id]; }

  std::size_t ClassicCount() const { return classic_count_; }
  // Whether the group has members, and all are classic ones but those in `gone`.
  bool IsClassicWithout(const std::set<std::string>& gone) const;
  // Whether a classic member that offers these may join: all classic members offer one of them.
  bool Supports(std::string_view type, const std::vector<Protocol>& protocols) const;
  // Whether the member waits for partitions of its target that others still have.
  bool WaitsForOthers(const ConsumerMember& member) const;

  // "Empty", "Assigning", "Reconciling" or "Stable".
  std::string_view StateName() const;
  bool IsSubscribedTo(const std::string& topic) const;
  // Of all members, by name or by a pattern that was resolved.
  std::set<std::string> SubscribedTopics() const;
  std::set<std::string> SubscribedTopicsOf(const ConsumerMember& member) const;
  int CountPattern(const std::string& pattern) const;  // members with it
  std::set<std::string> Patterns() const;
  // Whether all members have the same subscription, by Kafka's rule.
  bool IsHomogeneous() const;
  // The assignor that most members ask for; `otherwise` where none asks for one.
  std::string PreferredAssignor(std::string_view otherwise) const;
  // The earliest of all deadlines, or of those of one member; 0: none.
  std::int64_t NextDeadlineUs() const;
  std::int64_t NextDeadlineUs(const std::string& id) const;

  std::int32_t epoch = 0;             // 0: nobody joined yet
  std::int32_t assignment_epoch = 0;  // of the target
  std::uint64_t metadata_hash = 0;    // of the topics that the members are subscribed to
  std::map<std::string, ResolvedPattern> patterns;

  // In memory alone.
  std::uint64_t seen_topic_count = 0;  // of the log, when the topics were last looked at
  std::int64_t seen_at_us = 0;
  Charge partitions_charge;
  // What is in memory has this version, and the log has that one; a request is answered when the
  // version that it made or saw is durable.
  std::uint64_t version = 0;
  std::uint64_t durable_version = 0;
  bool is_storing = false;
  struct Waiter {
    std::uint64_t version = 0;
    std::function<void(bool is_durable)> reply;
  };
  std::vector<Waiter> waiters;  // by version

 private:
  void SetOwner(const ConsumerMember& member, bool is_owner);
  void CountProtocols(const ConsumerMember& member, bool is_member);
  void CountPatternOf(const ConsumerMember& member, bool is_member);
  void CountTopics(const ConsumerMember& member, bool is_member);

  std::map<std::string, ConsumerMember> members_;  // by id
  std::map<std::string, ConsumerSession> sessions_;
  std::map<std::string, std::string> instances_;    // member ids by instance
  std::map<TopicPartition, int> owners_;            // how many have it: one
  std::map<std::string, std::size_t> subscribers_;  // by topic; by name, not by a pattern
  std::map<std::string, int> pattern_counts_;       // members by pattern
  std::size_t classic_count_ = 0;
  std::map<std::string, std::size_t, std::less<>> offers_;  // classic members, by assignor
};

}  // namespace st::group
