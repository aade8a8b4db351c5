#include "group/membership.h"

#include <algorithm>
#include <utility>

#include "group/limits.h"

namespace st::group {
namespace {

constexpr std::int64_t kUsPerMs = 1'000;

bool IsInconsistent(const std::optional<std::string>& given,
                    const std::optional<std::string>& actual) {
  return given && actual && *given != *actual;
}

}  // namespace

void Membership::RefuseJoin(const JoinDone& done, const std::string& member, Outcome outcome) {
  effects_.Reply([done, member, outcome] { done({.outcome = outcome, .member = member}); });
}

bool Membership::MayJoin(const Group& group, const std::string& member) const {
  const auto found = group.members().find(member);
  const bool is_member = found != group.members().end();
  const auto most = static_cast<std::size_t>(settings_.max_size);
  switch (group.state()) {
    case State::kEmpty:
    case State::kDead:
      return true;
    case State::kPreparingRebalance:
      return (is_member && found->second.joining) || group.JoiningCount() < most;
    case State::kCompletingRebalance:
    case State::kStable:
      return is_member || group.members().size() < most;
  }
  return false;
}

void Membership::Join(Group& group, const JoinRequest& request, JoinDone done) {
  if (!MayJoin(group, request.member)) {
    group.pending.erase(request.member);
    rebalance_.Remove(group, request.member);
    return RefuseJoin(done, "", Outcome::kGroupFull);
  }
  if (!group.Supports(request.protocol_type, request.protocols)) {
    return RefuseJoin(done, request.member, Outcome::kInconsistentProtocol);
  }
  request.member.empty() ? JoinNew(group, request, std::move(done))
                         : JoinKnown(group, request, std::move(done));
}

void Membership::JoinNew(Group& group, const JoinRequest& request, JoinDone done) {
  const auto name = request.instance.value_or(request.client.id);
  const auto id = name.substr(0, kMaxClientIdInMemberBytes) + "-" + effects_.NewId();
  if (request.instance && group.FindInstance(*request.instance) != nullptr) {
    return ReplaceStatic(group, request, id, std::move(done));
  }
  if (!request.instance && request.must_know_id) return AddPending(group, request, id, done);
  AddMember(group, request, id, std::move(done));
}

void Membership::AddPending(Group& group, const JoinRequest& request, const std::string& id,
                            const JoinDone& done) {
  PendingMember pending;
  if (!Charge::Take(room_, ClientNumber(request.client.address), kMemberOverheadBytes,
                    pending.charge)) {
    return RefuseJoin(done, "", Outcome::kNoRoom);
  }
  pending.deadline_us = effects_.NowUs() + request.session_timeout_ms * kUsPerMs;
  group.pending.emplace(id, std::move(pending));
  RefuseJoin(done, id, Outcome::kMemberIdRequired);
}

void Membership::JoinKnown(Group& group, const JoinRequest& request, JoinDone done) {
  if (group.pending.contains(request.member) && !request.instance) {
    return AddMember(group, request, request.member, std::move(done));
  }
  const auto outcome = group.Check(request.member, request.instance);
  if (outcome != Outcome::kDone) return RefuseJoin(done, request.member, outcome);
  Member& member = *group.Find(request.member);
  const bool is_same = member.protocols == request.protocols;
  switch (group.state()) {
    case State::kPreparingRebalance:
      return UpdateThenRebalance(group, member, request, std::move(done));
    case State::kCompletingRebalance:
      if (!is_same) return UpdateThenRebalance(group, member, request, std::move(done));
      if (member.joining) {  // its generation is being stored
        rebalance_.AnswerJoin(member,
                              {.outcome = Outcome::kRebalanceInProgress, .member = member.id});
        member.joining = std::move(done);
        return;
      }
      break;
    case State::kStable:
      if (group.leader == member.id || !is_same) {
        return UpdateThenRebalance(group, member, request, std::move(done));
      }
      break;
    case State::kEmpty:
    case State::kDead:
      return RefuseJoin(done, request.member, Outcome::kUnknownMember);
  }
  // It did not see the answer of its first try: no rebalance is needed.
  const bool is_leader = group.state() == State::kCompletingRebalance && group.leader == member.id;
  const auto answer = Rebalance::AnswerOf(group, member, is_leader);
  effects_.Reply([done, answer] { done(answer); });
}

void Membership::AddMember(Group& group, const JoinRequest& request, const std::string& id,
                           JoinDone done) {
  Member member{.id = id,
                .instance = request.instance,
                .client_id = request.client.id,
                .client_host = request.client.host,
                .session_timeout_ms = request.session_timeout_ms,
                .rebalance_timeout_ms = request.rebalance_timeout_ms,
                .protocols = request.protocols,
                .assignment = {},
                .joining = {},
                .syncing = {},
                .is_new = true,
                .charge = {}};
  if (!Charge::Take(room_, ClientNumber(request.client.address), BytesOf(member), member.charge)) {
    return RefuseJoin(done, "", Outcome::kNoRoom);
  }
  member.joining = std::move(done);
  member.deadline_us = effects_.NowUs() + kNewMemberTimeoutMs * kUsPerMs;
  const bool is_first_rebalance =
      group.state() == State::kPreparingRebalance && group.previous_state() == State::kEmpty;
  if (is_first_rebalance) group.has_new_member = true;
  if (group.members().empty()) group.protocol_type = request.protocol_type;
  group.pending.erase(id);
  group.Add(std::move(member));
  rebalance_.BeginOrCompleteJoin(group);
}

bool Membership::Update(Group& group, Member& member, const JoinRequest& request, JoinDone done) {
  auto before = std::exchange(member.protocols, request.protocols);
  if (!member.charge.Resize(BytesOf(member))) {
    member.protocols = std::move(before);
    RefuseJoin(done, member.id, Outcome::kNoRoom);
    return false;
  }
  member.session_timeout_ms = request.session_timeout_ms;
  member.rebalance_timeout_ms = request.rebalance_timeout_ms;
  // The answer to an earlier try is no longer waited for.
  rebalance_.AnswerJoin(member, {.outcome = Outcome::kRebalanceInProgress, .member = member.id});
  member.joining = std::move(done);
  if (group.leader.empty()) group.leader = member.id;
  return true;
}

void Membership::UpdateThenRebalance(Group& group, Member& member, const JoinRequest& request,
                                     JoinDone done) {
  if (Update(group, member, request, std::move(done))) rebalance_.BeginOrCompleteJoin(group);
}

void Membership::ReplaceStatic(Group& group, const JoinRequest& request, const std::string& id,
                               JoinDone done) {
  const std::string old_id = *group.FindInstance(*request.instance);
  const std::string old_leader = group.leader;
  Member& member = group.Rename(old_id, id);
  rebalance_.AnswerJoin(member, {.outcome = Outcome::kFencedInstance, .member = old_id});
  rebalance_.AnswerSync(member, {.outcome = Outcome::kFencedInstance});
  rebalance_.Extend(member);
  if (!Update(group, member, request, std::move(done))) {
    group.Rename(id, old_id);
    return;
  }
  member.client_id = request.client.id;
  member.client_host = request.client.host;
  if (group.state() != State::kStable || group.protocol != group.ChooseProtocol()) {
    return rebalance_.BeginOrCompleteJoin(group);
  }
  // Its subscription is as good as before: it goes on with the assignment of the one that it
  // replaces.
  StoreReplaced(group, request, old_leader);
}

void Membership::StoreReplaced(Group& group, const JoinRequest& request,
                               const std::string& old_leader) {
  const auto id = *group.FindInstance(*request.instance);
  const bool may_skip = request.may_skip_assignment;
  effects_.Store(
      group, State::kStable,
      [this, id, old_leader, may_skip, generation = group.generation](Group& then,
                                                                      bool is_durable) {
        Member* const member = then.Find(id);
        // In a rebalance that began meanwhile it is one of those who joined.
        if (member == nullptr || then.state() != State::kStable || then.generation != generation) {
          return;
        }
        const bool skips = may_skip && then.leader == id;
        auto answer = Rebalance::AnswerOf(then, *member, skips);
        answer.skips_assignment = skips;
        // An older client that is told that it leads would assign anew.
        if (!may_skip) answer.leader = old_leader;
        if (!is_durable) answer = {.outcome = Outcome::kNotAvailable, .member = id};
        rebalance_.AnswerJoin(*member, answer);
        member->is_new = false;
        rebalance_.Extend(*member);
      });
}

void Membership::Sync(Group& group, const SyncRequest& request, SyncDone done) {
  const auto refuse = [&](Outcome outcome) {
    effects_.Reply([done, outcome] { done({.outcome = outcome}); });
  };
  const auto& ref = request.member;
  const auto outcome = group.Check(ref.member, ref.instance);
  if (outcome != Outcome::kDone) return refuse(outcome);
  if (ref.generation != group.generation) return refuse(Outcome::kIllegalGeneration);
  if (IsInconsistent(request.protocol_type, group.protocol_type) ||
      IsInconsistent(request.protocol, group.protocol)) {
    return refuse(Outcome::kInconsistentProtocol);
  }
  Member& member = *group.Find(ref.member);
  switch (group.state()) {
    case State::kEmpty:
    case State::kDead:
      return refuse(Outcome::kUnknownMember);
    case State::kPreparingRebalance:
      return refuse(Outcome::kRebalanceInProgress);
    case State::kCompletingRebalance:
      rebalance_.AnswerSync(member, {.outcome = Outcome::kRebalanceInProgress});
      member.syncing = std::move(done);
      member.owes_sync = false;
      if (member.id == group.leader && group.storing_generation != group.generation) {
        rebalance_.Assign(group, request);
      }
      return;
    case State::kStable:
      break;
  }
  member.owes_sync = false;
  rebalance_.Extend(member);
  effects_.Reply([done, answer = SyncAnswer{.protocol_type = group.protocol_type,
                                            .protocol = group.protocol,
                                            .assignment = member.assignment}] { done(answer); });
}

Outcome Membership::Heartbeat(Group& group, const MemberRef& ref) {
  const auto outcome = group.Check(ref.member, ref.instance);
  if (outcome != Outcome::kDone) return outcome;
  if (ref.generation != group.generation) return Outcome::kIllegalGeneration;
  if (group.state() == State::kEmpty || group.state() == State::kDead) {
    return Outcome::kUnknownMember;
  }
  rebalance_.Extend(*group.Find(ref.member));
  return group.state() == State::kPreparingRebalance ? Outcome::kRebalanceInProgress
                                                     : Outcome::kDone;
}

Outcome Membership::CheckCommit(Group& group, const MemberRef& ref) {
  if (ref.generation < 0 && group.state() == State::kEmpty) return Outcome::kDone;
  const bool is_of_member = ref.generation >= 0 || !ref.member.empty() || ref.instance;
  if (is_of_member) {
    const auto outcome = group.Check(ref.member, ref.instance);
    if (outcome != Outcome::kDone) return outcome;
    if (ref.generation != group.generation) return Outcome::kIllegalGeneration;
  } else if (group.state() != State::kEmpty) {
    return Outcome::kUnknownMember;
  }
  if (group.state() == State::kCompletingRebalance) return Outcome::kRebalanceInProgress;
  if (Member* const member = group.Find(ref.member); member != nullptr) rebalance_.Extend(*member);
  return Outcome::kDone;
}

std::vector<Outcome> Membership::Leave(Group& group, const std::vector<LeavingMember>& leaving) {
  std::vector<Outcome> outcomes;
  bool has_left = false;
  for (const auto& one : leaving) {
    if (group.pending.erase(one.member) > 0) {
      outcomes.push_back(Outcome::kDone);
      continue;
    }
    const auto* of_instance =
        one.member.empty() && one.instance ? group.FindInstance(*one.instance) : nullptr;
    const std::string id = of_instance != nullptr ? *of_instance : one.member;
    outcomes.push_back(group.Check(id, one.instance));
    if (outcomes.back() != Outcome::kDone) continue;
    rebalance_.Remove(group, id);
    has_left = true;
  }
  if (has_left) {
    rebalance_.BeginOrCompleteJoin(group);
  } else {
    rebalance_.TryCompleteJoin(group);
  }
  return outcomes;
}

void Membership::ExpireMembers(Group& group) {
  const auto now_us = effects_.NowUs();
  const auto is_due = [&](std::int64_t deadline_us) {
    return deadline_us != 0 && deadline_us <= now_us;
  };
  const auto gone = std::erase_if(
      group.pending, [&](const auto& pending) { return is_due(pending.second.deadline_us); });
  std::vector<std::string> silent;
  for (auto& [id, member] : group.members()) {
    if (!is_due(member.deadline_us)) continue;
    // Who waits for an answer is alive; a new member's patience ends in any case.
    if (!member.is_new && (member.joining || member.syncing)) {
      member.deadline_us = 0;
    } else {
      silent.push_back(id);
    }
  }
  for (const auto& id : silent) rebalance_.Remove(group, id);
  if (!silent.empty()) return rebalance_.BeginOrCompleteJoin(group);
  if (gone > 0) rebalance_.TryCompleteJoin(group);
}

void Membership::Expire(Group& group) {
  ExpireMembers(group);
  const auto now_us = effects_.NowUs();
  if (group.join_deadline_us != 0 && group.join_deadline_us <= now_us)
    rebalance_.OnJoinDeadline(group);
  if (group.sync_deadline_us != 0 && group.sync_deadline_us <= now_us)
    rebalance_.OnSyncDeadline(group);
}

void Membership::Resume(Group& group) {
  for (auto& [id, member] : group.members()) {
    rebalance_.Extend(member);
    member.owes_sync = group.state() == State::kCompletingRebalance;
  }
  if (group.state() != State::kCompletingRebalance) return;
  group.sync_deadline_us = effects_.NowUs() + group.RebalanceTimeoutMs() * kUsPerMs;
}

void Membership::Dismiss(Group& group, Outcome outcome) {
  for (auto& [id, member] : group.members()) {
    rebalance_.AnswerJoin(member, {.outcome = outcome, .member = id});
    rebalance_.AnswerSync(member, {.outcome = outcome});
  }
}

}  // namespace st::group
