// Tests commits that put data files in place of others.
#include <algorithm>

#include "format/iceberg/manifest.h"
#include "lake/limits.h"
#include "lake/local_storage.h"
#include "lake/table_state.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using testing::CommitRows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kProgress;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

std::vector<std::int64_t> RowsOf(const View& view) {
  std::vector<std::int64_t> rows;
  for (const auto& file : view.files) rows.push_back(file.record_count);
  return rows;
}

class LakeRewriteTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {{"owner", "me"}})); }
  std::shared_ptr<const View> MustLoad() { return lake_->Load(kTable).value(); }
  void CommitEach(std::initializer_list<std::int64_t> rows) {
    for (const auto count : rows) ASSERT_TRUE(CommitRows(*lake_, fs_, count));
  }
  // Locations of the files from `first` to before `end`.
  std::vector<std::string> Inputs(std::size_t first, std::size_t end) {
    std::vector<std::string> inputs;
    const auto view = MustLoad();
    std::size_t i = 0;
    for (const auto& file : view->files) {
      if (i >= first && i < end) inputs.push_back(file.location);
      ++i;
    }
    return inputs;
  }
  DataFile Output(std::int64_t rows) { return WriteData(*lake_, fs_, kTable, rows).value(); }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(MustLoad()->metadata_json).value();
  }
  std::vector<iceberg::ManifestFile> Manifests() {
    return ReadManifestList(*storage_, FolderOf(*storage_, kTable),
                            Metadata().CurrentSnapshot()->manifest_list)
        .value();
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Storage> storage_ = MakeLocalStorage(fs_, testing::kWarehouse);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

TEST_F(LakeRewriteTest, TheOutputStandsWhereTheInputsStood) {
  CommitEach({1, 2, 3, 4});
  const auto done =
      lake_->Replace({.table = kTable, .inputs = Inputs(1, 3), .outputs = {Output(5)}});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_THAT(RowsOf(**done), ElementsAre(1, 5, 4));
  EXPECT_EQ((*done)->record_count, 10);
  EXPECT_EQ((*done)->properties.at(kProgress), "10");
  EXPECT_EQ((*done)->properties.at("owner"), "me");
  lake_ = OpenLake(fs_, clock_, *random_);
  EXPECT_EQ(MustLoad()->metadata_json, (*done)->metadata_json);
  EXPECT_THAT(RowsOf(*MustLoad()), ElementsAre(1, 5, 4));
  CommitEach({6});
  EXPECT_THAT(RowsOf(*MustLoad()), ElementsAre(1, 5, 4, 6));
}

TEST_F(LakeRewriteTest, TheSnapshotSaysWhatOtherEnginesNeed) {
  Append two{.table = kTable, .expected_version = 1, .files = {Output(1), Output(2)}};
  ASSERT_TRUE(lake_->Commit(two));
  CommitEach({3, 4});
  ASSERT_TRUE(lake_->Replace({.table = kTable, .inputs = Inputs(1, 3), .outputs = {Output(5)}}));
  const auto metadata = Metadata();
  const auto& snapshot = *metadata.CurrentSnapshot();
  const auto& summary = snapshot.summary;
  EXPECT_EQ(summary.at("operation"), "replace");
  EXPECT_EQ(summary.at("added-data-files"), "1");
  EXPECT_EQ(summary.at("deleted-data-files"), "2");
  EXPECT_EQ(summary.at("added-records"), "5");
  EXPECT_EQ(summary.at("deleted-records"), "5");
  EXPECT_EQ(summary.at("removed-files-size"), "206");
  EXPECT_EQ(summary.at("total-data-files"), "3");
  EXPECT_EQ(summary.at("total-records"), "10");
  EXPECT_EQ(summary.at("total-files-size"), "309");
  const auto manifests = Manifests();
  ASSERT_EQ(manifests.size(), 2U);
  const auto& rewritten = manifests[0];
  EXPECT_EQ(rewritten.sequence_number, 4);
  EXPECT_EQ(rewritten.min_sequence_number, 1);
  EXPECT_EQ(rewritten.added_snapshot_id, snapshot.id);
  EXPECT_EQ(rewritten.added_files, 1);
  EXPECT_EQ(rewritten.existing_files, 1);
  EXPECT_EQ(rewritten.deleted_files, 2);
  EXPECT_EQ(rewritten.added_rows, 5);
  EXPECT_EQ(rewritten.existing_rows, 1);
  EXPECT_EQ(rewritten.deleted_rows, 5);
  const auto path = FolderOf(*storage_, kTable).LocationOf(rewritten.path).value();
  const auto entries = iceberg::DecodeManifest(fs_.Contents(path)).value();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].status, iceberg::EntryStatus::kExisting);
  EXPECT_EQ(entries[0].sequence_number, 1);
  EXPECT_EQ(entries[1].status, iceberg::EntryStatus::kAdded);
  EXPECT_FALSE(entries[1].sequence_number) << "it inherits the list's";
  EXPECT_EQ(entries[2].status, iceberg::EntryStatus::kDeleted);
  EXPECT_EQ(entries[2].snapshot_id, snapshot.id);
  EXPECT_EQ(entries[2].sequence_number, 1);
  EXPECT_EQ(entries[3].sequence_number, 2);
}

TEST_F(LakeRewriteTest, DeletedEntriesLeaveWithTheNextManifest) {
  CommitEach({1, 2, 3});
  ASSERT_TRUE(lake_->Replace({.table = kTable, .inputs = Inputs(0, 2), .outputs = {Output(3)}}));
  ASSERT_TRUE(lake_->Replace({.table = kTable, .inputs = Inputs(0, 2), .outputs = {Output(6)}}));
  const auto manifests = Manifests();
  ASSERT_EQ(manifests.size(), 1U);
  EXPECT_EQ(manifests[0].added_files, 1);
  EXPECT_EQ(manifests[0].existing_files, 0);
  EXPECT_EQ(manifests[0].deleted_files, 2);
}

TEST_F(LakeRewriteTest, CommitsBetweenTheReadAndTheReplaceDoNoHarm) {
  CommitEach({1, 2});
  const Rewrite rewrite{.table = kTable, .inputs = Inputs(0, 2), .outputs = {Output(3)}};
  CommitEach({4});
  ASSERT_TRUE(lake_->Replace(rewrite));
  EXPECT_THAT(RowsOf(*MustLoad()), ElementsAre(3, 4));
  const auto again =
      lake_->Replace({.table = kTable, .inputs = rewrite.inputs, .outputs = {Output(3)}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict) << "its inputs are gone";
}

TEST_F(LakeRewriteTest, RefusesOtherRowsAndFiles) {
  CommitEach({1, 2});
  const auto refused = [&](Rewrite rewrite) {
    rewrite.table = kTable;
    const auto done = lake_->Replace(rewrite);
    EXPECT_FALSE(done);
    return done ? Error(ErrorCode::kShutdown, "") : done.error();
  };
  const auto inputs = Inputs(0, 2);
  EXPECT_EQ(refused({.inputs = {}, .outputs = {Output(1)}}).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused({.inputs = inputs, .outputs = {}}).code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused({.inputs = inputs, .outputs = {Output(4)}}).message(),
              HasSubstr("2 files with 3 rows cannot become 1 with 4"));
  auto foreign = Output(3);
  foreign.location = "/data/other.parquet";
  EXPECT_EQ(refused({.inputs = inputs, .outputs = {foreign}}).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(MustLoad()->version, 3);
}

TEST_F(LakeRewriteTest, AReplacedFileLeavesTheDiskAnHourAfterItsLastSnapshot) {
  CommitEach({1, 2});
  const auto inputs = Inputs(0, 2);
  ASSERT_TRUE(lake_->Replace({.table = kTable, .inputs = inputs, .outputs = {Output(3)}}));
  clock_.Advance(10 * kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_TRUE(fs_.Exists(inputs[0]).value()) << "snapshots before the replace name it";
  // The commits of one hour, so that no tag keeps those snapshots. The first one tags an hour.
  for (std::size_t i = 0; i <= kMaxSnapshots; ++i) ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  const auto hours = Metadata().tags;
  for (const auto& tag : hours) {
    EXPECT_GE(Metadata().FindSnapshot(tag.snapshot_id)->sequence_number, 3) << tag.name;
  }
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  clock_.Advance(kKeepUnnamedUs - 1);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_TRUE(fs_.Exists(inputs[0]).value()) << "somebody may still read by the old metadata";
  clock_.Advance(1);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_FALSE(fs_.Exists(inputs[0]).value());
  EXPECT_FALSE(fs_.Exists(inputs[1]).value());
  EXPECT_EQ(MustLoad()->record_count, 3 + static_cast<std::int64_t>(kMaxSnapshots) + 1);
}

TEST_F(LakeRewriteTest, AFileStaysWhileAViewOfItIsHeld) {
  CommitEach({1, 2});
  const auto inputs = Inputs(0, 2);
  auto held = MustLoad();
  ASSERT_TRUE(lake_->Replace({.table = kTable, .inputs = inputs, .outputs = {Output(3)}}));
  for (std::size_t i = 0; i <= kMaxSnapshots; ++i) ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  clock_.Advance(5 * kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  for (const auto& file : held->files) EXPECT_TRUE(fs_.Exists(file.location).value());
  held.reset();
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  clock_.Advance(kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  for (const auto& location : inputs) EXPECT_FALSE(fs_.Exists(location).value());
}

TEST_F(LakeRewriteTest, AReplacedFileIsNoOrphanWhileASnapshotNamesIt) {
  CommitEach({1, 2});
  const auto inputs = Inputs(0, 2);
  ASSERT_TRUE(lake_->Replace({.table = kTable, .inputs = inputs, .outputs = {Output(3)}}));
  lake_ = OpenLake(fs_, clock_, *random_);  // which retired nothing
  clock_.Advance(2 * kOrphanAgeUs);
  ASSERT_TRUE(lake_->RemoveOrphans(kTable, false));
  EXPECT_TRUE(fs_.Exists(inputs[0]).value());
  for (std::size_t i = 0; i <= kMaxSnapshots; ++i) ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  ASSERT_TRUE(lake_->RemoveOrphans(kTable, false));
  EXPECT_FALSE(fs_.Exists(inputs[0]).value());
  for (const auto& file : MustLoad()->files) EXPECT_TRUE(fs_.Exists(file.location).value());
}

}  // namespace
}  // namespace st::lake
