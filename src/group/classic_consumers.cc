#include "group/classic_consumers.h"

#include <optional>
#include <set>
#include <utility>

#include "format/kafka/consumer_protocol.h"
#include "group/conversion.h"

namespace st::group {
namespace {

constexpr std::int64_t kUsPerMs = 1'000;

// The member as its JoinGroup makes it.
ConsumerMember Updated(const ConsumerMember& before, const JoinRequest& request,
                       const kafka::Subscription& subscription) {
  auto now = before;
  if (request.instance) now.instance = request.instance;
  if (subscription.rack && !subscription.rack->empty()) now.rack = std::string(*subscription.rack);
  now.rebalance_timeout_ms = static_cast<std::int32_t>(request.rebalance_timeout_ms);
  now.topics = {subscription.topics.begin(), subscription.topics.end()};
  now.client_id = request.client.id;
  now.client_host = request.client.host;
  now.classic = ClassicMember{.session_timeout_ms = request.session_timeout_ms,
                              .protocols = WithoutRepeats(request.protocols)};
  return now;
}

}  // namespace

void ClassicConsumers::Refuse(const JoinDone& done, const std::string& member, Outcome outcome) {
  effects_.Reply([done, member, outcome] { done({.outcome = outcome, .member = member}); });
}

Outcome ClassicConsumers::CheckJoin(const ConsumerGroup& group, const JoinRequest& request,
                                    const std::string& id) const {
  const auto most = static_cast<std::size_t>(settings_.max_size);
  if (group.members().size() >= most && group.Find(id) == nullptr) return Outcome::kGroupFull;
  if (!group.Supports(request.protocol_type, request.protocols)) {
    return Outcome::kInconsistentProtocol;
  }
  if (!request.instance || request.member.empty()) return Outcome::kDone;
  const auto* owner = group.FindInstance(*request.instance);
  if (owner == nullptr) return Outcome::kUnknownMember;
  return *owner == id ? Outcome::kDone : Outcome::kFencedInstance;
}

void ClassicConsumers::Join(Group& group, const JoinRequest& request, JoinDone done) {
  const auto& consumers = *group.consumers;
  const auto id = request.member.empty() ? effects_.NewId() : request.member;
  const auto outcome = CheckJoin(consumers, request, id);
  if (outcome != Outcome::kDone) return Refuse(done, "", outcome);
  if (request.member.empty() && !request.instance && request.must_know_id) {
    return Refuse(done, id, Outcome::kMemberIdRequired);
  }
  const auto* owner = request.instance ? consumers.FindInstance(*request.instance) : nullptr;
  JoinAs(group, request, id, owner != nullptr && *owner != id ? *owner : "", std::move(done));
}

void ClassicConsumers::JoinAs(Group& group, const JoinRequest& request, const std::string& id,
                              const std::string& replaced, JoinDone done) {
  // All protocols of a consumer have the same subscription.
  const auto subscription = kafka::DecodeSubscription(request.protocols.front().metadata);
  if (!subscription || !subscription->is_whole) {
    return Refuse(done, "", Outcome::kInconsistentProtocol);
  }
  auto& consumers = *group.consumers;
  const auto* existing = consumers.Find(replaced.empty() ? id : replaced);
  // A static member that goes on by the classic protocol may have been the last of the new one.
  const bool is_last = existing != nullptr && request.instance && !existing->classic &&
                       consumers.ClassicCount() == consumers.members().size() - 1;
  if (!replaced.empty()) consumers.Rename(replaced, id);
  const bool is_known = consumers.Find(id) != nullptr;
  auto before = is_known ? *consumers.Find(id) : ConsumerMember{.id = id};
  if (!replaced.empty()) before.epoch = before.previous_epoch = kJoinEpoch;
  const auto now = Updated(before, request, *subscription);
  if (!changes_.TakeIn(consumers, before, now, request.client.address)) {
    if (!replaced.empty()) consumers.Rename(id, replaced);
    return Refuse(done, "", Outcome::kNoRoom);
  }
  const auto owned = PartitionsIn(log_, subscription->owned);
  const bool is_new = before.topics != now.topics;
  bool has_changed = before != now || !replaced.empty();
  // A group that becomes a classic one rebalances by itself.
  if (!is_last) has_changed = changes_.UpdateTarget(consumers, is_new) || has_changed;
  if (!is_last || !is_new) has_changed = changes_.Reconcile(consumers, id, &owned) || has_changed;
  auto& session = consumers.session(id);
  const auto now_us = effects_.NowUs();
  session.deadline_us = now_us + request.session_timeout_ms * kUsPerMs;
  session.sync_deadline_us = now_us + request.rebalance_timeout_ms * kUsPerMs;
  session.join_deadline_us = session.revoke_deadline_us = 0;
  const JoinAnswer answer{.member = id,
                          .generation = consumers.Find(id)->epoch,
                          .protocol_type = std::string(kConsumerType),
                          .protocol = now.classic->protocols.front().name};
  auto reply = [done = std::move(done), answer](bool is_durable) {
    done(is_durable ? answer
                    : JoinAnswer{.outcome = Outcome::kNotAvailable, .member = answer.member});
  };
  if (is_last) return changes_.BecomeClassic(group, is_new, std::move(reply));
  changes_.Finish(group, has_changed, std::move(reply));
}

Outcome ClassicConsumers::Check(const ConsumerGroup& group, const MemberRef& ref) const {
  if (ref.instance) {
    const auto* owner = group.FindInstance(*ref.instance);
    if (owner == nullptr) return Outcome::kUnknownMember;
    if (*owner != ref.member) return Outcome::kFencedInstance;
  }
  const auto* member = group.Find(ref.member);
  if (member == nullptr || !member->classic) return Outcome::kUnknownMember;
  return ref.generation == member->epoch ? Outcome::kDone : Outcome::kIllegalGeneration;
}

void ClassicConsumers::AskToJoin(ConsumerGroup& group, const ConsumerMember& member) {
  auto& deadline_us = group.session(member.id).join_deadline_us;
  if (deadline_us == 0) deadline_us = effects_.NowUs() + member.rebalance_timeout_ms * kUsPerMs;
}

void ClassicConsumers::Sync(Group& group, const SyncRequest& request, SyncDone done) {
  const auto refuse = [&](Outcome outcome) {
    effects_.Reply([done, outcome] { done({.outcome = outcome}); });
  };
  auto& consumers = *group.consumers;
  const auto outcome = Check(consumers, request.member);
  if (outcome != Outcome::kDone) return refuse(outcome);
  const auto& member = *consumers.Find(request.member.member);
  const auto& protocol = member.classic->protocols.front();
  if (request.protocol_type.value_or(std::string(kConsumerType)) != kConsumerType ||
      request.protocol.value_or(protocol.name) != protocol.name) {
    return refuse(Outcome::kInconsistentProtocol);
  }
  // A member that is giving partitions up has joined already; it joins again when it gave them up.
  if (consumers.epoch > member.epoch && member.state != MemberState::kUnrevoked) {
    AskToJoin(consumers, member);
    return refuse(Outcome::kRebalanceInProgress);
  }
  auto& session = consumers.session(member.id);
  session.sync_deadline_us = 0;
  session.deadline_us = effects_.NowUs() + member.classic->session_timeout_ms * kUsPerMs;
  const SyncAnswer answer{.protocol_type = request.protocol_type,
                          .protocol = request.protocol,
                          .assignment = AssignmentOf(member.assigned, protocol.metadata, log_)};
  changes_.Finish(group, false, [done = std::move(done), answer](bool is_durable) {
    done(is_durable ? answer : SyncAnswer{.outcome = Outcome::kNotAvailable});
  });
}

Outcome ClassicConsumers::Heartbeat(Group& group, const MemberRef& ref) {
  auto& consumers = *group.consumers;
  const auto outcome = Check(consumers, ref);
  if (outcome != Outcome::kDone) return outcome;
  const auto& member = *consumers.Find(ref.member);
  consumers.session(member.id).deadline_us =
      effects_.NowUs() + member.classic->session_timeout_ms * kUsPerMs;
  const bool must_join =
      member.epoch < consumers.epoch || member.state == MemberState::kUnrevoked ||
      (member.state == MemberState::kUnreleased && !consumers.WaitsForOthers(member));
  if (!must_join) return Outcome::kDone;
  AskToJoin(consumers, member);
  return Outcome::kRebalanceInProgress;
}

}  // namespace st::group
