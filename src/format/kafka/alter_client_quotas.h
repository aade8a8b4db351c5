// AlterClientQuotas (key 49): sets and removes quotas of users, clients and addresses (KIP-546).
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

inline constexpr ApiRange kAlterClientQuotasApi{
    .key = ApiKey::kAlterClientQuotas,
    .min = 0,  // the first one
    .max = 1,  // the last one
    .flexible_from = 1,
};

struct QuotaEntity {
  std::string_view type;
  std::optional<std::string_view> name;  // null is the default of the type
  bool operator==(const QuotaEntity&) const = default;
};
struct AlteredQuota {
  std::vector<QuotaEntity> entity;
  std::optional<std::string_view> set_key = {};  // the first one that is set, not removed
  bool repeats_a_key = false;
  ErrorCode error = ErrorCode::kNone;  // of the answer, as is the next
  std::string message = {};
};
std::optional<std::vector<AlteredQuota>> DecodeAlterClientQuotas(const RequestHeader& request);
std::string EncodeAlterClientQuotas(const RequestHeader& request,
                                    const std::vector<AlteredQuota>& quotas);

}  // namespace st::kafka
