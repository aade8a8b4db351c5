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

// Of sessions of fetches (KIP-227), which there are from version 7 on. The epoch counts the
// requests of a session; two of them have a meaning of their own.
inline constexpr std::int32_t kNoFetchSession = 0;
inline constexpr std::int32_t kFirstFetchEpoch = 0;   // names all partitions, for a new session
inline constexpr std::int32_t kFinalFetchEpoch = -1;  // names all partitions, for no session

struct FetchPartition {
  AskedTopic topic;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = -1;  // as the client knows it; below 0: it does not
  std::int32_t last_epoch = -1;    // of the last record that it has; below 0: it does not say
  std::int64_t offset = 0;
  std::int32_t max_bytes = 0;
};
struct ForgottenPartition {
  AskedTopic topic;
  std::int32_t partition = 0;
};
struct FetchRequest {
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 0;
  std::int32_t session = kNoFetchSession;
  std::int32_t session_epoch = kFinalFetchEpoch;
  std::vector<FetchPartition> partitions;     // partitions of one topic stand together
  std::vector<ForgottenPartition> forgotten;  // that a session no longer has
};
std::optional<FetchRequest> DecodeFetch(const RequestHeader& request);

// No leader is ever told in it: this node leads every partition, in their one epoch.
struct FetchedPartition {
  AskedTopic topic;
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::int64_t high_watermark = -1;  // told, as is the next one, where there is no error
  std::int64_t log_start = -1;
  // The end of the partition where the client's records go beyond it (KIP-320); from version 12 on.
  std::optional<std::int64_t> diverging_end = {};
  std::string records;
};
struct FetchAnswer {
  ErrorCode error = ErrorCode::kNone;  // of the session; there are no partitions then
  std::int32_t session = kNoFetchSession;
  std::vector<FetchedPartition> partitions;
};
std::string EncodeFetch(const RequestHeader& request, const FetchAnswer& answer);

}  // namespace st::kafka
