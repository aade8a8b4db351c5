// DeleteGroups (key 42): groups without members go, with their offsets.
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

inline constexpr ApiRange kDeleteGroupsApi{
    .key = ApiKey::kDeleteGroups,
    .min = 0,  // the first one
    .max = 2,  // the last one
    .flexible_from = 2,
};

std::optional<std::vector<std::string_view>> DecodeDeleteGroups(const RequestHeader& request);

struct DeletedGroup {
  std::string_view group;
  ErrorCode error = ErrorCode::kNone;
};
std::string EncodeDeleteGroups(const RequestHeader& request,
                               const std::vector<DeletedGroup>& groups);

}  // namespace st::kafka
