// DeleteRecords (key 21): the start of partitions moves forward.
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

inline constexpr ApiRange kDeleteRecordsApi{
    .key = ApiKey::kDeleteRecords,
    .min = 0,  // the first one
    .max = 2,  // the last one
    .flexible_from = 2,
};

inline constexpr std::int64_t kUpToHighWatermark = -1;

// A partition of the request, and of the answer.
struct DeletedRecords {
  std::int32_t partition = 0;
  std::int64_t before = 0;  // of the request; kUpToHighWatermark
  std::int64_t low_watermark = -1;
  ErrorCode error = ErrorCode::kNone;
};
using DeletedRecordsOfTopic = TopicWith<DeletedRecords>;
std::optional<std::vector<DeletedRecordsOfTopic>> DecodeDeleteRecords(const RequestHeader& request);
std::string EncodeDeleteRecords(const RequestHeader& request,
                                const std::vector<DeletedRecordsOfTopic>& topics);

}  // namespace st::kafka
