// Tests what takes a table back: clearing, rollback to a snapshot, the positions that snapshots
// record, and expiry by hand.
#include <string>

#include "format/iceberg/manifest.h"
#include "lake/limits.h"
#include "lake/local_storage.h"
#include "lake/property_files.h"
#include "lake/table_state.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using testing::CommitRows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kProgress;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

constexpr std::int64_t kHourUs = 3'600'000'000;

class LakeWayBackTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {{"owner", "me"}})); }
  std::shared_ptr<const View> MustLoad() { return lake_->Load(kTable).value(); }
  // Commits files of so many rows each; returns the last snapshot.
  SnapshotId CommitEach(std::initializer_list<std::int64_t> rows) {
    for (const auto count : rows) EXPECT_TRUE(CommitRows(*lake_, fs_, count));
    return *MustLoad()->snapshot;
  }
  Result<std::shared_ptr<const View>> RollBack(SnapshotId snapshot) {
    const auto position = lake_->PositionAt(kTable, snapshot);
    EXPECT_TRUE(position) << position.error().message();
    return lake_->RollBack({.table = kTable,
                            .expected_version = MustLoad()->version,
                            .snapshot = snapshot,
                            .properties = {{kProgress, position.value_or("")}, {"paused", "yes"}},
                            .removed_properties = {"owner"}});
  }
  Result<std::shared_ptr<const View>> Clear(const std::vector<Column>& columns) {
    return lake_->Clear({.table = kTable,
                         .expected_version = MustLoad()->version,
                         .columns = columns,
                         .properties = {{kProgress, "0"}},
                         .removed_properties = {}});
  }
  Status CommitPosition(const std::string& text) {
    ST_TRY(auto file, WriteData(*lake_, fs_, kTable, 1));
    ST_TRY_STATUS(lake_->Commit({.table = kTable,
                                 .expected_version = MustLoad()->version,
                                 .files = {std::move(file)},
                                 .properties = {{kProgress, text}}}));
    return {};
  }
  // Passes time and removes what may leave the disk, the orphans among it.
  void Sweep() {
    clock_.Advance(25 * kHourUs);
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(lake_->RemoveUnnamed(kTable));
      clock_.Advance(2 * kHourUs);
    }
    EXPECT_TRUE(lake_->RemoveOrphans(kTable, false));
    clock_.Advance(kHourUs);
    EXPECT_TRUE(lake_->RemoveUnnamed(kTable));
  }
  void Reopen() { lake_ = OpenLake(fs_, clock_, *random_); }
  std::vector<std::string> PositionFiles() {
    std::vector<std::string> found;
    for (const auto& name : fs_.List(MustLoad()->location + "/metadata").value()) {
      if (name.starts_with("offsets-")) found.push_back(name);
    }
    return found;
  }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(MustLoad()->metadata_json).value();
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

TEST_F(LakeWayBackTest, EachSnapshotRecordsThePositionOfItsCommit) {
  const auto first = CommitEach({3});
  const auto second = CommitEach({4});
  EXPECT_EQ("3", lake_->PositionAt(kTable, first).value());
  EXPECT_EQ("7", lake_->PositionAt(kTable, second).value());
  Reopen();
  EXPECT_EQ("3", lake_->PositionAt(kTable, first).value());
}

TEST_F(LakeWayBackTest, ASnapshotWithoutAPositionSaysSo) {
  auto file = WriteData(*lake_, fs_, kTable, 1).value();
  const auto view =
      lake_->Commit({.table = kTable, .expected_version = 1, .files = {file}, .properties = {}});
  const auto position = lake_->PositionAt(kTable, *(*view)->snapshot);
  ASSERT_FALSE(position);
  EXPECT_EQ(ErrorCode::kNotFound, position.error().code());
  EXPECT_THAT(position.error().message(), HasSubstr("records no position"));
  EXPECT_THAT(lake_->PositionAt(kTable, SnapshotId(77)).error().message(),
              HasSubstr("has no snapshot 77"));
}

TEST_F(LakeWayBackTest, ARollbackBringsBackRowsPositionAndColumns) {
  const auto first = CommitEach({3, 4});
  CommitEach({5});
  const auto view = RollBack(first);
  ASSERT_TRUE(view) << view.error().message();
  EXPECT_EQ(7, (*view)->record_count);
  EXPECT_EQ(first, *(*view)->snapshot);
  EXPECT_EQ("7", (*view)->properties.at(kProgress));
  EXPECT_EQ("yes", (*view)->properties.at("paused"));
  EXPECT_FALSE((*view)->properties.contains("owner"));
  EXPECT_EQ(3, (*view)->snapshot_count);
  Reopen();
  EXPECT_EQ(7, MustLoad()->record_count);
  EXPECT_EQ("7", MustLoad()->properties.at(kProgress));
}

TEST_F(LakeWayBackTest, CommitsGoOnFromTheSnapshotOfARollback) {
  const auto first = CommitEach({3});
  const auto last = CommitEach({4, 5});
  ASSERT_TRUE(RollBack(first));
  CommitEach({10});
  EXPECT_EQ(13, MustLoad()->record_count);
  EXPECT_EQ(first.value(), *Metadata().CurrentSnapshot()->parent);
  testing::ExpectHistoryIsWhole(fs_);
  ASSERT_TRUE(RollBack(last));  // the way forward again
  EXPECT_EQ(12, MustLoad()->record_count);
  testing::ExpectHistoryIsWhole(fs_);
}

TEST_F(LakeWayBackTest, ARollbackWantsTheVersionThatWasRead) {
  const auto first = CommitEach({3});
  const auto version = MustLoad()->version;
  CommitEach({4});
  const auto refused =
      lake_->RollBack({.table = kTable, .expected_version = version, .snapshot = first});
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorCode::kConflict, refused.error().code());
  EXPECT_EQ(7, MustLoad()->record_count);
  const auto unknown = lake_->RollBack(
      {.table = kTable, .expected_version = version + 1, .snapshot = SnapshotId(5)});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(ErrorCode::kNotFound, unknown.error().code());
}

// Files that a rewrite put aside are live again after a rollback behind it. They must not leave the
// disk once the snapshots of before are expired.
TEST_F(LakeWayBackTest, FilesThatARollbackBringsBackStayOnTheDisk) {
  const auto before = CommitEach({3, 4});
  Rewrite rewrite{
      .table = kTable, .inputs = {}, .outputs = {WriteData(*lake_, fs_, kTable, 7).value()}};
  for (const auto& file : MustLoad()->files) rewrite.inputs.push_back(file.location);
  ASSERT_TRUE(lake_->Replace(rewrite));
  ASSERT_TRUE(RollBack(before));
  CommitEach({1});
  ASSERT_TRUE(lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 1}));
  Sweep();
  EXPECT_EQ(8, MustLoad()->record_count);
  for (const auto& file : MustLoad()->files) EXPECT_TRUE(lake_->CheckDataFile(file));
  testing::ExpectHistoryIsWhole(fs_);
  Reopen();
  EXPECT_EQ(8, MustLoad()->record_count);
  EXPECT_EQ(3U, fs_.List(MustLoad()->location + "/data").value().size());
}

TEST_F(LakeWayBackTest, FilesBehindARollbackLeaveWithTheirSnapshots) {
  const auto first = CommitEach({3});
  CommitEach({4, 5});
  ASSERT_TRUE(RollBack(first));
  EXPECT_EQ(3U, fs_.List(MustLoad()->location + "/data").value().size());
  const auto gone = lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 0});
  ASSERT_TRUE(gone);
  EXPECT_EQ(2U, gone->size());
  Sweep();
  EXPECT_EQ(1U, fs_.List(MustLoad()->location + "/data").value().size());
  EXPECT_EQ(3, MustLoad()->record_count);
}

TEST_F(LakeWayBackTest, AClearedTableHasNoRowsAndAWayBack) {
  const auto full = CommitEach({3, 4});
  const auto view = Clear(TestColumns());
  ASSERT_TRUE(view) << view.error().message();
  EXPECT_EQ(0, (*view)->record_count);
  EXPECT_EQ(0U, (*view)->files.size());
  EXPECT_EQ("0", (*view)->properties.at(kProgress));
  const auto metadata = Metadata();
  EXPECT_EQ("delete", metadata.CurrentSnapshot()->summary.at("operation"));
  EXPECT_EQ("7", metadata.CurrentSnapshot()->summary.at("deleted-records"));
  EXPECT_EQ("0", metadata.CurrentSnapshot()->summary.at("total-records"));
  Reopen();
  EXPECT_EQ(0, MustLoad()->record_count);
  CommitEach({2});
  EXPECT_EQ(2, MustLoad()->record_count);
  ASSERT_TRUE(RollBack(full));
  EXPECT_EQ(7, MustLoad()->record_count);
  testing::ExpectHistoryIsWhole(fs_);
}

TEST_F(LakeWayBackTest, AClearedTableMayHaveOtherColumns) {
  const auto full = CommitEach({3});
  ASSERT_TRUE(Clear({{1, "price", "string"}, {2, "timestamp", "timestamptz"}, {3, "new", "int"}}));
  EXPECT_THAT(MustLoad()->columns,
              ElementsAre(Column{4, "price", "string"}, Column{2, "timestamp", "timestamptz"},
                          Column{5, "new", "int"}));
  ASSERT_TRUE(RollBack(full));
  EXPECT_EQ(TestColumns(), MustLoad()->columns);
  const auto refused = Clear({{1, "a", "string"}, {2, "A", "int"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorCode::kInvalidArgument, refused.error().code());
}

TEST_F(LakeWayBackTest, AnEmptyTableIsClearedWithoutASnapshot) {
  ASSERT_TRUE(Clear({{1, "other", "int"}}));
  EXPECT_FALSE(MustLoad()->snapshot);
  EXPECT_THAT(MustLoad()->columns, ElementsAre(Column{4, "other", "int"}));
}

TEST_F(LakeWayBackTest, ARewriteMayTakeRowsOut) {
  CommitEach({3, 4});
  const auto view = MustLoad();
  Rewrite rewrite{.table = kTable,
                  .inputs = {view->files.begin()->location},
                  .outputs = {},
                  .expected_version = view->version,
                  .removes_rows = true,
                  .properties = {{kProgress, "back"}}};
  ASSERT_TRUE(lake_->Replace(rewrite));
  EXPECT_EQ(4, MustLoad()->record_count);
  EXPECT_EQ("back", MustLoad()->properties.at(kProgress));
  EXPECT_EQ("delete", Metadata().CurrentSnapshot()->summary.at("operation"));
  rewrite.inputs = {MustLoad()->files.begin()->location};
  rewrite.outputs = {WriteData(*lake_, fs_, kTable, 1).value()};
  const auto stale = lake_->Replace(rewrite);
  ASSERT_FALSE(stale);
  EXPECT_EQ(ErrorCode::kConflict, stale.error().code());
  rewrite.expected_version = MustLoad()->version;
  ASSERT_TRUE(lake_->Replace(rewrite));
  EXPECT_EQ(1, MustLoad()->record_count);
  EXPECT_EQ("overwrite", Metadata().CurrentSnapshot()->summary.at("operation"));
  rewrite.inputs = {MustLoad()->files.begin()->location};
  rewrite.outputs = {WriteData(*lake_, fs_, kTable, 1).value()};
  rewrite.expected_version = MustLoad()->version;
  EXPECT_EQ(ErrorCode::kInvalidArgument, lake_->Replace(rewrite).error().code());  // none goes
}

TEST_F(LakeWayBackTest, ALongPositionLiesInAFileOfItsOwn) {
  const std::string longer(kMaxInlineBytes + 1, 'a');
  ASSERT_TRUE(CommitPosition(longer));
  const auto first = *MustLoad()->snapshot;
  EXPECT_EQ(longer, MustLoad()->properties.at(kProgress));
  EXPECT_THAT(MustLoad()->metadata_json, ::testing::Not(HasSubstr(longer)));
  EXPECT_EQ(1U, PositionFiles().size());
  ASSERT_TRUE(CommitPosition(longer));  // the same text takes no other file
  EXPECT_EQ(1U, PositionFiles().size());
  ASSERT_TRUE(CommitPosition("short"));
  EXPECT_EQ("short", MustLoad()->properties.at(kProgress));
  Reopen();
  EXPECT_EQ("short", MustLoad()->properties.at(kProgress));
  EXPECT_EQ(longer, lake_->PositionAt(kTable, first).value());
  ASSERT_TRUE(RollBack(first));
  Reopen();
  EXPECT_EQ(longer, MustLoad()->properties.at(kProgress));
}

TEST_F(LakeWayBackTest, PositionFilesLeaveWithTheirSnapshots) {
  for (const char letter : {'a', 'b', 'c'}) {
    ASSERT_TRUE(CommitPosition(std::string(kMaxInlineBytes + 1, letter)));
  }
  Sweep();
  EXPECT_EQ(3U, PositionFiles().size());
  ASSERT_TRUE(lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 1}));
  Sweep();
  EXPECT_EQ(1U, PositionFiles().size());
  Reopen();
  EXPECT_EQ(std::string(kMaxInlineBytes + 1, 'c'), MustLoad()->properties.at(kProgress));
}

TEST_F(LakeWayBackTest, APositionFileThatIsMissingIsDamage) {
  ASSERT_TRUE(CommitPosition(std::string(kMaxInlineBytes + 1, 'a')));
  const auto file = MustLoad()->location + "/metadata/" + PositionFiles().front();
  ASSERT_TRUE(fs_.Remove(file));
  Reopen();
  const auto view = lake_->Load(kTable);
  ASSERT_FALSE(view);
  EXPECT_EQ(ErrorCode::kCorruption, view.error().code());
  EXPECT_THAT(view.error().message(), HasSubstr(file));
}

TEST_F(LakeWayBackTest, ExpiryByHandKeepsTheNewestAndTheCurrent) {
  CommitEach({1});
  clock_.Advance(2 * kHourUs);  // the next commit tags the first
  CommitEach({2, 3, 4});
  const auto now_ms = clock_.NowUs() / 1000;
  const auto dry = lake_->Expire(
      {.table = kTable, .older_than_ms = now_ms - 1'000'000, .keep = 1, .is_dry = true});
  ASSERT_TRUE(dry);
  EXPECT_EQ(1U, dry->size());
  EXPECT_EQ(4U, Metadata().snapshots.size());
  ASSERT_TRUE(lake_->Expire({.table = kTable, .older_than_ms = now_ms - 1'000'000, .keep = 1}));
  EXPECT_EQ(3U, Metadata().snapshots.size());
  EXPECT_THAT(Metadata().tags, IsEmpty());
  ASSERT_TRUE(lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 2}));
  EXPECT_EQ(2U, Metadata().snapshots.size());
  EXPECT_EQ(10, MustLoad()->record_count);
  const auto version = MustLoad()->version;
  EXPECT_THAT(lake_->Expire({.table = kTable, .older_than_ms = 0, .keep = 1}).value(), IsEmpty());
  EXPECT_EQ(version, MustLoad()->version);  // nothing to do is no commit
}

}  // namespace
}  // namespace st::lake
