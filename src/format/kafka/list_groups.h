// ListGroups (key 16): the groups that there are.
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

inline constexpr ApiRange kListGroupsApi{
    .key = ApiKey::kListGroups,
    .min = 0,  // older tools ask with it
    .max = 5,  // 4: of some states; 5: of some types (KIP-848)
    .flexible_from = 3,
};

struct ListGroupsRequest {
  std::vector<std::string_view> states;  // in any case; none: all
  std::vector<std::string_view> types;   // the same
};
std::optional<ListGroupsRequest> DecodeListGroups(const RequestHeader& request);

struct ListedGroup {
  std::string group;
  std::string protocol_type;
  std::string state;
  std::string_view type;
};
std::string EncodeListGroups(const RequestHeader& request, ErrorCode error,
                             const std::vector<ListedGroup>& groups);

}  // namespace st::kafka
