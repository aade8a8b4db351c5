#include "group/members.h"

#include <memory>
#include <utility>

#include "group/conversion.h"

namespace st::group {
namespace {

constexpr std::int64_t kUsPerMs = 1'000;

bool HasConsumers(const Group& group) {
  return group.consumers && !group.consumers->members().empty();
}

}  // namespace

void Members::Join(Group& group, const JoinRequest& request, JoinDone done) {
  if (HasConsumers(group)) return classic_consumers_.Join(group, request, std::move(done));
  if (group.consumers) {
    changes_.Dismiss(group);
    group.consumers.reset();
  }
  classic_.Join(group, request, std::move(done));
}

void Members::Sync(Group& group, const SyncRequest& request, SyncDone done) {
  HasConsumers(group) ? classic_consumers_.Sync(group, request, std::move(done))
                      : classic_.Sync(group, request, std::move(done));
}

Outcome Members::Heartbeat(Group& group, const MemberRef& ref) {
  return HasConsumers(group) ? classic_consumers_.Heartbeat(group, ref)
                             : classic_.Heartbeat(group, ref);
}

std::optional<Refusal> Members::Check(const Group* group, const ConsumerHeartbeat& request) const {
  if (auto refusal = CheckProtocol(group, request)) return refusal;
  if (group != nullptr && group->consumers) return consumers_.Check(*group->consumers, request);
  static const ConsumerGroup none{};
  if (group == nullptr || group->members().empty()) return consumers_.Check(none, request);
  const auto upgraded = Upgraded(*group, static_cast<std::size_t>(settings_.max_size), log_);
  return upgraded ? consumers_.Check(**upgraded, request) : std::optional(upgraded.error());
}

bool Members::TakeRoom(Group& group, const std::string& client) {
  auto& consumers = *group.consumers;
  const auto number = ClientNumber(client);
  Charge::Take(room_, number, 0, consumers.partitions_charge);
  for (const auto& [id, member] : consumers.members()) {
    auto& session = consumers.session(id);
    if (!Charge::Take(room_, number, BytesOf(member), session.charge)) return false;
    session.deadline_us = effects_.NowUs() + member.classic->session_timeout_ms * kUsPerMs;
  }
  return true;
}

void Members::Heartbeat(Group& group, const ConsumerHeartbeat& request,
                        ConsumerHeartbeatDone done) {
  if (group.consumers) {
    consumers_.Heartbeat(group, request, std::move(done));
    return;
  }
  ++group.conversions;
  if (group.members().empty()) {
    group.consumers = std::make_unique<ConsumerGroup>();
  } else {
    group.consumers =
        std::move(*Upgraded(group, static_cast<std::size_t>(settings_.max_size), log_));
    group.consumers->metadata_hash = changes_.target().HashOfTopics(*group.consumers);
    if (!TakeRoom(group, request.client.address)) {
      group.consumers.reset();
      return effects_.Reply([done = std::move(done)] { done({.outcome = Outcome::kNoRoom}); });
    }
  }
  // It stays as it was where there is no room for its new member.
  if (!consumers_.Heartbeat(group, request, std::move(done))) return group.consumers.reset();
  classic_.Dismiss(group, Outcome::kRebalanceInProgress);
  group.LeaveClassic();
}

std::vector<Outcome> Members::Leave(Group& group, const std::vector<LeavingMember>& leaving) {
  return group.consumers ? consumers_.RemoveMembers(group, leaving)
                         : classic_.Leave(group, leaving);
}

Outcome Members::CheckCommit(Group& group, const CommitRequest& request) {
  return group.consumers ? ConsumerMembership::CheckCommit(*group.consumers, request)
                         : classic_.CheckCommit(group, request.member);
}

void Members::Expire(Group& group) {
  if (group.consumers) return consumers_.Expire(group);
  classic_.Expire(group);
}

void Members::ResumeConsumers(ConsumerGroup& consumers) {
  const auto now_us = effects_.NowUs();
  Charge::Take(room_, 0, 0, consumers.partitions_charge);
  changes_.target().ChargePartitions(consumers, consumers.SubscribedTopics());
  for (const auto& [id, member] : consumers.members()) {
    auto& session = consumers.session(id);
    Charge::Take(room_, 0, BytesOf(member), session.charge);
    session.deadline_us =
        now_us + kUsPerMs * (member.classic ? member.classic->session_timeout_ms
                                            : settings_.consumer_session_timeout_ms);
    if (member.state != MemberState::kUnrevoked || member.classic) continue;
    session.revoke_epoch = member.epoch;
    session.revoke_deadline_us = now_us + member.rebalance_timeout_ms * kUsPerMs;
  }
}

void Members::Resume(Group& group) {
  for (auto& [id, member] : group.members()) {
    Charge::Take(room_, 0, BytesOf(member), member.charge);
  }
  if (group.consumers) return ResumeConsumers(*group.consumers);
  classic_.Resume(group);
}

void Members::Dismiss(Group& group) {
  classic_.Dismiss(group, Outcome::kNotAvailable);
  changes_.Dismiss(group);
}

}  // namespace st::group
