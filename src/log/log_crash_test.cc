// Power loss at every step of a random script: I1, I2, I3 on 2,000 disk images.
#include <gtest/gtest.h>

#include <cstdlib>

#include "log/testing.h"

namespace st::log {
namespace {

using testing::Batch;
using testing::ReadValues;

// What was answered for, at the moment an image was taken.
struct Image {
  std::unique_ptr<os::testing::MemoryFileSystem> disk;
  std::size_t acknowledged = 0;
};

class CrashScript {
 public:
  explicit CrashScript(std::uint64_t seed) : random_(os::MakeSeededRandom(seed)) {}

  // Appends random batches and takes an image before each mutating step of the disk.
  void Run(std::size_t appends, std::size_t max_images) {
    fs_.SetHook([&](const std::string&, const std::string&) -> Status {
      if (images_.size() < max_images) {
        images_.push_back({fs_.Crash(*random_), acknowledged_.load()});
      }
      return {};
    });
    auto log = LocalLog::Open({fs_, clock_, *random_}, options_).value();
    const TopicPartition tp{log->CreateTopic("t", 1).value().id, PartitionId(0)};
    for (std::size_t i = 0; i < appends; ++i) {
      const std::size_t n = 1 + random_->Next() % 3;
      std::vector<std::string> values;
      for (std::size_t k = 0; k < n; ++k) {
        sent_.push_back(
            fmt::format("{}:{}", sent_.size(), std::string(random_->Next() % 3000, 'x')));
        values.push_back(sent_.back());
      }
      log->Append(tp, Batch(values), {}, [this, n](Result<AppendResult> result) {
        if (result) acknowledged_ += n;
      });
      if (random_->Next() % 4 == 0) Settle(*log, tp);
    }
    log->Stop();
    fs_.SetHook({});
    images_.push_back({fs_.Crash(*random_), acknowledged_.load()});
  }

  // Each image opens, holds all that was answered for, and a prefix of what was sent; then it takes
  // another append and opens again with it (recovery itself survives).
  void Check() {
    for (auto& image : images_) {
      auto opened = LocalLog::Open({*image.disk, clock_, *random_}, options_);
      ASSERT_TRUE(opened) << opened.error().message();
      const auto topic = (*opened)->FindTopic("t");
      if (!topic) {
        ASSERT_EQ(image.acknowledged, 0U);
        continue;
      }
      const TopicPartition tp{topic->id, PartitionId(0)};
      auto values = ReadValues(**opened, tp);
      ASSERT_GE(values.size(), image.acknowledged);
      ASSERT_LE(values.size(), sent_.size());
      ASSERT_TRUE(std::equal(values.begin(), values.end(), sent_.begin()));
      ASSERT_TRUE(testing::AppendAndWait(**opened, tp, Batch({"after"})));
      opened->reset();
      const auto after = image.disk->Crash(*random_);
      auto again = LocalLog::Open({*after, clock_, *random_}, options_);
      ASSERT_TRUE(again) << again.error().message();
      values.emplace_back("after");
      ASSERT_EQ(ReadValues(**again, tp), values);
    }
  }

  std::size_t images() const { return images_.size(); }

 private:
  void Settle(Log& log, TopicPartition tp) {
    while (log.EndOffset(tp).value() < static_cast<std::int64_t>(sent_.size())) {
      std::this_thread::yield();
    }
  }

  std::unique_ptr<os::Random> random_;
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  LogOptions options_{.dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 8 << 10};
  std::vector<std::string> sent_;
  std::atomic<std::size_t> acknowledged_ = 0;
  std::vector<Image> images_;
};

TEST(LogCrash, AnyPowerLossLeavesAllThatWasAcknowledgedAndAPrefix) {
  const char* wanted = std::getenv("ST_CRASH_IMAGES");
  const std::size_t images = wanted == nullptr ? 2'000 : std::strtoul(wanted, nullptr, 10);
  const char* first = std::getenv("ST_SEED");
  std::uint64_t seed = first == nullptr ? 1 : std::strtoull(first, nullptr, 10);
  for (std::size_t done = 0; done < images; ++seed) {
    SCOPED_TRACE(fmt::format("ST_SEED={}", seed));
    CrashScript script(seed);
    script.Run(40, 100);
    script.Check();
    if (HasFatalFailure()) return;
    done += script.images();
  }
}

}  // namespace
}  // namespace st::log
