// DescribeConfigs (key 32): the settings of topics and of the node.
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

inline constexpr ApiRange kDescribeConfigsApi{
    .key = ApiKey::kDescribeConfigs,
    .min = 0,  // the first one; those after it add fields and nothing else
    .max = 3,  // the last one that is not flexible
};

inline constexpr std::int8_t kTopicResource = 2;
inline constexpr std::int8_t kBrokerResource = 4;

struct DescribedSetting {
  std::string name;
  std::string value;
  bool is_number = false;
};
struct DescribedResource {
  std::int8_t type = 0;  // kTopicResource, kBrokerResource or any other number
  std::string_view name;
  std::optional<std::vector<std::string_view>> wanted;  // of the request; null is all
  ErrorCode error = ErrorCode::kNone;                   // of the answer, as are those below
  std::string message;
  std::vector<DescribedSetting> settings;
};
// Each resource once.
std::optional<std::vector<DescribedResource>> DecodeDescribeConfigs(const RequestHeader& request);
// Each setting is described as a default that cannot be changed.
std::string EncodeDescribeConfigs(const RequestHeader& request,
                                  const std::vector<DescribedResource>& resources);

}  // namespace st::kafka
