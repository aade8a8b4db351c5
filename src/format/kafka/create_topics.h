// CreateTopics (key 19).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "format/kafka/api.h"
#include "format/kafka/describe_configs.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kCreateTopicsApi{
    .key = ApiKey::kCreateTopics,
    .min = 0,  // the first one; those after it add fields and nothing else
    .max = 7,  // the last one
    .flexible_from = 5,
};

struct NewTopic {
  std::string_view name;
  std::int32_t partitions = 0;
  std::int16_t replication = 0;
  struct Assignment {
    std::int32_t partition = 0;
    std::vector<std::int32_t> nodes;
  };
  std::vector<Assignment> assignments;
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> settings;
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
  // Where there is no error; told from version 5 on, the id from 7 on.
  TopicId id;
  std::int32_t partitions = -1;
  std::vector<DescribedSetting> settings;
};
std::string EncodeCreateTopics(const RequestHeader& request,
                               const std::vector<CreatedTopic>& topics);

}  // namespace st::kafka
