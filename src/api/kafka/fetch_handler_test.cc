#include "api/kafka/fetch_handler.h"

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <future>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api/kafka/limits.h"
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

// A fetch of a session in version 12, from partitions of "events".
struct Next {
  struct Part {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int32_t leader_epoch = -1;
    std::int32_t last_epoch = -1;
  };
  std::int32_t session = 0;
  std::int32_t epoch = 0;
  std::vector<Part> parts;
  std::vector<std::int32_t> forgotten = {};
  std::int32_t wait_ms = 0;
  std::int32_t max_bytes = 1 << 20;
};

std::string NextBody(const Next& next) {
  const std::vector<int> one(1);
  Writer body(0, true);
  body.Tags().Int(std::int32_t{-1}).Int(next.wait_ms).Int(std::int32_t{1}).Int(next.max_bytes);
  body.Int(std::int8_t{0}).Int(next.session).Int(next.epoch);
  body.ArrayLength(one).String("events").ArrayLength(next.parts);
  for (const auto& part : next.parts) {
    body.Int(part.partition).Int(part.leader_epoch).Int(part.offset).Int(part.last_epoch);
    body.Int(std::int64_t{-1}).Int(1 << 20).Tags();
  }
  body.Tags().ArrayLength(one).String("events").ArrayLength(next.forgotten);
  for (const auto partition : next.forgotten) body.Int(partition);
  return body.Tags().String("").Tags().Take();
}

struct Told {
  std::int16_t error = -2;
  std::int32_t session = -1;
  // "0:5+70": of each partition its number, its end or its error, as "0!1", bytes of records, and
  // where it diverges, as "0:5|5".
  std::string parts;
};

Told ReadTold(const std::string& answer) {
  Reader in(answer, true);
  in.Tags();
  in.Int<std::int32_t>();  // throttle
  Told told{.error = in.Int<std::int16_t>(), .session = in.Int<std::int32_t>(), .parts = ""};
  for (auto n = in.ArrayLength(100); n > 0; --n) {
    EXPECT_EQ(in.String(), "events");
    for (auto m = in.ArrayLength(100); m > 0; --m) {
      const auto partition = in.Int<std::int32_t>();
      const auto error = in.Int<std::int16_t>();
      const auto end = in.Int<std::int64_t>();
      in.Int<std::int64_t>();  // last stable
      in.Int<std::int64_t>();  // start
      EXPECT_LE(in.ArrayLength(0), 0);
      in.Int<std::int32_t>();  // preferred replica
      const auto records = in.Bytes();
      if (!told.parts.empty()) told.parts += ' ';
      told.parts += error == 0 ? fmt::format("{}:{}", partition, end)
                               : fmt::format("{}!{}", partition, error);
      if (!records.empty()) told.parts += fmt::format("+{}", records.size());
      if (in.left().front() == 1) {  // a tagged field: its tag, its size, the epoch
        in.Int<std::int8_t>();
        in.Int<std::int8_t>();
        in.Int<std::int8_t>();
        EXPECT_EQ(in.Int<std::int32_t>(), 0);
        told.parts += fmt::format("|{}", in.Int<std::int64_t>());
      }
      in.Tags();
    }
    in.Tags();
  }
  in.Tags();
  EXPECT_TRUE(in.ok());
  return told;
}

class FetchSessionsOverTheWire : public FetchHandlerTest {
 protected:
  Told Fetch(const Next& next) { return ReadTold(client_->Call(1, 12, NextBody(next))); }
  void Grow(std::int32_t partitions) {
    std::promise<Result<log::TopicInfo>> done;
    log_->ChangeTopic(log_->FindTopic("events")->id, {.partitions = partitions}, {},
                      [&](auto changed) { done.set_value(std::move(changed)); });
    ASSERT_TRUE(done.get_future().get());
  }
  void Append(std::int32_t partition) {
    std::promise<Result<log::AppendResult>> done;
    log_->Append({log_->FindTopic("events")->id, PartitionId(partition)}, One(), {},
                 [&](auto appended) { done.set_value(std::move(appended)); });
    ASSERT_TRUE(done.get_future().get());
  }
};

TEST_F(FetchSessionsOverTheWire, ASessionTellsWhatIsNew) {
  Grow(3);
  const auto began = Fetch({.parts = {{0}, {1}, {2}}});
  EXPECT_EQ(began.error, 0);
  ASSERT_GT(began.session, 0);
  EXPECT_EQ(began.parts, "0:0 1:0 2:0");
  const auto id = began.session;
  const auto idle = Fetch({.session = id, .epoch = 1});
  EXPECT_EQ(idle.session, id);
  EXPECT_EQ(idle.parts, "");
  Append(1);
  const std::string one = fmt::format("1:1+{}", One().size());
  EXPECT_EQ(Fetch({.session = id, .epoch = 2}).parts, one);
  EXPECT_EQ(Fetch({.session = id, .epoch = 3}).parts, one) << "it was not taken";
  EXPECT_EQ(Fetch({.session = id, .epoch = 4, .parts = {{1, 1}}}).parts, "");
  EXPECT_EQ(Fetch({.session = id, .epoch = 5, .parts = {{1, 7}}}).parts, "1!1") << "out of range";
  EXPECT_EQ(Fetch({.session = id, .epoch = 6}).parts, "1!1");
  EXPECT_EQ(Fetch({.session = id, .epoch = 7, .parts = {{1, 1}}}).parts, "1:1");
  EXPECT_EQ(Fetch({.session = id, .epoch = 8, .forgotten = {0, 1, 2}}).session, 0);
  EXPECT_EQ(Fetch({.session = id, .epoch = 9}).error, 70);
}

TEST_F(FetchSessionsOverTheWire, ASessionOutlivesItsConnection) {
  const auto id = Fetch({.parts = {{0}}}).session;
  Client other(api_->address());
  EXPECT_EQ(ReadTold(other.Call(1, 12, NextBody({.session = id, .epoch = 1}))).session, id);
  EXPECT_EQ(Fetch({.session = id, .epoch = 1}).error, 71);
  EXPECT_EQ(Fetch({.session = id, .epoch = 2}).error, 0);
}

TEST_F(FetchSessionsOverTheWire, AnAppendWakesAWaitingFetch) {
  Grow(2);
  const auto id = Fetch({.parts = {{0}, {1}}}).session;
  Client poller(api_->address());
  poller.Send(1, 12, NextBody({.session = id, .epoch = 1, .wait_ms = 20'000}));
  Append(1);
  EXPECT_EQ(ReadTold(poller.Receive()).parts, fmt::format("1:1+{}", One().size()));
}

TEST_F(FetchSessionsOverTheWire, AWaitingFetchIsOverOnceTheNextOneCame) {
  const auto id = Fetch({.parts = {{0}}}).session;
  Client poller(api_->address());
  poller.Send(1, 12, NextBody({.session = id, .epoch = 1, .wait_ms = 20'000}));
  Told next{.error = 71};
  while (next.error == 71) next = Fetch({.session = id, .epoch = 2, .forgotten = {5}});
  EXPECT_EQ(next.error, 0);
  Append(0);
  const auto late = ReadTold(poller.Receive());
  EXPECT_EQ(late.error, 71);
  EXPECT_EQ(late.session, id);
  EXPECT_EQ(late.parts, "");
}

// A fetch of a session, in version 12 or without topics in 13; of partition 0 of the topics.
std::string BodyOfTopics(std::int32_t session, std::int32_t epoch, std::int32_t wait_ms,
                         const std::vector<std::string>& topics) {
  const std::vector<int> one(1);
  Writer body(0, true);
  body.Tags().Int(std::int32_t{-1}).Int(wait_ms).Int(std::int32_t{1}).Int(1 << 20);
  body.Int(std::int8_t{0}).Int(session).Int(epoch).ArrayLength(topics);
  for (const auto& topic : topics) {
    body.String(topic).ArrayLength(one).Int(std::int32_t{0}).Int(std::int32_t{-1});
    body.Int(std::int64_t{0}).Int(std::int32_t{-1}).Int(std::int64_t{-1}).Int(1 << 20).Tags();
    body.Tags();
  }
  return body.ArrayLength(std::vector<int>()).String("").Tags().Take();
}

TEST_F(FetchSessionsOverTheWire, FewPollsOfASessionWithLongNamesWait) {
  constexpr std::int64_t kNames = 130;  // of a request that is not too large
  constexpr std::int64_t kNameBytes = 30'000;
  constexpr std::int64_t kSessionBytes = kMaxFetchSessionBytesPerAddress;
  constexpr std::int64_t kPolledBytes = kPolledPartitionBytes;
  constexpr std::int32_t kWaitMs = kMaxFetchWaitMs;
  client_.reset();
  api_->Stop(0);
  options_.io_threads = 1;  // a fetch is counted before the next one is looked at
  Start();
  const auto id = Fetch({.parts = {{0}}}).session;
  std::int32_t epoch = 0;
  while ((epoch + 1) * kNames * kNameBytes < kSessionBytes) {
    std::vector<std::string> names;
    for (std::int64_t n = 0; n < kNames; ++n) {
      names.push_back(fmt::format("{:0>{}}", epoch * kNames + n, kNameBytes));
    }
    const auto answer = client_->Call(1, 12, BodyOfTopics(id, ++epoch, 0, names));
    ASSERT_GT(std::ssize(answer), kNames * kNameBytes);
  }
  const std::int64_t of_one = epoch * kNames * kNameBytes / kPolledBytes;
  const auto is_taken = [&] {  // a fetch by ids is refused in either case, each for its reason
    return ReadTold(client_->Call(1, 13, BodyOfTopics(id, epoch, 0, {}))).error == 71;
  };
  std::deque<Client> pollers;
  for (std::int64_t held = of_one; held <= kMaxPolledPartitions; held += of_one) {
    pollers.emplace_back(api_->address()).Send(1, 12, BodyOfTopics(id, ++epoch, kWaitMs, {}));
    while (!is_taken()) {
    }
  }
  Client last(api_->address());
  const auto answer = last.Call(1, 12, BodyOfTopics(id, ++epoch, kWaitMs, {}));
  EXPECT_GT(std::ssize(answer), kNames * kNameBytes) << "at once";
}

TEST_F(FetchSessionsOverTheWire, TheNextFetchMayComeWhileOneReadsFromDisk) {
  Grow(2);
  Append(0);
  const auto id = Fetch({.parts = {{0, 1}, {1}}}).session;
  std::promise<void> let_go;
  std::promise<void> reads;
  std::once_flag first;
  fs_.SetCold(true);
  fs_.SetReadHook(
      [&, released = let_go.get_future().share()](const std::string&, std::uint64_t) -> Status {
        std::call_once(first, [&] { reads.set_value(); });
        EXPECT_EQ(released.wait_for(std::chrono::microseconds(kWaitUs)), std::future_status::ready);
        return {};
      });
  Client poller(api_->address());
  poller.Send(1, 12, NextBody({.session = id, .epoch = 1, .parts = {{0, 0}}}));
  ASSERT_EQ(reads.get_future().wait_for(std::chrono::microseconds(kWaitUs)),
            std::future_status::ready);
  const auto next = Fetch({.session = id, .epoch = 2, .parts = {}, .forgotten = {0}});
  EXPECT_EQ(next.error, 0);
  EXPECT_EQ(next.session, id);
  EXPECT_EQ(next.parts, "");
  let_go.set_value();
  EXPECT_EQ(ReadTold(poller.Receive()).error, 71);
  fs_.SetReadHook({});
  EXPECT_EQ(Fetch({.session = id, .epoch = 3, .parts = {{0, 0}}}).parts,
            fmt::format("0:1+{}", One().size()));
}

TEST_F(FetchSessionsOverTheWire, PartitionsThatAreNotThereLetOthersBeWaitedFor) {
  Client poller(api_->address());
  poller.Send(1, 12, NextBody({.parts = {{7}, {0}}, .wait_ms = 20'000}));
  Append(0);
  const std::string one = fmt::format("0:1+{} 7!3", One().size());
  EXPECT_EQ(ReadTold(poller.Receive()).parts, one);
  EXPECT_EQ(Fetch({.parts = {{7}, {8}}, .wait_ms = 20'000}).parts, "7!3 8!3") << "at once";
}

TEST_F(FetchSessionsOverTheWire, PartitionsTakeTurns) {
  Grow(3);
  for (const std::int32_t partition : {0, 1, 2}) Append(partition);
  const auto began = Fetch({.parts = {{2}, {0}, {1}}, .max_bytes = 1});
  const auto with = [](int partition) { return fmt::format("{}:1+{}", partition, One().size()); };
  EXPECT_EQ(began.parts, with(2) + " 0:1 1:1");
  std::int32_t epoch = 0;
  for (const int partition : {2, 0, 1, 2, 0, 1}) {
    const Next next{.session = began.session, .epoch = ++epoch, .parts = {}, .max_bytes = 1};
    EXPECT_EQ(Fetch(next).parts, with(partition));
  }
}

TEST_F(FetchSessionsOverTheWire, AClientWithOtherRecordsLearnsWhereTheyDiverge) {
  Append(0);
  Append(0);
  constexpr std::int32_t kFinal = kafka::kFinalFetchEpoch;
  const auto fetch = [&](Next::Part part) {
    return Fetch({.epoch = kFinal, .parts = {part}, .wait_ms = 20'000}).parts;
  };
  EXPECT_EQ(fetch({.offset = 3, .last_epoch = 0}), "0:2|2");
  EXPECT_EQ(fetch({.offset = 1, .leader_epoch = 0, .last_epoch = 0}),
            fmt::format("0:2+{}", One().size()));
  EXPECT_EQ(fetch({.offset = 3}), "0!1");
  EXPECT_EQ(fetch({.offset = 1, .last_epoch = 1}), "0!1") << "no such epoch";
  EXPECT_EQ(fetch({.offset = -1, .last_epoch = 0}), "0!1");
  EXPECT_EQ(fetch({.offset = 3, .leader_epoch = 1, .last_epoch = 0}), "0!75");
}

}  // namespace
}  // namespace st::api
