// The topics of a consumer's subscription.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace st::group {

// Reads a JoinGroup's metadata of protocol type "consumer", of any version. nullopt: it is no such
// subscription. The names are views into it.
// Source: Kafka's ConsumerProtocolSubscription.
std::optional<std::vector<std::string_view>> SubscribedTopics(std::string_view metadata);

}  // namespace st::group
