#include "group/consumer_membership.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "group/assignors.h"
#include "group/limits.h"
#include "group/topic_pattern.h"

namespace st::group {
namespace {

constexpr std::int64_t kUsPerMs = 1'000;

// As Kafka: spaces alone are empty too.
bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\n\v\f\r") == std::string::npos;
}

Refusal Invalid(std::string message) { return {Outcome::kInvalidRequest, std::move(message)}; }

// Whether everything that the member says it has is its own.
bool IsSubset(const std::optional<AssignedPartitions>& owned, const AssignedPartitions& assigned) {
  if (!owned) return false;
  return std::ranges::all_of(*owned, [&](const auto& topic) {
    const auto found = assigned.find(topic.first);
    return found != assigned.end() && std::ranges::includes(found->second, topic.second);
  });
}

std::optional<Refusal> CheckEpoch(const ConsumerMember& member, const ConsumerHeartbeat& request) {
  if (request.epoch == member.epoch) return std::nullopt;
  // Its last answer may have been lost, and with it the epoch that it gave.
  const bool is_late = request.epoch < member.epoch && request.epoch == member.previous_epoch &&
                       IsSubset(request.owned, member.assigned);
  if (is_late) return std::nullopt;
  return Refusal{
      Outcome::kFencedEpoch,
      fmt::format("The consumer group member has a {} member epoch ({}) than the one known by the "
                  "group coordinator ({}). The member must abandon all its partitions and rejoin.",
                  request.epoch > member.epoch ? "greater" : "smaller", request.epoch,
                  member.epoch)};
}

std::optional<Refusal> CheckInstance(const ConsumerGroup& group, const ConsumerHeartbeat& request) {
  const auto* owner = group.FindInstance(*request.instance);
  if (owner == nullptr) {
    return Refusal{Outcome::kUnknownMember,
                   fmt::format("Instance id {} is unknown.", *request.instance)};
  }
  if (*owner == request.member) return std::nullopt;
  return Refusal{Outcome::kFencedInstance,
                 fmt::format("Static member {} with instance id {} was fenced by member {}.",
                             request.member, *request.instance, *owner)};
}

// The member as the request makes it.
ConsumerMember Updated(const ConsumerMember& before, const ConsumerHeartbeat& request) {
  auto now = before;
  if (request.instance) now.instance = request.instance;
  if (request.rack) now.rack = request.rack;
  if (request.rebalance_timeout_ms != -1) now.rebalance_timeout_ms = request.rebalance_timeout_ms;
  if (request.assignor) now.assignor = request.assignor;
  if (request.topics) now.topics = *request.topics;
  if (request.pattern) now.pattern = request.pattern;
  now.client_id = request.client.id;
  now.client_host = request.client.host;
  now.classic.reset();
  return now;
}

Outcome EpochOutcome(const ConsumerMember& member, std::int32_t epoch) {
  if (epoch == member.epoch) return Outcome::kDone;
  return member.classic ? Outcome::kIllegalGeneration : Outcome::kStaleEpoch;
}

DurableReply WhenDurable(ConsumerHeartbeatDone done, ConsumerHeartbeatAnswer answer) {
  return [done = std::move(done), answer = std::move(answer)](bool is_durable) {
    done(is_durable ? answer : ConsumerHeartbeatAnswer{.outcome = Outcome::kNotAvailable});
  };
}

}  // namespace

bool IsLeaving(const ConsumerHeartbeat& request) {
  return request.epoch == kLeaveEpoch || request.epoch == kLeaveStaticEpoch;
}

std::optional<Refusal> CheckProtocol(const Group* group, const ConsumerHeartbeat& request) {
  const auto refuse = [](std::string message) {
    return Refusal{Outcome::kGroupIdNotFound, std::move(message)};
  };
  const bool is_joining = request.epoch == kJoinEpoch;
  if (group == nullptr && !is_joining) {
    return refuse(fmt::format("{} {} not found.", IsLeaving(request) ? "Group" : "Consumer group",
                              request.group));
  }
  if (group == nullptr || group->consumers || is_joining) return std::nullopt;
  return refuse(fmt::format("Group {} is not a consumer group.", request.group));
}

std::optional<Refusal> CheckShape(const ConsumerHeartbeat& request) {
  const auto is_blank = [](const std::optional<std::string>& text) {
    return text && IsBlank(*text);
  };
  const bool needs_id = request.must_bring_id || request.epoch > 0 || request.epoch == kLeaveEpoch;
  if (needs_id && IsBlank(request.member)) return Invalid("MemberId can't be empty.");
  if (IsBlank(request.group)) return Invalid("GroupId can't be empty.");
  if (is_blank(request.instance)) return Invalid("InstanceId can't be empty.");
  if (is_blank(request.rack)) return Invalid("RackId can't be empty.");
  if (request.epoch == kJoinEpoch) {
    if (request.rebalance_timeout_ms == -1) {
      return Invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    if (!request.owned || !request.owned->empty()) {
      return Invalid("TopicPartitions must be empty when (re-)joining.");
    }
    if (!request.topics && !request.pattern) {
      return Invalid(
          "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when "
          "(re-)joining.");
    }
  } else if (request.epoch == kLeaveStaticEpoch) {
    if (!request.instance) return Invalid("InstanceId can't be null.");
  } else if (request.epoch < kLeaveStaticEpoch) {
    return Invalid("MemberEpoch is invalid.");
  }
  if (request.assignor && std::ranges::find(kAssignors, *request.assignor) == kAssignors.end()) {
    return Refusal{Outcome::kUnsupportedAssignor,
                   fmt::format("ServerAssignor {} is not supported. Supported assignors: {}.",
                               *request.assignor, fmt::join(kAssignors, ", "))};
  }
  if (request.group.size() > kMaxGroupIdBytes) return Refusal{Outcome::kInvalidGroupId, ""};
  return std::nullopt;
}

std::optional<Refusal> ConsumerMembership::CheckJoin(const ConsumerGroup& group,
                                                     const ConsumerHeartbeat& request) const {
  if (!request.instance) {
    const auto* member = group.Find(request.member);
    return CheckEpoch(member == nullptr ? ConsumerMember() : *member, request);
  }
  const auto* owner = group.FindInstance(*request.instance);
  if (owner == nullptr) return std::nullopt;
  if (*owner != request.member && group.Find(request.member) != nullptr) {
    return Invalid("MemberId is the id of another member.");
  }
  const auto& member = *group.Find(*owner);
  if (member.classic || member.epoch == kLeaveStaticEpoch) return std::nullopt;
  return Refusal{Outcome::kUnreleasedInstance,
                 fmt::format("Static member {} with instance id {} cannot join the group because "
                             "the instance id is owned by {} member.",
                             request.member, *request.instance, *owner)};
}

std::optional<Refusal> ConsumerMembership::Check(const ConsumerGroup& group,
                                                 const ConsumerHeartbeat& request) const {
  const auto* member = group.Find(request.member);
  const auto most = static_cast<std::size_t>(settings_.max_size);
  if (!IsLeaving(request) && group.members().size() >= most && member == nullptr) {
    return Refusal{
        Outcome::kGroupFull,
        fmt::format("The consumer group has reached its maximum capacity of {} members.", most)};
  }
  if (request.epoch == kJoinEpoch) {
    if (auto refusal = CheckJoin(group, request)) return refusal;
  } else if (request.instance) {
    if (auto refusal = CheckInstance(group, request)) return refusal;
  } else if (member == nullptr) {
    return Refusal{Outcome::kUnknownMember, fmt::format("Member {} is not a member of group {}.",
                                                        request.member, request.group)};
  }
  if (IsLeaving(request)) return std::nullopt;
  if (request.epoch != kJoinEpoch) {
    if (auto refusal = CheckEpoch(*member, request)) return refusal;
  }
  const bool has_new_pattern =
      request.pattern && !request.pattern->empty() && group.CountPattern(*request.pattern) == 0;
  const auto error = has_new_pattern ? PatternError(*request.pattern) : std::nullopt;
  if (!error) return std::nullopt;
  return Refusal{Outcome::kInvalidPattern,
                 fmt::format("SubscribedTopicRegex `{}` is not a valid regular expression: {}.",
                             *request.pattern, *error)};
}

bool ConsumerMembership::Heartbeat(Group& group, const ConsumerHeartbeat& request,
                                   ConsumerHeartbeatDone done) {
  if (IsLeaving(request)) {
    Leave(group, request, std::move(done));
    return true;
  }
  auto& consumers = *group.consumers;
  const auto id = request.member.empty() ? effects_.NewId() : request.member;
  const auto* owner = request.instance ? consumers.FindInstance(*request.instance) : nullptr;
  const std::string replaced = owner != nullptr && *owner != id ? *owner : "";
  if (!replaced.empty()) consumers.Rename(replaced, id);
  const bool is_known = consumers.Find(id) != nullptr;
  auto before = is_known ? *consumers.Find(id) : ConsumerMember{.id = id};
  if (!replaced.empty()) before.epoch = before.previous_epoch = kJoinEpoch;
  const auto now = Updated(before, request);
  if (!changes_.TakeIn(consumers, before, now, request.client.address)) {
    if (!replaced.empty()) consumers.Rename(id, replaced);
    effects_.Reply([done] { done({.outcome = Outcome::kNoRoom}); });
    return false;
  }

  const auto last_ms = consumers.patterns.empty()
                           ? std::nullopt
                           : std::optional(consumers.patterns.begin()->second.at_ms);
  const bool has_new_pattern = before.pattern != now.pattern && now.HasPattern() &&
                               consumers.CountPattern(*now.pattern) == 1;
  const bool is_new = ConsumerTarget::ForgetPattern(consumers, before, now) ||
                      consumers.epoch == 0 || before.topics != now.topics;
  bool has_changed = before != now || !replaced.empty() || !is_known;
  has_changed = changes_.UpdateTarget(consumers, is_new) || has_changed;
  const auto* const owned = request.owned ? &*request.owned : nullptr;
  has_changed = changes_.Reconcile(consumers, id, owned) || has_changed;
  auto& session = consumers.session(id);
  session.deadline_us = effects_.NowUs() + settings_.consumer_session_timeout_ms * kUsPerMs;
  session.join_deadline_us = session.sync_deadline_us = 0;

  const auto& member = *consumers.Find(id);
  ConsumerHeartbeatAnswer answer{.message = {},
                                 .member = id,
                                 .epoch = member.epoch,
                                 .heartbeat_interval_ms = settings_.consumer_heartbeat_interval_ms,
                                 .assignment = {}};
  const bool says_all =
      request.rebalance_timeout_ms != -1 && (request.topics || request.pattern) && request.owned;
  if (request.epoch == kJoinEpoch || says_all || member.assigned != before.assigned) {
    answer.assignment = member.assigned;
  }
  // As in Kafka, which looks beside its thread: the next heartbeat sees what the patterns matched.
  has_changed =
      changes_.target().RefreshPatterns(consumers, last_ms, has_new_pattern) || has_changed;
  changes_.Finish(group, has_changed, WhenDurable(std::move(done), std::move(answer)));
  return true;
}

void ConsumerMembership::Leave(Group& group, const ConsumerHeartbeat& request,
                               ConsumerHeartbeatDone done) {
  auto reply = WhenDurable(
      std::move(done),
      {.message = {}, .member = request.member, .epoch = request.epoch, .assignment = {}});
  if (request.epoch != kLeaveStaticEpoch) {
    return changes_.Fence(group, {request.member}, 1, std::move(reply));
  }
  auto& consumers = *group.consumers;
  auto member = *consumers.Find(request.member);
  member.epoch = kLeaveStaticEpoch;
  member.revoking.clear();
  consumers.Put(std::move(member));
  consumers.session(request.member).revoke_deadline_us = 0;
  changes_.Finish(group, true, std::move(reply));
}

std::vector<Outcome> ConsumerMembership::RemoveMembers(Group& group,
                                                       const std::vector<LeavingMember>& leaving) {
  auto& consumers = *group.consumers;
  std::vector<Outcome> outcomes;
  std::set<std::string> gone;
  for (const auto& one : leaving) {
    const auto* owner = one.instance ? consumers.FindInstance(*one.instance) : nullptr;
    const auto& id = owner != nullptr && one.member.empty() ? *owner : one.member;
    if (one.instance ? owner == nullptr : consumers.Find(id) == nullptr) {
      outcomes.push_back(Outcome::kUnknownMember);
    } else if (owner != nullptr && *owner != id) {
      outcomes.push_back(Outcome::kFencedInstance);
    } else {
      outcomes.push_back(Outcome::kDone);
      gone.insert(id);
    }
  }
  if (!gone.empty()) changes_.Fence(group, gone, 1, {});
  return outcomes;
}

Outcome ConsumerMembership::CheckCommit(const ConsumerGroup& group, const CommitRequest& request) {
  const auto& ref = request.member;
  if (ref.generation < 0 && group.members().empty()) return Outcome::kDone;
  const auto* member = group.Find(ref.member);
  if (member == nullptr) return Outcome::kUnknownMember;
  if (!member->classic && !request.knows_epochs) return Outcome::kTooOldVersion;
  return EpochOutcome(*member, ref.generation);
}

Outcome ConsumerMembership::CheckFetch(const ConsumerGroup& group,
                                       const std::optional<std::string>& id, std::int32_t epoch) {
  if (!id && epoch < 0) return Outcome::kDone;
  const auto* member = group.Find(id.value_or(""));
  if (member == nullptr) return Outcome::kUnknownMember;
  return EpochOutcome(*member, epoch);
}

void ConsumerMembership::Expire(Group& group) {
  if (!group.consumers) return;
  auto& consumers = *group.consumers;
  const auto now_us = effects_.NowUs();
  std::set<std::string> gone;
  for (const auto& [id, member] : consumers.members()) {
    auto& session = consumers.session(id);
    const bool is_silent = session.deadline_us != 0 && session.deadline_us <= now_us;
    const bool is_late = session.revoke_deadline_us != 0 && session.revoke_deadline_us <= now_us;
    const bool owes_join = session.join_deadline_us != 0 && session.join_deadline_us <= now_us;
    const bool owes_sync = session.sync_deadline_us != 0 && session.sync_deadline_us <= now_us;
    if (is_silent || owes_join || owes_sync || (is_late && member.epoch == session.revoke_epoch)) {
      gone.insert(id);
    }
    if (is_late) session.revoke_deadline_us = 0;
  }
  // Each of them ends an epoch, as in Kafka.
  if (!gone.empty()) changes_.Fence(group, gone, static_cast<std::int32_t>(gone.size()), {});
}

}  // namespace st::group
