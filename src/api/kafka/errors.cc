#include "api/kafka/errors.h"

namespace st::api {

using kafka::ErrorCode;

ErrorCode KafkaErrorFor(const Error& error) {
  switch (error.code()) {
    case st::ErrorCode::kInvalidArgument: {
      const std::string& why = error.message();
      if (why.starts_with("out of order sequence")) return ErrorCode::kOutOfOrderSequence;
      if (why.starts_with("stale producer epoch")) return ErrorCode::kInvalidProducerEpoch;
      if (why.starts_with("record batch too large")) return ErrorCode::kMessageTooLarge;
      if (why.starts_with("invalid record batch")) return ErrorCode::kInvalidRecord;
      return ErrorCode::kCorruptMessage;
    }
    case st::ErrorCode::kNotFound:
      return ErrorCode::kUnknownTopicOrPartition;
    case st::ErrorCode::kAlreadyExists:
      return ErrorCode::kTopicAlreadyExists;
    case st::ErrorCode::kUnsupported:  // over a limit that does not pass by itself
      return ErrorCode::kPolicyViolation;
    case st::ErrorCode::kUnavailable:
    case st::ErrorCode::kDeadline:
    case st::ErrorCode::kConflict:
      return ErrorCode::kNotEnoughReplicas;  // clients retry it
    case st::ErrorCode::kCorruption:         // no try helps: consumers tell it to their program
      return ErrorCode::kCorruptMessage;
    case st::ErrorCode::kOutcomeUnknown:
    case st::ErrorCode::kIo:
    case st::ErrorCode::kShutdown:
      return ErrorCode::kStorageError;
  }
  return ErrorCode::kUnknownServerError;
}

}  // namespace st::api
