// Which partitions of a topic hold the server's own records. The collector, the game, the
// idempotency keys and the declarations of events take their TopicPartition from here
// (docs/decisions/0018-events-go-by-their-key.md).
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "log/log_contents.h"

namespace st::log {

// Of records that are one sequence, whatever their keys: those of the game and of declarations.
TopicPartition PartitionOfSequence(const TopicInfo& topic);
// Of an event: its key chooses, as it does for Kafka's clients. Events without a key are one
// sequence.
TopicPartition PartitionOfEvent(const TopicInfo& topic, std::optional<std::string_view> key);
// All that PartitionOfEvent may give, in order.
std::vector<TopicPartition> PartitionsOf(const TopicInfo& topic);

}  // namespace st::log
