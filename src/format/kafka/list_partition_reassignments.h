// ListPartitionReassignments (key 46): the partitions that move to other brokers (KIP-455).
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

inline constexpr ApiRange kListPartitionReassignmentsApi{
    .key = ApiKey::kListPartitionReassignments,
    .min = 0,  // the only one
    .max = 0,
    .flexible_from = 0,
};

struct ListPartitionReassignmentsRequest {
  std::optional<std::vector<TopicWith<std::int32_t>>> topics;  // null is all
};
std::optional<ListPartitionReassignmentsRequest> DecodeListPartitionReassignments(
    const RequestHeader& request);
// Lists none: on one node no partition moves.
std::string EncodeListPartitionReassignments(const RequestHeader& request);

}  // namespace st::kafka
