// Tests the rounds of the scrubber: what it reads, when, and what it says.
#include "upkeep/scrubber.h"

#include "lake/testing.h"
#include "upkeep/limits.h"

namespace st::upkeep {
namespace {

using lake::testing::CommitRows;
using lake::testing::kTable;
using lake::testing::OpenLake;
using lake::testing::TestColumns;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ScrubberTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {}));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(CommitRows(*lake_, fs_, i + 1));
  }
  // Steps until nothing is due; returns how many files were read.
  int Round() {
    int files = 0;
    while (scrubber_.Step() > 0) ++files;
    return files;
  }
  std::string FirstFile() { return lake_->Load(kTable).value()->files.begin()->location; }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<lake::Lake> lake_ = OpenLake(fs_, clock_, *random_);
  Scrubber scrubber_{*lake_, clock_};
};

TEST_F(ScrubberTest, EachFileIsReadOnceARound) {
  EXPECT_EQ(0, Round());  // the first round waits
  clock_.Advance(kFirstScrubUs);
  EXPECT_EQ(3, Round());
  EXPECT_EQ(0, Round());
  clock_.Advance(kScrubUs);
  EXPECT_EQ(3, Round());
  EXPECT_THAT(scrubber_.Damage(), IsEmpty());
}

TEST_F(ScrubberTest, DamageIsNamedUntilTheFileIsWhole) {
  clock_.Advance(kFirstScrubUs);
  const auto whole = os::ReadWholeFile(fs_, FirstFile()).value();
  fs_.Overwrite(FirstFile(), lake::testing::ContentOf(8));
  EXPECT_EQ(3, Round());
  const auto damage = scrubber_.Damage();
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].table, "default.purchases");
  EXPECT_EQ(damage[0].location, FirstFile());
  EXPECT_THAT(damage[0].message, HasSubstr("table default.purchases: " + FirstFile()));
  fs_.Overwrite(FirstFile(), whole);
  EXPECT_EQ(0, Round()) << "it is not due";
  EXPECT_EQ(1U, scrubber_.Damage().size());
  clock_.Advance(kRecheckUs);
  EXPECT_EQ(1, Round());
  EXPECT_THAT(scrubber_.Damage(), IsEmpty());
}

TEST_F(ScrubberTest, DamagedFilesAreLookedAtInTurn) {
  const auto view = lake_->Load(kTable).value();
  for (const auto& file : view->files) {
    scrubber_.Note(kTable, file, Error(ErrorCode::kCorruption, "another reader met it"));
  }
  fs_.Overwrite(FirstFile(), lake::testing::ContentOf(8));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(0, Round());
    clock_.Advance(kRecheckUs);
    EXPECT_EQ(1, Round());
  }
  const auto damage = scrubber_.Damage();
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].location, FirstFile());
  EXPECT_THAT(damage[0].message, HasSubstr("checksum"));
}

TEST_F(ScrubberTest, AMissingFileIsDamageUntilItLeavesTheTable) {
  clock_.Advance(kFirstScrubUs);
  ASSERT_TRUE(fs_.Remove(FirstFile()));
  EXPECT_EQ(3, Round());
  EXPECT_EQ(1U, scrubber_.Damage().size());
  ASSERT_TRUE(lake_->Clear({.table = kTable,
                            .expected_version = lake_->Load(kTable).value()->version,
                            .columns = TestColumns()}));
  EXPECT_THAT(scrubber_.Damage(), IsEmpty()) << "before the next round";
  clock_.Advance(kScrubUs);
  EXPECT_EQ(0, Round());
  EXPECT_THAT(scrubber_.Damage(), IsEmpty());
}

TEST_F(ScrubberTest, FilesThatLeaveDuringARoundAreSkipped) {
  clock_.Advance(kFirstScrubUs);
  EXPECT_GT(scrubber_.Step(), 0);
  ASSERT_TRUE(lake_->Drop(kTable));
  EXPECT_EQ(0, Round());
  EXPECT_THAT(scrubber_.Damage(), IsEmpty());
}

}  // namespace
}  // namespace st::upkeep
