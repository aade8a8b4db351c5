// DescribeUserScramCredentials (key 50): the mechanisms by which users log in (KIP-554).
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

inline constexpr ApiRange kDescribeUserScramCredentialsApi{
    .key = ApiKey::kDescribeUserScramCredentials,
    .min = 0,  // the only one
    .max = 0,
    .flexible_from = 0,
};

// The names of users; none is all, as null is.
std::optional<std::vector<std::string_view>> DecodeDescribeUserScramCredentials(
    const RequestHeader& request);

struct DescribedUser {
  std::string_view name;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
// Every user is described without a credential.
std::string EncodeDescribeUserScramCredentials(const RequestHeader& request,
                                               const std::vector<DescribedUser>& users);

}  // namespace st::kafka
