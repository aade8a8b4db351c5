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

ErrorCode KafkaErrorForDeletion(const Error& error) {
  if (error.code() == st::ErrorCode::kInvalidArgument) return ErrorCode::kOffsetOutOfRange;
  if (error.code() == st::ErrorCode::kConflict) return ErrorCode::kPolicyViolation;
  return KafkaErrorFor(error);
}

ErrorCode KafkaErrorFor(group::Outcome outcome) {
  switch (outcome) {
    case group::Outcome::kDone:
      return ErrorCode::kNone;
    case group::Outcome::kNotAvailable:  // clients look for the coordinator again, and retry
      return ErrorCode::kCoordinatorNotAvailable;
    case group::Outcome::kUnknownMember:
      return ErrorCode::kUnknownMemberId;
    case group::Outcome::kIllegalGeneration:
      return ErrorCode::kIllegalGeneration;
    case group::Outcome::kRebalanceInProgress:
      return ErrorCode::kRebalanceInProgress;
    case group::Outcome::kFencedInstance:
      return ErrorCode::kFencedInstanceId;
    case group::Outcome::kMemberIdRequired:
      return ErrorCode::kMemberIdRequired;
    case group::Outcome::kInconsistentProtocol:
      return ErrorCode::kInconsistentGroupProtocol;
    case group::Outcome::kInvalidSessionTimeout:
      return ErrorCode::kInvalidSessionTimeout;
    case group::Outcome::kInvalidGroupId:
      return ErrorCode::kInvalidGroupId;
    case group::Outcome::kGroupFull:
      return ErrorCode::kGroupMaxSizeReached;
    case group::Outcome::kNoRoom:
      return ErrorCode::kPolicyViolation;
    case group::Outcome::kNonEmptyGroup:
      return ErrorCode::kNonEmptyGroup;
    case group::Outcome::kGroupIdNotFound:
      return ErrorCode::kGroupIdNotFound;
    case group::Outcome::kSubscribedToTopic:
      return ErrorCode::kGroupSubscribedToTopic;
    case group::Outcome::kMetadataTooLarge:
      return ErrorCode::kOffsetMetadataTooLarge;
    case group::Outcome::kInvalidRequest:
      return ErrorCode::kInvalidRequest;
    case group::Outcome::kFencedEpoch:
      return ErrorCode::kFencedMemberEpoch;
    case group::Outcome::kStaleEpoch:
      return ErrorCode::kStaleMemberEpoch;
    case group::Outcome::kUnreleasedInstance:
      return ErrorCode::kUnreleasedInstanceId;
    case group::Outcome::kUnsupportedAssignor:
      return ErrorCode::kUnsupportedAssignor;
    case group::Outcome::kInvalidPattern:
      return ErrorCode::kInvalidRegularExpression;
    case group::Outcome::kTooOldVersion:
      return ErrorCode::kUnsupportedVersion;
  }
  return ErrorCode::kUnknownServerError;
}

}  // namespace st::api
