#include "game_service/game_log.h"

#include <gtest/gtest.h>

#include <future>

#include "log/testing.h"

namespace st::game_service {
namespace {

using log::testing::ReadValues;

class GameLogTest : public ::testing::Test {
 protected:
  GameLogTest() { Open(); }
  ~GameLogTest() override { Close(); }

  void Open() {
    Close();
    log_ =
        log::LocalLog::Open({fs_, clock_, *random_}, {.dir = "/log", .reserve_bytes = 0}).value();
    game_log_ = GameLog::Open(*log_).value();
  }
  void Close() {
    if (log_) log_->Stop();
    game_log_.reset();
    log_.reset();
  }
  std::future<Result<Offset>> Send(const std::vector<std::string>& values) {
    std::vector<record::NewRecord> records;
    for (const auto& value : values) records.push_back({.value = value, .timestamp_ms = 1});
    auto promise = std::make_shared<std::promise<Result<Offset>>>();
    auto result = promise->get_future();
    game_log_->Append(game_log_->Prepare(records).value(),
                      [promise](const Result<Offset>& base) { promise->set_value(base); });
    return result;
  }
  std::vector<std::string> Values() const { return ReadValues(*log_, game_log_->partition()); }
  void AwaitIdle() {
    while (!game_log_->AwaitIdle(std::chrono::seconds(10))) ADD_FAILURE() << "not idle in 10 s";
  }
  // Each append fails from now on, and the log is not poisoned.
  void RefuseAppends() { fs_.SetFreeBytes(0); }
  void AcceptAppends() { fs_.SetFreeBytes(std::uint64_t{1} << 40); }
  // Appends until one fails; returns how many were stored.
  int FillDisk(const std::string& value) {
    RefuseAppends();
    for (int stored = 0; stored < 100'000; ++stored) {
      if (!Send({value}).get()) return stored;
    }
    ADD_FAILURE() << "the disk does not fill";
    return 0;
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(5);
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<GameLog> game_log_;
};

TEST_F(GameLogTest, OffsetsAndTheDurableEndFollowTheAppends) {
  EXPECT_EQ(game_log_->end(), 0);
  EXPECT_EQ(Send({"a", "b"}).get().value(), Offset(0));
  EXPECT_EQ(Send({"c"}).get().value(), Offset(2));
  EXPECT_EQ(game_log_->end(), 3);
  EXPECT_EQ(game_log_->durable_end(), 3);
  EXPECT_EQ(Values(), (std::vector<std::string>{"a", "b", "c"}));
  Open();
  EXPECT_EQ(game_log_->end(), 3);
  EXPECT_EQ(game_log_->durable_end(), 3);
}

TEST_F(GameLogTest, ABatchIsInFlightUntilItsDoneReturned) {
  std::promise<void> may_return;
  std::promise<void> is_called;
  game_log_->Append(game_log_->Prepare({{.value = "a", .timestamp_ms = 1}}).value(),
                    [&](const Result<Offset>&) {
                      is_called.set_value();
                      may_return.get_future().wait();
                    });
  is_called.get_future().wait();
  EXPECT_EQ(game_log_->in_flight(), 1U);
  EXPECT_FALSE(game_log_->AwaitIdle(std::chrono::microseconds(1)));
  may_return.set_value();
  AwaitIdle();
  EXPECT_EQ(game_log_->in_flight(), 0U);
}

TEST_F(GameLogTest, TheFirstBatchOfAProducerIsToldApart) {
  EXPECT_TRUE(game_log_->is_first());
  ASSERT_TRUE(Send({"a"}).get());
  EXPECT_FALSE(game_log_->is_first());
  AwaitIdle();
  game_log_->Restart();
  EXPECT_TRUE(game_log_->is_first());
}

TEST_F(GameLogTest, APreparedBatchThatIsDroppedChangesNothing) {
  ASSERT_TRUE(Send({"a"}).get());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(game_log_->Prepare({{.value = "dropped", .timestamp_ms = 1}}));
  }
  EXPECT_EQ(game_log_->end(), 1);
  EXPECT_EQ(Send({"b"}).get().value(), Offset(1));
  EXPECT_EQ(Values(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(GameLogTest, BehindAFailedBatchNoneIsStoredUntilRestart) {
  ASSERT_TRUE(Send({"first"}).get());
  const int stored = FillDisk(std::string(1 << 16, 'x'));
  const auto failure = game_log_->failure();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(game_log_->is_poisoned());
  AcceptAppends();
  // The disk has room again, and the log refuses the sequence: with the first one's error.
  const auto later = Send({"later"}).get();
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().message(), failure->message());
  EXPECT_EQ(game_log_->durable_end(), stored + 1);

  AwaitIdle();
  game_log_->Restart();
  EXPECT_FALSE(game_log_->failure());
  EXPECT_EQ(game_log_->end(), stored + 1);
  EXPECT_EQ(Send({"again"}).get().value(), Offset(stored + 1));
  EXPECT_EQ(Values().back(), "again");
}

TEST_F(GameLogTest, AFailedSyncPoisonsItUntilTheLogIsReopened) {
  ASSERT_TRUE(Send({"a"}).get());
  fs_.SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "sync") return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  EXPECT_EQ(Send({"unsure"}).get().error().code(), ErrorCode::kOutcomeUnknown);
  EXPECT_TRUE(game_log_->is_poisoned());
  fs_.SetHook({});
  EXPECT_FALSE(Send({"later"}).get());
  Open();
  EXPECT_FALSE(game_log_->is_poisoned());
  EXPECT_TRUE(Send({"b"}).get());
}

TEST_F(GameLogTest, ATopicOfMorePartitionsIsRefused) {
  auto random = os::MakeSeededRandom(6);
  auto log =
      log::LocalLog::Open({fs_, clock_, *random}, {.dir = "/other", .reserve_bytes = 0}).value();
  ASSERT_TRUE(log->CreateTopic("game", 2));
  const auto opened = GameLog::Open(*log);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kInvalidArgument);
  log->Stop();
}

}  // namespace
}  // namespace st::game_service
