// AlterPartitionReassignments (key 45): has partitions move to other brokers (KIP-455).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"
#include "format/kafka/topic_with.h"

namespace st::kafka {

inline constexpr ApiRange kAlterPartitionReassignmentsApi{
    .key = ApiKey::kAlterPartitionReassignments,
    .min = 0,  // the first one
    .max = 1,  // the last one
    .flexible_from = 0,
};

struct Reassignment {
  std::int32_t partition = 0;
  std::optional<std::vector<std::int32_t>> replicas;  // null cancels one that is under way
};
struct AlterPartitionReassignmentsRequest {
  bool may_change_replication = true;
  std::vector<TopicWith<Reassignment>> topics;
};
std::optional<AlterPartitionReassignmentsRequest> DecodeAlterPartitionReassignments(
    const RequestHeader& request);

struct ReassignedPartition {
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
std::string EncodeAlterPartitionReassignments(
    const RequestHeader& request, bool may_change_replication,
    const std::vector<TopicWith<ReassignedPartition>>& topics);

}  // namespace st::kafka
