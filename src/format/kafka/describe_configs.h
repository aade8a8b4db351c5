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
    .max = 4,  // the last one
    .flexible_from = 4,
};

inline constexpr std::int8_t kTopicResource = 2;
inline constexpr std::int8_t kBrokerResource = 4;

// Kafka protocol guide, the values of "config_source".
enum class SettingSource : std::int8_t {
  kTopic = 1,          // set for this topic
  kDefaultBroker = 3,  // set for all brokers of the cluster
  kBroker = 4,         // the broker's own
  kDefault = 5,
};
// The values of "config_type".
enum class SettingType : std::int8_t {
  kBoolean = 1,
  kString = 2,
  kInt = 3,
  kShort = 4,
  kLong = 5,
  kDouble = 6,
  kList = 7,
  kClass = 8,
  kPassword = 9,
};
struct DescribedSetting {
  // A value that holds where those before it are not set; the first one is in force.
  struct Synonym {
    std::string name;
    std::string value;
    SettingSource source = SettingSource::kDefault;
  };
  std::string name;
  std::string value;
  SettingType type = SettingType::kString;
  SettingSource source = SettingSource::kDefault;
  bool is_null = false;       // it has no value: `value` is empty
  bool is_read_only = false;  // clients cannot set it
  bool is_sensitive = false;
  std::vector<Synonym> synonyms = {};
  std::optional<std::string> documentation = {};
};
struct DescribedResource {
  std::int8_t type = 0;  // kTopicResource, kBrokerResource or any other number
  std::string_view name;
  std::optional<std::vector<std::string_view>> wanted;  // of the request; null or empty: all
  ErrorCode error = ErrorCode::kNone;                   // of the answer, as are those below
  std::string message;
  std::vector<DescribedSetting> settings;
};
struct DescribeConfigsRequest {
  std::vector<DescribedResource> resources;  // each once
  bool with_synonyms = false;
  bool with_documentation = false;  // from version 3 on
};
std::optional<DescribeConfigsRequest> DecodeDescribeConfigs(const RequestHeader& request);
std::string EncodeDescribeConfigs(const RequestHeader& request,
                                  const DescribeConfigsRequest& answer);

}  // namespace st::kafka
