// DescribeTopicPartitions (key 75): topics with their partitions, a part at a time (KIP-966).
#pragma once

#include <cstddef>
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

inline constexpr ApiRange kDescribeTopicPartitionsApi{
    .key = ApiKey::kDescribeTopicPartitions,
    .min = 0,  // the only one
    .max = 0,
    .flexible_from = 0,
};

// The partition with which an answer goes on.
struct PartitionCursor {
  std::string_view topic;
  std::int32_t partition = 0;
};
struct DescribeTopicPartitionsRequest {
  std::vector<std::string_view> topics;  // each once; none: all
  std::int32_t most_partitions = 0;
  std::optional<PartitionCursor> cursor;
};
std::optional<DescribeTopicPartitionsRequest> DecodeDescribeTopicPartitions(
    const RequestHeader& request);

struct DescribedTopic {
  ErrorCode error = ErrorCode::kNone;
  std::string_view name;
  TopicId id;
  std::int32_t first = 0;  // of its partitions that are told
  std::int32_t count = 0;
};
struct DescribedTopics {
  bool is_refused = false;  // the whole request, with the error of each topic
  std::vector<DescribedTopic> topics;
  std::optional<PartitionCursor> next;  // none: that is all
};
// The size of the answer, or a little more.
std::size_t DescribedTopicsBytes(const DescribedTopics& answer);
std::string EncodeDescribeTopicPartitions(const RequestHeader& request,
                                          const DescribedTopics& answer);

}  // namespace st::kafka
