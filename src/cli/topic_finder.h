// Finds a topic of the server by the name that a person wrote.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"
#include "base/result.h"
#include "client/kafka_client.h"

namespace st::cli {

// kNotFound names the nearest topic, or says how the topic is made.
Result<client::KafkaTopic> FindTopic(const app::Config& config, client::KafkaClient& client,
                                     const std::string& name);
// kInvalidArgument names the partitions that the topic has; -1, all of them, is there.
Status CheckPartition(const client::KafkaTopic& topic, std::int32_t partition);

}  // namespace st::cli
