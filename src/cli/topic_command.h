// `steelthread topic create|ls|produce`, over the server's own Kafka port.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/config.h"

namespace st::cli {

struct NewTopicOptions {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = 1;
  bool if_not_exists = false;
  std::vector<std::string> settings;  // "key=value"
};
int CreateTopic(const app::Config& config, const NewTopicOptions& options);

// Names, a line each.
int ListTopics(const app::Config& config);

struct ProduceOptions {
  std::string topic;
  std::int32_t partition = -1;  // -1: the key chooses; without one batches take them in turn
  std::string key_separator;    // "": lines have no key
};
// One record a line of stdin. Tells on stderr how many are durable, also when it fails midway.
int ProduceLines(const app::Config& config, const ProduceOptions& options);

}  // namespace st::cli
