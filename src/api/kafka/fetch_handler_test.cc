#include "api/kafka/fetch_handler.h"

#include <chrono>
#include <deque>
#include <future>
#include <mutex>

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

TEST_F(FetchHandlerTest, RecordsThatAreNotInMemoryAreReadOnAnotherThread) {
  Produce(One());
  Produce(One());
  fs_.SetCold(true);
  const auto cold = ReadFetched(client_->Call(1, 4, FetchBody({})));
  EXPECT_EQ(cold.records, Based(One(), 0) + Based(One(), 1));
  std::promise<void> let_go;
  std::promise<void> reads;
  std::once_flag first;
  fs_.SetReadHook(
      [&, released = let_go.get_future().share()](const std::string&, std::uint64_t) -> Status {
        std::call_once(first, [&] { reads.set_value(); });
        EXPECT_EQ(released.wait_for(std::chrono::microseconds(kWaitUs)), std::future_status::ready);
        return {};
      });
  // More connections than there are io threads.
  std::deque<Client> readers;
  for (int i = 0; i < 2 * options_.io_threads; ++i) {
    readers.emplace_back(api_->address()).Send(1, 4, FetchBody({}));
  }
  ASSERT_EQ(reads.get_future().wait_for(std::chrono::microseconds(kWaitUs)),
            std::future_status::ready);
  // The disk is slow now, and everybody else is served.
  EXPECT_EQ(Produce(One()), (Produced{0, 2, ""}));
  let_go.set_value();
  for (auto& reader : readers) {
    EXPECT_TRUE(ReadFetched(reader.Receive()).records.starts_with(cold.records));
  }
  fs_.SetReadHook({});
}

TEST_F(FetchHandlerTest, AColdReadEndsInThePresentErrorOrAfterTheWait) {
  Produce(One());
  fs_.SetCold(true);
  const auto less =
      ReadFetched(client_->Call(1, 4, FetchBody({.min_bytes = 1 << 20, .max_wait_ms = 20})));
  EXPECT_EQ(less.records, Based(One(), 0));
  fs_.SetReadHook([](const std::string& path, std::uint64_t) -> Status {
    return Fail(ErrorCode::kIo, "{}: the disk is broken", path);
  });
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({}))).error, 56) << "KAFKA_STORAGE_ERROR";
  fs_.SetReadHook({});
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({}))).records, Based(One(), 0));
}

// Fetch version 13 from a partition of the topic with this id: its error.
std::int16_t FetchErrorById(Client& client, const TopicId& id, std::int32_t partition) {
  Writer body(0, true);
  body.Tags().Int(std::int32_t{-1}).Int(std::int32_t{0}).Int(std::int32_t{1}).Int(1 << 20);
  body.Int(std::int8_t{0}).Int(std::int32_t{0}).Int(std::int32_t{-1});
  const std::vector<int> one(1);
  body.ArrayLength(one).Id(id).ArrayLength(one).Int(partition).Int(std::int32_t{-1});
  body.Int(std::int64_t{0}).Int(std::int32_t{-1}).Int(std::int64_t{-1}).Int(1 << 20).Tags().Tags();
  body.ArrayLength(std::vector<int>()).String("").Tags();
  const std::string answer = client.Call(1, 13, body.Take());
  Reader in(answer, true);
  in.Tags();
  in.Int<std::int32_t>();  // throttle, error and session
  in.Int<std::int16_t>();
  in.Int<std::int32_t>();
  EXPECT_EQ(in.ArrayLength(1), 1);
  EXPECT_EQ(in.Id(), id);
  EXPECT_EQ(in.ArrayLength(1), 1);
  EXPECT_EQ(in.Int<std::int32_t>(), partition);
  return in.Int<std::int16_t>();
}

TEST_F(FetchHandlerTest, AnIdNamesOneTopicThatIsThere) {
  const auto id = log_->FindTopic("events")->id;
  EXPECT_EQ(FetchErrorById(*client_, id, 0), 0);
  EXPECT_EQ(FetchErrorById(*client_, id, 1), 3) << "no such partition";
  EXPECT_EQ(FetchErrorById(*client_, TopicId(), 0), 100) << "no such id";
}

}  // namespace
}  // namespace st::api
