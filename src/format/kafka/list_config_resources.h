// ListConfigResources (key 74): the names of what has settings.
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

inline constexpr ApiRange kListConfigResourcesApi{
    .key = ApiKey::kListConfigResources,
    .min = 0,  // the first one
    .max = 1,  // the last one
    .flexible_from = 0,
};

inline constexpr std::int8_t kBrokerLoggerResource = 8;
inline constexpr std::int8_t kClientMetricsResource = 16;
inline constexpr std::int8_t kGroupResource = 32;

// The types that are asked for; empty: all. Version 0 asks for kClientMetricsResource.
std::optional<std::vector<std::int8_t>> DecodeListConfigResources(const RequestHeader& request);

struct ConfigResource {
  std::int8_t type = 0;
  std::string name;
};
std::string EncodeListConfigResources(const RequestHeader& request, ErrorCode error,
                                      const std::vector<ConfigResource>& resources);

}  // namespace st::kafka
