// DescribeLogDirs (key 35): the sizes of partitions, and of the volume of the log (KIP-113,
// KIP-827).
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

inline constexpr ApiRange kDescribeLogDirsApi{
    .key = ApiKey::kDescribeLogDirs,
    .min = 1,  // the first one of Kafka 4; version 0 has the same fields
    .max = 4,  // the last one of Kafka 4.1
    .flexible_from = 2,
};

struct DescribeLogDirsRequest {
  std::optional<std::vector<TopicWith<std::int32_t>>> topics;  // null is all
};
std::optional<DescribeLogDirsRequest> DecodeDescribeLogDirs(const RequestHeader& request);

struct SizedPartition {
  std::int32_t partition = 0;
  std::int64_t bytes = 0;
};
// The one folder of the log.
struct DescribedLogDir {
  std::string path;
  std::vector<TopicWith<SizedPartition>> topics;
  std::int64_t total_bytes = -1;  // of the volume; -1: unknown
  std::int64_t usable_bytes = -1;
};
std::string EncodeDescribeLogDirs(const RequestHeader& request, const DescribedLogDir& dir);

}  // namespace st::kafka
