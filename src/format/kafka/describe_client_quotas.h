// DescribeClientQuotas (key 48): the quotas of users, clients and addresses (KIP-546).
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

inline constexpr ApiRange kDescribeClientQuotasApi{
    .key = ApiKey::kDescribeClientQuotas,
    .min = 0,  // the first one
    .max = 1,  // the last one
    .flexible_from = 1,
};

// How a component of a filter matches.
inline constexpr std::int8_t kExactMatch = 0;
inline constexpr std::int8_t kDefaultMatch = 1;
inline constexpr std::int8_t kAnyMatch = 2;

struct QuotaFilter {
  std::string_view entity;  // its type
  std::int8_t match = kExactMatch;
  std::optional<std::string_view> name;
};
std::optional<std::vector<QuotaFilter>> DecodeDescribeClientQuotas(const RequestHeader& request);
// Describes no quota: there are none.
std::string EncodeDescribeClientQuotas(const RequestHeader& request, ErrorCode error,
                                       std::string_view message);

}  // namespace st::kafka
