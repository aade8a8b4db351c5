#include "group/rebalance.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace st::group {
namespace {

constexpr std::int64_t kUsPerMs = 1'000;

}  // namespace

void Rebalance::AnswerJoin(Member& member, const JoinAnswer& answer) {
  if (!member.joining) return;
  effects_.Reply([done = std::exchange(member.joining, nullptr), answer] { done(answer); });
}

void Rebalance::AnswerSync(Member& member, const SyncAnswer& answer) {
  if (!member.syncing) return;
  effects_.Reply([done = std::exchange(member.syncing, nullptr), answer] { done(answer); });
}

void Rebalance::Extend(Member& member) {
  member.deadline_us = effects_.NowUs() + member.session_timeout_ms * kUsPerMs;
}

JoinAnswer Rebalance::AnswerOf(const Group& group, const Member& member, bool with_members) {
  JoinAnswer answer{.member = member.id,
                    .generation = group.generation,
                    .protocol_type = group.protocol_type,
                    .protocol = group.protocol,
                    .leader = group.leader};
  if (!with_members) return answer;
  for (const auto& [id, one] : group.members()) {
    answer.members.push_back(
        {id, one.instance, std::string(one.MetadataOf(group.protocol.value_or("")))});
  }
  return answer;
}

void Rebalance::BeginOrCompleteJoin(Group& group) {
  group.state() == State::kPreparingRebalance ? TryCompleteJoin(group) : Prepare(group);
}

void Rebalance::Prepare(Group& group) {
  if (group.state() == State::kCompletingRebalance) {
    FailSyncs(group, Outcome::kRebalanceInProgress);
  }
  group.storing_generation = -1;
  group.sync_deadline_us = 0;
  const bool is_first = group.state() == State::kEmpty;
  group.MoveTo(State::kPreparingRebalance, effects_.NowMs());
  const auto now_us = effects_.NowUs();
  if (is_first) {
    const auto delay_ms = settings_.initial_rebalance_delay_ms;
    group.delay_left_ms = std::max<std::int64_t>(group.RebalanceTimeoutMs() - delay_ms, 0);
    group.has_new_member = false;
    group.join_deadline_us = now_us + delay_ms * kUsPerMs;
    return;
  }
  group.join_deadline_us = now_us + group.RebalanceTimeoutMs() * kUsPerMs;
  TryCompleteJoin(group);
}

void Rebalance::TryCompleteJoin(Group& group) {
  // The first rebalance of an empty group takes its delay in any case.
  if (group.state() != State::kPreparingRebalance || group.previous_state() == State::kEmpty) {
    return;
  }
  if (group.AllJoined()) CompleteJoin(group);
}

void Rebalance::OnJoinDeadline(Group& group) {
  const bool is_first = group.previous_state() == State::kEmpty;
  if (!is_first || !group.has_new_member || group.delay_left_ms == 0) return CompleteJoin(group);
  group.has_new_member = false;
  const auto delay_ms = std::min(settings_.initial_rebalance_delay_ms, group.delay_left_ms);
  group.delay_left_ms -= delay_ms;
  group.join_deadline_us = effects_.NowUs() + delay_ms * kUsPerMs;
}

void Rebalance::CompleteJoin(Group& group) {
  group.join_deadline_us = 0;
  std::vector<std::string> absent;
  for (const auto& [id, member] : group.members()) {
    if (!member.joining && !member.instance) absent.push_back(id);
  }
  for (const auto& id : absent) Remove(group, id);
  if (!group.members().empty() && !group.ElectLeader()) {
    // Static members alone, which are all away: they keep their places until their sessions end.
    group.join_deadline_us = effects_.NowUs() + group.RebalanceTimeoutMs() * kUsPerMs;
    return;
  }
  BeginGeneration(group);
}

void Rebalance::BeginGeneration(Group& group) {
  ++group.generation;
  if (group.members().empty()) {
    group.protocol.reset();
    group.MoveTo(State::kEmpty, effects_.NowMs());
    return effects_.Store(group, State::kEmpty, [](Group&, bool) {});
  }
  group.protocol = group.ChooseProtocol();
  group.MoveTo(State::kCompletingRebalance, effects_.NowMs());
  for (auto& [id, member] : group.members()) member.owes_sync = true;
  // No member learns of a generation that a crash could take back.
  effects_.Store(group, State::kCompletingRebalance,
                 [this, generation = group.generation](Group& then, bool is_durable) {
                   OnGenerationStored(then, generation, is_durable);
                 });
}

void Rebalance::OnGenerationStored(Group& group, std::int32_t generation, bool is_durable) {
  // Where another rebalance began meanwhile the members wait for its generation.
  if (group.generation != generation || group.state() != State::kCompletingRebalance) return;
  group.sync_deadline_us = effects_.NowUs() + group.RebalanceTimeoutMs() * kUsPerMs;
  for (auto& [id, member] : group.members()) {
    member.is_new = false;
    Extend(member);
    AnswerJoin(member, is_durable ? AnswerOf(group, member, id == group.leader)
                                  : JoinAnswer{.outcome = Outcome::kNotAvailable, .member = id});
  }
  if (!is_durable) Prepare(group);
}

void Rebalance::Assign(Group& group, const SyncRequest& request) {
  for (auto& [id, member] : group.members()) {
    member.assignment.clear();
    member.charge.Resize(BytesOf(member));
  }
  for (const auto& [id, assignment] : request.assignments) {
    Member* const member = group.Find(id);
    if (member == nullptr) continue;
    member->assignment = assignment;
    if (member->charge.Resize(BytesOf(*member))) continue;
    FailSyncs(group, Outcome::kNoRoom);
    return Prepare(group);
  }
  group.storing_generation = group.generation;
  effects_.Store(group, State::kStable,
                 [this, generation = group.generation](Group& then, bool is_durable) {
                   OnAssignmentStored(then, generation, is_durable);
                 });
}

void Rebalance::OnAssignmentStored(Group& group, std::int32_t generation, bool is_durable) {
  if (group.generation != generation || group.state() != State::kCompletingRebalance) return;
  group.storing_generation = -1;
  if (!is_durable) {
    FailSyncs(group, Outcome::kNotAvailable);
    return Prepare(group);
  }
  group.MoveTo(State::kStable, effects_.NowMs());
  AnswerSyncs(group);
}

void Rebalance::AnswerSyncs(Group& group) {
  for (auto& [id, member] : group.members()) {
    Extend(member);
    AnswerSync(member, {.protocol_type = group.protocol_type,
                        .protocol = group.protocol,
                        .assignment = member.assignment});
  }
}

void Rebalance::FailSyncs(Group& group, Outcome outcome) {
  for (auto& [id, member] : group.members()) {
    member.assignment.clear();
    if (member.syncing) Extend(member);
    AnswerSync(member, {.outcome = outcome});
  }
}

void Rebalance::Remove(Group& group, const std::string& id) {
  Member* const member = group.Find(id);
  if (member == nullptr) return;
  AnswerJoin(*member, {.outcome = Outcome::kUnknownMember, .member = ""});
  AnswerSync(*member, {.outcome = Outcome::kUnknownMember});
  group.Remove(id);
}

void Rebalance::OnSyncDeadline(Group& group) {
  group.sync_deadline_us = 0;
  std::vector<std::string> silent;
  for (const auto& [id, member] : group.members()) {
    if (member.owes_sync) silent.push_back(id);
  }
  if (silent.empty()) return;
  for (const auto& id : silent) Remove(group, id);
  Prepare(group);
}

}  // namespace st::group
