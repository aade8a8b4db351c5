#include "group/consumer_target.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "group/assignors.h"
#include "group/java_order.h"
#include "group/limits.h"
#include "group/topic_pattern.h"

namespace st::group {
namespace {

// FNV-1a, of texts one after another.
class Hash {
 public:
  void Add(std::string_view bytes) {
    for (const char c : bytes) Mix(static_cast<unsigned char>(c));
    Mix(0);
  }
  std::uint64_t value() const { return value_; }

 private:
  void Mix(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001B3ULL; }
  std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

}  // namespace

bool ConsumerTarget::ChargePartitions(ConsumerGroup& group, const std::set<std::string>& topics) {
  std::uint64_t partitions = 0;
  for (const auto& name : topics) {
    const auto topic = log_.FindTopic(name);
    if (topic) partitions += static_cast<std::uint64_t>(topic->partitions);
  }
  return group.partitions_charge.Resize(partitions * kGroupPartitionBytes);
}

bool ConsumerTarget::ForgetPattern(ConsumerGroup& group, const ConsumerMember& before,
                                   const ConsumerMember& now) {
  if (before.pattern == now.pattern) return false;
  if (before.HasPattern() && group.CountPattern(*before.pattern) == 0) {
    group.patterns.erase(*before.pattern);
  }
  return now.HasPattern() && group.patterns.contains(*now.pattern);
}

bool ConsumerTarget::RefreshPatterns(ConsumerGroup& group, std::optional<std::int64_t> last_ms,
                                     bool is_required) {
  const auto all = group.Patterns();
  if (all.empty()) return false;
  const auto now_ms = effects_.NowMs();
  if (last_ms && now_ms <= *last_ms + kPatternMinRefreshMs) return false;
  const std::uint64_t topic_count = log_.TopicCount();
  const bool is_due = is_required || all.size() != group.patterns.size() || !last_ms ||
                      group.patterns.begin()->second.topic_count != topic_count ||
                      now_ms > *last_ms + kPatternMaxRefreshMs;
  if (!is_due) return false;
  std::vector<std::string> names;
  for (const auto& topic : log_.Topics()) names.push_back(topic.name);
  bool is_new = false;
  const auto end_us = effects_.NowUs() + kMaxPatternMatchUs;
  for (const auto& pattern : all) {
    auto topics = MatchingTopics(pattern, names, [&] { return effects_.NowUs() >= end_us; });
    auto& resolved = group.patterns[pattern];
    is_new = is_new || resolved.topics != topics;
    resolved = {.topics = std::move(topics), .topic_count = topic_count, .at_ms = now_ms};
  }
  // Without room for their partitions the patterns match nothing, until they are looked at again.
  if (is_new && !ChargePartitions(group, group.SubscribedTopics())) {
    for (auto& [pattern, resolved] : group.patterns) resolved.topics.clear();
  }
  const auto hash = HashOfTopics(group);
  if (is_new || hash != group.metadata_hash) {
    group.metadata_hash = hash;
    ++group.epoch;
  }
  return true;
}

std::uint64_t ConsumerTarget::HashOfTopics(const ConsumerGroup& group) const {
  Hash hash;
  for (const auto& name : group.SubscribedTopics()) {
    const auto topic = log_.FindTopic(name);
    if (!topic) continue;
    hash.Add(name);
    hash.Add(topic->id.ToString());
    hash.Add(fmt::to_string(topic->partitions));
  }
  return hash.value();
}

bool ConsumerTarget::UpdateEpoch(ConsumerGroup& group, bool must) {
  const auto now_us = effects_.NowUs();
  const std::uint64_t topic_count = log_.TopicCount();
  const bool may_differ =
      topic_count != group.seen_topic_count || now_us - group.seen_at_us >= kTopicsCheckUs;
  if (!must && !may_differ) return false;
  group.seen_topic_count = topic_count;
  group.seen_at_us = now_us;
  const auto hash = HashOfTopics(group);
  if (!must && hash == group.metadata_hash) return false;
  group.metadata_hash = hash;
  ++group.epoch;
  return true;
}

void ConsumerTarget::Compute(ConsumerGroup& group) const {
  AssignmentInput input{
      .members = {}, .topics = {}, .order = {}, .is_homogeneous = group.IsHomogeneous()};
  std::map<std::string, std::optional<log::TopicInfo>> known;
  for (const auto& [id, member] : group.members()) {
    MemberToAssign one{
        .id = id, .instance = member.instance, .topics = {}, .target = member.target};
    for (const auto& name : group.SubscribedTopicsOf(member)) {
      const auto [topic, is_new] = known.try_emplace(name);
      if (is_new) topic->second = log_.FindTopic(name);
      if (!topic->second) continue;
      one.topics.insert(topic->second->id);
      input.topics[topic->second->id] = topic->second->partitions;
    }
    input.members.push_back(std::move(one));
  }
  std::vector<std::string> names;
  for (const auto& [name, topic] : known) names.push_back(name);
  for (const auto& name : InJavaOrder(names, TableSizeOfCopy(names.size()))) {
    if (known[name]) input.order.push_back(known[name]->id);
  }
  auto assignments = Assign(group.PreferredAssignor(kDefaultAssignor), input);
  for (const auto& member : input.members) {
    group.SetTarget(member.id, std::move(assignments[member.id]));
  }
  group.assignment_epoch = group.epoch;
}

}  // namespace st::group
