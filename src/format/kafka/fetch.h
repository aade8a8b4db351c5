// Fetch (key 1): the records of partitions from an offset on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kFetchApi{
    .key = ApiKey::kFetch,
    .min = 4,   // the first one whose answer may hold batches of magic 2 (KIP-98)
    .max = 12,  // the last one that names topics; librdkafka reads zstd from 10 on (KIP-110)
    .flexible_from = 12,
};

struct FetchPartition {
  std::string_view topic;
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

struct FetchedPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::int64_t high_watermark = -1;
  std::int64_t log_start = -1;
  std::string records;
};
std::string EncodeFetch(const RequestHeader& request, const std::vector<FetchedPartition>& parts);

}  // namespace st::kafka
