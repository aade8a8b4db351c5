// FindCoordinator (key 10): refused, since consumer groups are not offered.
#pragma once

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

// The body of the request is not read: the answer is the same to all.
std::string EncodeFindCoordinator(const RequestHeader& request, ErrorCode error,
                                  std::string_view message);

}  // namespace st::kafka
