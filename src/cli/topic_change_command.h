// `steelthread topic alter|delete`: what changes a topic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace st::cli {

using NamedSettings = std::vector<std::pair<std::string, std::string>>;
// Splits each "key=value". kInvalidArgument: one has no key or no "=", or a key is named twice.
Result<NamedSettings> ParseTopicSettings(const std::vector<std::string>& settings);

struct AlterTopicOptions {
  std::string name;
  std::optional<std::int32_t> partitions;  // in all
  std::vector<std::string> set;            // "key=value"
  std::vector<std::string> unset;          // keys
  bool is_dry = false;
};
int AlterTopic(const app::Config& config, const AlterTopicOptions& options);

struct DeleteTopicsOptions {
  std::vector<std::string> names;
  bool is_sure = false;
  bool force = false;  // also those that something needs
};
// Looks at all of them before it deletes one.
int DeleteTopics(const app::Config& config, const DeleteTopicsOptions& options);

}  // namespace st::cli
