// DescribeGroups (key 15): states and members of groups.
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

inline constexpr ApiRange kDescribeGroupsApi{
    .key = ApiKey::kDescribeGroups,
    .min = 0,  // the first one; those after it add fields and nothing else
    .max = 6,  // a group that is not there is an error (KIP-1043)
    .flexible_from = 5,
};
// From this version on a group that is not there is GROUP_ID_NOT_FOUND; before it is "Dead".
inline constexpr std::int16_t kFirstWithGroupNotFound = 6;

struct DescribeGroupsRequest {
  std::vector<std::string_view> groups;
  bool wants_operations = false;  // from version 3 on
};
std::optional<DescribeGroupsRequest> DecodeDescribeGroups(const RequestHeader& request);

struct DescribedGroupMember {
  std::string id;
  std::optional<std::string> instance;
  std::string client_id;
  std::string client_host;
  std::string metadata;
  std::string assignment;
};
struct DescribedGroup {
  ErrorCode error = ErrorCode::kNone;
  std::string message;
  std::string_view group;
  std::string state;
  std::string protocol_type;
  std::string protocol;
  std::vector<DescribedGroupMember> members;
};
std::string EncodeDescribeGroups(const RequestHeader& request, bool wants_operations,
                                 const std::vector<DescribedGroup>& groups);

}  // namespace st::kafka
