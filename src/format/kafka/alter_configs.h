// AlterConfigs (key 33) and IncrementalAlterConfigs (key 44): settings of topics are changed.
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

inline constexpr ApiRange kAlterConfigsApi{
    .key = ApiKey::kAlterConfigs,
    .min = 0,  // the first one
    .max = 2,  // the last one
    .flexible_from = 2,
};
inline constexpr ApiRange kIncrementalAlterConfigsApi{
    .key = ApiKey::kIncrementalAlterConfigs,
    .min = 0,  // the first one
    .max = 1,  // the last one
    .flexible_from = 1,
};

// Kafka protocol guide, the values of "config_operation"; a request may have any other number.
enum class SettingOperation : std::int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

struct AlteredSetting {
  std::string_view name;
  SettingOperation operation = SettingOperation::kSet;
  std::optional<std::string_view> value;
};
struct AlteredResource {
  std::int8_t type = 0;  // as DescribedResource
  std::string_view name;
  std::vector<AlteredSetting> settings;
  ErrorCode error = ErrorCode::kNone;  // of the answer, as is the next one
  std::string message;
};
struct AlterConfigsRequest {
  std::vector<AlteredResource> resources;  // also repeats
  bool is_incremental = false;             // else the settings are all that the resource has then
  bool validate_only = false;
};
// Requires: the request is of one of the two keys.
std::optional<AlterConfigsRequest> DecodeAlterConfigs(const RequestHeader& request);
std::string EncodeAlterConfigs(const RequestHeader& request,
                               const std::vector<AlteredResource>& resources);

}  // namespace st::kafka
