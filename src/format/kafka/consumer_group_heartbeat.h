// ConsumerGroupHeartbeat (key 68): how a member of the new protocol of groups joins, stays, learns
// its assignment and leaves.
//
// Source: KIP-848, KIP-1082.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kConsumerGroupHeartbeatApi{
    .key = ApiKey::kConsumerGroupHeartbeat,
    .min = 0,
    .max = 1,  // members choose their ids, and subscribe by a pattern
    .flexible_from = 0,
};
// From this version on a member brings its own id.
inline constexpr std::int16_t kFirstWithOwnMemberId = 1;

struct TopicIdPartitions {
  TopicId topic;
  std::vector<std::int32_t> partitions;
};

// A field without a value did not change since the member's last request.
struct ConsumerGroupHeartbeatRequest {
  std::string_view group;
  std::string_view member;
  std::int32_t epoch = 0;  // 0: joins; -1: leaves; -2: leaves, and its instance comes back
  std::optional<std::string_view> instance;
  std::optional<std::string_view> rack;
  std::int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string_view>> topics;
  std::optional<std::string_view> pattern;  // from version 1 on
  std::optional<std::string_view> assignor;
  std::optional<std::vector<TopicIdPartitions>> owned;
};
// Limits: kMaxRequestTopics, kMaxAssignedPartitions.
std::optional<ConsumerGroupHeartbeatRequest> DecodeConsumerGroupHeartbeat(
    const RequestHeader& request);

struct ConsumerGroupHeartbeatAnswer {
  ErrorCode error = ErrorCode::kNone;
  std::string message;
  std::optional<std::string_view> member;
  std::int32_t epoch = 0;
  std::int32_t heartbeat_interval_ms = 0;
  std::optional<std::vector<TopicIdPartitions>> assignment;  // none: it did not change
};
std::string EncodeConsumerGroupHeartbeat(const RequestHeader& request,
                                         const ConsumerGroupHeartbeatAnswer& answer);

}  // namespace st::kafka
