// LeaveGroup (key 13): members leave at once, before their sessions end.
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

inline constexpr ApiRange kLeaveGroupApi{
    .key = ApiKey::kLeaveGroup,
    .min = 0,  // librdkafka looks for it
    .max = 5,  // 3: several members, also by their instance; 5: a reason
    .flexible_from = 4,
};

struct LeavingGroupMember {
  std::string_view member;
  std::optional<std::string_view> instance;
  ErrorCode error = ErrorCode::kNone;  // of the answer
};
struct LeaveGroupRequest {
  std::string_view group;
  std::vector<LeavingGroupMember> members;  // one below version 3
};
std::optional<LeaveGroupRequest> DecodeLeaveGroup(const RequestHeader& request);
// `error` is of all members; below version 3 the one member's own is told in its place.
std::string EncodeLeaveGroup(const RequestHeader& request, ErrorCode error,
                             const std::vector<LeavingGroupMember>& members);

}  // namespace st::kafka
