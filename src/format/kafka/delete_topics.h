// DeleteTopics (key 20): topics go, by name or by id.
#pragma once

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

inline constexpr ApiRange kDeleteTopicsApi{
    .key = ApiKey::kDeleteTopics,
    .min = 0,  // the first one
    .max = 6,  // the last one
    .flexible_from = 4,
};

// A topic of the request, and of the answer.
struct DeletedTopic {
  std::optional<std::string_view> name;  // nullopt: it is named by its id
  TopicId id;
  bool is_repeated = false;  // the request names it more than once; it stands here once
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
std::optional<std::vector<DeletedTopic>> DecodeDeleteTopics(const RequestHeader& request);
std::string EncodeDeleteTopics(const RequestHeader& request,
                               const std::vector<DeletedTopic>& topics);

}  // namespace st::kafka
