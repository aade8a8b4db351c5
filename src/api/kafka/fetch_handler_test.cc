#include "api/kafka/fetch_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class FetchHandlerTest : public KafkaApiTest {};

TEST_F(FetchHandlerTest, WhatIsProducedIsFetchedVerbatimButForItsOffset) {
  EXPECT_EQ(Produce(One()), (Produced{0, 0, ""}));
  EXPECT_EQ(Produce(log::testing::Batch({"two", "three"})), (Produced{0, 1, ""}));
  const auto fetched = ReadFetched(client_->Call(1, 4, FetchBody({})));
  EXPECT_EQ(fetched.error, 0);
  EXPECT_EQ(fetched.high_watermark, 3);
  EXPECT_EQ(fetched.records, Based(One(), 0) + Based(log::testing::Batch({"two", "three"}), 1));
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({.offset = 4}))).error, 1) << "out of range";
}

TEST_F(FetchHandlerTest, TheFirstBatchIsFetchedEvenIfItIsLargerThanAsked) {
  Produce(One());
  Produce(One());
  const auto fetched = ReadFetched(client_->Call(1, 4, FetchBody({.max_bytes = 1})));
  EXPECT_EQ(fetched.records, Based(One(), 0));
}

TEST_F(FetchHandlerTest, ALongPollWaitsForAllOfMinBytes) {
  Client poller(api_->address());
  poller.Send(1, 4, FetchBody({.min_bytes = static_cast<std::int32_t>(One().size() * 3)}));
  for (int i = 0; i < 3; ++i) Produce(One());
  const auto fetched = ReadFetched(poller.Receive());
  EXPECT_EQ(fetched.records, Based(One(), 0) + Based(One(), 1) + Based(One(), 2));
}

TEST_F(FetchHandlerTest, ALongPollAnswersWithLessWhenItsTimeIsOver) {
  Produce(One());
  const auto fetched =
      ReadFetched(client_->Call(1, 4, FetchBody({.min_bytes = 1 << 20, .max_wait_ms = 20})));
  EXPECT_EQ(fetched.error, 0);
  EXPECT_EQ(fetched.records, Based(One(), 0));
  const auto empty = ReadFetched(client_->Call(1, 4, FetchBody({.offset = 1, .max_wait_ms = 20})));
  EXPECT_EQ(empty.error, 0);
  EXPECT_EQ(empty.records, "");
}

}  // namespace
}  // namespace st::api
