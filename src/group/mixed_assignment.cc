#include "group/mixed_assignment.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>

#include "base/coding.h"

namespace st::group {
namespace {

constexpr int kNobody = -1;
// Members whose subscriptions overlap in part may take several rounds to come into balance; each
// about halves what is left, so these are enough.
constexpr int kMaxRounds = 16;

// Members of one topic by how many partitions they have, from both ends: who gets the next one, and
// who gives one away. Each end is a range of members that began with the same count.
class Balancer {
 public:
  explicit Balancer(const std::vector<int>& sizes) : sizes_(sizes) {}

  // Begins with these members; the difference between the most and the fewest partitions.
  int Begin(std::vector<int> members) {
    sorted_ = std::move(members);
    std::ranges::sort(sorted_, {},
                      [this](int member) { return std::pair(SizeOf(member), member); });
    least_end_ = 0;
    least_count_ = SizeOf(sorted_.front()) - 1;
    next_least_ = 0;
    most_begin_ = most_end_ = std::ssize(sorted_);
    most_count_ = SizeOf(sorted_.back()) + 1;
    next_most_ = std::ssize(sorted_) - 1;
    return SizeOf(sorted_.back()) - SizeOf(sorted_.front());
  }

  int NextLeast() {
    if (next_least_ >= least_end_) {
      ++least_count_;
      while (least_end_ < std::ssize(sorted_) && SizeAt(least_end_) == least_count_) ++least_end_;
      next_least_ = 0;
    }
    return At(next_least_++);
  }

  // kNobody: none is left.
  int NextMost() {
    if (next_most_ < most_begin_) {
      if (most_end_ <= most_begin_ && most_begin_ > 0) {
        most_count_ = SizeAt(most_begin_ - 1);
      } else {
        --most_count_;
      }
      while (most_begin_ > 0 && SizeAt(most_begin_ - 1) == most_count_) --most_begin_;
      next_most_ = most_end_ - 1;
    }
    return next_most_ < 0 ? kNobody : At(next_most_--);
  }

  // The last one that NextMost gave has nothing to give away.
  void ExcludeMost() {
    std::swap(sorted_[static_cast<std::size_t>(next_most_ + 1)],
              sorted_[static_cast<std::size_t>(most_end_ - 1)]);
    --most_end_;
  }

  bool IsBalanced() const { return most_count_ - least_count_ <= 1; }

 private:
  int At(std::ptrdiff_t i) const { return sorted_[static_cast<std::size_t>(i)]; }
  int SizeOf(int member) const { return sizes_[static_cast<std::size_t>(member)]; }
  int SizeAt(std::ptrdiff_t i) const { return SizeOf(At(i)); }

  const std::vector<int>& sizes_;
  std::vector<int> sorted_;
  std::ptrdiff_t least_end_ = 0;
  int least_count_ = 0;
  std::ptrdiff_t next_least_ = 0;
  std::ptrdiff_t most_begin_ = 0;
  std::ptrdiff_t most_end_ = 0;
  int most_count_ = 0;
  std::ptrdiff_t next_most_ = 0;
};

// Java compares the halves of Kafka's Uuid as signed numbers.
std::pair<std::int64_t, std::int64_t> JavaKey(const TopicId& id) {
  const std::string_view bytes(reinterpret_cast<const char*>(id.bytes().data()), sizeof(Uuid));
  return {LoadBig<std::int64_t>(bytes), LoadBig<std::int64_t>(bytes.substr(8))};
}

class MixedAssignment {
 public:
  explicit MixedAssignment(const AssignmentInput& input)
      : members_(MembersInJavaOrder(input)), sizes_(members_.size()), balancer_(sizes_) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      for (const auto& id : members_[i]->topics) {
        auto& topic = topics_[id];
        topic.owners.resize(static_cast<std::size_t>(input.topics.at(id)), kNobody);
        topic.subscribers.push_back(static_cast<int>(i));
      }
    }
  }

  Assignments Build() {
    if (topics_.empty()) return {};
    for (std::size_t i = 0; i < members_.size(); ++i) KeepSubscribed(static_cast<int>(i));
    for (auto* topic : Sorted(1)) AssignRest(*topic);
    Balance();
    Assignments assignments;
    for (const auto* member : members_) assignments[member->id];
    for (const auto& [id, topic] : topics_) {
      for (std::size_t p = 0; p < topic.owners.size(); ++p) {
        if (topic.owners[p] == kNobody) continue;
        const auto& member = members_[static_cast<std::size_t>(topic.owners[p])]->id;
        assignments[member][id].insert(static_cast<std::int32_t>(p));
      }
    }
    return assignments;
  }

 private:
  struct Topic {
    std::vector<int> owners;       // by partition
    std::vector<int> subscribers;  // in order
  };

  void KeepSubscribed(int member) {
    const auto& from = *members_[static_cast<std::size_t>(member)];
    for (const auto& [id, partitions] : from.target) {
      if (!from.topics.contains(id)) continue;
      auto& owners = topics_.at(id).owners;
      for (const auto p : partitions) {
        if (static_cast<std::size_t>(p) < owners.size()) {
          Give(topics_.at(id), static_cast<std::size_t>(p), member);
        }
      }
    }
  }

  // Those with so many subscribers; the ones with the most partitions a subscriber first.
  std::vector<Topic*> Sorted(std::size_t least_subscribers) {
    std::vector<std::pair<TopicId, Topic*>> sorted;
    for (auto& [id, topic] : topics_) {
      if (topic.subscribers.size() >= least_subscribers) sorted.emplace_back(id, &topic);
    }
    std::ranges::sort(sorted, {}, [](const auto& one) {
      const auto subscribers = one.second->subscribers.size();
      const auto share =
          static_cast<double>(one.second->owners.size()) / static_cast<double>(subscribers);
      return std::tuple(-share, subscribers, JavaKey(one.first));
    });
    std::vector<Topic*> topics;
    for (const auto& [id, topic] : sorted) topics.push_back(topic);
    return topics;
  }

  void Give(Topic& topic, std::size_t partition, int member) {
    int& owner = topic.owners[partition];
    if (owner != kNobody) --sizes_[static_cast<std::size_t>(owner)];
    owner = member;
    ++sizes_[static_cast<std::size_t>(member)];
  }

  void AssignRest(Topic& topic) {
    if (std::ranges::find(topic.owners, kNobody) == topic.owners.end()) return;
    balancer_.Begin(topic.subscribers);
    for (std::size_t p = 0; p < topic.owners.size(); ++p) {
      if (topic.owners[p] == kNobody) Give(topic, p, balancer_.NextLeast());
    }
  }

  void Balance() {
    const auto topics = Sorted(2);
    const Topic* last_changed = nullptr;
    for (int round = 0; round < kMaxRounds; ++round) {
      for (auto* topic : topics) {
        if (topic == last_changed) return;  // a whole round changed nothing
        if (BalanceTopic(*topic) || last_changed == nullptr) last_changed = topic;
      }
    }
  }

  // Whether a partition went to another member.
  bool BalanceTopic(Topic& topic) {
    if (balancer_.Begin(topic.subscribers) <= 1) return false;
    std::map<int, std::vector<std::size_t>> partitions;  // by owner; the last one goes first
    for (std::size_t p = 0; p < topic.owners.size(); ++p) {
      partitions[topic.owners[p]].push_back(p);
    }
    bool has_changed = false;
    while (!balancer_.IsBalanced()) {
      int most = balancer_.NextMost();
      for (; most != kNobody && partitions[most].empty(); most = balancer_.NextMost()) {
        balancer_.ExcludeMost();
      }
      if (most == kNobody) break;
      const auto partition = partitions[most].back();
      partitions[most].pop_back();
      const int least = balancer_.NextLeast();
      if (balancer_.IsBalanced()) break;
      Give(topic, partition, least);
      has_changed = true;
    }
    return has_changed;
  }

  const std::vector<const MemberToAssign*> members_;
  std::vector<int> sizes_;  // partitions of each member
  Balancer balancer_;
  std::map<TopicId, Topic> topics_;
};

}  // namespace

Assignments AssignMixed(const AssignmentInput& input) { return MixedAssignment(input).Build(); }

}  // namespace st::group
