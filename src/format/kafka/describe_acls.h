// DescribeAcls (key 29): who may do what; there are no ACLs here.
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

inline constexpr ApiRange kDescribeAclsApi{
    .key = ApiKey::kDescribeAcls,
    .min = 1,  // the first one of Kafka 4: it has the pattern
    .max = 3,  // the last one
    .flexible_from = 2,
};

std::optional<Acl> DecodeDescribeAcls(const RequestHeader& request);
std::string EncodeDescribeAcls(const RequestHeader& request, ErrorCode error,
                               std::string_view message);

}  // namespace st::kafka
