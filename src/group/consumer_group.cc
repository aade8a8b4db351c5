#include "group/consumer_group.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "group/java_order.h"
#include "group/limits.h"

namespace st::group {
namespace {

void Earlier(std::int64_t& first, std::int64_t deadline_us) {
  if (deadline_us != 0 && (first == 0 || deadline_us < first)) first = deadline_us;
}

const std::set<std::int32_t>& PartitionsOf(const AssignedPartitions& assigned, TopicId topic) {
  static const std::set<std::int32_t> none;
  const auto found = assigned.find(topic);
  return found == assigned.end() ? none : found->second;
}

// Whether the member still has partitions that it is to give up; it has where it does not say.
bool OwnsAny(const AssignedPartitions* owned, const AssignedPartitions& revoking) {
  if (owned == nullptr) return true;
  return std::ranges::any_of(*owned, [&](const auto& topic) {
    const auto& of_topic = PartitionsOf(revoking, topic.first);
    return std::ranges::any_of(
        topic.second, [&](std::int32_t partition) { return of_topic.contains(partition); });
  });
}

// What a member keeps, gives up and gets on its way to the target.
struct Next {
  AssignedPartitions kept;
  AssignedPartitions revoking;
  AssignedPartitions added;
  bool waits_for_others = false;
};

Next NextOf(const ConsumerMember& member, const std::function<bool(TopicPartition)>& is_owned) {
  Next next;
  for (const auto& [topic, partitions] : member.assigned) {
    const auto& target = PartitionsOf(member.target, topic);
    for (const auto partition : partitions) {
      (target.contains(partition) ? next.kept : next.revoking)[topic].insert(partition);
    }
  }
  for (const auto& [topic, partitions] : member.target) {
    for (const auto partition : partitions) {
      if (PartitionsOf(next.kept, topic).contains(partition)) continue;
      if (is_owned({topic, PartitionId(partition)})) {
        next.waits_for_others = true;
      } else {
        next.added[topic].insert(partition);
      }
    }
  }
  return next;
}

ConsumerMember Towards(const ConsumerMember& member, std::int32_t epoch, std::int32_t target_epoch,
                       const AssignedPartitions* owned,
                       const std::function<bool(TopicPartition)>& is_owned) {
  auto next = NextOf(member, is_owned);
  auto now = member;
  now.previous_epoch = member.epoch;
  now.assigned = std::move(next.kept);
  if (!next.revoking.empty() && OwnsAny(owned, next.revoking)) {
    now.state = MemberState::kUnrevoked;
    now.epoch = epoch;
    now.revoking = std::move(next.revoking);
    return now;
  }
  for (auto& [topic, partitions] : next.added) now.assigned[topic].merge(partitions);
  now.state = next.waits_for_others ? MemberState::kUnreleased : MemberState::kStable;
  now.epoch = target_epoch;
  now.revoking.clear();
  return now;
}

}  // namespace

std::uint64_t BytesOf(const ConsumerMember& member) {
  std::uint64_t bytes = kMemberOverheadBytes + member.id.size() + member.client_id.size() +
                        member.client_host.size() + member.instance.value_or("").size() +
                        member.rack.value_or("").size() + member.pattern.value_or("").size();
  for (const auto& topic : member.topics) bytes += kSubscribedTopicBytes + topic.size();
  if (!member.classic) return bytes;
  for (const auto& protocol : member.classic->protocols) {
    bytes += protocol.name.size() + protocol.metadata.size();
  }
  return bytes;
}

ConsumerMember Reconciled(const ConsumerMember& member, std::int32_t target_epoch,
                          const AssignedPartitions* owned,
                          const std::function<bool(TopicPartition)>& is_owned) {
  switch (member.state) {
    case MemberState::kStable:
      if (member.epoch == target_epoch) return member;
      break;
    case MemberState::kUnrevoked:
      if (OwnsAny(owned, member.revoking)) return member;
      return Towards(member, member.epoch + 1, target_epoch, owned, is_owned);
    case MemberState::kUnreleased:
      break;
  }
  return Towards(member, member.epoch, target_epoch, owned, is_owned);
}

const ConsumerMember* ConsumerGroup::Find(const std::string& id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

const std::string* ConsumerGroup::FindInstance(const std::string& instance) const {
  const auto found = instances_.find(instance);
  return found == instances_.end() ? nullptr : &found->second;
}

void ConsumerGroup::SetOwner(const ConsumerMember& member, bool is_owner) {
  for (const auto* partitions : {&member.assigned, &member.revoking}) {
    for (const auto& [topic, of_topic] : *partitions) {
      for (const auto partition : of_topic) {
        const TopicPartition tp{topic, PartitionId(partition)};
        if (is_owner) {
          ++owners_[tp];
        } else if (const auto owner = owners_.find(tp); --owner->second == 0) {
          owners_.erase(owner);
        }
      }
    }
  }
}

void ConsumerGroup::CountTopics(const ConsumerMember& member, bool is_member) {
  for (const auto& topic : member.topics) {
    if (is_member) {
      ++subscribers_[topic];
    } else if (const auto count = subscribers_.find(topic); --count->second == 0) {
      subscribers_.erase(count);
    }
  }
}

void ConsumerGroup::CountProtocols(const ConsumerMember& member, bool is_member) {
  if (!member.classic) return;
  if (is_member) {
    ++classic_count_;
  } else {
    --classic_count_;
  }
  for (const auto& protocol : member.classic->protocols) {
    if (is_member) {
      ++offers_[protocol.name];
    } else if (const auto count = offers_.find(protocol.name); --count->second == 0) {
      offers_.erase(count);
    }
  }
}

void ConsumerGroup::CountPatternOf(const ConsumerMember& member, bool is_member) {
  if (!member.HasPattern()) return;
  if (is_member) {
    ++pattern_counts_[*member.pattern];
  } else if (const auto count = pattern_counts_.find(*member.pattern); --count->second == 0) {
    pattern_counts_.erase(count);
  }
}

void ConsumerGroup::Put(ConsumerMember member) {
  const auto* before = Find(member.id);
  const bool has_other_topics = before == nullptr || before->topics != member.topics;
  if (before != nullptr) {
    SetOwner(*before, false);
    CountProtocols(*before, false);
    CountPatternOf(*before, false);
    if (has_other_topics) CountTopics(*before, false);
    if (before->instance) instances_.erase(*before->instance);
  }
  SetOwner(member, true);
  CountProtocols(member, true);
  CountPatternOf(member, true);
  if (has_other_topics) CountTopics(member, true);
  if (member.instance) instances_[*member.instance] = member.id;
  const auto id = member.id;
  members_.insert_or_assign(id, std::move(member));
}

void ConsumerGroup::Rename(const std::string& from, const std::string& to) {
  auto node = members_.extract(from);
  ST_CHECK(!node.empty() && node.mapped().instance);
  instances_[*node.mapped().instance] = to;
  node.mapped().id = to;
  node.key() = to;
  members_.insert(std::move(node));
  if (auto session = sessions_.extract(from); !session.empty()) {
    session.key() = to;
    sessions_.insert(std::move(session));
  }
}

void ConsumerGroup::Remove(const std::string& id) {
  sessions_.erase(id);
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  SetOwner(found->second, false);
  CountProtocols(found->second, false);
  CountPatternOf(found->second, false);
  CountTopics(found->second, false);
  if (found->second.instance) instances_.erase(*found->second.instance);
  members_.erase(found);
}

void ConsumerGroup::SetTarget(const std::string& id, AssignedPartitions target) {
  members_.at(id).target = std::move(target);
}

bool ConsumerGroup::IsClassicWithout(const std::set<std::string>& gone) const {
  const auto of_gone = std::ranges::count_if(gone, [this](const std::string& id) {
    const auto* member = Find(id);
    return member != nullptr && member->classic.has_value();
  });
  return members_.size() > gone.size() &&
         classic_count_ - static_cast<std::size_t>(of_gone) == members_.size() - gone.size();
}

bool ConsumerGroup::Supports(std::string_view type, const std::vector<Protocol>& protocols) const {
  return type == kConsumerType && std::ranges::any_of(protocols, [this](const Protocol& offered) {
           const auto count = offers_.find(offered.name);
           return (count == offers_.end() ? 0 : count->second) == classic_count_;
         });
}

bool ConsumerGroup::WaitsForOthers(const ConsumerMember& member) const {
  return std::ranges::any_of(member.target, [&](const auto& topic) {
    const auto& assigned = PartitionsOf(member.assigned, topic.first);
    return std::ranges::any_of(topic.second, [&](std::int32_t partition) {
      return !assigned.contains(partition) && IsOwned({topic.first, PartitionId(partition)});
    });
  });
}

std::string_view ConsumerGroup::StateName() const {
  if (members_.empty()) return "Empty";
  if (epoch > assignment_epoch) return "Assigning";
  const bool is_stable = std::ranges::all_of(members_, [this](const auto& member) {
    return member.second.IsReconciledTo(assignment_epoch);
  });
  return is_stable ? "Stable" : "Reconciling";
}

std::set<std::string> ConsumerGroup::SubscribedTopicsOf(const ConsumerMember& member) const {
  auto topics = member.topics;
  if (!member.HasPattern()) return topics;
  if (const auto found = patterns.find(*member.pattern); found != patterns.end()) {
    topics.insert(found->second.topics.begin(), found->second.topics.end());
  }
  return topics;
}

std::set<std::string> ConsumerGroup::SubscribedTopics() const {
  std::set<std::string> topics;
  for (const auto& [topic, count] : subscribers_) topics.insert(topic);
  for (const auto& [pattern, resolved] : patterns) {
    topics.insert(resolved.topics.begin(), resolved.topics.end());
  }
  return topics;
}

bool ConsumerGroup::IsSubscribedTo(const std::string& topic) const {
  return subscribers_.contains(topic) || std::ranges::any_of(patterns, [&](const auto& one) {
           return one.second.topics.contains(topic);
         });
}

int ConsumerGroup::CountPattern(const std::string& pattern) const {
  const auto count = pattern_counts_.find(pattern);
  return count == pattern_counts_.end() ? 0 : count->second;
}

std::set<std::string> ConsumerGroup::Patterns() const {
  std::set<std::string> all;
  for (const auto& [pattern, count] : pattern_counts_) all.insert(pattern);
  return all;
}

bool ConsumerGroup::IsHomogeneous() const {
  const auto all = Patterns();
  if (all.empty()) {
    return std::ranges::all_of(
        subscribers_, [this](const auto& topic) { return topic.second == members_.size(); });
  }
  // One pattern of all members, and no names beside it.
  return all.size() == 1 && subscribers_.empty() &&
         CountPattern(*all.begin()) == static_cast<int>(members_.size());
}

std::string ConsumerGroup::PreferredAssignor(std::string_view otherwise) const {
  std::map<std::string, int> votes;
  for (const auto& [id, member] : members_) {
    if (member.assignor) ++votes[*member.assignor];
  }
  std::vector<std::string> names;
  for (const auto& [name, count] : votes) names.push_back(name);
  std::string preferred(otherwise);
  int most = 0;
  for (const auto& name : InJavaOrder(names, TableSize(names.size()))) {
    if (votes[name] > most) {
      most = votes[name];
      preferred = name;
    }
  }
  return preferred;
}

std::int64_t ConsumerSession::NextDeadlineUs() const {
  std::int64_t first = deadline_us;
  Earlier(first, join_deadline_us);
  Earlier(first, sync_deadline_us);
  Earlier(first, revoke_deadline_us);
  return first;
}

std::int64_t ConsumerGroup::NextDeadlineUs() const {
  std::int64_t first = 0;
  for (const auto& [id, session] : sessions_) Earlier(first, session.NextDeadlineUs());
  return first;
}

std::int64_t ConsumerGroup::NextDeadlineUs(const std::string& id) const {
  const auto session = sessions_.find(id);
  return session == sessions_.end() ? 0 : session->second.NextDeadlineUs();
}

}  // namespace st::group
