// Tests the thread of upkeep: what it rewrites and when, what it tells, and its stop.
#include "upkeep/upkeep.h"

#include <atomic>
#include <latch>

#include "base/metrics.h"
#include "lake/limits.h"
#include "lake/names.h"
#include "os/thread.h"
#include "upkeep/limits.h"
#include "upkeep/testing.h"

namespace st::upkeep {
namespace {

using lake::testing::CommitRows;
using lake::testing::kTable;
using lake::testing::OpenLake;
using lake::testing::TestColumns;
using ::testing::HasSubstr;

class UpkeepTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {})); }
  void CommitFiles(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto done = CommitRows(*lake_, fs_, 1);
      while (!done && done.error().code() == ErrorCode::kConflict) {
        done = CommitRows(*lake_, fs_, 1);
      }
      ASSERT_TRUE(done) << done.error().message();
    }
  }
  void Make() {
    UpkeepOptions options;
    options.is_automatic = is_automatic_;
    options.make_rewriter = [this] {
      auto rewriter = std::make_unique<testing::FakeRewriter>(fs_);
      rewriter_ = rewriter.get();
      rewriter->fails_with = fails_with_;
      return rewriter;
    };
    upkeep_ = Upkeep::Make({*lake_, {fs_, clock_, *random_, &metrics_}}, std::move(options));
  }
  void Start() {
    Make();
    upkeep_->Start();
  }
  // Takes steps, each when it is due, until `is_so` holds.
  template <typename F>
  void Until(F&& is_so) {
    constexpr int kMostSteps = 100'000;
    for (int step = 0; !is_so(); ++step) {
      ASSERT_LT(step, kMostSteps);
      Step();
    }
  }
  void Step() {
    const auto now_us = clock_.MonotonicUs();
    const auto next_us = upkeep_->Step(now_us).next_us;
    ASSERT_GE(next_us, now_us + kLookUs);
    clock_.Advance(next_us - clock_.MonotonicUs());
  }
  std::size_t Files() { return lake_->Load(kTable).value()->files.size(); }
  TableUpkeep Status() {
    const auto all = upkeep_->Status();
    return all.empty() ? TableUpkeep() : all[0];
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  MetricRegistry metrics_;
  std::unique_ptr<lake::Lake> lake_ = OpenLake(fs_, clock_, *random_);
  bool is_automatic_ = true;
  std::optional<Error> fails_with_;
  testing::FakeRewriter* rewriter_ = nullptr;
  std::unique_ptr<Upkeep> upkeep_;
};

TEST_F(UpkeepTest, KeepsATableAtFewFilesWhileItGrows) {
  Make();
  CommitFiles(3);
  Until([&] { return Status().small_files == 3; });
  EXPECT_GT(Status().next_orphans_us, clock_.MonotonicUs());
  for (int round = 0; round < 5; ++round) {
    CommitFiles(40);
    Until([&] { return Files() < kMinInputs * 2; });
  }
  EXPECT_EQ(lake_->Load(kTable).value()->record_count, 203);
  Until([&] { return Status().rewrites >= 5; });
  EXPECT_EQ(Status().table, kTable);
  EXPECT_EQ(Status().failures, 0);
  EXPECT_FALSE(Status().is_behind);
  const auto text = metrics_.Render();
  EXPECT_THAT(text, HasSubstr("steelthread_upkeep_rewrites_total"));
  EXPECT_THAT(text, HasSubstr("steelthread_upkeep_failures_total 0\n"));
}

TEST_F(UpkeepTest, AFailedRewriteIsToldAndTriedLater) {
  fails_with_ = Error(ErrorCode::kUnavailable, "no worker starts");
  CommitFiles(kMinInputs);
  Make();
  Until([&] { return Status().failures == 3; });
  EXPECT_EQ(Status().last_error, "no worker starts");
  EXPECT_EQ(Files(), kMinInputs);
  EXPECT_THAT(metrics_.Render(), HasSubstr("steelthread_upkeep_failures_total 3\n"));
}

TEST_F(UpkeepTest, TellsThatItIsBehind) {
  fails_with_ = Error(ErrorCode::kUnavailable, "no worker starts");
  CommitFiles(kBehindFiles);
  Make();
  Until([&] { return Status().small_files == static_cast<std::int64_t>(kBehindFiles); });
  EXPECT_FALSE(Status().is_behind);
  CommitFiles(1);
  Until([&] { return Status().is_behind; });
  EXPECT_EQ(Status().small_files, static_cast<std::int64_t>(kBehindFiles) + 1);
}

TEST_F(UpkeepTest, GoesOnWithoutADamagedFileAndTellsOfIt) {
  CommitFiles(kMinInputs * 2);
  const auto view = lake_->Load(kTable).value();
  const auto damaged = std::ranges::next(view->files.begin(), 3)->location;
  fs_.Overwrite(damaged, lake::testing::ContentOf(2));
  Make();
  Until([&] { return Files() < kMinInputs; });
  EXPECT_TRUE(lake_->Load(kTable).value()->files.Contains(damaged));
  Until([&] { return !upkeep_->Damage().empty(); });
  const auto found = upkeep_->Damage();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].table, lake::FullName(kTable));
  EXPECT_EQ(found[0].location, damaged);
  EXPECT_THAT(found[0].message, HasSubstr(damaged));
}

TEST_F(UpkeepTest, RemovesWhatLeftTheTableAndOrphans) {
  CommitFiles(kMinInputs);
  const auto orphan = lake::testing::WriteData(*lake_, fs_, kTable, 1)->location;
  const auto replaced = lake_->Load(kTable).value()->files.begin()->location;
  Make();
  Until([&] { return Files() == 1; });
  CommitFiles(5);
  clock_.Advance(2 * kOrphansUs);
  Until([&] { return metrics_.Render().contains("orphans_removed_total 1\n"); });
  EXPECT_TRUE(fs_.Exists(orphan).value()) << "it stays for an hour";
  clock_.Advance(lake::kKeepUnnamedUs);
  Until([&] { return !fs_.Exists(orphan).value(); });
  EXPECT_TRUE(fs_.Exists(replaced).value()) << "snapshots name it";
}

TEST_F(UpkeepTest, CompactsAtOnceWhatAPersonNames) {
  is_automatic_ = false;
  CommitFiles(3);
  Start();
  const auto done = upkeep_->Compact(kTable);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->files_before, 3);
  EXPECT_EQ(done->files_after, 1);
  EXPECT_EQ(Files(), 1U);
  EXPECT_THAT(metrics_.Render(), HasSubstr("steelthread_upkeep_rewrites_total 1\n"));
  EXPECT_EQ(upkeep_->Compact({"default", "nothing"}).error().code(), ErrorCode::kNotFound);
}

TEST_F(UpkeepTest, DoesNothingOfItselfWhereItIsSwitchedOff) {
  is_automatic_ = false;
  CommitFiles(kMinInputs);
  Make();
  for (int i = 0; i < 50; ++i) {
    Step();
    clock_.Advance(kOrphansUs);
  }
  EXPECT_EQ(Files(), kMinInputs);
  EXPECT_EQ(rewriter_->jobs, 0);
}

TEST_F(UpkeepTest, RestsManyTimesAsLongAsARewriteTook) {
  constexpr std::int64_t kTookUs = 1'000'000'000;
  CommitFiles(kMinInputs);
  Make();
  rewriter_->before = [&] { clock_.Advance(kTookUs); };
  const auto next_us = upkeep_->Step(clock_.MonotonicUs()).next_us;
  EXPECT_EQ(Files(), 1U);
  EXPECT_GE(next_us - clock_.MonotonicUs(), kTookUs * kRestFactor);
}

// The clock stands still, so no step is due.
TEST_F(UpkeepTest, ARequestWaitsForNoStep) {
  Start();
  CommitFiles(2);
  EXPECT_EQ(upkeep_->Compact(kTable).value().files_after, 1);
}

TEST_F(UpkeepTest, StopEndsRequests) {
  is_automatic_ = false;
  CommitFiles(2);
  Start();
  std::latch begun(1);
  rewriter_->before = [&] {
    begun.count_down();
    while (!rewriter_->is_cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    rewriter_->fails_with = Error(ErrorCode::kShutdown, "cancelled");
  };
  std::vector<os::Thread> persons;
  std::atomic<int> stopped = 0;
  for (int i = 0; i < 2; ++i) {
    persons.emplace_back("person", [&] {
      const auto done = upkeep_->Compact(kTable);
      if (!done && done.error().code() == ErrorCode::kShutdown) ++stopped;
    });
  }
  begun.wait();
  upkeep_->Stop();
  persons.clear();
  EXPECT_EQ(stopped, 2);
  EXPECT_EQ(upkeep_->Compact(kTable).error().code(), ErrorCode::kShutdown);
  EXPECT_EQ(Files(), 2U);
}

TEST_F(UpkeepTest, StopsWhileARewriteRuns) {
  CommitFiles(kMinInputs);
  std::latch begun(1);
  Start();
  rewriter_->before = [&] { begun.count_down(); };
  Until([&] { return begun.try_wait(); });
  upkeep_->Stop();
  upkeep_->Stop();
  EXPECT_EQ(lake_->Load(kTable).value()->record_count, static_cast<std::int64_t>(kMinInputs));
}

}  // namespace
}  // namespace st::upkeep
