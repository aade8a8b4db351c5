// ElectLeaders (key 43): has partitions elect a leader (KIP-460).
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

inline constexpr ApiRange kElectLeadersApi{
    .key = ApiKey::kElectLeaders,
    .min = 0,  // the first one
    .max = 2,  // the last one
    .flexible_from = 2,
};

inline constexpr std::int8_t kPreferredElection = 0;
inline constexpr std::int8_t kUncleanElection = 1;

struct ElectLeadersRequest {
  std::int8_t type = kPreferredElection;  // or kUncleanElection, or any other number
  std::optional<std::vector<TopicWith<std::int32_t>>> topics;  // null is all
};
std::optional<ElectLeadersRequest> DecodeElectLeaders(const RequestHeader& request);

struct ElectedPartition {
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
// `error` is of the whole request.
std::string EncodeElectLeaders(const RequestHeader& request, ErrorCode error,
                               const std::vector<TopicWith<ElectedPartition>>& topics);

}  // namespace st::kafka
