// Finds a topic of the server by the name that a person wrote.
#pragma once

#include <string>

#include "app/config.h"
#include "base/result.h"
#include "client/kafka_client.h"

namespace st::cli {

// kNotFound names the nearest topic, or says how the topic is made.
Result<client::KafkaTopic> FindTopic(const app::Config& config, client::KafkaClient& client,
                                     const std::string& name);

}  // namespace st::cli
