// Produce (key 0): batches of records for partitions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/asked_topic.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kProduceApi{
    .key = ApiKey::kProduce,
    .min = 0,          // librdkafka compresses only where 0 to 7 are offered
    .max = 13,         // the last one; since 8 an answer has an error's text
    .served_from = 3,  // the first one with batches of magic 2 (KIP-98), which alone are stored
    .flexible_from = 9,
};

// From this version on ids name topics.
inline constexpr std::int16_t kFirstProduceByTopicId = 13;

struct ProducePartition {
  std::int32_t partition = 0;
  std::string_view records;
};
struct ProduceTopic {
  AskedTopic topic;
  std::vector<ProducePartition> partitions;
};
struct ProduceRequest {
  std::optional<std::string_view> transactional_id;
  std::int16_t acks = 0;
  std::vector<ProduceTopic> topics;
};
std::optional<ProduceRequest> DecodeProduce(const RequestHeader& request);

// No leader is ever told in it: this node leads every partition.
struct ProducedPartition {
  AskedTopic topic;
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::int64_t base_offset = -1;
  std::string message;
  std::int64_t append_time_ms = -1;  // -1: the records keep the producer's times
  std::int64_t log_start = 0;        // told where there is no error
};
// `parts` in the order of the request: partitions of one topic stand together.
std::string EncodeProduce(const RequestHeader& request,
                          const std::vector<ProducedPartition>& parts);

}  // namespace st::kafka
