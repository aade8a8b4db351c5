// The one place that maps our errors out to Kafka's.
#pragma once

#include "base/result.h"
#include "format/kafka/error_code.h"
#include "group/messages.h"

namespace st::api {

// Maps the log's errors, by their code and detail. kInvalidArgument without a detail is a batch
// that does not hold together: CORRUPT_MESSAGE.
kafka::ErrorCode KafkaErrorFor(const Error& error);
// Maps errors of deleting records (record_deletion.h).
kafka::ErrorCode KafkaErrorForDeletion(const Error& error);
// Maps what the coordinator of groups answers.
kafka::ErrorCode KafkaErrorFor(group::Outcome outcome);

}  // namespace st::api
