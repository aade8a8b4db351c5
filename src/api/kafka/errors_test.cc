#include "api/kafka/errors.h"

#include <gtest/gtest.h>

namespace st::api {
namespace {

using kafka::ErrorCode;

ErrorCode Of(st::ErrorCode code, ErrorDetail detail = ErrorDetail::kNone) {
  return KafkaErrorFor(Error(code, detail, "the words decide nothing: out of order sequence"));
}

TEST(KafkaErrorFor, TellsInvalidArgumentsApartByTheirDetail) {
  const auto invalid = [](ErrorDetail detail) {
    return Of(st::ErrorCode::kInvalidArgument, detail);
  };
  EXPECT_EQ(invalid(ErrorDetail::kNone), ErrorCode::kCorruptMessage);
  EXPECT_EQ(invalid(ErrorDetail::kBatchTooLarge), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(invalid(ErrorDetail::kForbiddenBatch), ErrorCode::kInvalidRecord);
  EXPECT_EQ(invalid(ErrorDetail::kSequenceOutOfOrder), ErrorCode::kOutOfOrderSequence);
  EXPECT_EQ(invalid(ErrorDetail::kStaleProducerEpoch), ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(invalid(ErrorDetail::kPartitionCount), ErrorCode::kInvalidPartitions);
}

TEST(KafkaErrorFor, AnErrorThatPassesIsOneThatClientsRetry) {
  EXPECT_EQ(Of(st::ErrorCode::kUnavailable), ErrorCode::kNotEnoughReplicas);
  EXPECT_EQ(Of(st::ErrorCode::kUnsupported), ErrorCode::kPolicyViolation);
  EXPECT_EQ(Of(st::ErrorCode::kCorruption), ErrorCode::kCorruptMessage);
  EXPECT_EQ(Of(st::ErrorCode::kIo), ErrorCode::kStorageError);
}

}  // namespace
}  // namespace st::api
