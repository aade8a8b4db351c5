// Limits of Kafka requests, checked while they are decoded and before memory is allocated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::kafka {

// Names of topics or resources in one request, repeats included: a repeat is dropped as it is read.
inline constexpr std::int32_t kMaxRequestNames = 1 << 18;
// Topics or resources in one request, without repeats.
inline constexpr std::size_t kMaxRequestTopics = 10'000;
// Partitions of all topics of one request.
inline constexpr std::int32_t kMaxRequestPartitions = 4'096;
// Settings that one DescribeConfigs request names, of all resources.
inline constexpr std::int32_t kMaxRequestSettings = 1 << 16;
// No topic has a longer name; it is answered with an error.
inline constexpr std::size_t kMaxTopicNameBytes = 249;
// Of an error's text in an answer.
inline constexpr std::size_t kMaxMessageBytes = 1'000;

}  // namespace st::kafka
