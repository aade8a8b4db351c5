// CreateTopics (key 19).
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

inline constexpr ApiRange kCreateTopicsApi{
    .key = ApiKey::kCreateTopics,
    .min = 0,  // the first one; those after it add fields and nothing else
    .max = 4,  // the last one that is not flexible
};

struct NewTopic {
  std::string_view name;
  std::int32_t partitions = 0;
  std::int16_t replication = 0;
  bool has_assignment = false;
  std::optional<std::string_view> config;  // the first setting's name
  bool is_repeated = false;  // the request names it more than once; it stands here once
};
struct CreateTopicsRequest {
  std::vector<NewTopic> topics;
  bool validate_only = false;
};
std::optional<CreateTopicsRequest> DecodeCreateTopics(const RequestHeader& request);

struct CreatedTopic {
  std::string_view name;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
std::string EncodeCreateTopics(const RequestHeader& request,
                               const std::vector<CreatedTopic>& topics);

}  // namespace st::kafka
