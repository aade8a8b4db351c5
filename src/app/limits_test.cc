// Tests that the limits compose: data that passes one limit must fit the next, and data that is
// written can be read.
//
// The tests follow a record from the listeners to a table and a statement's answer. Most of them
// compare constants; the others ask the code that has the limit.
#include <gtest/gtest.h>

#include <algorithm>

#include "api/kafka/limits.h"
#include "app/limits.h"
#include "collect/limits.h"
#include "dialect/spark/limits.h"
#include "event/limits.h"
#include "format/record/record_batch.h"
#include "game/limits.h"
#include "idempotency/limits.h"
#include "jobs/limits.h"
#include "lake/limits.h"
#include "log/limits.h"
#include "log/local_log.h"
#include "log/reader/entry.h"
#include "net/http_server.h"
#include "net/limits.h"
#include "query/limits.h"
#include "stream/limits.h"
#include "worker/transform/source/limits.h"

namespace st {
namespace {

// JSON in ASCII writes six characters for one byte: of a header's value, and of a form's control
// character.
constexpr std::uint64_t kEscaped = 6;

TEST(Limits, ABodyThatIsTakenOnceFitsIntoAnEvent) {
  const net::HttpLimits http;
  EXPECT_LE(kEscaped * (http.max_body_bytes + http.max_header_bytes), event::kMaxEventBytes);
}

TEST(Limits, ADeclaredEventWithItsAnswerFitsIntoABatch) {
  constexpr std::uint64_t kEvent = event::kMaxEventBytes + idempotency::kMaxAnswerBodyBytes +
                                   idempotency::kMaxKeyBytes + collect::kEventOverheadBytes;
  EXPECT_LE(collect::kMaxBatchBytes + kEvent, log::kMaxBatchBytes)
      << "a batch ends with the event that makes it full";
  EXPECT_LE(kEvent, collect::kMaxInFlightBytes);
  EXPECT_LE(kEvent, idempotency::kMaxAnswerBatchBytes) << "so that its answer can be read again";
}

TEST(Limits, ADeclaredEventsRowFitsIntoAnAnswer) {
  constexpr std::uint64_t kNames = 256 << 10;  // room for the names of columns and other values
  EXPECT_LE(event::kMaxEventBytes + kNames, jobs::kMaxRowBytes);
}

TEST(Limits, ACommandsEventsFitIntoABatch) {
  // A trade has the longest events: they name every item of both sides.
  constexpr std::uint64_t kName =
      kEscaped * std::max(game::kMaxItemNameBytes, game::kMaxPlayerIdBytes);
  constexpr std::uint64_t kItems = 2 * game::kMaxTradeItems + game::kMaxCartItems;
  EXPECT_LE(kItems * (4 * kName + 1000), log::kMaxBatchBytes);
}

TEST(Limits, ABatchFitsIntoAnEntryAQueueAndACommit) {
  EXPECT_LE(log::kMaxBatchBytes + log::kEntryHeaderBytes, log::kMaxEntryBytes);
  EXPECT_LE(log::kMaxBatchBytes, log::kMaxCommitBytes);
  EXPECT_LE(log::kMaxBatchBytes, log::LogOptions().max_queued_bytes);
  EXPECT_LE(log::kMinSegmentBytes, log::LogOptions().segment_bytes);
}

TEST(Limits, ClientsLeaveRoomForTheServersOwnTopics) {
  EXPECT_GE(static_cast<std::uint64_t>(log::kOwnPartitions), log::kOwnTopics);
  EXPECT_LT(log::kOwnTopics, log::kMaxTopics);
  EXPECT_LT(log::kOwnPartitions, log::kMaxTotalPartitions);
  EXPECT_LE(log::kMaxPartitions, log::kMaxTotalPartitions - log::kOwnPartitions);
  EXPECT_LE(2 * log::kMaxClientProducerPairs, log::kMaxProducerPairs)
      << "one address leaves room for another";
}

TEST(Limits, ABatchFitsIntoAKafkaRequestAndAnAnswer) {
  constexpr std::uint64_t kAround = 1000;  // room for header, topic's name and partition
  EXPECT_LE(log::kMaxBatchBytes + kAround, api::kMaxRequestBytes);
  EXPECT_LE(api::kMaxRequestBytes, net::kMaxNetworkBytesPerConnection);
  EXPECT_LE(log::kMaxBatchBytes + kAround, net::kMaxNetworkBytesPerConnection);
  EXPECT_LE(net::kMaxNetworkBytesPerConnection, net::kMaxNetworkBytesPerAddress);
  EXPECT_LT(net::kMaxNetworkBytesPerAddress, net::kMaxNetworkBytes);
}

TEST(Limits, ADecompressedBatchFitsIntoAWorker) {
  EXPECT_LE(api::kMaxRequestRecordBytes, worker::transform::source::kMaxBatchMemory);
  EXPECT_LE(api::kMaxRequestRecordBytes, idempotency::kMaxAnswerBatchBytes);
  EXPECT_LE(log::kMaxBatchBytes, stream::kMaxStepBytes);
  // As a value, in its row, in the file and in a buffer of each.
  EXPECT_LE(4 * api::kMaxRequestRecordBytes, static_cast<std::uint64_t>(app::kMinWorkerBytes));
}

TEST(Limits, AStepsExtentsFitIntoAJobsFrame) {
  constexpr std::size_t kStatement = 2 << 20;  // room for SQL, names and rules of the pipeline
  constexpr std::size_t kExtent = 50;          // room for three numbers
  constexpr std::size_t kFile = 4200;          // room for a path
  EXPECT_LE(stream::kMaxStepExtents * kExtent + stream::kMaxStepFiles * kFile + kStatement,
            jobs::kMaxHeaderBytes);
}

TEST(Limits, ADeclaredEventsColumnsFitIntoATable) {
  constexpr std::size_t kOwnColumns = 6;  // event_time, partition, offset and three headers
  EXPECT_LE(event::kMaxFields + kOwnColumns, lake::kMaxColumns);
  EXPECT_LE(event::kMaxTableNameBytes, lake::kMaxNameBytes);
}

TEST(Limits, APipelinesTableFitsIntoTheLake) {
  EXPECT_EQ(dialect::spark::kMaxColumns, lake::kMaxColumns);
  EXPECT_LE(dialect::spark::kMaxTableNameBytes, lake::kMaxNameBytes);
}

TEST(Limits, APageOfAResultFitsIntoTheBudgetOfItsConnection) {
  EXPECT_LE(query::kMaxPageBytes, net::kMaxNetworkBytesPerConnection);
  EXPECT_LE(query::kMaxPageBytes, jobs::kMaxBodyBytes);
  EXPECT_LE(query::kMaxQueuedStatements, query::kMaxOpenStatements);
}

}  // namespace
}  // namespace st
