#include "group/assignors.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "group/java_order.h"
#include "group/mixed_assignment.h"

namespace st::group {
namespace {

// Static members by their instances, then the others by their ids.
std::vector<const MemberToAssign*> InOrderOfIds(const AssignmentInput& input) {
  std::vector<const MemberToAssign*> members;
  for (const auto& member : input.members) members.push_back(&member);
  std::ranges::sort(members, {}, [](const MemberToAssign* member) {
    return std::tuple(!member->instance.has_value(), member->instance.value_or(member->id));
  });
  return members;
}

// One topic, which goes to its subscribers range by range.
struct Ranges {
  std::int32_t partitions = 0;
  std::int32_t subscribers = 0;
  std::int32_t given = 0;  // to so many of them
  std::int32_t next = 0;   // the first partition that is left
};

// One evenly assigned group whose members all have the same subscription.
class EvenAssignment {
 public:
  explicit EvenAssignment(const AssignmentInput& input) : input_(input) {
    topics_ = InJavaOrder(input.order, TableSizeOfCopy(input.order.size()));
  }

  Assignments Build() {
    if (topics_.empty()) return {};
    const auto total = CollectUnassigned();
    const auto members = static_cast<std::int32_t>(input_.members.size());
    least_ = total / members;
    extra_ = total % members;
    std::int32_t left = members;
    for (const auto* member : MembersInJavaOrder(input_)) KeepUpToQuota(*member, left--);
    GiveUnassigned();
    return std::move(assignments_);
  }

 private:
  // Those of no member's target; the count of all partitions.
  std::int32_t CollectUnassigned() {
    std::set<TopicPartition> assigned;
    for (const auto& member : input_.members) {
      for (const auto& [topic, partitions] : member.target) {
        for (const auto p : partitions) assigned.insert({topic, PartitionId(p)});
      }
    }
    std::int32_t total = 0;
    for (const auto& topic : topics_) {
      const auto partitions = input_.topics.at(topic);
      for (std::int32_t p = 0; p < partitions; ++p) {
        const TopicPartition tp{topic, PartitionId(p)};
        if (!assigned.contains(tp)) unassigned_.push_back(tp);
      }
      total += partitions;
    }
    return total;
  }

  // Takes from the member what is above its quota. `left` counts it and the members behind it.
  void KeepUpToQuota(const MemberToAssign& member, std::int32_t left) {
    auto quota = least_;
    bool has_extra = extra_ > 0;
    if (has_extra) ++quota;
    auto& kept = assignments_[member.id];
    std::vector<TopicId> topics;
    for (const auto& topic : input_.order) {
      if (member.target.contains(topic)) topics.push_back(topic);
    }
    for (const auto& topic : InJavaOrder(topics, TableSize(member.target.size()))) {
      const auto& target = member.target.at(topic);
      const std::vector<std::int32_t> partitions(target.begin(), target.end());
      for (const auto p : InJavaOrder(partitions, TableSizeOfCopy(partitions.size()))) {
        if (quota > 0) {
          --quota;
          kept[topic].insert(p);
        } else {
          unassigned_.push_back({topic, PartitionId(p)});
        }
      }
    }
    // Another member may have the extra one, unless so few are left that this one must.
    if (quota > 0 && has_extra && left > extra_) {
      --quota;
      has_extra = false;
    }
    if (quota > 0) unfilled_.emplace_back(member.id, quota);
    if (has_extra) --extra_;
  }

  void GiveUnassigned() {
    auto next = unassigned_.begin();
    for (auto& [id, quota] : unfilled_) {
      for (; quota > 0 && next != unassigned_.end(); --quota, ++next) {
        assignments_[id][next->topic].insert(next->partition.value());
      }
    }
  }

  const AssignmentInput& input_;
  std::vector<TopicId> topics_;
  std::vector<TopicPartition> unassigned_;
  std::vector<std::pair<std::string, std::int32_t>> unfilled_;  // with what they are to get
  std::int32_t least_ = 0;                                      // partitions of a member
  std::int32_t extra_ = 0;                                      // members that get one more
  Assignments assignments_;
};

}  // namespace

std::vector<const MemberToAssign*> MembersInJavaOrder(const AssignmentInput& input) {
  std::map<std::string, const MemberToAssign*> by_id;
  std::vector<std::string> ids;
  for (const auto& member : input.members) {
    by_id[member.id] = &member;
    ids.push_back(member.id);
  }
  std::vector<const MemberToAssign*> members;
  for (const auto& id : InJavaOrder(ids, TableSize(ids.size()))) members.push_back(by_id[id]);
  return members;
}

Assignments AssignRanges(const AssignmentInput& input) {
  const auto members = InOrderOfIds(input);
  std::map<TopicId, Ranges> ranges;
  for (const auto* member : members) {
    for (const auto& topic : member->topics) {
      auto& range = ranges[topic];
      range.partitions = input.topics.at(topic);
      ++range.subscribers;
    }
  }
  Assignments assignments;
  for (const auto* member : members) {
    auto& assigned = assignments[member->id];
    for (const auto& topic : member->topics) {
      auto& range = ranges[topic];
      const bool has_extra = range.given++ < range.partitions % range.subscribers;
      const auto end = range.next + range.partitions / range.subscribers + (has_extra ? 1 : 0);
      while (range.next < end) assigned[topic].insert(range.next++);
    }
  }
  return assignments;
}

Assignments AssignEvenly(const AssignmentInput& input) {
  if (input.members.empty()) return {};
  return input.is_homogeneous ? EvenAssignment(input).Build() : AssignMixed(input);
}

Assignments Assign(std::string_view assignor, const AssignmentInput& input) {
  return assignor == kRangeAssignor ? AssignRanges(input) : AssignEvenly(input);
}

}  // namespace st::group
