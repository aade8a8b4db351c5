// What clients ask of the coordinator, and what it answers.
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
#include "log/groups.h"

namespace st::group {

// The outcomes that Kafka's protocol tells apart; an adapter maps each to one code.
enum class Outcome : std::uint8_t {
  kDone,
  kNotAvailable,          // the change could not be stored, or the server stops: retry
  kUnknownMember,         // join anew without a member id
  kIllegalGeneration,     // join anew
  kRebalanceInProgress,   // join again
  kFencedInstance,        // another member has the instance id
  kMemberIdRequired,      // join again with the id that the answer gives
  kInconsistentProtocol,  // no protocol in common with the group, or another protocol type
  kInvalidSessionTimeout,
  kInvalidGroupId,
  kGroupFull,          // members
  kNoRoom,             // bytes of groups, in all or of this client address
  kNonEmptyGroup,      // the group has members
  kGroupIdNotFound,    // no such group
  kSubscribedToTopic,  // the group reads the topic
  kMetadataTooLarge,
  // Of the new protocol (KIP-848).
  kInvalidRequest,
  kFencedEpoch,         // drop all partitions, and join anew
  kStaleEpoch,          // heartbeat, and retry with the epoch that it gives
  kUnreleasedInstance,  // another member has the instance id
  kUnsupportedAssignor,
  kInvalidPattern,
  kTooOldVersion,  // of the request, for a member of the new protocol
};

// Why a request is refused.
struct Refusal {
  Outcome outcome = Outcome::kDone;
  std::string message;
};

// The protocol type of consumers, whose subscriptions can be read.
inline constexpr std::string_view kConsumerType = "consumer";

struct Client {
  std::string id;       // as the client says
  std::string host;     // "/127.0.0.1", as Kafka shows it
  std::string address;  // for budgets, as net::ClientOf gives it
};

// An assignor that a member offers, with its subscription in the assignor's own form.
struct Protocol {
  std::string name;
  std::string metadata;

  friend bool operator==(const Protocol&, const Protocol&) = default;
};

struct JoinRequest {
  std::string group;
  std::string member;                   // "": a new one
  std::optional<std::string> instance;  // static membership (KIP-345)
  std::string protocol_type;
  std::vector<Protocol> protocols;  // the preferred one first
  std::int64_t session_timeout_ms = 0;
  std::int64_t rebalance_timeout_ms = 0;
  bool must_know_id = false;         // a new member first gets an id, and joins with it (KIP-394)
  bool may_skip_assignment = false;  // KIP-814
  Client client;
};
struct JoinedMember {
  std::string id;
  std::optional<std::string> instance;
  std::string metadata;  // of the chosen protocol
};
struct JoinAnswer {
  Outcome outcome = Outcome::kDone;
  std::string member;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;
  std::string leader;
  bool skips_assignment = false;
  std::vector<JoinedMember> members;  // for the leader alone
};
using JoinDone = std::function<void(const JoinAnswer&)>;

// A member as a request names it.
struct MemberRef {
  std::string group;
  std::string member;
  std::optional<std::string> instance;
  std::int32_t generation = -1;
};

struct SyncRequest {
  MemberRef member;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;
  std::vector<std::pair<std::string, std::string>> assignments;  // by member id
};
struct SyncAnswer {
  Outcome outcome = Outcome::kDone;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;
  std::string assignment;
};
using SyncDone = std::function<void(const SyncAnswer&)>;

struct LeavingMember {
  std::string member;
  std::optional<std::string> instance;
};
struct LeaveAnswer {
  Outcome outcome = Outcome::kDone;  // of all
  std::vector<Outcome> members;      // in the order of the request
};

struct CommitRequest {
  MemberRef member;
  std::vector<std::pair<TopicPartition, log::CommittedOffset>> offsets;
  Client client;
  bool knows_epochs = true;  // the request is of a version that members of the new protocol use
};
using CommitDone = std::function<void(Outcome)>;

using AssignedPartitions = std::map<TopicId, std::set<std::int32_t>>;

// A heartbeat of the new protocol. A field without a value did not change since the last one.
struct ConsumerHeartbeat {
  std::string group;
  std::string member;
  std::int32_t epoch = 0;
  std::optional<std::string> instance;
  std::optional<std::string> rack;
  std::int32_t rebalance_timeout_ms = -1;  // -1: it did not change
  std::optional<std::set<std::string>> topics;
  std::optional<std::string> pattern;
  std::optional<std::string> assignor;
  std::optional<AssignedPartitions> owned;
  bool must_bring_id = true;  // KIP-1082
  Client client;
};
struct ConsumerHeartbeatAnswer {
  Outcome outcome = Outcome::kDone;
  std::string message;  // of a refusal
  std::string member;
  std::int32_t epoch = 0;
  std::int64_t heartbeat_interval_ms = 0;
  std::optional<AssignedPartitions> assignment;  // none: it did not change
};
using ConsumerHeartbeatDone = std::function<void(const ConsumerHeartbeatAnswer&)>;

// What DescribeGroups shows.
struct DescribedMember {
  std::string id;
  std::optional<std::string> instance;
  std::string client_id;
  std::string client_host;
  std::string metadata;    // only of a stable group
  std::string assignment;  // the last one
};
struct Description {
  std::string state;
  std::string protocol_type;
  std::string protocol;
  std::vector<DescribedMember> members;
};
// What ConsumerGroupDescribe shows.
struct DescribedConsumer {
  std::string id;
  std::optional<std::string> instance;
  std::optional<std::string> rack;
  std::int32_t epoch = 0;
  std::string client_id;
  std::string client_host;
  std::set<std::string> topics;
  std::optional<std::string> pattern;
  AssignedPartitions assigned;
  AssignedPartitions target;
  bool is_classic = false;
};
struct ConsumerDescription {
  std::string state;
  std::int32_t epoch = 0;
  std::int32_t assignment_epoch = 0;
  std::string assignor;
  std::vector<DescribedConsumer> members;
};

// "classic" or "consumer", as Kafka names the protocols of groups.
inline constexpr std::string_view kClassicGroup = "classic";
inline constexpr std::string_view kConsumerGroup = "consumer";

struct ListedGroup {
  std::string id;
  std::string_view type;
  std::string protocol_type;
  std::string state;
};

}  // namespace st::group
