#include "collect/collector.h"

#include <gtest/gtest.h>

#include <latch>

#include "collect/limits.h"
#include "log/testing.h"
#include "os/thread.h"

namespace st::collect {
namespace {

class CollectorTest : public ::testing::Test {
 protected:
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::Log> log_ =
      log::Log::Open(fs_, clock_, *random_, {.dir = "/log", .allocate_chunk_bytes = 64 << 10})
          .value();
};

TEST_F(CollectorTest, EveryEventGetsTheOffsetItHasInTheLog) {
  constexpr int kThreads = 4;
  constexpr int kEvents = 500;
  Collector collector(*log_, clock_);
  Guarded<std::map<std::int64_t, std::string>> answered;
  std::latch done(kThreads * kEvents);
  {
    std::vector<os::Thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back("client", [&, t] {
        for (int i = 0; i < kEvents; ++i) {
          const std::string value = fmt::format("{}:{}", t, i);
          collector.Collect("events", value, [&, value](const Result<Offset>& offset) {
            answered.With([&](auto& map) { map[offset.value().value()] = value; });
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

TEST_F(CollectorTest, AFullQueueIsRefusedAndTheRestIsStored) {
  Collector collector(*log_, clock_);
  log_->Stop();
  Result<Offset> closed;
  collector.Collect("events", "x", [&](const Result<Offset>& r) { closed = r; });
  EXPECT_EQ(closed.error().code(), ErrorCode::kShutdown);
  Result<Offset> large;
  collector.Collect("events", std::string(kMaxQueuedBytes + 1, 'x'),
                    [&](const Result<Offset>& r) { large = r; });
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace st::collect
