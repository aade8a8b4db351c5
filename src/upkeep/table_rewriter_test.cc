// Tests one rewrite of a table, what goes wrong in it, and many of them beside commits and readers.
#include "upkeep/table_rewriter.h"

#include <algorithm>
#include <deque>

#include "lake/limits.h"
#include "upkeep/limits.h"
#include "upkeep/rewrite_plan.h"
#include "upkeep/testing.h"

namespace st::upkeep {
namespace {

using lake::testing::CommitRows;
using lake::testing::ExpectHistoryIsWhole;
using lake::testing::kTable;
using lake::testing::OpenLake;
using lake::testing::TestColumns;
using ::testing::HasSubstr;

constexpr auto kFiles = static_cast<std::int64_t>(kMinInputs);

class TableRewriterTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {})); }
  // As many files of one row as make a rewrite.
  void CommitSmallFiles() {
    for (std::int64_t i = 0; i < kFiles; ++i) ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  }
  std::shared_ptr<const lake::View> View() { return lake_->Load(kTable).value(); }
  std::size_t CountDataFiles() {
    return fs_.List("/data/warehouse/default/purchases/data").value().size();
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<lake::Lake> lake_ = OpenLake(fs_, clock_, *random_);
  testing::FakeRewriter rewriter_{fs_};
};

TEST_F(TableRewriterTest, SmallFilesBecomeOneWithTheSameRows) {
  CommitSmallFiles();
  const auto before = View();
  const auto report = RewriteOnce(*lake_, kTable, rewriter_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ((*report)->input_files, kFiles);
  EXPECT_EQ((*report)->input_bytes, 103 * kFiles);
  EXPECT_EQ((*report)->output_bytes, 103);
  EXPECT_EQ(View()->files.size(), 1U);
  EXPECT_EQ(View()->record_count, kFiles);
  EXPECT_EQ(View()->properties, before->properties);
  EXPECT_EQ(View()->files.begin()->columns.at(3).value_count, kFiles);
  EXPECT_FALSE(RewriteOnce(*lake_, kTable, rewriter_).value()) << "it is good as it is";
  EXPECT_EQ(rewriter_.jobs, 1);
}

TEST_F(TableRewriterTest, ACopyHasTheStatisticsOfItsInputs) {
  CommitSmallFiles();
  const auto one = View()->files.begin()->columns.at(3);
  rewriter_.copies = true;
  ASSERT_TRUE(RewriteOnce(*lake_, kTable, rewriter_));
  const auto view = View();
  ASSERT_EQ(view->files.size(), 1U);
  const auto& all = view->files.begin()->columns.at(3);
  EXPECT_EQ(all.value_count, kFiles);
  EXPECT_EQ(all.size_bytes, kFiles * one.size_bytes);
  EXPECT_EQ(all.null_count, 0);
  EXPECT_EQ(all.lower, one.lower);
  EXPECT_EQ(all.upper, one.upper);
}

TEST_F(TableRewriterTest, ADamagedFileIsNamedAndNeverRewritten) {
  CommitSmallFiles();
  const auto view = View();
  const auto& damaged = std::ranges::next(view->files.begin(), 3)->location;
  fs_.Overwrite(damaged, lake::testing::ContentOf(2));
  const auto report = RewriteOnce(*lake_, kTable, rewriter_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(report.error().message(), HasSubstr(damaged));
  EXPECT_THAT(report.error().message(), HasSubstr("; `steelthread pipeline reset "));
  EXPECT_EQ(rewriter_.jobs, 0);
  EXPECT_EQ(View()->version, view->version);
}

TEST_F(TableRewriterTest, AfterAnErrorTheTableIsAsItWasAndNoFileIsLeft) {
  CommitSmallFiles();
  const auto view = View();
  rewriter_.fails_with = Error(ErrorCode::kUnavailable, "out of memory");
  EXPECT_EQ(RewriteOnce(*lake_, kTable, rewriter_).error().message(), "out of memory");
  rewriter_.fails_with.reset();
  rewriter_.is_empty = true;
  EXPECT_EQ(RewriteOnce(*lake_, kTable, rewriter_).error().message(),
            fmt::format("the worker found no row in {} data files", kMinInputs));
  rewriter_.is_empty = false;
  rewriter_.lost_rows = 1;
  const auto lost = RewriteOnce(*lake_, kTable, rewriter_);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::kInvalidArgument) << "the worker lost a row";
  EXPECT_EQ(View()->version, view->version);
  EXPECT_EQ(CountDataFiles(), kMinInputs);
}

TEST_F(TableRewriterTest, ACommitMeanwhileDoesNoHarm) {
  CommitSmallFiles();
  rewriter_.before = [&] { ASSERT_TRUE(CommitRows(*lake_, fs_, 5)); };
  ASSERT_TRUE(RewriteOnce(*lake_, kTable, rewriter_));
  EXPECT_EQ(View()->files.size(), 2U);
  EXPECT_EQ(View()->record_count, kFiles + 5);
}

// Power is lost at each step of a rewrite: the table has the rows, and all files that it names; so
// has the tagged snapshot, which the rewrite changes, too.
TEST_F(TableRewriterTest, APowerLossLosesNothing) {
  CommitSmallFiles();
  clock_.Advance(lake::kKeepHoursMs / 24 * 1000);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  ASSERT_EQ(View()->tagged_sequence_numbers.size(), 1U);
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> images;
  fs_.SetHook([&](const std::string&, const std::string&) -> Status {
    images.push_back(fs_.Crash(*random_));
    return {};
  });
  ASSERT_TRUE(RewriteOnce(*lake_, kTable, rewriter_));
  fs_.SetHook({});
  EXPECT_GT(images.size(), 5U);
  for (const auto& image : images) {
    const auto lake = OpenLake(*image, clock_, *random_);
    ASSERT_TRUE(lake->Problems().empty()) << lake->Problems()[0].error.message();
    EXPECT_EQ(lake->Load(kTable).value()->record_count, kFiles + 1);
    ExpectHistoryIsWhole(*image);
    testing::FakeRewriter rewriter(*image);
    ASSERT_TRUE(RewriteOnce(*lake, kTable, rewriter));
    EXPECT_EQ(lake->Load(kTable).value()->files.size(), 2U);
    EXPECT_EQ(lake->Load(kTable).value()->record_count, kFiles + 1);
    ExpectHistoryIsWhole(*image);
  }
}

TEST_F(TableRewriterTest, CompactionNeedsTwoFilesAlone) {
  ASSERT_TRUE(CommitRows(*lake_, fs_, 3));
  ASSERT_TRUE(CommitRows(*lake_, fs_, 4));
  std::int64_t rewritten = 0;
  const auto done = Compact(*lake_, kTable, rewriter_,
                            [&](const auto& report) { rewritten += report.input_files; });
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->files_before, 2);
  EXPECT_EQ(done->bytes_before, 206);
  EXPECT_EQ(done->files_after, 1);
  EXPECT_EQ(done->bytes_after, 103);
  EXPECT_EQ(rewritten, 2);
  EXPECT_EQ(View()->files.size(), 1U);
  EXPECT_EQ(View()->record_count, 7);
  const auto again = Compact(*lake_, kTable, rewriter_, [](const auto&) {});
  EXPECT_EQ(again.value().files_after, 1);
  EXPECT_EQ(rewriter_.jobs, 1) << "nothing is left to do";
}

TEST_F(TableRewriterTest, CompactionLeavesFilesThatCommitsAddMeanwhile) {
  CommitSmallFiles();
  rewriter_.before = [&] {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  };
  const auto done = Compact(*lake_, kTable, rewriter_, [](const auto&) {});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(rewriter_.jobs, 1) << "else it would go on as long as commits come";
  EXPECT_EQ(done->files_before, kFiles);
  EXPECT_EQ(done->files_after, 1);
  EXPECT_EQ(View()->files.size(), 4U);
  EXPECT_EQ(View()->record_count, kFiles + 3);
}

TEST_F(TableRewriterTest, CompactionLeavesADamagedFileOutAndNamesIt) {
  CommitSmallFiles();
  const auto before = View();
  const auto& damaged = std::ranges::next(before->files.begin(), 3)->location;
  fs_.Overwrite(damaged, lake::testing::ContentOf(2));
  std::vector<std::string> told;
  const auto done = Compact(
      *lake_, kTable, rewriter_, [](const auto&) {},
      [&](const lake::DataFile& file, const Error&) { told.push_back(file.location); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(done.error().message(), HasSubstr(damaged));
  EXPECT_THAT(done.error().message(), HasSubstr("; `steelthread pipeline reset "));
  EXPECT_THAT(told, ::testing::ElementsAre(damaged));
  EXPECT_TRUE(View()->files.Contains(damaged));
  EXPECT_LT(View()->files.size(), before->files.size());
  EXPECT_EQ(View()->record_count, before->record_count);
}

TEST_F(TableRewriterTest, CompactionIsPlannedAgainWhereInputsLeft) {
  CommitSmallFiles();
  testing::FakeRewriter other(fs_);
  rewriter_.before = [&] {
    if (rewriter_.jobs > 1) return;
    const auto first = [](const lake::View& view, const auto&) {
      std::vector<const lake::DataFile*> files;
      for (const auto& file : view.files) {
        if (files.size() < kMinInputs) files.push_back(&file);
      }
      return files;
    };
    ASSERT_TRUE(RewriteOnce(*lake_, kTable, other, first).value());
  };
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  const auto done = Compact(*lake_, kTable, rewriter_, [](const auto&) {});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(rewriter_.jobs, 2);
  EXPECT_EQ(done->files_before, kFiles + 1);
  EXPECT_EQ(done->files_after, 1);
  EXPECT_EQ(View()->files.size(), 1U);
  EXPECT_EQ(View()->record_count, kFiles + 1);
  EXPECT_EQ(CountDataFiles(), kFiles + 3U) << "inputs of both, and the two outputs";
}

TEST_F(TableRewriterTest, CompactionEndsWhereInputsLeaveAgainAndAgain) {
  CommitSmallFiles();
  rewriter_.fails_with = Error(ErrorCode::kConflict, "an input is not live");
  const auto done = Compact(*lake_, kTable, rewriter_, [](const auto&) {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(rewriter_.jobs, kMaxConflicts + 1);
}

TEST_F(TableRewriterTest, AFileOfAnUnknownOutcomeStays) {
  CommitSmallFiles();
  bool is_linked = false;
  fs_.SetHook([&](const std::string& step, const std::string& path) -> Status {
    if (step == "syncdir" && is_linked) return Fail(ErrorCode::kIo, "{}: gone", path);
    is_linked = is_linked || step == "link";
    return {};
  });
  const auto report = RewriteOnce(*lake_, kTable, rewriter_);
  fs_.SetHook({});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kOutcomeUnknown);
  EXPECT_FALSE(RewriteOnce(*lake_, kTable, rewriter_).value()) << "it had landed";
  EXPECT_EQ(View()->record_count, kFiles);
  EXPECT_EQ(View()->files.size(), 1U);
  ExpectHistoryIsWhole(fs_);
}

// Random commits, rewrites, waits, removals, crashes and readers with Views, against the list of
// commits.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(os::MakeSeededRandom(seed)) {
    lake_ = OpenLake(*fs_, clock_, *random_);
    EXPECT_TRUE(lake_->Create(kTable, TestColumns(), {}));
  }
  void Step() {
    switch (random_->Next() % 12) {
      case 0:
        return Reopen();
      case 1:
        clock_.Advance(static_cast<std::int64_t>(random_->Next() % (2 * lake::kKeepUnnamedUs)));
        ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
        return;
      case 2:
        return Hold();
      case 3:
        if (!held_.empty()) held_.pop_front();
        return;
      case 4:
        if (random_->Next() % 4 == 0) clock_.Advance(lake::kOrphanAgeUs);
        ASSERT_TRUE(lake_->RemoveOrphans(kTable, false));
        return;
      case 5:
      case 6: {
        testing::FakeRewriter rewriter(*fs_);
        if (random_->Next() % 3 == 0) rewriter.before = [this] { Commit(); };
        ASSERT_TRUE(RewriteOnce(*lake_, kTable, rewriter));
        return;
      }
      default:
        clock_.Advance(static_cast<std::int64_t>(random_->Next() % 600'000'000));
        return Commit();
    }
  }
  void Check() {
    const auto view = lake_->Load(kTable).value();
    CheckRows(*view);
    for (const auto& held : held_) {
      CheckRows(*held);
      for (const auto& file : held->files) {
        ASSERT_TRUE(fs_->Exists(file.location).value()) << file.location << " is held";
      }
    }
    ExpectHistoryIsWhole(*fs_);
    ASSERT_LE(CountSmallFiles(*view).files, static_cast<std::int64_t>(kMaxSmallFiles) + 20);
  }

 private:
  void Commit() {
    const auto rows = static_cast<std::int64_t>(1 + random_->Next() % 9);
    ASSERT_TRUE(CommitRows(*lake_, *fs_, rows));
    commits_.push_back(rows);
  }
  void Hold() {
    held_.push_back(lake_->Load(kTable).value());
    if (held_.size() > 3) held_.pop_front();
  }
  // A power loss. Readers of before are gone with the process.
  void Reopen() {
    held_.clear();
    lake_.reset();
    fs_ = fs_->Crash(*random_);
    lake_ = OpenLake(*fs_, clock_, *random_);
    ASSERT_TRUE(lake_->Problems().empty());
  }
  // Each file has the rows of some commits that follow each other, and all are there in order.
  void CheckRows(const lake::View& view) {
    std::size_t next = 0;
    for (const auto& file : view.files) {
      std::int64_t rows = 0;
      while (rows < file.record_count && next < commits_.size()) rows += commits_[next++];
      ASSERT_EQ(rows, file.record_count);
    }
    std::int64_t total = 0;
    for (std::size_t i = 0; i < next; ++i) total += commits_[i];
    ASSERT_EQ(total, view.record_count);
    const auto progress = view.properties.find(lake::testing::kProgress);
    if (progress != view.properties.end()) ASSERT_EQ(progress->second, std::to_string(total));
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_;
  std::unique_ptr<lake::Lake> lake_;
  std::vector<std::int64_t> commits_;
  std::deque<std::shared_ptr<const lake::View>> held_;
};

TEST(UpkeepModel, ReadersNeverSeeAMissingFileOrATornState) {
  const char* wanted = std::getenv("ST_UPKEEP_MODELS");
  const std::int64_t models = wanted == nullptr ? 2 : ParseInt64(wanted).value_or(2);
  for (std::int64_t seed = 1; seed <= models && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Model model(static_cast<std::uint64_t>(seed));
    for (int step = 0; step < 250 && !::testing::Test::HasFailure(); ++step) {
      model.Step();
      if (step % 25 == 0) model.Check();
    }
    model.Check();
  }
}

}  // namespace
}  // namespace st::upkeep
