// Heartbeat (key 12): a member's sign of life, answered with what it has to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kHeartbeatApi{
    .key = ApiKey::kHeartbeat,
    .min = 0,  // librdkafka looks for it
    .max = 4,  // 3: static members
    .flexible_from = 4,
};

struct HeartbeatRequest {
  std::string_view group;
  std::int32_t generation = -1;
  std::string_view member;
  std::optional<std::string_view> instance;
};
std::optional<HeartbeatRequest> DecodeHeartbeat(const RequestHeader& request);
std::string EncodeHeartbeat(const RequestHeader& request, ErrorCode error);

}  // namespace st::kafka
