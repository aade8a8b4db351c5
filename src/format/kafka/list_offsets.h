// ListOffsets (key 2): offsets of partitions by time, their first and their last.
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

inline constexpr ApiRange kListOffsetsApi{
    .key = ApiKey::kListOffsets,
    .min = 0,  // librdkafka and kafka-python send 0 where no later one is offered
    .max = 5,  // the last one that is not flexible
};

// Times that stand for an end of the partition.
inline constexpr std::int64_t kLatestTime = -1;
inline constexpr std::int64_t kEarliestTime = -2;

struct ListedPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t timestamp = -1;  // of the request: milliseconds, kLatestTime or kEarliestTime
  ErrorCode error = ErrorCode::kNone;
  std::int64_t offset = -1;  // of the answer, as is found_timestamp
  std::int64_t found_timestamp = -1;
};
std::optional<std::vector<ListedPartition>> DecodeListOffsets(const RequestHeader& request);
std::string EncodeListOffsets(const RequestHeader& request,
                              const std::vector<ListedPartition>& parts);

}  // namespace st::kafka
