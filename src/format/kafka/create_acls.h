// CreateAcls (key 30): lets somebody do something; there are no ACLs here.
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

inline constexpr ApiRange kCreateAclsApi{
    .key = ApiKey::kCreateAcls,
    .min = 1,  // the first one of Kafka 4: it has the pattern
    .max = 3,  // the last one
    .flexible_from = 2,
};

std::optional<std::vector<Acl>> DecodeCreateAcls(const RequestHeader& request);
// Answers each of `count` accesses with the same error.
std::string EncodeCreateAcls(const RequestHeader& request, std::size_t count, ErrorCode error,
                             std::string_view message);

}  // namespace st::kafka
