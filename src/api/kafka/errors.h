// The one place that maps our errors out to Kafka's.
#pragma once

#include "base/result.h"
#include "format/kafka/messages.h"

namespace st::api {

// Of the log's errors; what it says about batches and producers is told apart by its message.
kafka::ErrorCode KafkaErrorFor(const Error& error);

}  // namespace st::api
