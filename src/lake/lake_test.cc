// Tests creating, committing and reading again, what is refused, and which damage is reported.
#include "lake/lake.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <utility>

#include "base/crc32c.h"
#include "base/mutex.h"
#include "format/iceberg/manifest.h"
#include "lake/checksum.h"
#include "lake/limits.h"
#include "lake/local_storage.h"
#include "lake/read_view.h"
#include "lake/table_state.h"
#include "lake/testing.h"
#include "os/thread.h"

namespace st::lake {
namespace {

using testing::CommitRows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kProgress;
using testing::kTable;
using testing::kWarehouse;
using testing::OpenLake;
using ::testing::StartsWith;
using testing::TestColumns;
using ::testing::UnorderedElementsAre;
using testing::WriteData;

std::vector<DataFile> FilesOf(const View& view) { return {view.files.begin(), view.files.end()}; }

class LakeTest : public ::testing::Test {
 protected:
  void Reopen() { lake_ = OpenLake(fs_, clock_, *random_); }
  std::shared_ptr<const View> MustLoad() { return lake_->Load(kTable).value(); }
  std::shared_ptr<const View> MustCommit(std::int64_t rows) {
    auto view = CommitRows(*lake_, fs_, rows);
    EXPECT_TRUE(view) << view.error().message();
    return view.value();
  }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(MustLoad()->metadata_json).value();
  }
  std::size_t CountFiles(std::string_view prefix, std::string_view suffix) {
    const auto names = fs_.List("/data/warehouse/default/purchases/metadata").value();
    return static_cast<std::size_t>(std::ranges::count_if(names, [&](const std::string& name) {
      return name.starts_with(prefix) && name.ends_with(suffix);
    }));
  }
  void Create() { ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {{"owner", "me"}})); }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Storage> storage_ = MakeLocalStorage(fs_, kWarehouse);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

TEST_F(LakeTest, StartsWithTwoSchemasAndNoTable) {
  EXPECT_THAT(lake_->Schemas(), ElementsAre("bad", "default"));
  EXPECT_TRUE(lake_->Tables().empty());
  EXPECT_EQ(lake_->Load(kTable).error().code(), ErrorCode::kNotFound);
}

TEST_F(LakeTest, ANewTableHasVersionOneAndNoSnapshot) {
  const auto view = lake_->Create(kTable, TestColumns(), {{"owner", "me"}}).value();
  EXPECT_EQ(view->version, 1);
  EXPECT_EQ(view->columns, TestColumns());
  EXPECT_EQ(view->properties.at("owner"), "me");
  EXPECT_EQ(view->location, "/data/warehouse/default/purchases");
  EXPECT_EQ(view->metadata_file, "/data/warehouse/default/purchases/metadata/v1.metadata.json");
  EXPECT_FALSE(view->snapshot);
  EXPECT_FALSE(view->table_uuid.is_nil());
  EXPECT_THAT(lake_->Tables(), ElementsAre(kTable));
  Reopen();
  EXPECT_EQ(MustLoad()->metadata_json, view->metadata_json);
}

TEST_F(LakeTest, ACommitIsReadAgainAsItWas) {
  Create();
  MustCommit(5);
  clock_.Advance(1'000'000);
  const auto view = MustCommit(7);
  EXPECT_EQ(view->version, 3);
  EXPECT_EQ(view->record_count, 12);
  EXPECT_EQ(view->snapshot_count, 2);
  EXPECT_EQ(view->properties.at(kProgress), "12");
  EXPECT_EQ(view->snapshot_time_ms, clock_.NowUs() / 1000);
  Reopen();
  const auto again = MustLoad();
  EXPECT_EQ(again->metadata_json, view->metadata_json);
  EXPECT_EQ(again->snapshot, view->snapshot);
  EXPECT_EQ(again->record_count, 12);
  ASSERT_EQ(again->files.size(), 2U);
  const auto files = FilesOf(*view);
  const auto files_again = FilesOf(*again);
  EXPECT_EQ(files_again[0].location, files[0].location);
  EXPECT_EQ(files_again[1].record_count, 7);
  EXPECT_EQ(files_again[1].columns.at(3).lower, files[1].columns.at(3).lower);
  EXPECT_EQ(files_again[1].columns.at(3).value_count, 7);
  EXPECT_EQ(fs_.Contents("/data/warehouse/default/purchases/metadata/version-hint.text"), "3");
}

TEST_F(LakeTest, TheMetadataSaysWhatOtherEnginesNeed) {
  Create();
  MustCommit(5);
  MustCommit(7);
  const auto metadata = Metadata();
  EXPECT_EQ(metadata.location, "file:///data/warehouse/default/purchases");
  EXPECT_EQ(metadata.last_sequence_number, 2);
  ASSERT_EQ(metadata.snapshots.size(), 2U);
  const auto& snapshot = metadata.snapshots[1];
  EXPECT_EQ(snapshot.parent, metadata.snapshots[0].id);
  EXPECT_LT(snapshot.id, std::int64_t{1} << 53);
  EXPECT_EQ(snapshot.summary.at("operation"), "append");
  EXPECT_EQ(snapshot.summary.at("added-records"), "7");
  EXPECT_EQ(snapshot.summary.at("total-records"), "12");
  EXPECT_EQ(snapshot.summary.at("total-data-files"), "2");
  EXPECT_EQ(snapshot.summary.at("total-files-size"), "206");
  EXPECT_EQ(metadata.snapshot_log.size(), 2U);
  ASSERT_EQ(metadata.metadata_log.size(), 2U);
  EXPECT_EQ(metadata.metadata_log[1].file,
            "file:///data/warehouse/default/purchases/metadata/v2.metadata.json");
}

TEST_F(LakeTest, ProgressAloneMakesAVersionButNoSnapshot) {
  Create();
  MustCommit(5);
  const auto view = lake_->Commit(
      {.table = kTable, .expected_version = 2, .files = {}, .properties = {{kProgress, "9"}}});
  ASSERT_TRUE(view) << view.error().message();
  EXPECT_EQ((*view)->version, 3);
  EXPECT_EQ((*view)->snapshot_count, 1);
  EXPECT_EQ((*view)->record_count, 5);
  Reopen();
  EXPECT_EQ(MustLoad()->properties.at(kProgress), "9");
  EXPECT_EQ(MustLoad()->properties.at("owner"), "me");
}

TEST_F(LakeTest, AViewStaysAsItWas) {
  Create();
  const auto before = MustCommit(5);
  MustCommit(7);
  EXPECT_EQ(before->record_count, 5);
  EXPECT_EQ(before->files.size(), 1U);
}

TEST_F(LakeTest, ViewsShareTheFilesThatTheyBothHave) {
  Create();
  const auto before = MustCommit(5);
  const auto after = MustCommit(7);
  EXPECT_EQ(&*before->files.begin(), &*after->files.begin());
  EXPECT_EQ(after->files.totals().files, 2);
  EXPECT_EQ(after->files.totals().records, 12);
}

TEST_F(LakeTest, ACommitOnAnotherVersionIsAConflict) {
  Create();
  MustCommit(5);
  const auto file = WriteData(*lake_, fs_, kTable, 1).value();
  for (const int version : {0, 1, 3}) {
    const auto view =
        lake_->Commit({.table = kTable, .expected_version = version, .files = {file}});
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error().code(), ErrorCode::kConflict);
  }
  EXPECT_EQ(MustLoad()->version, 2);
}

TEST_F(LakeTest, AVersionOfAnotherProcessIsAConflictAndIsReadThen) {
  Create();
  const auto other = OpenLake(fs_, clock_, *random_);
  ASSERT_TRUE(CommitRows(*other, fs_, 3));
  const auto lost = CommitRows(*lake_, fs_, 4);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(MustLoad()->record_count, 3);
  EXPECT_EQ(MustCommit(4)->record_count, 7);
  Reopen();
  EXPECT_EQ(MustLoad()->record_count, 7);
}

TEST_F(LakeTest, AFileIsCommittedOnce) {
  Create();
  const auto file = WriteData(*lake_, fs_, kTable, 1).value();
  const auto twice = lake_->Commit({.table = kTable, .expected_version = 1, .files = {file, file}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code(), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(lake_->Commit({.table = kTable, .expected_version = 1, .files = {file}}));
  const auto again = lake_->Commit({.table = kTable, .expected_version = 2, .files = {file}});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message(), HasSubstr("already"));
}

TEST_F(LakeTest, RefusesInvalidFilesAndText) {
  Create();
  const auto refused = [&](const Append& append) {
    const auto view = lake_->Commit(append);
    return !view && view.error().code() == ErrorCode::kInvalidArgument;
  };
  const DataFile foreign{.location = "/etc/passwd", .record_count = 1, .file_size_bytes = 1};
  Append append{.table = kTable, .expected_version = 1, .files = {foreign}};
  EXPECT_TRUE(refused(append));
  append.files[0].location = "/data/warehouse/default/purchases/data/../../x.parquet";
  EXPECT_TRUE(refused(append));
  append.files = {WriteData(*lake_, fs_, kTable, 1).value()};
  append.files[0].record_count = -1;
  EXPECT_TRUE(refused(append));
  EXPECT_TRUE(refused({.table = kTable, .expected_version = 1, .properties = {{"a", "\xff"}}}));
  EXPECT_EQ(MustLoad()->version, 1);
}

TEST_F(LakeTest, ACommitTakesTheChecksumOfEachFile) {
  Create();
  const auto view = CommitRows(*lake_, fs_, 3).value();
  const auto& file = *view->files.begin();
  ASSERT_TRUE(file.crc32c);
  EXPECT_EQ(*file.crc32c, Crc32c(fs_.Contents(file.location)));
  const auto read = ReadView(*storage_, kTable).value();
  EXPECT_EQ(read->files.begin()->crc32c, file.crc32c);
  EXPECT_TRUE(CheckDataFile(*storage_, file));
  std::string bytes = fs_.Contents(file.location);
  bytes.at(50) = static_cast<char>(bytes[50] ^ 1);
  fs_.Overwrite(file.location, bytes);
  const auto flipped = CheckDataFile(*storage_, file);
  ASSERT_FALSE(flipped);
  EXPECT_EQ(flipped.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(flipped.error().message(),
              HasSubstr(file.location + ": its bytes have the checksum 0x"));
  fs_.Overwrite(file.location, bytes.substr(1));
  EXPECT_THAT(CheckDataFile(*storage_, file).error().message(),
              HasSubstr("it has 102 bytes, want 103"));
}

TEST_F(LakeTest, RefusesAFileThatDiffersFromItsDescription) {
  Create();
  auto file = WriteData(*lake_, fs_, kTable, 1).value();
  ++file.file_size_bytes;
  const Append append{.table = kTable, .expected_version = 1, .files = {file}};
  EXPECT_EQ(lake_->Commit(append).error().code(), ErrorCode::kCorruption);
  ASSERT_TRUE(fs_.Remove(file.location));
  EXPECT_EQ(lake_->Commit(append).error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(MustLoad()->version, 1);
}

// The files of a version are removed once newer versions exist, perhaps while a reader beside the
// server uses them.
TEST_F(LakeTest, AReaderWhoseFilesWereRemovedReadsTheNewerVersion) {
  Create();
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  const std::string old = MustLoad()->metadata_file;
  const auto hint = MustLoad()->location + "/metadata/version-hint.text";
  const std::string old_hint = fs_.Contents(hint);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 2));
  const std::string newer = MustLoad()->metadata_file;
  const std::string newest = fs_.Contents(newer);
  ASSERT_TRUE(fs_.Remove(newer));
  fs_.Overwrite(hint, old_hint);
  bool is_committed = false;
  fs_.SetHook([&](const std::string& step, const std::string& path) -> Status {
    // When the reader has chosen the old version, the newer one appears and the old one is removed.
    if (step == "syncdir" && path.ends_with("/metadata") && !std::exchange(is_committed, true)) {
      fs_.Overwrite(newer, newest);
      return fs_.Remove(old);
    }
    return {};
  });
  const auto view = ReadView(*storage_, kTable);
  fs_.SetHook({});
  ASSERT_TRUE(view) << view.error().message();
  EXPECT_EQ((*view)->record_count, 3);
  fs_.Overwrite(newer, "rot");
  EXPECT_FALSE(ReadView(*storage_, kTable)) << "real damage stays one";
}

TEST_F(LakeTest, AnUncommittedFileCanBeDiscarded) {
  Create();
  const auto location = lake_->NewDataFile(kTable).value();
  EXPECT_TRUE(lake_->DiscardDataFile(location)) << "nobody wrote it";
  ASSERT_TRUE(os::WriteNewFile(fs_, location, "PAR1"));
  EXPECT_TRUE(lake_->DiscardDataFile(location));
  EXPECT_FALSE(fs_.Exists(location).value());
}

TEST_F(LakeTest, NothingButAnUncommittedDataFileIsDiscarded) {
  Create();
  const auto view = MustCommit(1);
  const auto live = view->files.begin()->location;
  for (const auto& location : {live, view->metadata_file, view->location,
                               std::string("/etc/passwd"), view->location + "/data/notes.parquet",
                               view->location + "/data/../metadata/v1.metadata.json"}) {
    const auto refused = lake_->DiscardDataFile(location);
    ASSERT_FALSE(refused) << location;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message(), HasSubstr(location));
  }
  EXPECT_TRUE(fs_.Exists(live).value());
}

TEST_F(LakeTest, RefusesInvalidTables) {
  const auto code = [&](const TableName& name, const std::vector<Column>& columns) {
    const auto view = lake_->Create(name, columns, {});
    return view ? ErrorCode::kShutdown : view.error().code();
  };
  EXPECT_EQ(code({"other", "t"}, TestColumns()), ErrorCode::kInvalidArgument);
  for (const auto* name : {"", "a/b", "..", "a b", ".t", "t\n"}) {
    EXPECT_EQ(code({"default", name}, TestColumns()), ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(code({"default", std::string(129, 'a')}, TestColumns()), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(kTable, {}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(kTable, {{1, "a", "long"}, {2, "A", "long"}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(kTable, {{1, "a", "VARCHAR"}}), ErrorCode::kInvalidArgument);
  Create();
  EXPECT_EQ(code(kTable, TestColumns()), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code({"default", "PURCHASES"}, TestColumns()), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(lake_->Create({"bad", "purchases"}, TestColumns(), {}));
}

TEST_F(LakeTest, ManifestsAreMergedSoThatTheyDoNotGrowWithoutEnd) {
  Create();
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < kMaxManifests * 2 + 5; ++i) {
    rows += static_cast<std::int64_t>(i);
    MustCommit(static_cast<std::int64_t>(i));
  }
  const auto folder = FolderOf(*storage_, kTable);
  const auto manifests =
      ReadManifestList(*storage_, folder, Metadata().CurrentSnapshot()->manifest_list).value();
  EXPECT_LE(manifests.size(), kMaxManifests);
  EXPECT_GT(manifests[0].existing_files, 100);
  const auto before = MustLoad();
  Reopen();
  const auto after = MustLoad();
  EXPECT_EQ(after->record_count, rows);
  ASSERT_EQ(after->files.size(), before->files.size());
  EXPECT_TRUE(std::ranges::equal(after->files, before->files, {}, &DataFile::location,
                                 &DataFile::location));
  EXPECT_EQ(MustCommit(1)->record_count, rows + 1);
}

TEST_F(LakeTest, AMergeDoesNotCopyAManifestOfManyMoreFiles) {
  Create();
  Append many{.table = kTable, .expected_version = 1};
  for (int i = 0; i < 300; ++i) many.files.push_back(WriteData(*lake_, fs_, kTable, 1).value());
  ASSERT_TRUE(lake_->Commit(many));
  for (std::size_t i = 0; i < kMaxManifests; ++i) MustCommit(1);
  const auto manifests = ReadManifestList(*storage_, FolderOf(*storage_, kTable),
                                          Metadata().CurrentSnapshot()->manifest_list)
                             .value();
  ASSERT_EQ(manifests.size(), 3U);
  EXPECT_EQ(manifests[0].added_files, 300);
  EXPECT_EQ(manifests[1].existing_files, static_cast<int>(kMaxManifests) - 1);
  EXPECT_EQ(manifests[2].added_files, 1);
  Reopen();
  EXPECT_EQ(MustLoad()->files.size(), 300 + kMaxManifests);
}

// An existing entry keeps the sequence number of the commit that added it.
TEST_F(LakeTest, MergedManifestsKeepSequenceNumbers) {
  Create();
  for (std::size_t i = 0; i < kMaxManifests + 1; ++i) MustCommit(1);
  const auto folder = FolderOf(*storage_, kTable);
  const auto manifests =
      ReadManifestList(*storage_, folder, Metadata().CurrentSnapshot()->manifest_list).value();
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[0].min_sequence_number, 1);
  EXPECT_EQ(manifests[0].sequence_number, 101);
  EXPECT_EQ(manifests[1].added_files, 1);
  const auto path = folder.LocationOf(manifests[0].path).value();
  const auto entries = iceberg::DecodeManifest(fs_.Contents(path)).value();
  ASSERT_EQ(entries.size(), kMaxManifests);
  const auto metadata = Metadata();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].status, iceberg::EntryStatus::kExisting);
    EXPECT_EQ(entries[i].sequence_number, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(entries[i].file_sequence_number, entries[i].sequence_number);
  }
  EXPECT_EQ(entries.back().snapshot_id, metadata.snapshots[metadata.snapshots.size() - 2].id);
}

TEST_F(LakeTest, HistoryAndItsFilesAreRemovedAfterAnHour) {
  Create();
  for (int i = 0; i < 399; ++i) {
    MustCommit(1);
    clock_.Advance(60'000'000);
  }
  const auto metadata = Metadata();
  const auto tagged = metadata.tags.size();
  EXPECT_GE(tagged, 6U);
  EXPECT_LE(metadata.snapshots.size(), kMaxSnapshots + tagged);
  EXPECT_EQ(metadata.metadata_log.size(), kMaxLoggedVersions);
  EXPECT_EQ(metadata.last_sequence_number, 399);
  constexpr std::size_t kHour = 60;
  EXPECT_LE(CountFiles("v", ".metadata.json"), kHour + 2);
  EXPECT_LE(CountFiles("snap-", ".avro"), metadata.snapshots.size() + kHour + 1);
  EXPECT_EQ(CountFiles("", ".tmp"), 0U);
  Reopen();
  EXPECT_EQ(MustLoad()->record_count, 399);
  // Every snapshot that is still listed can be read.
  const auto folder = FolderOf(*storage_, kTable);
  for (const auto& snapshot : metadata.snapshots) {
    const auto manifests = ReadManifestList(*storage_, folder, snapshot.manifest_list);
    ASSERT_TRUE(manifests) << manifests.error().message();
    for (const auto& manifest : *manifests) {
      EXPECT_TRUE(fs_.Exists(folder.LocationOf(manifest.path).value()).value()) << manifest.path;
    }
  }
  // What the ended process had still to remove is found, and nothing else.
  clock_.Advance(kKeepUnnamedUs);
  const auto orphans = lake_->RemoveOrphans(kTable, false);
  ASSERT_TRUE(orphans) << orphans.error().message();
  EXPECT_GE(orphans->size(), kHour);
  EXPECT_TRUE(lake_->RemoveOrphans(kTable, false)->empty()) << "they leave already";
  EXPECT_GE(CountFiles("v", ".metadata.json"), kHour);
  clock_.Advance(kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_EQ(CountFiles("v", ".metadata.json"), 1U);
  EXPECT_EQ(CountFiles("snap-", ".avro"), metadata.snapshots.size());
  EXPECT_TRUE(lake_->RemoveOrphans(kTable, false)->empty());
  Reopen();
  EXPECT_EQ(MustCommit(1)->record_count, 400);
}

TEST_F(LakeTest, AMovedWarehouseIsReadWhereItIs) {
  Create();
  MustCommit(5);
  for (const auto& path : fs_.Paths()) {
    ASSERT_TRUE(fs_.CreateDirs("/moved" + os::DirName(path)));
    fs_.Overwrite("/moved" + path, fs_.Contents(path));
  }
  const auto moved =
      Lake::Open({fs_, clock_, *random_}, {.warehouse = "/moved/data/warehouse"}).value();
  const auto view = moved->Load(kTable).value();
  ASSERT_EQ(view->files.size(), 1U);
  EXPECT_THAT(view->files.begin()->location,
              StartsWith("/moved/data/warehouse/default/purchases/data/"));
  ASSERT_TRUE(CommitRows(*moved, fs_, 2));
  const auto again =
      Lake::Open({fs_, clock_, *random_}, {.warehouse = "/moved/data/warehouse/"}).value();
  EXPECT_EQ(again->Load(kTable).value()->record_count, 7);
}

TEST_F(LakeTest, RefusesATableInTheFolderOfAnother) {
  Create();
  MustCommit(3);
  lake_.reset();
  for (const auto& path : fs_.Paths()) {
    const auto at = path.find("/default/purchases/");
    if (at == std::string::npos) continue;
    const auto to = path.substr(0, at) + "/default/sales/" + path.substr(at + 19);
    ASSERT_TRUE(fs_.CreateDirs(to.substr(0, to.rfind('/'))));
    fs_.Overwrite(to, fs_.Contents(path));
  }
  Reopen();
  EXPECT_EQ(MustLoad()->snapshot.has_value(), true);
  const auto sales = lake_->Load({"default", "sales"});
  ASSERT_FALSE(sales);
  EXPECT_EQ(sales.error().code(), ErrorCode::kCorruption);
  EXPECT_NE(sales.error().message().find("/default/purchases\""), std::string::npos)
      << sales.error().message();
}

TEST_F(LakeTest, TheTablesTimeNeverGoesBack) {
  Create();
  MustCommit(1);
  const auto before = Metadata().last_updated_ms;
  clock_.Advance(-3'600'000'000);
  MustCommit(1);
  EXPECT_EQ(Metadata().last_updated_ms, before);
}

TEST_F(LakeTest, AVersionWithSnapshotsAndNoCurrentOneIsDamaged) {
  Create();
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  const auto file = MustLoad()->metadata_file;
  auto json = iceberg::EncodeTableMetadata(Metadata());
  json.at(json.find("current-snapshot-id") + 18) = 'f';
  fs_.Overwrite(file, json);
  Reopen();
  const auto damaged = lake_->Load(kTable);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(damaged.error().message(), HasSubstr("it has snapshots, and none of them is"));
}

TEST_F(LakeTest, AnOldDataFileThatNoCommitNamesIsAnOrphan) {
  Create();
  const auto live = MustCommit(1)->files.begin()->location;
  const auto orphan = WriteData(*lake_, fs_, kTable, 2)->location;
  const auto half = os::DirName(orphan) + "/tmp_" + orphan.substr(orphan.rfind('/') + 1);
  ASSERT_TRUE(os::WriteNewFile(fs_, half, "PAR1"));
  // What PyIceberg leaves where its append is refused.
  const auto refused =
      os::DirName(orphan) + "/00000-0-7d0ea5d9-3a5c-4a8c-8a0f-2f0d3b9c1e55.parquet";
  ASSERT_TRUE(os::WriteNewFile(fs_, refused, "PAR1"));
  const auto foreign = os::DirName(orphan) + "/notes.parquet";
  ASSERT_TRUE(os::WriteNewFile(fs_, foreign, "mine"));
  clock_.Advance(kOrphanAgeUs - 1);
  EXPECT_TRUE(lake_->RemoveOrphans(kTable, false)->empty())
      << "young: the table may be an older copy";
  const auto young = *lake_->FindOrphans(kTable);
  ASSERT_EQ(young.size(), 3U);
  for (const auto& one : young) {
    EXPECT_THAT(one.location, ::testing::AnyOf(orphan, half, refused));
    EXPECT_EQ(one.bytes, std::ssize(fs_.Contents(one.location)));
    EXPECT_EQ(one.removable_us, one.modified_us + kOrphanAgeUs);
    EXPECT_EQ(one.removable_us, clock_.NowUs() + 1);
  }
  clock_.Advance(1);
  EXPECT_THAT(*lake_->RemoveOrphans(kTable, true), UnorderedElementsAre(orphan, half, refused));
  EXPECT_TRUE(fs_.Exists(orphan).value()) << "a dry run";
  EXPECT_THAT(*lake_->RemoveOrphans(kTable, false), UnorderedElementsAre(orphan, half, refused));
  clock_.Advance(kKeepUnnamedUs - 1);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_TRUE(fs_.Exists(orphan).value()) << "nobody knows when the last snapshot of it went";
  clock_.Advance(1);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_FALSE(fs_.Exists(orphan).value());
  EXPECT_FALSE(fs_.Exists(half).value());
  EXPECT_TRUE(fs_.Exists(live).value());
  EXPECT_TRUE(fs_.Exists(foreign).value());
}

TEST_F(LakeTest, WhereAListCannotBeReadNothingIsAnOrphan) {
  Create();
  MustCommit(1);
  const auto list = Metadata().snapshots.front().manifest_list;
  MustCommit(1);
  const auto orphan = WriteData(*lake_, fs_, kTable, 2)->location;
  clock_.Advance(kOrphanAgeUs);
  const auto path = FolderOf(*storage_, kTable).LocationOf(list).value();
  fs_.Overwrite(path, "rot");
  const auto orphans = lake_->RemoveOrphans(kTable, false);
  ASSERT_FALSE(orphans);
  EXPECT_THAT(orphans.error().message(), HasSubstr(path));
  EXPECT_TRUE(fs_.Exists(orphan).value());
}

// While a table is created each step of the disk waits until another thread has used the lake.
TEST_F(LakeTest, CreatingATableBlocksNoOtherThread) {
  Create();
  int steps = 0;
  fs_.SetHook([&](const std::string&, const std::string& path) -> Status {
    if (!path.contains("/default/sales/")) return {};
    ++steps;
    Mutex mu;
    CondVar changed;
    bool is_done = false;
    os::Thread reader("reader", [&] {
      EXPECT_TRUE(lake_->Load(kTable));
      EXPECT_EQ(lake_->Load({"default", "sales"}).error().code(), ErrorCode::kNotFound);
      EXPECT_THAT(lake_->Tables(), ElementsAre(kTable));
      EXPECT_TRUE(lake_->NewDataFile(kTable));
      const MutexLock lock(mu);
      is_done = true;
      changed.NotifyAll();
    });
    const MutexLock lock(mu);
    while (!is_done && changed.WaitFor(mu, std::chrono::seconds(10))) {
    }
    EXPECT_TRUE(is_done) << "a reader waits for the disk";
    return {};
  });
  EXPECT_TRUE(lake_->Create({"default", "sales"}, TestColumns(), {}));
  fs_.SetHook({});
  EXPECT_GT(steps, 3);
  EXPECT_EQ(lake_->Tables().size(), 2U);
}

TEST_F(LakeTest, OfManyThreadsThatCreateATableOneSucceeds) {
  std::atomic<int> created = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<os::Thread> threads;
    for (const auto* name : {"sales", "Sales", "sales", "SALES"}) {
      threads.emplace_back("creator", [&, name] {
        const auto view = lake_->Create({"default", name}, TestColumns(), {});
        if (!view) EXPECT_EQ(view.error().code(), ErrorCode::kAlreadyExists);
        ++(view ? created : refused);
        EXPECT_EQ(lake_->Tables().size(), 1U);
      });
    }
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(refused, 3);
}

TEST_F(LakeTest, CommitsFromManyThreadsLoseNothing) {
  Create();
  {
    std::vector<os::Thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back("committer", [&] {
        for (int done = 0; done < 10;) {
          const auto view = CommitRows(*lake_, fs_, 1);
          if (view) ++done;
          if (!view) ASSERT_EQ(view.error().code(), ErrorCode::kConflict);
        }
      });
    }
  }
  EXPECT_EQ(MustLoad()->record_count, 40);
  EXPECT_EQ(MustLoad()->version, 41);
}

TEST_F(LakeTest, ReadersSeeWholeVersionsWhileThreadsCommit) {
  constexpr int kCommits = 10;
  Create();
  std::atomic<int> committing = 3;
  std::vector<os::Thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back("committer", [&] {
      for (int done = 0; done < kCommits;) {
        ASSERT_TRUE(lake_->LoadForCommit(kTable));
        const auto view = CommitRows(*lake_, fs_, 2);
        if (view) ++done;
        if (!view) ASSERT_EQ(view.error().code(), ErrorCode::kConflict);
      }
      --committing;
    });
  }
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back("reader", [&] {
      std::int64_t version = 1;
      while (committing > 0 && !HasFailure()) {
        const auto view = MustLoad();
        EXPECT_GE(view->version, version) << "it never goes back";
        version = view->version;
        std::int64_t rows = 0;
        for (const auto& file : view->files) rows += file.record_count;
        EXPECT_EQ(view->record_count, rows);
        if (rows > 0) EXPECT_EQ(view->properties.at(kProgress), std::to_string(rows));
        const auto scratch = WriteData(*lake_, fs_, kTable, 1).value();
        EXPECT_TRUE(lake_->DiscardDataFile(scratch.location));
        EXPECT_TRUE(lake_->Problems().empty());
      }
    });
  }
  for (auto& thread : threads) thread.Join();
  EXPECT_EQ(MustLoad()->record_count, 3 * kCommits * 2);
}

TEST_F(LakeTest, ATornTableIsOpenedByWhicheverThreadsAskFirst) {
  Create();
  MustCommit(5);
  const auto file = MustLoad()->metadata_file;
  const auto whole = fs_.Contents(file);
  fs_.Overwrite(file, whole.substr(0, whole.size() / 2));
  Reopen();
  std::latch refused(4);
  std::vector<os::Thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back("opener", [&] {
      const auto torn = lake_->LoadForCommit(kTable);
      EXPECT_EQ(torn.error().code(), ErrorCode::kCorruption);
      refused.count_down();
      auto view = lake_->LoadForCommit(kTable);
      while (!view) {
        EXPECT_THAT(lake_->Tables(), ElementsAre(kTable)) << "it never looks like no table";
        view = lake_->LoadForCommit(kTable);
      }
      EXPECT_EQ((*view)->record_count, 5);
    });
  }
  refused.wait();
  fs_.Overwrite(file, whole);
  for (auto& thread : threads) thread.Join();
  EXPECT_TRUE(lake_->Problems().empty());
  EXPECT_EQ(MustCommit(1)->record_count, 6);
}

}  // namespace
}  // namespace st::lake
