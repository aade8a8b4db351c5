// CreatePartitions (key 37): more partitions for topics.
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

inline constexpr ApiRange kCreatePartitionsApi{
    .key = ApiKey::kCreatePartitions,
    .min = 0,  // the first one
    .max = 3,  // the last one
    .flexible_from = 2,
};

struct GrownTopic {
  std::string_view name;
  std::int32_t partitions = 0;  // that it is to have
  // The nodes of each new partition; nullopt: the server chooses.
  std::optional<std::vector<std::vector<std::int32_t>>> assignments;
  bool is_repeated = false;  // the request names it more than once; it stands here once
};
struct CreatePartitionsRequest {
  std::vector<GrownTopic> topics;
  bool validate_only = false;
};
std::optional<CreatePartitionsRequest> DecodeCreatePartitions(const RequestHeader& request);

struct GrownTopicResult {
  std::string_view name;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
std::string EncodeCreatePartitions(const RequestHeader& request,
                                   const std::vector<GrownTopicResult>& topics);

}  // namespace st::kafka
