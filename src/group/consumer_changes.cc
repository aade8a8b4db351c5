#include "group/consumer_changes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "group/conversion.h"

namespace st::group {
namespace {

constexpr std::int64_t kUsPerMs = 1'000;

}  // namespace

bool ConsumerChanges::TakeIn(ConsumerGroup& group, const ConsumerMember& before,
                             const ConsumerMember& now, const std::string& client) {
  const auto number = ClientNumber(client);
  const bool is_new = group.Find(now.id) == nullptr;
  auto& charge = group.session(now.id).charge;
  const bool has_room =
      is_new ? Charge::Take(room_, number, BytesOf(now), charge) : charge.Resize(BytesOf(now));
  if (group.epoch == 0) Charge::Take(room_, number, 0, group.partitions_charge);
  if (has_room && !is_new && now == *group.Find(now.id)) return true;
  auto topics = now.topics;
  if (now.topics != before.topics) topics.merge(group.SubscribedTopics());
  if (has_room && (now.topics == before.topics || target_.ChargePartitions(group, topics))) {
    group.Put(now);
    return true;
  }
  if (is_new) group.Remove(now.id);
  return false;
}

bool ConsumerChanges::UpdateTarget(ConsumerGroup& group, bool must) {
  const bool has_changed = target_.UpdateEpoch(group, must);
  if (group.epoch == group.assignment_epoch) return has_changed;
  target_.Compute(group);
  return true;
}

bool ConsumerChanges::Reconcile(ConsumerGroup& group, const std::string& id,
                                const AssignedPartitions* owned) {
  const auto& before = *group.Find(id);
  if (before.IsReconciledTo(group.assignment_epoch)) return false;
  auto now = Reconciled(before, group.assignment_epoch, owned,
                        [&](TopicPartition tp) { return group.IsOwned(tp); });
  if (now == before) return false;
  auto& session = group.session(id);
  // A classic member gives its partitions up as it joins, which has a deadline of its own.
  const bool must_revoke = now.state == MemberState::kUnrevoked && !now.classic;
  session.revoke_epoch = now.epoch;
  session.revoke_deadline_us =
      must_revoke ? effects_.NowUs() + now.rebalance_timeout_ms * kUsPerMs : 0;
  group.Put(std::move(now));
  return true;
}

void ConsumerChanges::Remove(ConsumerGroup& group, const std::string& id) {
  const auto pattern = group.Find(id)->pattern;
  group.Remove(id);
  if (pattern && group.CountPattern(*pattern) == 0) group.patterns.erase(*pattern);
}

void ConsumerChanges::Fence(Group& group, const std::set<std::string>& gone, std::int32_t epochs,
                            DurableReply reply) {
  auto& consumers = *group.consumers;
  const bool is_classic =
      consumers.IsClassicWithout(gone) &&
      consumers.members().size() - gone.size() <= static_cast<std::size_t>(settings_.max_size);
  for (const auto& id : gone) Remove(consumers, id);
  if (is_classic) return BecomeClassic(group, true, std::move(reply));
  consumers.metadata_hash = target_.HashOfTopics(consumers);
  consumers.epoch += epochs;
  Finish(group, true, std::move(reply));
}

void ConsumerChanges::BecomeClassic(Group& group, bool must, DurableReply reply) {
  const auto consumers = std::move(group.consumers);
  Downgrade(*consumers, group, log_, effects_.NowMs());
  consumers->partitions_charge = {};  // the assignments take no more than they did
  const auto now_us = effects_.NowUs();
  for (auto& [id, member] : group.members()) {
    member.deadline_us = now_us + member.session_timeout_ms * kUsPerMs;
    member.charge = std::move(consumers->session(id).charge);
    member.charge.Resize(BytesOf(member));
  }
  auto waiters = std::exchange(consumers->waiters, {});
  waiters.push_back({.reply = std::move(reply)});
  effects_.Store(group, State::kStable, [this, waiters](Group&, bool is_durable) {
    for (const auto& waiter : waiters) Answer(waiter.reply, is_durable);
  });
  if (must) rebalance_.BeginOrCompleteJoin(group);
}

void ConsumerChanges::Answer(DurableReply reply, bool is_durable) {
  if (!reply) return;
  effects_.Reply([reply = std::move(reply), is_durable] { reply(is_durable); });
}

void ConsumerChanges::Finish(Group& group, bool has_changed, DurableReply reply) {
  auto& consumers = *group.consumers;
  if (has_changed) ++consumers.version;
  if (consumers.version == consumers.durable_version) return Answer(std::move(reply), true);
  consumers.waiters.push_back({consumers.version, std::move(reply)});
  if (!consumers.is_storing) StoreNow(group);
}

void ConsumerChanges::StoreNow(Group& group) {
  group.consumers->is_storing = true;
  effects_.Store(group, State::kEmpty,
                 [this, version = group.consumers->version, conversions = group.conversions](
                     Group& then, bool is_durable) {
                   // Otherwise it became a classic group meanwhile.
                   if (then.consumers && then.conversions == conversions) {
                     OnStored(then, version, is_durable);
                   }
                 });
}

void ConsumerChanges::OnStored(Group& group, std::uint64_t version, bool is_durable) {
  auto& consumers = *group.consumers;
  consumers.is_storing = false;
  if (!is_durable) return Dismiss(group);  // the next heartbeat stores it again
  consumers.durable_version = version;
  auto& waiters = consumers.waiters;
  const auto first_left = std::ranges::find_if(
      waiters, [version](const auto& waiter) { return waiter.version > version; });
  for (auto waiter = waiters.begin(); waiter != first_left; ++waiter) {
    Answer(std::move(waiter->reply), true);
  }
  waiters.erase(waiters.begin(), first_left);
  if (consumers.version > version) StoreNow(group);
}

void ConsumerChanges::Dismiss(Group& group) {
  if (!group.consumers) return;
  for (auto& waiter : std::exchange(group.consumers->waiters, {})) {
    Answer(std::move(waiter.reply), false);
  }
}

}  // namespace st::group
