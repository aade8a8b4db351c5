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
    .min = 0,   // librdkafka and kafka-python send 0 where no later one is offered
    .max = 10,  // 11 asks for what no tiered log here has (KIP-1023)
    .flexible_from = 6,
};

// Times that stand for a place of the partition.
inline constexpr std::int64_t kLatestTime = -1;
inline constexpr std::int64_t kEarliestTime = -2;
inline constexpr std::int64_t kLargestTime = -3;        // the first record of the largest time
inline constexpr std::int64_t kEarliestLocalTime = -4;  // kEarliestTime: nothing lies elsewhere
inline constexpr std::int64_t kLatestTieredTime = -5;   // no record, for the same reason

// Whether a version knows such a time, as Kafka has it; one that is not negative is a time.
bool IsTimeOfVersion(std::int64_t timestamp, std::int16_t version);

struct ListedPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = -1;  // as the client knows it; -1: it does not
  std::int64_t timestamp = -1;     // of the request: milliseconds, or one of the times above
  ErrorCode error = ErrorCode::kNone;
  std::int64_t offset = -1;  // of the answer, as is found_timestamp
  std::int64_t found_timestamp = -1;
};
std::optional<std::vector<ListedPartition>> DecodeListOffsets(const RequestHeader& request);
std::string EncodeListOffsets(const RequestHeader& request,
                              const std::vector<ListedPartition>& parts);

}  // namespace st::kafka
