#include "api/kafka/errors.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

ErrorCode OfInvalidArgument(ErrorDetail detail) {
  switch (detail) {
    case ErrorDetail::kBatchTooLarge:
      return ErrorCode::kMessageTooLarge;
    case ErrorDetail::kForbiddenBatch:
      return ErrorCode::kInvalidRecord;
    case ErrorDetail::kSequenceOutOfOrder:
      return ErrorCode::kOutOfOrderSequence;
    case ErrorDetail::kStaleProducerEpoch:
      return ErrorCode::kInvalidProducerEpoch;
    case ErrorDetail::kPartitionCount:
      return ErrorCode::kInvalidPartitions;
    case ErrorDetail::kWrongKindOfFile:
    case ErrorDetail::kNone:
      break;
  }
  return ErrorCode::kCorruptMessage;
}

}  // namespace

ErrorCode KafkaErrorFor(const Error& error) {
  switch (error.code()) {
    case st::ErrorCode::kInvalidArgument:
      return OfInvalidArgument(error.detail());
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
