// FindCoordinator (key 10): where a group's or a transaction's coordinator is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kFindCoordinatorApi{
    .key = ApiKey::kFindCoordinator,
    .min = 0,  // librdkafka compresses by lz4 only where 0 is offered
    .max = 2,  // the last one that is not flexible
};

struct FindCoordinatorRequest {
  std::string_view key;             // the group, or the transactional id
  bool is_of_transactions = false;  // from version 1 on
};
std::optional<FindCoordinatorRequest> DecodeFindCoordinator(const RequestHeader& request);
// Without a node.
std::string EncodeFindCoordinator(const RequestHeader& request, ErrorCode error,
                                  std::string_view message);

}  // namespace st::kafka
