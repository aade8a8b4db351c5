#include "collect/collector.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

#include "collect/limits.h"
#include "log/testing.h"
#include "os/thread.h"

namespace st::collect {
namespace {

class CollectorTest : public ::testing::Test {
 protected:
  // The log is stopped before the collector goes.
  void TearDown() override { log_->Stop(); }
  Collector& Start(CollectorOptions options) {
    collector_ =
        std::make_unique<Collector>(os::Env{fs_, clock_, *random_, &metrics_}, *log_, options);
    return *collector_;
  }
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  MetricRegistry metrics_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::LocalLog> log_ =
      log::LocalLog::Open({fs_, clock_, *random_},
                          {.dir = "/log", .allocate_chunk_bytes = 64 << 10})
          .value();
  std::unique_ptr<Collector> collector_;
};

TEST_F(CollectorTest, EveryEventGetsTheOffsetItHasInTheLog) {
  constexpr int kThreads = 4;
  constexpr int kEvents = 500;
  Collector& collector = Start({});
  auto& topic = collector.Open("events");
  Guarded<std::map<std::int64_t, std::string>> answered;
  std::latch done(kThreads * kEvents);
  {
    std::vector<os::Thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back("client", [&, t] {
        for (int i = 0; i < kEvents; ++i) {
          const std::string value = fmt::format("{}:{}", t, i);
          collector.Collect(topic, {.value = value}, [&, value](const Result<Outcome>& stored) {
            answered.With([&](auto& map) { map[stored.value().position.offset.value()] = value; });
            done.count_down();
          });
        }
      });
    }
  }
  done.wait();
  const TopicPartition tp{log_->FindTopic("events")->id, PartitionId(0)};
  const auto values = log::testing::ReadValues(*log_, tp);
  ASSERT_EQ(values.size(), static_cast<std::size_t>(kThreads * kEvents));
  answered.With([&](auto& map) {
    for (const auto& [offset, value] : map) {
      EXPECT_EQ(values.at(static_cast<std::size_t>(offset)), value);
    }
  });
  log_->Stop();
}

TEST_F(CollectorTest, OneThreadsEventsAreStoredAndAnsweredInItsOrder) {
  constexpr int kEvents = 300;
  Collector& collector = Start({});
  auto& topic = collector.Open("events");
  std::vector<std::int64_t> offsets;  // touched by the commit thread alone
  std::latch done(kEvents);
  for (int i = 0; i < kEvents; ++i) {
    collector.Collect(topic, {.value = std::to_string(i)}, [&](const Result<Outcome>& stored) {
      offsets.push_back(stored.value().position.offset.value());
      done.count_down();
    });
  }
  done.wait();
  log_->Stop();
  const auto values =
      log::testing::ReadValues(*log_, {log_->FindTopic("events")->id, PartitionId(0)});
  for (int i = 0; i < kEvents; ++i) {
    EXPECT_EQ(offsets.at(static_cast<std::size_t>(i)), i);
    EXPECT_EQ(values.at(static_cast<std::size_t>(i)), std::to_string(i));
  }
}

TEST_F(CollectorTest, AnEventGoesToThePartitionOfItsKey) {
  Collector& collector = Start({});
  const auto topic = log_->CreateTopic("events", 4).value();
  const auto store = [&](std::optional<std::string> key, const std::string& value) {
    std::promise<Result<Outcome>> done;
    collector.Collect(collector.Open("events"), {.value = value, .key = std::move(key)},
                      [&](const Result<Outcome>& r) { done.set_value(r); });
    return done.get_future().get().value().position.ToString();
  };
  // murmur2 of "abc" is 479470107, of "foobar" -790332482, as Kafka's tests say.
  EXPECT_EQ(store("abc", "1"), "events/3:0");
  EXPECT_EQ(store(std::nullopt, "2"), "events/0:0");
  EXPECT_EQ(store("foobar", "3"), "events/2:0");
  EXPECT_EQ(store("abc", "4"), "events/3:1");
  const auto values = [&](int partition) {
    return log::testing::ReadValues(*log_, {topic.id, PartitionId(partition)});
  };
  EXPECT_EQ(values(0), std::vector<std::string>{"2"});
  EXPECT_EQ(values(2), std::vector<std::string>{"3"});
  EXPECT_EQ(values(3), (std::vector<std::string>{"1", "4"}));
}

TEST_F(CollectorTest, EachPartitionKeepsTheOrderOfOneThreadsEvents) {
  constexpr int kEvents = 600;
  constexpr std::int32_t kPartitions = 3;
  Collector& collector = Start({});
  const auto topic = log_->CreateTopic("events", kPartitions).value();
  auto& handle = collector.Open("events");
  std::map<TopicPosition, std::string> answered;  // touched by the commit thread alone
  std::latch done(kEvents);
  for (int i = 0; i < kEvents; ++i) {
    const auto value = std::to_string(i);
    collector.Collect(handle, {.value = value, .key = std::to_string(i % 10)},
                      [&, value](const Result<Outcome>& stored) {
                        answered[stored.value().position] = value;
                        done.count_down();
                      });
  }
  done.wait();
  log_->Stop();
  std::size_t stored = 0;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto values = log::testing::ReadValues(*log_, {topic.id, PartitionId(p)});
    EXPECT_FALSE(values.empty()) << p;
    stored += values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) EXPECT_LT(std::stoi(values[i - 1]), std::stoi(values[i]));
      const TopicPosition position{.topic = "events",
                                   .partition = PartitionId(p),
                                   .offset = Offset(static_cast<std::int64_t>(i))};
      EXPECT_EQ(answered[position], values[i]) << position.ToString();
    }
  }
  EXPECT_EQ(stored, static_cast<std::size_t>(kEvents));
}

TEST_F(CollectorTest, AClosedLogRefuses) {
  Collector& collector = Start({});
  log_->Stop();
  Result<Outcome> closed;
  collector.Collect(collector.Open("events"), {.value = "x"},
                    [&](const Result<Outcome>& r) { closed = r; });
  EXPECT_EQ(closed.error().code(), ErrorCode::kShutdown);
  EXPECT_NE(metrics_.Render().find("steelthread_ingest_in_flight_bytes 0\n"), std::string::npos);
}

// Holds the log's syncs until it is told to go on.
class HeldSyncs {
 public:
  explicit HeldSyncs(os::testing::MemoryFileSystem& fs) {
    fs.SetHook([held = go_.get_future().share()](const std::string& step, const std::string&) {
      if (step == "sync") held.wait();
      return Status();
    });
  }
  void Go() { go_.set_value(); }

 private:
  std::promise<void> go_;
};

TEST_F(CollectorTest, WhatIsOverTheLimitIsShedOverAllTopicsAndTheRestIsStored) {
  constexpr std::uint64_t kRoom = 3 * (kEventOverheadBytes + 1);
  Collector& collector = Start({.max_in_flight_bytes = kRoom});
  HeldSyncs syncs(fs_);
  std::latch stored(3);
  int shed = 0;  // refusals run on this thread
  for (const std::string name : {"a", "b", "a", "b", "c"}) {
    collector.Collect(collector.Open(name), {.value = "x"}, [&](const Result<Outcome>& outcome) {
      if (outcome) return stored.count_down();
      EXPECT_EQ(outcome.error().code(), ErrorCode::kUnavailable);
      ++shed;
    });
  }
  EXPECT_EQ(shed, 2);
  syncs.Go();
  stored.wait();
  log_->Stop();
  const auto text = metrics_.Render();
  for (const std::string line :
       {"steelthread_ingest_events_total 3", "steelthread_ingest_bytes_total 3",
        "steelthread_ingest_rejected_total{reason=\"overload\"} 2",
        "steelthread_ingest_in_flight_bytes 0", "steelthread_ingest_seconds_count 3"}) {
    EXPECT_NE(text.find(line + "\n"), std::string::npos) << line << " in " << text;
  }
}

class KeyedCollectorTest : public CollectorTest {
 protected:
  void TearDown() override {
    log_->Stop();
    answers_->Stop();
  }
  Collector& StartWithKeys(std::uint64_t room = kMaxInFlightBytes) {
    answers_ =
        idempotency::KeyStore::Open({fs_, clock_, *random_}, *log_, {.dir = "/answers"}).value();
    return Start({.max_in_flight_bytes = room, .answers = answers_.get()});
  }
  NewEvent Keyed(const std::string& key, const std::string& body) const {
    return {.value = body,
            .remembered = idempotency::Remembered{
                .key = key,
                .request =
                    answers_->hasher().OfRequest({.method = "POST", .target = "/a", .body = body}),
                .answer = {.status = 201, .content_type = "text/plain", .body = "made " + body}}};
  }
  Result<Outcome> CollectAndWait(Collector& collector, const std::string& key,
                                 const std::string& body) {
    std::promise<Result<Outcome>> done;
    collector.Collect(collector.Open("events"), Keyed(key, body),
                      [&](const Result<Outcome>& r) { done.set_value(r); });
    return done.get_future().get();
  }
  std::unique_ptr<idempotency::KeyStore> answers_;
};

TEST_F(KeyedCollectorTest, ARepeatGetsTheFirstRecordsPositionAndAnswer) {
  Collector& collector = StartWithKeys();
  ASSERT_TRUE(CollectAndWait(collector, "j", "0"));
  const auto first = CollectAndWait(collector, "k", "1");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->position.ToString(), "events/0:1");
  EXPECT_FALSE(first->repeated);
  const auto again = CollectAndWait(collector, "k", "1");
  ASSERT_TRUE(again && again->repeated);
  EXPECT_EQ(again->position, first->position);
  EXPECT_EQ(again->repeated->status, 201);
  EXPECT_EQ(again->repeated->content_type, "text/plain");
  EXPECT_EQ(again->repeated->body, "made 1");
  EXPECT_EQ(CollectAndWait(collector, "k", "2").error().code(), ErrorCode::kAlreadyExists);
  const TopicPartition tp{log_->FindTopic("events")->id, PartitionId(0)};
  EXPECT_EQ(log::testing::ReadValues(*log_, tp), (std::vector<std::string>{"0", "1"}));
  EXPECT_NE(metrics_.Render().find("steelthread_ingest_repeats_total 1\n"), std::string::npos);
}

// Occupies the thread that reads the disk, in the answer of a repeat of "k", until Go.
class HeldLookups {
 public:
  HeldLookups(Collector& collector, NewEvent repeat) {
    collector.Collect(collector.Open("events"), std::move(repeat), [this](const auto& outcome) {
      EXPECT_TRUE(outcome && outcome->repeated);
      thread_ = std::this_thread::get_id();
      is_held_.set_value();
      go_.get_future().wait();
    });
    is_held_.get_future().wait();
    EXPECT_NE(thread_, std::this_thread::get_id());
  }
  void Go() { go_.set_value(); }

 private:
  decltype(std::this_thread::get_id()) thread_;
  std::promise<void> is_held_;
  std::promise<void> go_;
};

TEST_F(KeyedCollectorTest, OnlyWhatReadsTheDiskWaitsForTheDisk) {
  Collector& collector = StartWithKeys();
  ASSERT_TRUE(CollectAndWait(collector, "k", "1"));
  HeldLookups lookups(collector, Keyed("k", "1"));
  std::promise<Result<Outcome>> repeat;
  collector.Collect(collector.Open("events"), Keyed("k", "1"),
                    [&](const Result<Outcome>& r) { repeat.set_value(r); });
  std::promise<Result<std::optional<Outcome>>> recalled;
  collector.Recall(*Keyed("k", "1").remembered, [&](const auto& r) { recalled.set_value(r); });
  // A new key and an event without one are stored meanwhile, and a new key is recalled.
  EXPECT_TRUE(CollectAndWait(collector, "new", "2"));
  std::promise<Result<Outcome>> plain;
  collector.Collect(collector.Open("events"), {.value = "3"},
                    [&](const Result<Outcome>& r) { plain.set_value(r); });
  EXPECT_EQ(plain.get_future().get()->position.offset, Offset(2));
  std::optional<Outcome> unknown = Outcome{};
  collector.Recall(*Keyed("other", "1").remembered, [&](const auto& r) { unknown = r.value(); });
  EXPECT_FALSE(unknown) << "answered by the caller";
  lookups.Go();
  EXPECT_EQ(repeat.get_future().get()->repeated->body, "made 1");
  EXPECT_EQ(recalled.get_future().get()->value().repeated->body, "made 1");
  EXPECT_TRUE(CollectAndWait(collector, "other", "1")) << "a recall leaves the key free";
}

TEST_F(KeyedCollectorTest, RepeatsThatWaitForTheDiskCountAsInFlight) {
  Collector& collector = StartWithKeys(1);
  ASSERT_TRUE(CollectAndWait(collector, "k", "1"));
  HeldLookups lookups(collector, Keyed("k", "1"));
  std::promise<Result<Outcome>> first;
  collector.Collect(collector.Open("events"), Keyed("k", "1"),
                    [&](const Result<Outcome>& r) { first.set_value(r); });
  EXPECT_EQ(CollectAndWait(collector, "k", "1").error().code(), ErrorCode::kUnavailable);
  lookups.Go();
  EXPECT_TRUE(first.get_future().get()->repeated);
  EXPECT_TRUE(CollectAndWait(collector, "k", "1")->repeated);
  EXPECT_NE(metrics_.Render().find("steelthread_ingest_in_flight_bytes 0\n"), std::string::npos);
}

TEST_F(KeyedCollectorTest, AKeyInFlightIsRefusedUntilItsRecordIsDurable) {
  Collector& collector = StartWithKeys();
  ASSERT_TRUE(CollectAndWait(collector, "j", "0"));
  HeldSyncs syncs(fs_);
  std::promise<Result<Outcome>> first;
  collector.Collect(collector.Open("events"), Keyed("k", "1"),
                    [&](const Result<Outcome>& r) { first.set_value(r); });
  EXPECT_EQ(CollectAndWait(collector, "k", "1").error().code(), ErrorCode::kConflict);
  EXPECT_EQ(CollectAndWait(collector, "k", "2").error().code(), ErrorCode::kAlreadyExists);
  syncs.Go();
  ASSERT_TRUE(first.get_future().get());
  EXPECT_TRUE(CollectAndWait(collector, "k", "1")->repeated);
}

TEST_F(KeyedCollectorTest, AKeyOfWhatWasNotStoredIsFreeAgain) {
  Collector& collector = StartWithKeys(1);
  ASSERT_TRUE(CollectAndWait(collector, "j", "0"));
  HeldSyncs syncs(fs_);
  std::promise<Result<Outcome>> first;
  collector.Collect(collector.Open("events"), Keyed("k", "1"),
                    [&](const Result<Outcome>& r) { first.set_value(r); });
  EXPECT_EQ(CollectAndWait(collector, "l", "2").error().code(), ErrorCode::kUnavailable);
  syncs.Go();
  ASSERT_TRUE(first.get_future().get());
  const auto later = CollectAndWait(collector, "l", "2");
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->repeated);
}

TEST_F(KeyedCollectorTest, AKeyIsRememberedInEachPartition) {
  ASSERT_TRUE(log_->CreateTopic("events", 4));
  Collector& collector = StartWithKeys();
  const auto store = [&](const std::string& key) {
    auto event = Keyed("request of " + key, key);
    event.key = key;
    std::promise<Result<Outcome>> done;
    collector.Collect(collector.Open("events"), std::move(event),
                      [&](const Result<Outcome>& r) { done.set_value(r); });
    return done.get_future().get();
  };
  for (const std::string key : {"abc", "foobar"}) {
    const auto first = store(key);
    const auto again = store(key);
    ASSERT_TRUE(first && again && again->repeated) << key;
    EXPECT_NE(first->position.partition, PartitionId(0));
    EXPECT_EQ(again->position, first->position);
    EXPECT_EQ(again->repeated->body, "made " + key);
  }
}

TEST_F(KeyedCollectorTest, AKeyOfUnknownOutcomeStaysClaimed) {
  Collector& collector = StartWithKeys();
  ASSERT_TRUE(CollectAndWait(collector, "j", "0"));
  fs_.SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "sync") return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  EXPECT_EQ(CollectAndWait(collector, "k", "1").error().code(), ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(CollectAndWait(collector, "k", "1").error().code(), ErrorCode::kConflict);
}

TEST_F(KeyedCollectorTest, ManyClientsWithOneKeyMakeOneRecord) {
  constexpr int kThreads = 4;
  constexpr int kKeys = 100;
  Collector& collector = StartWithKeys();
  std::atomic<int> made = 0;
  {
    std::vector<os::Thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back("client", [&] {
        for (int i = 0; i < kKeys; ++i) {
          const auto key = std::to_string(i);
          auto done = CollectAndWait(collector, key, key);
          while (!done) done = CollectAndWait(collector, key, key);
          EXPECT_EQ(done->repeated ? done->repeated->body : "made " + key, "made " + key);
          if (!done->repeated) ++made;
        }
      });
    }
  }
  EXPECT_EQ(made, kKeys);
  const TopicPartition tp{log_->FindTopic("events")->id, PartitionId(0)};
  EXPECT_EQ(log_->EndOffset(tp), Offset(kKeys));
}

TEST_F(CollectorTest, AnEventOverTheLimitIsTakenAlone) {
  Collector& collector = Start({.max_in_flight_bytes = 1});
  std::promise<Result<Outcome>> done;
  collector.Collect(collector.Open("events"), {.value = std::string(5000, 'x')},
                    [&](const Result<Outcome>& r) { done.set_value(r); });
  EXPECT_TRUE(done.get_future().get());
}

TEST_F(CollectorTest, AFailedSyncLeavesTheOutcomeUnknown) {
  Collector& collector = Start({});
  auto& topic = collector.Open("events");
  const auto collect = [&] {
    std::promise<Result<Outcome>> done;
    collector.Collect(topic, {.value = "x"}, [&](const Result<Outcome>& r) { done.set_value(r); });
    return done.get_future().get();
  };
  ASSERT_TRUE(collect());
  fs_.SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "sync") return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  EXPECT_EQ(collect().error().code(), ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(collect().error().code(), ErrorCode::kIo);
  log_->Stop();
  EXPECT_NE(metrics_.Render().find("rejected_total{reason=\"outcome_unknown\"} 1\n"),
            std::string::npos);
}

TEST_F(CollectorTest, ATopicThatCouldNotBeMadeHoldsNoEvent) {
  Collector& collector = Start({});
  fs_.SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "sync") return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  std::promise<Result<Outcome>> done;
  collector.Collect(collector.Open("events"), {.value = "x"},
                    [&](const Result<Outcome>& r) { done.set_value(r); });
  EXPECT_EQ(done.get_future().get().error().code(), ErrorCode::kIo);
}

}  // namespace
}  // namespace st::collect
