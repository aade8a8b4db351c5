// Tests how the files of a table with partitions are put together.
#include "upkeep/file_groups.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/coding.h"
#include "lake/limits.h"
#include "lake/partition.h"
#include "upkeep/limits.h"
#include "upkeep/table_rewriter.h"
#include "upkeep/testing.h"

namespace st::upkeep {
namespace {

using lake::testing::kTable;
using lake::testing::OpenLake;
using lake::testing::TestColumns;
using lake::testing::WriteData;
using ::testing::ElementsAre;

const TableLayout kLayout = {.partition = {{"price", {}}}, .sort = {{"price"}}};

class FileGroupsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {}, kLayout)); }
  std::shared_ptr<const lake::View> View() { return lake_->Load(kTable).value(); }
  // One commit of a file of one row for each value.
  void CommitEach(std::initializer_list<std::int64_t> values) {
    lake::Append append{.table = kTable, .expected_version = View()->version};
    for (const auto value : values) {
      auto file = WriteData(*lake_, fs_, kTable, 1).value();
      file.spec_id = View()->spec_id;
      const auto& fields = lake::FindSpec(*View(), file.spec_id)->fields;
      if (!fields.empty()) AppendLittle(file.partition[fields[0].id], value);
      append.files.push_back(std::move(file));
    }
    const auto done = lake_->Commit(append);
    ASSERT_TRUE(done) << done.error().message();
  }
  void Change(const TableLayout& layout) {
    lake::Append append{.table = kTable, .expected_version = View()->version};
    append.layout = layout;
    ASSERT_TRUE(lake_->Commit(append));
  }
  // "partition: rows" of each file.
  std::vector<std::string> Files() {
    std::vector<std::string> files;
    const auto view = View();
    for (const auto& file : view->files) {
      files.push_back(
          fmt::format("{}: {}", lake::DescribePartition(*view, file), file.record_count));
    }
    return files;
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<lake::Lake> lake_ = OpenLake(fs_, clock_, *random_);
  testing::FakeRewriter rewriter_{fs_};
};

TEST_F(FileGroupsTest, UpkeepLeavesTheLastSnapshotsOfATableWithAHoldToItsPipeline) {
  for (std::size_t i = 0; i < kMinInputs; ++i) CommitEach({1});
  auto view = *View();
  EXPECT_EQ(kMinInputs, ChooseForUpkeep(view, {}).size());
  view.holds = {{.hold = {.name = "report"}, .kept = lake::kMaxHeldSnapshots}};
  view.holds[0].kept -= kSnapshotsLeftByRewrites;
  EXPECT_EQ(kMinInputs, ChooseForUpkeep(view, {}).size());
  ++view.holds[0].kept;
  EXPECT_TRUE(ChooseForUpkeep(view, {}).empty());
  EXPECT_EQ(kMinInputs, ChooseForCompaction(view, {}).size()) << "a person may ask for it";
}

TEST_F(FileGroupsTest, OnlyFilesOfOnePartitionBecomeOne) {
  for (std::size_t i = 0; i + 1 < kMinInputs; ++i) CommitEach({1, 2});
  EXPECT_FALSE(RewriteOnce(*lake_, kTable, rewriter_).value()) << "neither has enough files";
  CommitEach({2});
  const auto report = RewriteOnce(*lake_, kTable, rewriter_);
  ASSERT_TRUE(report && *report) << report.error().message();
  EXPECT_EQ((*report)->input_files, static_cast<std::int64_t>(kMinInputs));
  lake_ = OpenLake(fs_, clock_, *random_);
  const auto files = Files();
  EXPECT_EQ(std::ranges::count(files, "price=1: 1"), static_cast<std::int64_t>(kMinInputs) - 1);
  EXPECT_EQ(std::ranges::count(files, fmt::format("price=2: {}", kMinInputs)), 1);
  EXPECT_EQ(files.size(), kMinInputs);
  const auto view = View();
  for (const auto& file : view->files) {
    EXPECT_EQ(file.sort_order_id, file.record_count > 1 ? view->sort_order_id : 0);
  }
}

TEST_F(FileGroupsTest, ACompactionLeavesAFileForEachPartitionAndSpec) {
  CommitEach({1, 2, 3, 1});
  CommitEach({3, 2});
  Change({.partition = {}, .sort = {}});
  CommitEach({7, 7});
  int rewrites = 0;
  const auto done = Compact(*lake_, kTable, rewriter_, [&](const RewriteReport&) { ++rewrites; });
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(rewrites, 4);
  EXPECT_EQ(done->files_before, 8);
  EXPECT_EQ(done->files_after, 4);
  lake_ = OpenLake(fs_, clock_, *random_);
  EXPECT_THAT(Files(),
              ::testing::UnorderedElementsAre("price=1: 2", "price=2: 2", "price=3: 2", ": 2"));
  std::set<int> specs;
  const auto view = View();
  for (const auto& file : view->files) specs.insert(file.spec_id);
  EXPECT_THAT(specs, ElementsAre(0, 1));
}

TEST_F(FileGroupsTest, ACompactionLeavesFilesThatCommitsAddMeanwhile) {
  CommitEach({1, 2, 1, 2});
  rewriter_.before = [&] { CommitEach({1, 2}); };
  const auto done = Compact(*lake_, kTable, rewriter_, [](const RewriteReport&) {});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->files_after, 2);
  EXPECT_THAT(Files(), ::testing::UnorderedElementsAre("price=1: 2", "price=2: 2", "price=1: 1",
                                                       "price=2: 1", "price=1: 1", "price=2: 1"));
}

TEST_F(FileGroupsTest, TheOnlySmallFileOfAPartitionIsNotCounted) {
  CommitEach({1, 2, 3, 4});
  const auto small = [&] { return CountSmallFiles(*View()); };
  EXPECT_EQ(small().files, 0);
  CommitEach({1, 2});
  EXPECT_EQ(small().files, 4);
  EXPECT_FALSE(small().is_behind);
}

TEST_F(FileGroupsTest, RowsOfATagAndLaterOnesStayApart) {
  Change({});
  for (int i = 0; i < 3; ++i) CommitEach({1});
  clock_.Advance(3'600'000'000);
  for (int i = 0; i < 4; ++i) CommitEach({1});
  ASSERT_EQ(View()->tagged_sequence_numbers, std::vector<std::int64_t>{3});
  ASSERT_TRUE(RewriteOnce(*lake_, kTable, rewriter_).value());
  EXPECT_THAT(Files(), ElementsAre(": 3", ": 1", ": 1", ": 1", ": 1"));
  EXPECT_FALSE(RewriteOnce(*lake_, kTable, rewriter_).value()) << "more of the hour may come";
  lake_ = OpenLake(fs_, clock_, *random_);
  EXPECT_FALSE(RewriteOnce(*lake_, kTable, rewriter_).value());
  EXPECT_EQ(CountSmallFiles(*View()).files, 4) << "the file of the tag has none to join";
  ASSERT_TRUE(Compact(*lake_, kTable, rewriter_, [](const RewriteReport&) {}));
  EXPECT_THAT(Files(), ElementsAre(": 7")) << "a person asked for it";
}

TEST_F(FileGroupsTest, TagsPartNoTableThatHasFarTooManyFiles) {
  constexpr std::int64_t kPartitions = 300;
  // Each hour has a file for each partition.
  for (int hour = 0; hour < static_cast<int>(kMinInputs); ++hour) {
    lake::Append append{.table = kTable, .expected_version = View()->version};
    for (std::int64_t partition = 0; partition < kPartitions; ++partition) {
      auto file = WriteData(*lake_, fs_, kTable, 1).value();
      AppendLittle(file.partition[lake::FindSpec(*View(), 0)->fields[0].id], partition);
      append.files.push_back(std::move(file));
    }
    ASSERT_FALSE(RewriteOnce(*lake_, kTable, rewriter_).value()) << hour;
    ASSERT_TRUE(lake_->Commit(append));
    clock_.Advance(3'600'000'000);
  }
  const auto report = RewriteOnce(*lake_, kTable, rewriter_);
  ASSERT_TRUE(report && *report);
  EXPECT_EQ((*report)->input_files, static_cast<std::int64_t>(kMinInputs));
}

// A table in memory that gets a commit every few minutes, with the tags of lake/history.h.
struct TaggedTable {
  static constexpr std::int64_t kHour = 60;  // times are in minutes
  void Commit(std::int64_t bytes) {
    time += 5;
    // The first commit of an hour tags the last one of the hour before.
    if (time / kHour != last_time / kHour) hours[sequence] = last_time;
    if (time / kHour / 24 != last_time / kHour / 24) days[sequence] = last_time;
    std::erase_if(hours, [&](const auto& tag) { return tag.second < time - 24 * kHour; });
    std::erase_if(days, [&](const auto& tag) { return tag.second < time - 31 * 24 * kHour; });
    last_time = time;
    Add(bytes, ++sequence);
    committed += bytes;
    Keep();
    most = std::max(most, files.size());
  }
  void Keep() {
    lake::View view;
    std::set<std::int64_t> tags;
    for (const auto& [number, when] : hours) tags.insert(number);
    for (const auto& [number, when] : days) tags.insert(number);
    view.tagged_sequence_numbers.assign(tags.begin(), tags.end());
    while (true) {
      view.files = lake::FileList(files);
      const auto inputs = ChooseForUpkeep(view, {});
      if (inputs.empty()) return;
      ++sequence;
      const auto oldest = inputs.front()->origin->sequence_number;
      const auto youngest = inputs.back()->origin->sequence_number;
      ASSERT_EQ(tags.lower_bound(oldest), tags.lower_bound(youngest)) << "it keeps a tag's files";
      std::int64_t bytes = 0;
      std::set<std::string> gone;
      for (const auto* input : inputs) {
        bytes += input->file_size_bytes;
        gone.insert(input->location);
      }
      rewritten += bytes;
      const auto first =
          std::ranges::find(files, inputs.front()->location, &lake::DataFile::location);
      *first = File(bytes, youngest);
      std::erase_if(files, [&](const auto& file) { return gone.contains(file.location); });
    }
  }
  lake::DataFile File(std::int64_t bytes, std::int64_t youngest_row) {
    lake::DataFile file{.location = std::to_string(++last_file), .file_size_bytes = bytes};
    file.origin = lake::Origin{.sequence_number = youngest_row};
    return file;
  }
  void Add(std::int64_t bytes, std::int64_t youngest_row) {
    files.push_back(File(bytes, youngest_row));
  }

  std::vector<lake::DataFile> files;
  std::map<std::int64_t, std::int64_t> hours;  // time by sequence number
  std::map<std::int64_t, std::int64_t> days;
  std::int64_t sequence = 0;
  std::int64_t time = 0;
  std::int64_t last_time = 0;
  std::int64_t last_file = 0;
  std::size_t most = 0;
  std::int64_t committed = 0;
  std::int64_t rewritten = 0;
};

TEST(FileGroups, AQuarterOfAYearHasFewFilesAndNoTagKeepsOthers) {
  TaggedTable table;
  for (int i = 0; i < 90 * 24 * 12; ++i) table.Commit(100'000 + i % 7 * 1000);
  EXPECT_EQ(table.hours.size(), 24U);
  EXPECT_EQ(table.days.size(), 31U);
  // One for each tag, kMaxExtraFiles, those of the hour and those that are full.
  EXPECT_LT(table.most, 55U + kMaxExtraFiles + 12U + 30U);
  EXPECT_LT(table.rewritten, 12 * table.committed);
}

TEST_F(FileGroupsTest, FilesOfASortedTableStaySmaller) {
  EXPECT_EQ(TargetBytes(*View()), kSortedFileBytes);
  Change({.partition = kLayout.partition, .sort = {}});
  EXPECT_EQ(TargetBytes(*View()), kTargetFileBytes);
}

}  // namespace
}  // namespace st::upkeep
