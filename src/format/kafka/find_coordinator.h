// FindCoordinator (key 10): where a group's or a transaction's coordinator is.
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

inline constexpr ApiRange kFindCoordinatorApi{
    .key = ApiKey::kFindCoordinator,
    .min = 0,  // librdkafka compresses by lz4 only where 0 is offered
    .max = 6,  // 4 asks for several at once, which newer clients need; later ones add error codes
    .flexible_from = 3,
};

struct FindCoordinatorRequest {
  std::vector<std::string_view> keys;  // groups, or transactional ids; one below version 4
  std::int8_t type = 0;                // from version 1 on

  static constexpr std::int8_t kGroups = 0;
  static constexpr std::int8_t kTransactions = 1;
};
std::optional<FindCoordinatorRequest> DecodeFindCoordinator(const RequestHeader& request);

struct FoundCoordinator {
  std::string_view key;
  ErrorCode error = ErrorCode::kNone;
  std::string_view message;
  std::int32_t node = -1;
  std::string_view host;
  std::int32_t port = -1;
};
// Requires: below version 4, one.
std::string EncodeFindCoordinator(const RequestHeader& request,
                                  const std::vector<FoundCoordinator>& found);

}  // namespace st::kafka
