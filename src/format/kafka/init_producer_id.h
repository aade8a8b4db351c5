// InitProducerId (key 22): an id for an idempotent producer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kInitProducerIdApi{
    .key = ApiKey::kInitProducerId,
    .min = 0,  // the first one; 1 is laid out as it is
    .max = 5,  // the last one without transactions of two phases (KIP-939)
    .flexible_from = 2,
};

struct InitProducerIdRequest {
  std::optional<std::string_view> transactional_id;
};
std::optional<InitProducerIdRequest> DecodeInitProducerId(const RequestHeader& request);
std::string EncodeInitProducerId(const RequestHeader& request, ErrorCode error,
                                 std::int64_t producer_id);

}  // namespace st::kafka
