// Fetch (key 1): the records of partitions from an offset on.
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

inline constexpr ApiRange kFetchApi{
    .key = ApiKey::kFetch,
    .min = 4,   // the first one whose answer may hold batches of magic 2 (KIP-98)
    .max = 18,  // the last one; librdkafka reads zstd from 10 on (KIP-110)
    .flexible_from = 12,
};

// From this version on ids name topics.
inline constexpr std::int16_t kFirstFetchByTopicId = 13;

struct FetchPartition {
  AskedTopic topic;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = -1;  // as the client knows it; -1: it does not
  std::int64_t offset = 0;
  std::int32_t max_bytes = 0;
};
struct FetchRequest {
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 0;
  std::vector<FetchPartition> partitions;  // partitions of one topic stand together
};
std::optional<FetchRequest> DecodeFetch(const RequestHeader& request);

// No leader is ever told in it: this node leads every partition, in their one epoch.
struct FetchedPartition {
  AskedTopic topic;
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::int64_t high_watermark = -1;  // told, as is the next one, where there is no error
  std::int64_t log_start = -1;
  std::string records;
};
std::string EncodeFetch(const RequestHeader& request, const std::vector<FetchedPartition>& parts);

}  // namespace st::kafka
