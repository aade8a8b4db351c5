// The one place that maps our errors out to Kafka's.
#pragma once

#include "base/result.h"
#include "format/kafka/error_code.h"

namespace st::api {

// Maps the log's errors; those about batches and producers are distinguished by their messages.
kafka::ErrorCode KafkaErrorFor(const Error& error);

}  // namespace st::api
