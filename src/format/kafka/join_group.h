// JoinGroup (key 11): a member joins a group, or says that it goes on with a new generation.
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

inline constexpr ApiRange kJoinGroupApi{
    .key = ApiKey::kJoinGroup,
    .min = 0,  // librdkafka looks for it
    .max = 9,  // 5: static members (KIP-345); 8: a reason; 9: whether to skip the assignment
    .flexible_from = 6,
};
// From this version on a new member first gets an id and joins with it (KIP-394).
inline constexpr std::int16_t kFirstWithRequiredId = 4;
// From this version on an answer may say that the leader is not to assign (KIP-814).
inline constexpr std::int16_t kFirstWithSkippedAssignment = 9;

struct JoinGroupRequest {
  std::string_view group;
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = 0;  // version 0: the session's
  std::string_view member;
  std::optional<std::string_view> instance;
  std::string_view protocol_type;
  std::vector<std::pair<std::string_view, std::string_view>> protocols;  // name, metadata
};
std::optional<JoinGroupRequest> DecodeJoinGroup(const RequestHeader& request);

struct JoinGroupMember {
  std::string_view id;
  std::optional<std::string_view> instance;
  std::string_view metadata;
};
struct JoinGroupAnswer {
  ErrorCode error = ErrorCode::kNone;
  std::int32_t generation = -1;
  std::optional<std::string_view> protocol_type;
  std::optional<std::string_view> protocol;
  std::string_view leader;
  bool skips_assignment = false;
  std::string_view member;
  std::vector<JoinGroupMember> members;
};
std::string EncodeJoinGroup(const RequestHeader& request, const JoinGroupAnswer& answer);

}  // namespace st::kafka
