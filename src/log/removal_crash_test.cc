// Power loss at every step while starts of partitions move and segments leave the disk.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "base/mutex.h"
#include "log/limits.h"
#include "log/record_removal.h"
#include "log/testing.h"
#include "log/verify.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;

constexpr std::size_t kTopics = 3;

std::string Value(std::size_t topic, std::int64_t offset, std::size_t bytes) {
  auto value = fmt::format("{}/{}:", topic, offset);
  value.resize(std::max(value.size(), bytes), 'x');
  return value;
}

// What was acknowledged of one topic.
struct Acknowledged {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

struct Image {
  std::unique_ptr<os::testing::MemoryFileSystem> disk;
  std::array<Acknowledged, kTopics> acknowledged;
};

class RemovalScript {
 public:
  explicit RemovalScript(std::uint64_t seed) : random_(os::MakeSeededRandom(seed)) {}

  void Run(std::size_t steps) {
    auto log = LocalLog::Open({fs_, clock_, *random_}, options_).value();
    for (std::size_t n = 0; n < kTopics; ++n) {
      tps_[n] = {log->CreateTopic(fmt::format("t{}", n), 1).value().id, PartitionId(0)};
    }
    fs_.SetHook([&](const std::string&, const std::string&) -> Status {
      if (random_->Next() % 3 != 0) return {};  // images are large
      Image image;
      // Before the disk: what was acknowledged by then is on it.
      for (std::size_t n = 0; n < kTopics; ++n) {
        image.acknowledged[n] = {.start = starts_[n], .end = ends_[n]};
      }
      image.disk = fs_.Crash(*random_);
      MutexLock lock(mu_);  // two threads change the disk
      images_.push_back(std::move(image));
      return {};
    });
    for (std::size_t step = 0; step < steps; ++step) Step(*log);
    log->Stop();
    fs_.SetHook({});
  }

  void Check() {
    for (auto& image : images_) {
      auto opened = LocalLog::Open({*image.disk, clock_, *random_}, options_);
      ASSERT_TRUE(opened) << opened.error().message();
      ExpectAll(**opened, image);
      // It goes on: what is dead goes, and the log opens again.
      ASSERT_TRUE(RemovalOf(**opened).RemoveSegments());
      ASSERT_TRUE(AppendAndWait(**opened, tps_[0], Batch({"after"})));
      opened->reset();
      const auto after = image.disk->Crash(*random_);
      const auto verified = VerifyLog(*after, "/log", [](auto&&...) {});
      ASSERT_TRUE(verified) << verified.error().message();
      ASSERT_TRUE(verified->findings.empty()) << verified->findings[0].reason;
      auto again = LocalLog::Open({*after, clock_, *random_}, options_);
      ASSERT_TRUE(again) << again.error().message();
      ExpectAll(**again, image);
    }
  }

  std::size_t images() const { return images_.size(); }
  std::uint64_t removed() const { return removed_; }

 private:
  void Step(LocalLog& log) {
    const std::size_t n = random_->Next() % kTopics;
    // The last topic is quiet: its few records keep segments between those that go.
    const auto kind = random_->Next() % 8;
    if (kind == 0) {
      const std::int64_t end = ends_[n];
      const auto to = static_cast<std::int64_t>(random_->Next() % 4) + end - 3;
      if (to <= starts_[n]) return;
      RemovalOf(log).MoveStart({.tp = tps_[n], .to = Offset(to)}, [this, n](Result<Offset> at) {
        if (at) starts_[n] = at->value();
      });
      return;
    }
    if (kind == 1) {
      const auto removed = RemovalOf(log).RemoveSegments();
      ASSERT_TRUE(removed) << removed.error().message();
      removed_ += removed->segments;
      return;
    }
    if (n == kTopics - 1 && kind < 7) return;
    const std::size_t bytes = random_->Next() % 300'000;
    const auto offset = sent_[n]++;
    log.Append(tps_[n], Batch({Value(n, offset, bytes)}), {},
               [this, n, offset](const Result<AppendResult>& result) {
                 if (result) ends_[n] = offset + 1;
               });
    while (random_->Next() % 3 == 0 && ends_[n] <= offset) std::this_thread::yield();
  }

  void ExpectAll(const LocalLog& log, const Image& image) const {
    for (std::size_t n = 0; n < kTopics; ++n) {
      const auto start = log.StartOffset(tps_[n]).value();
      const auto end = log.EndOffset(tps_[n]).value();
      ASSERT_GE(start, image.acknowledged[n].start);
      ASSERT_GE(end, image.acknowledged[n].end);
      for (std::int64_t at = start; at < std::min(end, sent_[n]); ++at) {
        const auto read = log.Read(tps_[n], Offset(at), 1);
        ASSERT_TRUE(read) << read.error().message();
        record::RecordScan scan;
        ASSERT_TRUE(scan.Open(read->batches, 1 << 20));
        record::Record record;
        const auto is_there = scan.Next(record);
        ASSERT_TRUE(is_there && *is_there);
        ASSERT_EQ(record.offset, at) << "no hole";
        const auto want = fmt::format("{}/{}:", n, at);
        if (record.value != "after") ASSERT_TRUE(record.value->starts_with(want)) << want;
      }
    }
  }

  std::unique_ptr<os::Random> random_;
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  LogOptions options_{
      .dir = "/log", .segment_bytes = kMinSegmentBytes, .allocate_chunk_bytes = 64 << 10};
  std::array<TopicPartition, kTopics> tps_;
  std::array<std::int64_t, kTopics> sent_{};
  std::array<std::atomic<std::int64_t>, kTopics> starts_{};
  std::array<std::atomic<std::int64_t>, kTopics> ends_{};
  std::uint64_t removed_ = 0;
  Mutex mu_;
  std::vector<Image> images_;
};

TEST(RemovalCrash, AnyPowerLossKeepsStartsAndRecordsAndNeverMissesASegment) {
  const char* wanted = std::getenv("ST_REMOVAL_IMAGES");
  const std::size_t images = wanted == nullptr ? 500 : std::strtoul(wanted, nullptr, 10);
  const char* first = std::getenv("ST_SEED");
  std::uint64_t seed = first == nullptr ? 1 : std::strtoull(first, nullptr, 10);
  std::uint64_t removed = 0;
  for (std::size_t done = 0; done < images; ++seed) {
    SCOPED_TRACE(fmt::format("ST_SEED={}", seed));
    RemovalScript script(seed);
    script.Run(60);
    script.Check();
    if (::testing::Test::HasFatalFailure()) return;
    done += script.images();
    removed += script.removed();
  }
  EXPECT_GT(removed, 0U);
}

}  // namespace
}  // namespace st::log
