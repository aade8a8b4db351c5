// What the coordinator does about committed offsets.
#include <algorithm>

#include "group/coordinator.h"
#include "group/limits.h"
#include "group/retention.h"

namespace st::group {

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
  if (group->consumers) return ConsumerMembership::CheckCommit(*group->consumers, request);
  return membership_.CheckCommit(*group, ref);
}

bool Coordinator::ChargeOffsets(const Group& group, const CommitRequest& request,
                                std::map<TopicPartition, Charge>& charges) {
  const auto client = ClientNumber(request.client.address);
  for (const auto& [tp, offset] : request.offsets) {
    const auto old = group.offsets.find(tp);
    const auto had = old == group.offsets.end() ? 0 : BytesOf(old->second.committed);
    const auto needs = BytesOf(offset);
    // One that takes no more than before keeps the room of the one that it replaces.
    if (needs > had && !Charge::Take(room_, client, needs, charges[tp])) return false;
  }
  return true;
}

void Coordinator::Commit(const CommitRequest& request, CommitDone done) {
  Outcome outcome = Outcome::kDone;
  {
    MutexLock lock(mu_);
    Group* group = nullptr;
    auto charges = std::make_shared<std::map<TopicPartition, Charge>>();
    outcome = CheckCommit(request, group);
    if (outcome == Outcome::kDone && !ChargeOffsets(*group, request, *charges)) {
      outcome = Outcome::kNoRoom;
    }
    if (outcome == Outcome::kDone) {
      Change(*group,
             {.group = group->id(),
              .state = std::nullopt,
              .committed = request.offsets,
              .removed = {}},
             [this, offsets = request.offsets, charges, done](Group& then, bool is_durable) {
               for (const auto& [tp, offset] : offsets) {
                 if (!is_durable) break;
                 auto& at = then.offsets[tp];
                 at.committed = offset;
                 if (const auto charge = charges->find(tp); charge != charges->end()) {
                   at.charge = std::move(charge->second);
                 }
               }
               charges->clear();
               Reply([done, is_durable] {
                 done(is_durable ? Outcome::kDone : Outcome::kNotAvailable);
               });
             });
    } else if (group != nullptr) {
      charges->clear();
    }
  }
  if (outcome != Outcome::kDone) return done(outcome);
  Drain();
}

Coordinator::Offsets Coordinator::OffsetsOf(const std::string& id) {
  Offsets offsets;
  MutexLock lock(mu_);
  const Group* const group = Find(id);
  if (group == nullptr) return offsets;
  for (const auto& [tp, offset] : group->offsets) offsets.emplace(tp, offset.committed);
  return offsets;
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
  if (!group->HasMembers()) return Outcome::kDone;
  if (!group->consumers && group->protocol_type != kConsumerType) return Outcome::kNonEmptyGroup;
  return topic && group->IsSubscribedTo(*topic) ? Outcome::kSubscribedToTopic : Outcome::kDone;
}

void Coordinator::RemoveOffsets(const std::string& id, const std::vector<TopicPartition>& offsets,
                                CommitDone done) {
  {
    MutexLock lock(mu_);
    Group* const group = Find(id);
    if (group != nullptr && !is_stopped_ && !group->is_being_deleted) {
      Change(*group, {.group = id, .state = std::nullopt, .committed = {}, .removed = offsets},
             [this, offsets, done = std::move(done)](Group& then, bool is_durable) {
               for (const auto& tp : offsets) {
                 if (is_durable) then.offsets.erase(tp);
               }
               Reply([done, is_durable] {
                 done(is_durable ? Outcome::kDone : Outcome::kNotAvailable);
               });
             });
    } else {
      const auto outcome = group == nullptr ? Outcome::kGroupIdNotFound : Outcome::kNotAvailable;
      Reply([done = std::move(done), outcome] { done(outcome); });
    }
  }
  Drain();
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
      Change(group, {.group = id, .state = std::nullopt, .committed = {}, .removed = expired},
             [expired](Group& then, bool is_durable) {
               for (const auto& tp : expired) {
                 if (is_durable) then.offsets.erase(tp);
               }
             });
    }
  }
}

}  // namespace st::group
