// The assignors of the server: which member of a group of the new protocol gets which partitions.
//
// Pure.
// Source: Kafka's RangeAssignor and UniformAssignor; testdata/assignments.txt has their answers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "group/messages.h"

namespace st::group {

inline constexpr std::string_view kUniformAssignor = "uniform";
inline constexpr std::string_view kRangeAssignor = "range";
inline constexpr std::string_view kDefaultAssignor = kUniformAssignor;
// In the order in which Kafka's messages name them.
inline constexpr std::array kAssignors = {kUniformAssignor, kRangeAssignor};

struct MemberToAssign {
  std::string id;
  std::optional<std::string> instance;
  std::set<TopicId> topics;   // of its subscription, those that are there
  AssignedPartitions target;  // as it is
};
struct AssignmentInput {
  std::vector<MemberToAssign> members;     // in any order
  std::map<TopicId, std::int32_t> topics;  // of all subscriptions, with the count of partitions
  std::vector<TopicId> order;              // the same, as Java comes to their names
  bool is_homogeneous = true;              // all subscriptions are the same
};
using Assignments = std::map<std::string, AssignedPartitions>;  // by member id

// Each topic by itself, in ranges, to the members in the order of their ids, static ones first.
Assignments AssignRanges(const AssignmentInput& input);
// All partitions evenly; a member keeps as many as it may.
Assignments AssignEvenly(const AssignmentInput& input);
// By the assignor of this name. Requires: it is one of kAssignors.
Assignments Assign(std::string_view assignor, const AssignmentInput& input);

}  // namespace st::group
