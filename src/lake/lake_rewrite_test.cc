// Tests commits that put data files in place of others.
#include <algorithm>

#include "format/iceberg/manifest.h"
#include "lake/limits.h"
#include "lake/local_storage.h"
#include "lake/read_view.h"
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
  EXPECT_EQ(entries[1].sequence_number, 2) << "it is as old as its youngest input";
  EXPECT_FALSE(entries[1].file_sequence_number) << "it inherits the list's";
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

// A table with three files of a tagged hour and one behind them.
class LakeTaggedRewriteTest : public LakeRewriteTest {
 protected:
  void SetUp() override {
    LakeRewriteTest::SetUp();
    CommitEach({1, 2, 3});
    clock_.Advance(kKeepUnnamedUs);
    CommitEach({4});
    ASSERT_EQ(Metadata().tags.size(), 1U);
    tagged_ = Metadata().tags.front().snapshot_id;
  }
  void Replace(std::size_t first, std::size_t end, std::int64_t rows) {
    const auto done =
        lake_->Replace({.table = kTable, .inputs = Inputs(first, end), .outputs = {Output(rows)}});
    ASSERT_TRUE(done) << done.error().message();
  }
  std::shared_ptr<const View> Tagged() {
    const auto view = ReadView(*storage_, kTable, SnapshotId(tagged_));
    EXPECT_TRUE(view) << view.error().message();
    return view ? *view : nullptr;
  }
  // No snapshot but the tagged one names a file of before, and their hour is over.
  void LetAnHourPass() {
    for (std::size_t i = 0; i <= kMaxSnapshots; ++i) ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
    ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
    clock_.Advance(kKeepUnnamedUs);
    ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  }
  // What leaves has left: there is nothing to find that nothing names.
  void ExpectNoOrphans() {
    clock_.Advance(2 * kOrphanAgeUs);
    const auto orphans = lake_->RemoveOrphans(kTable, true);
    ASSERT_TRUE(orphans) << orphans.error().message();
    EXPECT_THAT(*orphans, ::testing::IsEmpty());
  }

  std::int64_t tagged_ = 0;
};

TEST_F(LakeTaggedRewriteTest, ATaggedSnapshotNamesTheOutputFromThenOn) {
  const auto inputs = Inputs(0, 2);
  const auto before = Metadata();
  Replace(0, 2, 3);
  EXPECT_THAT(RowsOf(*Tagged()), ElementsAre(3, 3));
  EXPECT_EQ(Tagged()->record_count, 6);
  const auto metadata = Metadata();
  const auto& was = *before.FindSnapshot(tagged_);
  const auto& is = *metadata.FindSnapshot(tagged_);
  EXPECT_NE(is.manifest_list, was.manifest_list);
  EXPECT_EQ(is.sequence_number, was.sequence_number);
  EXPECT_EQ(is.timestamp_ms, was.timestamp_ms);
  EXPECT_EQ(is.summary.at("total-data-files"), "2");
  EXPECT_EQ(is.summary.at("total-files-size"), "206");
  EXPECT_EQ(is.summary.at("total-records"), "6");
  EXPECT_EQ(is.summary.at(kProgress), "6");
  testing::ExpectHistoryIsWhole(fs_);
  LetAnHourPass();
  for (const auto& location : inputs) EXPECT_FALSE(fs_.Exists(location).value());
  testing::ExpectHistoryIsWhole(fs_);
  ExpectNoOrphans();
  ASSERT_TRUE(lake_->RollBack(
      {.table = kTable, .expected_version = MustLoad()->version, .snapshot = SnapshotId(tagged_)}));
  EXPECT_THAT(RowsOf(*MustLoad()), ElementsAre(3, 3));
  lake_ = OpenLake(fs_, clock_, *random_);
  EXPECT_EQ(MustLoad()->record_count, 6);
}

TEST_F(LakeTaggedRewriteTest, ItIsWholeAfterARollbackToItAndAllThatFollows) {
  Replace(0, 2, 3);
  ASSERT_TRUE(lake_->RollBack(
      {.table = kTable, .expected_version = MustLoad()->version, .snapshot = SnapshotId(tagged_)}));
  CommitEach({5});
  Replace(2, 3, 5);
  ASSERT_TRUE(lake_->Clear(
      {.table = kTable, .expected_version = MustLoad()->version, .columns = TestColumns()}));
  LetAnHourPass();
  testing::ExpectHistoryIsWhole(fs_);
  EXPECT_THAT(RowsOf(*Tagged()), ElementsAre(3, 3));
  ExpectNoOrphans();
}

TEST_F(LakeTaggedRewriteTest, EveryManifestIsAsOldAsItsSnapshot) {
  Replace(0, 2, 3);
  const auto metadata = Metadata();
  const auto& snapshot = *metadata.FindSnapshot(tagged_);
  const auto manifests =
      ReadManifestList(*storage_, FolderOf(*storage_, kTable), snapshot.manifest_list).value();
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[0].added_snapshot_id, tagged_);
  EXPECT_EQ(manifests[0].sequence_number, snapshot.sequence_number);
  EXPECT_EQ(manifests[0].min_sequence_number, 2);
  EXPECT_EQ(manifests[0].existing_files, 1);
  EXPECT_EQ(manifests[0].added_files + manifests[0].deleted_files, 0);
  const auto path = FolderOf(*storage_, kTable).LocationOf(manifests[0].path).value();
  const auto entries = iceberg::DecodeManifest(fs_.Contents(path)).value();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].status, iceberg::EntryStatus::kExisting);
  EXPECT_EQ(entries[0].snapshot_id, metadata.current_snapshot_id);
  EXPECT_EQ(entries[0].sequence_number, 2);
  EXPECT_EQ(entries[0].file_sequence_number, metadata.last_sequence_number);
}

TEST_F(LakeTaggedRewriteTest, RewritesOneAfterTheOtherLeaveNothingBehind) {
  Replace(0, 2, 3);
  const auto between = Inputs(0, 2);
  Replace(0, 2, 6);
  EXPECT_THAT(RowsOf(*Tagged()), ElementsAre(6));
  LetAnHourPass();
  for (const auto& location : between) EXPECT_FALSE(fs_.Exists(location).value());
  testing::ExpectHistoryIsWhole(fs_);
  ExpectNoOrphans();
}

TEST_F(LakeTaggedRewriteTest, ATagThatLacksRowsOfTheOutputKeepsTheInputs) {
  Replace(0, 3, 6);
  const auto between = Inputs(0, 1);
  EXPECT_EQ(MustLoad()->files.begin()->origin->sequence_number, 3);
  const auto younger = Inputs(1, 2);
  Replace(0, 2, 10);
  EXPECT_THAT(RowsOf(*Tagged()), ElementsAre(6));
  LetAnHourPass();
  EXPECT_TRUE(fs_.Exists(between[0]).value());
  EXPECT_FALSE(fs_.Exists(younger[0]).value());
  testing::ExpectHistoryIsWhole(fs_);
  clock_.Advance((kKeepHoursMs + 1) * 1000);
  CommitEach({1});
  LetAnHourPass();
  EXPECT_FALSE(fs_.Exists(between[0]).value()) << "its tag is over its age";
  testing::ExpectHistoryIsWhole(fs_);
}

TEST_F(LakeTaggedRewriteTest, ATagWithADamagedListStaysAsItIs) {
  const auto was = Metadata().FindSnapshot(tagged_)->manifest_list;
  fs_.Overwrite(FolderOf(*storage_, kTable).LocationOf(was).value(), "damaged");
  Replace(0, 3, 6);
  EXPECT_EQ(Metadata().FindSnapshot(tagged_)->manifest_list, was);
  EXPECT_THAT(RowsOf(*MustLoad()), ElementsAre(6, 4));
}

TEST_F(LakeTaggedRewriteTest, AViewKeepsTheFilesThatItsSnapshotNamedBefore) {
  ASSERT_TRUE(lake_->RollBack(
      {.table = kTable, .expected_version = MustLoad()->version, .snapshot = SnapshotId(tagged_)}));
  auto held = MustLoad();
  Replace(0, 3, 6);
  LetAnHourPass();
  clock_.Advance(5 * kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  for (const auto& file : held->files) EXPECT_TRUE(fs_.Exists(file.location).value());
  const auto inputs = held->files;
  held.reset();
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  clock_.Advance(kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  for (const auto& file : inputs) EXPECT_FALSE(fs_.Exists(file.location).value());
  testing::ExpectHistoryIsWhole(fs_);
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
  clock_.Advance(kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_FALSE(fs_.Exists(inputs[0]).value());
  for (const auto& file : MustLoad()->files) EXPECT_TRUE(fs_.Exists(file.location).value());
}

// A file that is older than a day, of which the last snapshot goes just before a restart or just
// behind it, stays for its hour.
class LakeRestartTest : public LakeRewriteTest {
 protected:
  void SetUp() override {
    LakeRewriteTest::SetUp();
    CommitEach({1, 2});
    inputs_ = Inputs(0, 2);
    clock_.Advance(2 * kOrphanAgeUs);
    ASSERT_TRUE(lake_->Replace({.table = kTable, .inputs = inputs_, .outputs = {Output(3)}}));
  }
  void Expire() {
    ASSERT_TRUE(lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 1}));
    ASSERT_EQ(Metadata().snapshots.size(), 1U);
  }
  void Restart() { lake_ = OpenLake(fs_, clock_, *random_); }
  // What upkeep does time and again.
  bool IsThereAfterARound() {
    EXPECT_TRUE(lake_->RemoveUnnamed(kTable));
    EXPECT_TRUE(lake_->RemoveOrphans(kTable, false));
    return fs_.Exists(inputs_[0]).value();
  }
  void ExpectAnHourMore() {
    EXPECT_TRUE(IsThereAfterARound());
    clock_.Advance(kKeepUnnamedUs - 1);
    EXPECT_TRUE(IsThereAfterARound());
    clock_.Advance(1);
    EXPECT_FALSE(IsThereAfterARound());
    testing::ExpectHistoryIsWhole(fs_);
  }

  std::vector<std::string> inputs_;
};

TEST_F(LakeRestartTest, AFileStaysAnHourWhereItsSnapshotWentJustBeforeARestart) {
  Expire();
  Restart();
  ExpectAnHourMore();
}

TEST_F(LakeRestartTest, AFileStaysAnHourWhereItsSnapshotGoesAfterARestart) {
  Restart();
  clock_.Advance(3 * kKeepUnnamedUs);
  EXPECT_TRUE(IsThereAfterARound());
  Expire();
  ExpectAnHourMore();
}

TEST_F(LakeRestartTest, AFileStaysAnHourWhereTheOutcomeOfItsRewriteWasUnknown) {
  inputs_ = Inputs(0, 1);
  clock_.Advance(2 * kOrphanAgeUs);
  const auto output = Output(3);
  const auto folder = MustLoad()->location + "/metadata";
  bool is_linked = false;
  fs_.SetHook([&](const std::string& step, const std::string& path) -> Status {
    is_linked = is_linked || (step == "link" && path.contains(folder));
    return is_linked && step == "syncdir" ? Fail(ErrorCode::kIo, "cable") : Status();
  });
  EXPECT_FALSE(lake_->Replace({.table = kTable, .inputs = inputs_, .outputs = {output}}));
  fs_.SetHook({});
  ASSERT_TRUE(lake_->LoadForCommit(kTable));
  ASSERT_TRUE(MustLoad()->files.Contains(output.location)) << "it happened";
  Expire();
  ExpectAnHourMore();
}

TEST_F(LakeRewriteTest, OldVersionsBeyondTheirNumberLeaveEarlyAndNothingElse) {
  CommitEach({1, 2, 3});
  ASSERT_TRUE(lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 1}));
  for (std::size_t i = 0; i < kMaxUnnamedVersions + 200; ++i) {
    ASSERT_TRUE(lake_->Commit({.table = kTable,
                               .expected_version = MustLoad()->version,
                               .files = {},
                               .properties = {{kProgress, std::to_string(i)}}}));
  }
  const auto count = [&](std::string_view prefix, std::string_view suffix) {
    return std::ranges::count_if(fs_.List(MustLoad()->location + "/metadata").value(),
                                 [&](const std::string& name) {
                                   return name.starts_with(prefix) && name.ends_with(suffix);
                                 });
  };
  EXPECT_EQ(count("v", ".metadata.json"), static_cast<std::int64_t>(kMaxUnnamedVersions) + 1)
      << "with the one that is current";
  EXPECT_EQ(count("snap-", ".avro"), 3);
}

}  // namespace
}  // namespace st::lake
