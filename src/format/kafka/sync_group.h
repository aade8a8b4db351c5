// SyncGroup (key 14): the leader of a generation gives the assignment, each member takes its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kSyncGroupApi{
    .key = ApiKey::kSyncGroup,
    .min = 0,  // librdkafka looks for it
    .max = 5,  // 3: static members; 5: the protocol, which is compared
    .flexible_from = 4,
};

// From this version on a request names the protocol and its type.
inline constexpr std::int16_t kFirstWithProtocol = 5;

struct SyncGroupRequest {
  std::string_view group;
  std::int32_t generation = -1;
  std::string_view member;
  std::optional<std::string_view> instance;
  std::optional<std::string_view> protocol_type;
  std::optional<std::string_view> protocol;
  std::vector<std::pair<std::string_view, std::string_view>> assignments;  // by member
};
std::optional<SyncGroupRequest> DecodeSyncGroup(const RequestHeader& request);

struct SyncGroupAnswer {
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string_view> protocol_type;
  std::optional<std::string_view> protocol;
  std::string_view assignment;
};
std::string EncodeSyncGroup(const RequestHeader& request, const SyncGroupAnswer& answer);

}  // namespace st::kafka
