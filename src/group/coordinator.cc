#include "group/coordinator.h"

#include <algorithm>

#include "group/descriptions.h"
#include "group/limits.h"
#include "group/retention.h"
#include "group/stored_state.h"

namespace st::group {
namespace {

std::uint64_t BytesOfGroup(const std::string& id) { return kGroupOverheadBytes + id.size(); }

bool IsGroupId(const std::string& id) { return !id.empty() && id.size() <= kMaxGroupIdBytes; }

// A timer may run this much before its time.
constexpr std::int64_t kAlarmGrainUs = 1'000;

}  // namespace

Coordinator::Coordinator(const os::Env& env, log::LocalLog& log, const Settings& settings)
    : env_(env),
      log_(log),
      settings_(settings),
      room_(env.metrics),
      members_(settings_, room_, *this, log) {}

Result<std::unique_ptr<Coordinator>> Coordinator::Open(const os::Env& env, log::LocalLog& log,
                                                       const Settings& settings) {
  auto coordinator = std::unique_ptr<Coordinator>(new Coordinator(env, log, settings));
  ST_TRY_STATUS(coordinator->Recover());
  if (env.metrics != nullptr) coordinator->Measure(*env.metrics);
  return coordinator;
}

Status Coordinator::Recover() {
  MutexLock lock(mu_);
  retention_at_us_ = NowUs() + kRetentionCheckUs;
  for (auto& [id, stored] : log_.TakeRecoveredGroups()) {
    Group& group = *Create(id, 0);
    if (!stored.state.empty()) ST_TRY_STATUS(DecodeState(stored.state, group));
    RecoverOffsets(group, stored.offsets, room_);
    members_.Resume(group);
    Schedule(group);
  }
  return {};
}

void Coordinator::Measure(MetricRegistry& metrics) {
  metrics.Collected("steelthread_groups", "Consumer groups by state.", "gauge", [this] {
    MetricRegistry::Samples samples;
    MutexLock lock(mu_);
    for (const auto state : kMeasuredStates) {
      const auto count = std::ranges::count_if(
          groups_, [state](const auto& group) { return group.second.StateName() == state; });
      samples.emplace_back(fmt::format("state=\"{}\"", state), count);
    }
    return samples;
  });
}

std::string Coordinator::NewId() { return env_.random.NewUuid().ToString(); }

void Coordinator::Reply(std::function<void()> reply) { outbox_.Add(std::move(reply)); }

void Coordinator::Store(Group& group, State as, Stored then) {
  Change(group,
         {.group = group.id(), .state = EncodeState(group, as), .committed = {}, .removed = {}},
         std::move(then));
}

Group* Coordinator::Find(const std::string& id) {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : &found->second;
}

Group* Coordinator::Create(const std::string& id, std::uint64_t client) {
  Charge charge;
  if (!Charge::Take(room_, client, BytesOfGroup(id), charge)) return nullptr;
  Group& group = groups_.try_emplace(id, id).first->second;
  group.charge = std::move(charge);
  return &group;
}

void Coordinator::Change(Group& group, log::GroupChange change, Stored then) {
  ++group.changes_in_flight;
  outbox_.Add([this, id = group.id(),
               change = std::make_shared<log::GroupChange>(std::move(change)),
               then = std::move(then)] {
    log_.ChangeGroup(*change,
                     [this, id, then](const Status& status) { OnChanged(id, status, then); });
  });
}

void Coordinator::OnChanged(const std::string& id, const Status& status, const Stored& then) {
  {
    MutexLock lock(mu_);
    Group* const group = Find(id);
    if (group == nullptr) return;  // it was forgotten by an earlier change
    --group->changes_in_flight;
    then(*group, status.has_value());
    if (Group* const still = Find(id); still != nullptr) Schedule(*still);
  }
  outbox_.Drain();
}

void Coordinator::Schedule(Group& group) { WakeAt(group, group.NextDeadlineUs()); }

void Coordinator::Schedule(Group& group, const std::string& member) {
  // A wake may come before the next deadline: it finds nothing to do and schedules the next one.
  const auto at_us = group.consumers ? group.consumers->NextDeadlineUs(member) : 0;
  if (at_us == 0 || group.wake_us == 0) return Schedule(group);
  if (at_us < group.wake_us) WakeAt(group, at_us);
}

void Coordinator::WakeAt(Group& group, std::int64_t at_us) {
  if (group.wake_us != 0) wakes_.erase({group.wake_us, group.id()});
  group.wake_us = at_us;
  if (at_us != 0) wakes_.emplace(at_us, group.id());
  SetAlarmFor(at_us == 0 ? retention_at_us_ : std::min(at_us, retention_at_us_));
}

void Coordinator::SetAlarmFor(std::int64_t at_us) {
  if (!alarm_ || (alarm_at_us_ != 0 && alarm_at_us_ <= at_us)) return;
  alarm_at_us_ = at_us;
  const auto delay_us = std::max<std::int64_t>(at_us - NowUs(), 0);
  outbox_.Add([alarm = alarm_, delay_us] { alarm(delay_us); });
}

void Coordinator::SetAlarmForAll() {
  if (groups_.empty()) return;
  SetAlarmFor(wakes_.empty() ? retention_at_us_
                             : std::min(wakes_.begin()->first, retention_at_us_));
}

void Coordinator::SetAlarm(std::function<void(std::int64_t)> alarm) {
  {
    MutexLock lock(mu_);
    alarm_ = std::move(alarm);
    alarm_at_us_ = 0;
    SetAlarmForAll();
  }
  outbox_.Drain();
}

void Coordinator::Join(const JoinRequest& request, JoinDone done) {
  const auto refuse = [&](Outcome outcome) {
    done({.outcome = outcome, .member = request.member});
  };
  if (!IsGroupId(request.group)) return refuse(Outcome::kInvalidGroupId);
  if (request.session_timeout_ms < settings_.min_session_timeout_ms ||
      request.session_timeout_ms > settings_.max_session_timeout_ms) {
    return refuse(Outcome::kInvalidSessionTimeout);
  }
  Outcome outcome = Outcome::kDone;
  {
    MutexLock lock(mu_);
    Group* group = Find(request.group);
    if (is_stopped_ || (group != nullptr && group->is_being_deleted)) {
      outcome = Outcome::kNotAvailable;
    } else if (group == nullptr && !request.member.empty()) {
      outcome = Outcome::kUnknownMember;
    } else if (group == nullptr) {
      group = Create(request.group, ClientNumber(request.client.address));
      if (group == nullptr) outcome = Outcome::kNoRoom;
    }
    if (outcome == Outcome::kDone) {
      members_.Join(*group, request, std::move(done));
      Schedule(*group);
      if (group->is_bare()) groups_.erase(groups_.find(request.group));
    }
  }
  if (outcome != Outcome::kDone) return refuse(outcome);
  outbox_.Drain();
}

std::optional<Refusal> Coordinator::GroupFor(const ConsumerHeartbeat& request, Group*& group) {
  group = Find(request.group);
  if (is_stopped_ || (group != nullptr && group->is_being_deleted)) {
    return Refusal{Outcome::kNotAvailable, ""};
  }
  if (auto refusal = members_.Check(group, request)) return refusal;
  if (group == nullptr) group = Create(request.group, ClientNumber(request.client.address));
  if (group == nullptr) return Refusal{Outcome::kNoRoom, ""};
  return std::nullopt;
}

void Coordinator::Heartbeat(const ConsumerHeartbeat& request, ConsumerHeartbeatDone done) {
  auto refusal = CheckShape(request);
  if (!refusal) {
    MutexLock lock(mu_);
    Group* group = nullptr;
    refusal = GroupFor(request, group);
    if (!refusal) {
      const bool had_consumers = group->consumers != nullptr;
      members_.Heartbeat(*group, request, done);
      if (had_consumers) {
        Schedule(*group, request.member);
      } else {
        Schedule(*group);
      }
      if (group->is_bare()) groups_.erase(groups_.find(request.group));
    }
  }
  if (refusal) {
    return done({.outcome = refusal->outcome, .message = refusal->message, .assignment = {}});
  }
  outbox_.Drain();
}

void Coordinator::Sync(const SyncRequest& request, SyncDone done) {
  const auto& id = request.member.group;
  Outcome outcome = IsGroupId(id) ? Outcome::kDone : Outcome::kInvalidGroupId;
  if (outcome == Outcome::kDone) {
    MutexLock lock(mu_);
    Group* const group = Find(id);
    if (group == nullptr) {
      outcome = Outcome::kUnknownMember;
    } else if (is_stopped_ || group->is_being_deleted) {
      outcome = Outcome::kNotAvailable;
    } else {
      members_.Sync(*group, request, done);
      Schedule(*group);
    }
  }
  if (outcome != Outcome::kDone) return done({.outcome = outcome});
  outbox_.Drain();
}

Outcome Coordinator::Heartbeat(const MemberRef& member) {
  if (!IsGroupId(member.group)) return Outcome::kInvalidGroupId;
  Outcome outcome = Outcome::kUnknownMember;
  {
    MutexLock lock(mu_);
    Group* const group = Find(member.group);
    if (group == nullptr) return Outcome::kUnknownMember;
    if (is_stopped_ || group->is_being_deleted) return Outcome::kNotAvailable;
    outcome = members_.Heartbeat(*group, member);
    // In a group of the new protocol it has from now on a time in which to join again.
    if (outcome == Outcome::kRebalanceInProgress && group->consumers) {
      Schedule(*group, member.member);
    }
  }
  outbox_.Drain();
  return outcome;
}

LeaveAnswer Coordinator::Leave(const std::string& id, const std::vector<LeavingMember>& members) {
  if (!IsGroupId(id)) return {.outcome = Outcome::kInvalidGroupId, .members = {}};
  LeaveAnswer answer;
  {
    MutexLock lock(mu_);
    Group* const group = Find(id);
    if (group == nullptr) {
      answer.members.assign(members.size(), Outcome::kUnknownMember);
    } else if (is_stopped_ || group->is_being_deleted) {
      answer.outcome = Outcome::kNotAvailable;
    } else {
      answer.members = members_.Leave(*group, members);
      Schedule(*group);
    }
  }
  outbox_.Drain();
  return answer;
}

void Coordinator::Forget(Group& group, const CommitDone& done) {
  group.is_being_deleted = true;
  group.pending.clear();
  Change(
      group,
      {.group = group.id(),
       .forgets_group = true,
       .state = std::nullopt,
       .committed = {},
       .removed = {}},
      [this, done](Group& then, bool is_durable) ST_NO_THREAD_SAFETY_ANALYSIS {
        then.is_being_deleted = false;
        if (is_durable) {
          then.MoveTo(State::kDead, NowMs());
          if (then.wake_us != 0) wakes_.erase({then.wake_us, then.id()});
          groups_.erase(groups_.find(then.id()));
        }
        Reply([done, is_durable] { done(is_durable ? Outcome::kDone : Outcome::kNotAvailable); });
      });
}

void Coordinator::Delete(const std::string& id, CommitDone done) {
  Outcome outcome = Outcome::kDone;
  {
    MutexLock lock(mu_);
    Group* const group = Find(id);
    if (group == nullptr) {
      outcome = Outcome::kGroupIdNotFound;
    } else if (is_stopped_ || group->is_being_deleted) {
      outcome = Outcome::kNotAvailable;
    } else if (group->state() != State::kEmpty || group->HasMembers()) {
      outcome = Outcome::kNonEmptyGroup;
    } else {
      Forget(*group, done);
    }
  }
  if (outcome != Outcome::kDone) return done(outcome);
  outbox_.Drain();
}

std::vector<ListedGroup> Coordinator::List() {
  std::vector<ListedGroup> listed;
  MutexLock lock(mu_);
  for (const auto& [id, group] : groups_) listed.push_back(ListingOf(group));
  return listed;
}

std::optional<Description> Coordinator::Describe(const std::string& id) {
  MutexLock lock(mu_);
  const Group* const group = Find(id);
  if (group == nullptr || group->consumers) return std::nullopt;
  return DescriptionOf(*group);
}

std::optional<ConsumerDescription> Coordinator::DescribeConsumers(const std::string& id) {
  MutexLock lock(mu_);
  const Group* const group = Find(id);
  if (group == nullptr || !group->consumers) return std::nullopt;
  return DescriptionOf(*group->consumers);
}

Outcome Coordinator::CheckCommit(const CommitRequest& request, Group*& group) {
  const auto& ref = request.member;
  if (ref.group.size() > kMaxGroupIdBytes) return Outcome::kInvalidGroupId;
  if (is_stopped_) return Outcome::kNotAvailable;
  group = Find(ref.group);
  if (group == nullptr) {
    // A consumer without a group's management, or an administrator, begins a group by a commit.
    if (ref.generation >= 0) return Outcome::kGroupIdNotFound;
    group = Create(ref.group, ClientNumber(request.client.address));
    if (group == nullptr) return Outcome::kNoRoom;
  }
  if (group->is_being_deleted) return Outcome::kNotAvailable;
  return members_.CheckCommit(*group, request);
}

void Coordinator::Commit(const CommitRequest& request, CommitDone done) {
  Outcome outcome = Outcome::kDone;
  {
    MutexLock lock(mu_);
    Group* group = nullptr;
    auto charges = std::make_shared<OffsetCharges>();
    outcome = CheckCommit(request, group);
    if (outcome == Outcome::kDone &&
        !TakeRoom(*group, request.offsets, ClientNumber(request.client.address), room_, *charges)) {
      charges->clear();
      outcome = Outcome::kNoRoom;
    }
    if (outcome == Outcome::kDone) {
      ChangeOffsets(*group, request.offsets, {}, done,
                    [offsets = request.offsets, charges](Group& then, bool is_durable) {
                      if (is_durable) AddOffsets(then, offsets, *charges);
                      charges->clear();
                    });
    }
  }
  if (outcome != Outcome::kDone) return done(outcome);
  outbox_.Drain();
}

// Applies the change under the lock once it is durable, or tells that it is not.
void Coordinator::ChangeOffsets(Group& group, NewOffsets committed,
                                std::vector<TopicPartition> removed, CommitDone done, Stored then) {
  Change(
      group,
      {.group = group.id(),
       .state = std::nullopt,
       .committed = std::move(committed),
       .removed = std::move(removed)},
      [this, done = std::move(done), then = std::move(then)](Group& changed, bool is_durable) {
        then(changed, is_durable);
        Reply([done, is_durable] { done(is_durable ? Outcome::kDone : Outcome::kNotAvailable); });
      });
}

Offsets Coordinator::OffsetsOf(const std::string& id) {
  MutexLock lock(mu_);
  const Group* const group = Find(id);
  return group == nullptr ? Offsets() : group::OffsetsOf(*group);
}

Outcome Coordinator::CheckFetch(const std::string& id, const std::optional<std::string>& member,
                                std::int32_t epoch) {
  MutexLock lock(mu_);
  const Group* const group = Find(id);
  if (group == nullptr || !group->consumers) return Outcome::kDone;
  return ConsumerMembership::CheckFetch(*group->consumers, member, epoch);
}

Outcome Coordinator::MayRemoveOffsets(const std::string& id,
                                      const std::optional<std::string>& topic) {
  MutexLock lock(mu_);
  const Group* const group = Find(id);
  if (group == nullptr) return Outcome::kGroupIdNotFound;
  if (is_stopped_ || group->is_being_deleted) return Outcome::kNotAvailable;
  return group::MayRemoveOffsets(*group, topic);
}

void Coordinator::RemoveOffsets(const std::string& id, const std::vector<TopicPartition>& offsets,
                                CommitDone done) {
  {
    MutexLock lock(mu_);
    Group* const group = Find(id);
    if (group != nullptr && !is_stopped_ && !group->is_being_deleted) {
      ChangeOffsets(*group, {}, offsets, std::move(done), [offsets](Group& then, bool is_durable) {
        if (is_durable) EraseOffsets(then, offsets);
      });
    } else {
      const auto outcome = group == nullptr ? Outcome::kGroupIdNotFound : Outcome::kNotAvailable;
      Reply([done = std::move(done), outcome] { done(outcome); });
    }
  }
  outbox_.Drain();
}

void Coordinator::ExpireOffsets() {
  const auto now_ms = NowMs();
  std::erase_if(groups_, [](const auto& group) { return group.second.is_bare(); });
  for (auto& [id, group] : groups_) {
    if (group.is_being_deleted || group.changes_in_flight > 0) continue;
    const auto expired = ExpiredOffsets(group, settings_.offsets_retention_ms, now_ms, log_);
    const bool is_over = group.state() == State::kEmpty && !group.HasMembers() &&
                         group.pending.empty() && expired.size() == group.offsets.size();
    if (is_over) {
      Forget(group, [](Outcome) {});
    } else if (!expired.empty()) {
      ChangeOffsets(
          group, {}, expired, [](Outcome) {},
          [expired](Group& then, bool is_durable) {
            if (is_durable) EraseOffsets(then, expired);
          });
    }
  }
}

bool Coordinator::HasGroup(const std::string& id) {
  MutexLock lock(mu_);
  return Find(id) != nullptr;
}

void Coordinator::ExpireDue() {
  const auto now_us = NowUs();
  while (!wakes_.empty() && wakes_.begin()->first <= now_us) {
    const auto id = wakes_.begin()->second;
    wakes_.erase(wakes_.begin());
    Group& group = *Find(id);
    group.wake_us = 0;
    members_.Expire(group);
    Schedule(group);
    if (group.is_bare()) groups_.erase(id);
  }
}

void Coordinator::Step() {
  {
    MutexLock lock(mu_);
    if (is_stopped_) return;
    // An earlier alarm may have been set meanwhile, so that this one comes beside it.
    if (alarm_at_us_ <= NowUs() + kAlarmGrainUs) alarm_at_us_ = 0;
    ExpireDue();
    if (NowUs() >= retention_at_us_) {
      retention_at_us_ = NowUs() + kRetentionCheckUs;
      ExpireOffsets();
    }
    SetAlarmForAll();
  }
  outbox_.Drain();
}

void Coordinator::Stop() {
  {
    MutexLock lock(mu_);
    is_stopped_ = true;
    for (auto& [id, group] : groups_) members_.Dismiss(group);
  }
  outbox_.Drain();
}

}  // namespace st::group
