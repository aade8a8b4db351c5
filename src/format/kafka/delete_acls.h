// DeleteAcls (key 31): deletes what filters match; there are no ACLs here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/acl.h"
#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kDeleteAclsApi{
    .key = ApiKey::kDeleteAcls,
    .min = 1,  // the first one of Kafka 4: it has the pattern
    .max = 3,  // the last one
    .flexible_from = 2,
};

std::optional<std::vector<Acl>> DecodeDeleteAcls(const RequestHeader& request);
// Answers each of `count` filters with the same error.
std::string EncodeDeleteAcls(const RequestHeader& request, std::size_t count, ErrorCode error,
                             std::string_view message);

}  // namespace st::kafka
