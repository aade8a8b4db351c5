// Power loss at every step of a repair.
#include <gtest/gtest.h>

#include "log/repair_testing.h"

namespace st::log {
namespace {

using testing::DamagedLog;
using testing::PlacedEntry;

class RepairCrash : public ::testing::Test {
 protected:
  // Repairs the damaged log and takes an image before each step and after the last.
  void Repair() {
    damaged_ = log_.fs().Copy();
    log_.fs().SetHook([&](const std::string&, const std::string&) -> Status {
      for (int i = 0; i < 3; ++i) images_.push_back(log_.fs().Crash(log_.random()));
      return {};
    });
    plan_ = log_.Repair();
    log_.fs().SetHook({});
    images_.push_back(log_.fs().Crash(log_.random()));
  }

  // The bytes that the segment lacks now are in a copy.
  void ExpectNothingIsSilentlyLost(const os::testing::MemoryFileSystem& disk) {
    for (const auto& step : plan_.steps) {
      if (step.from == step.to) continue;
      const auto path = DamagedLog::Path(step.segment);
      const auto before = damaged_->Contents(path).substr(step.from, step.to - step.from);
      const auto now = disk.Contents(path);
      if (now.size() >= step.to && now.substr(step.from, step.to - step.from) == before) continue;
      const auto copy = fmt::format("{}/{}.{}-{}", DamagedLog::kCopies, SegmentName(step.segment),
                                    step.from, step.to);
      ASSERT_EQ(disk.Contents(copy), before);
    }
  }

  void Check() {
    log_.Open();
    const auto want = DamagedLog::See(log_.log());
    log_.Close();
    EXPECT_GT(images_.size(), 10U);
    for (auto& image : images_) {
      ExpectNothingIsSilentlyLost(*image);
      const auto plan = log_.Plan(*image);
      ASSERT_TRUE(plan) << plan.error().message();
      ASSERT_TRUE(plan->refused.empty()) << plan->refused[0].reason;
      ASSERT_TRUE(RepairLog(*image, *plan, std::string(DamagedLog::kCopies)));
      ExpectNothingIsSilentlyLost(*image);
      const auto opened = log_.TryOpen(*image);
      ASSERT_TRUE(opened) << opened.error().message();
      const auto seen = DamagedLog::See(**opened);
      ASSERT_EQ(seen.ranges, want.ranges);
      ASSERT_EQ(seen.records, want.records);
    }
  }

  DamagedLog log_;
  RepairPlan plan_;
  std::unique_ptr<os::testing::MemoryFileSystem> damaged_;
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> images_;
};

TEST_F(RepairCrash, IsolationsInTwoSegmentsAreFinishedByAFurtherRepair) {
  auto entries = DamagedLog::Entries(log_.fs());
  entries.pop_back();  // a damaged end is cut
  for (const auto& entry : entries) {
    const bool is_chosen = entry.header.type == EntryType::kBatch && entry.header.length < 300;
    if (is_chosen) log_.Flip(entry.segment, entry.position + entry.header.length - 1);
  }
  Repair();
  ASSERT_EQ(plan_.steps.size(), 2U);
  EXPECT_NE(plan_.steps[0].segment, plan_.steps[1].segment);
  Check();
}

TEST_F(RepairCrash, ACutAndAHeaderAreFinishedByAFurtherRepair) {
  const auto last = DamagedLog::Entries(log_.fs()).back();
  log_.Flip(2, 41);
  log_.Flip(last.segment, last.position + last.header.length - 1);
  Repair();
  EXPECT_EQ(plan_.steps.size(), 2U);
  Check();
}

}  // namespace
}  // namespace st::log
