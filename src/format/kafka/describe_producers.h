// DescribeProducers (key 61): the idempotent producers that partitions remember (KIP-664).
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

inline constexpr ApiRange kDescribeProducersApi{
    .key = ApiKey::kDescribeProducers,
    .min = 0,  // the only one
    .max = 0,
    .flexible_from = 0,
};

std::optional<std::vector<TopicWith<std::int32_t>>> DecodeDescribeProducers(
    const RequestHeader& request);

struct DescribedProducer {
  std::int64_t id = 0;
  std::int16_t epoch = 0;
  std::int32_t last_sequence = -1;
  std::int64_t last_time_ms = -1;
};
struct ProducersOfPartition {
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
  std::vector<DescribedProducer> producers;
};
// No producer is described with a transaction: there are none.
std::string EncodeDescribeProducers(const RequestHeader& request,
                                    const std::vector<TopicWith<ProducersOfPartition>>& topics);

}  // namespace st::kafka
