// Tests how tables are dropped, get another name, and are made readable where they were moved to.
#include <string>

#include "format/iceberg/manifest.h"
#include "format/iceberg/table_metadata.h"
#include "lake/limits.h"
#include "lake/local_storage.h"
#include "lake/read_view.h"
#include "lake/table_state.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using testing::CommitRows;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kProgress;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

constexpr std::int64_t kHourUs = 3'600'000'000;
const TableName kOther{"default", "sales"};

std::string LocationOf(const View& view) {
  return iceberg::ParseTableMetadata(view.metadata_json).value().location;
}

class LakeRenameTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {}));
    for (const auto rows : {3, 4}) ASSERT_TRUE(CommitRows(*lake_, fs_, rows));
  }
  std::shared_ptr<const View> MustLoad(const TableName& name) { return lake_->Load(name).value(); }
  void Reopen() { lake_ = OpenLake(fs_, clock_, *random_); }
  std::unique_ptr<Lake> OpenMoved(os::FileSystem& fs) {
    return Lake::Open({fs, clock_, *random_}, {.warehouse = warehouse_}).value();
  }
  // The warehouse lies in another folder than its metadata names.
  void Move() {
    lake_.reset();
    warehouse_ = "/elsewhere/warehouse";
    ASSERT_TRUE(fs_.CreateDirs("/elsewhere"));
    ASSERT_TRUE(fs_.Rename(testing::kWarehouse, warehouse_));
    lake_ = OpenMoved(fs_);
  }
  // A relocated table with so many rows, that takes a commit.
  void ExpectIsRelocated(Lake& lake, os::testing::MemoryFileSystem& disk, std::int64_t rows) {
    const auto view = lake.Load(kTable).value();
    EXPECT_FALSE(view->is_moved);
    EXPECT_EQ(rows, view->record_count);
    for (const auto& file : view->files) EXPECT_TRUE(lake.CheckDataFile(file)) << file.location;
    ASSERT_TRUE(CommitRows(lake, disk, 1));
  }
  // Every file that the current snapshot and the tagged ones name exists, below the folder that the
  // metadata names.
  void ExpectIsWhole(const TableName& name) {
    const auto storage = MakeLocalStorage(fs_, warehouse_);
    const auto state = ReadTable(*storage, name);
    ASSERT_TRUE(state && *state) << state.error().message();
    EXPECT_EQ(storage->UriOf(FolderOf(*storage, name).location), (*state)->metadata.location);
    for (const auto& snapshot : (*state)->metadata.snapshots) {
      const auto manifests = ReadSnapshot(*storage, (*state)->folder, snapshot);
      ASSERT_TRUE(manifests) << manifests.error().message();
      for (const auto& manifest : *manifests) {
        for (const auto& file : manifest.files->files()) {
          EXPECT_TRUE(fs_.Exists(file.location).value()) << file.location;
          EXPECT_TRUE(lake_->CheckDataFile(file)) << file.location;
        }
      }
    }
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::string warehouse_ = testing::kWarehouse;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

TEST_F(LakeRenameTest, ADroppedTableIsGone) {
  ASSERT_TRUE(lake_->Drop(kTable));
  EXPECT_EQ(ErrorCode::kNotFound, lake_->Load(kTable).error().code());
  EXPECT_EQ(ErrorCode::kNotFound, lake_->LoadForCommit(kTable).error().code());
  EXPECT_EQ(ErrorCode::kNotFound, lake_->Drop(kTable).error().code());
  EXPECT_TRUE(lake_->Tables().empty());
  Reopen();
  EXPECT_TRUE(lake_->Tables().empty());
  EXPECT_EQ(ErrorCode::kNotFound, lake_->LoadForCommit(kTable).error().code());
  const auto storage = MakeLocalStorage(fs_, warehouse_);
  EXPECT_EQ(ErrorCode::kNotFound, ReadView(*storage, kTable).error().code());
}

TEST_F(LakeRenameTest, FilesOfADroppedTableStayForAnHourAndForReaders) {
  auto held = MustLoad(kTable);
  const auto location = held->files.begin()->location;
  ASSERT_TRUE(lake_->Drop(kTable));
  ASSERT_TRUE(lake_->RemoveDropped());
  EXPECT_TRUE(fs_.Exists(location).value());
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(lake_->RemoveDropped());
  EXPECT_TRUE(fs_.Exists(location).value());
  held.reset();
  ASSERT_TRUE(lake_->RemoveDropped());
  EXPECT_FALSE(fs_.Exists(location).value());
  EXPECT_TRUE(fs_.List(std::string(testing::kWarehouse) + "/default").value().empty());
}

TEST_F(LakeRenameTest, FilesOfADroppedTableLeaveAfterARestart) {
  ASSERT_TRUE(lake_->Drop(kTable));
  Reopen();
  ASSERT_TRUE(lake_->RemoveDropped());
  EXPECT_FALSE(fs_.List(std::string(testing::kWarehouse) + "/default").value().empty());
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(lake_->RemoveDropped());
  EXPECT_TRUE(fs_.List(std::string(testing::kWarehouse) + "/default").value().empty());
}

TEST_F(LakeRenameTest, TheNameOfADroppedTableMayBeTakenAtOnce) {
  const auto old_id = MustLoad(kTable)->table_uuid;
  ASSERT_TRUE(lake_->Drop(kTable));
  ASSERT_TRUE(lake_->Create(kTable, {{1, "other", "int"}}, {}));
  EXPECT_NE(old_id, MustLoad(kTable)->table_uuid);
  EXPECT_EQ(0, MustLoad(kTable)->record_count);
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(lake_->RemoveDropped());
  Reopen();
  EXPECT_THAT(MustLoad(kTable)->columns, ElementsAre(Column{1, "other", "int"}));
  EXPECT_FALSE(MustLoad(kTable)->snapshot);
}

TEST_F(LakeRenameTest, ACommitToADroppedTableFails) {
  const auto file = WriteData(*lake_, fs_, kTable, 1).value();
  const auto version = MustLoad(kTable)->version;
  ASSERT_TRUE(lake_->Drop(kTable));
  const auto refused =
      lake_->Commit({.table = kTable, .expected_version = version, .files = {file}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorCode::kNotFound, refused.error().code());
}

TEST_F(LakeRenameTest, ARenamedTableKeepsItsRowsAndItsId) {
  const auto id = MustLoad(kTable)->table_uuid;
  clock_.Advance(2 * kHourUs);  // the next commit tags the second
  ASSERT_TRUE(CommitRows(*lake_, fs_, 5));
  const auto view = lake_->Rename(kTable, kOther, {{kProgress, "moved"}});
  ASSERT_TRUE(view) << view.error().message();
  EXPECT_EQ(12, (*view)->record_count);
  EXPECT_EQ(2, (*view)->snapshot_count);  // the current and the tagged one
  EXPECT_EQ("moved", (*view)->properties.at(kProgress));
  EXPECT_EQ(id, (*view)->table_uuid);
  EXPECT_THAT(lake_->Tables(), ElementsAre(kOther));
  ExpectIsWhole(kOther);
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(lake_->RemoveDropped());
  ExpectIsWhole(kOther);
  Reopen();
  EXPECT_THAT(lake_->Tables(), ElementsAre(kOther));
  EXPECT_EQ(12, MustLoad(kOther)->record_count);
  ExpectIsWhole(kOther);
}

TEST_F(LakeRenameTest, ARenameRefusesNamesThatCannotBe) {
  ASSERT_TRUE(lake_->Create(kOther, TestColumns(), {}));
  EXPECT_EQ(ErrorCode::kAlreadyExists, lake_->Rename(kTable, kOther, {}).error().code());
  const auto refused = [&](const TableName& to) {
    return lake_->Rename(kTable, to, {}).error().code();
  };
  EXPECT_EQ(ErrorCode::kInvalidArgument, refused({"default", "Purchases"}));
  EXPECT_EQ(ErrorCode::kInvalidArgument, refused({"bad", "purchases"}));
  EXPECT_EQ(ErrorCode::kInvalidArgument, refused({"default", "a/b"}));
  EXPECT_EQ(ErrorCode::kNotFound,
            lake_->Rename({"default", "none"}, {"default", "x"}, {}).error().code());
  EXPECT_EQ(7, MustLoad(kTable)->record_count);
}

// Power fails at every step of a rename: the table is there under one name, with all rows.
TEST_F(LakeRenameTest, APowerLossLeavesOneOfTheTwoNames) {
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> disks;
  fs_.SetHook([&](const std::string&, const std::string&) -> Status {
    disks.push_back(fs_.Crash(*random_));
    return {};
  });
  ASSERT_TRUE(lake_->Rename(kTable, kOther, {}));
  fs_.SetHook({});
  ASSERT_GT(disks.size(), 10U);
  int under_new_name = 0;
  for (const auto& disk : disks) {
    const auto lake = OpenLake(*disk, clock_, *random_);
    ASSERT_EQ(1U, lake->Tables().size());
    const auto view = lake->Load(lake->Tables().front());
    ASSERT_TRUE(view) << view.error().message();
    EXPECT_EQ(7, (*view)->record_count);
    under_new_name += (*view)->name == kOther ? 1 : 0;
  }
  EXPECT_GT(under_new_name, 0);
  EXPECT_LT(under_new_name, std::ssize(disks));
}

// There and back: both tables name each other.
TEST_F(LakeRenameTest, APowerLossOnTheWayBackLeavesOneOfTheTwoNames) {
  ASSERT_TRUE(lake_->Rename(kTable, kOther, {}));
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> disks;
  fs_.SetHook([&](const std::string&, const std::string&) -> Status {
    for (int i = 0; i < 3; ++i) disks.push_back(fs_.Crash(*random_));
    return {};
  });
  ASSERT_TRUE(lake_->Rename(kOther, kTable, {}));
  fs_.SetHook({});
  for (const auto& disk : disks) {
    const auto lake = OpenLake(*disk, clock_, *random_);
    ASSERT_NE(nullptr, lake);
    ASSERT_EQ(1U, lake->Tables().size());
    EXPECT_EQ(7, lake->Load(lake->Tables().front()).value()->record_count);
  }
}

// The disk fails from some step of a rename on, and comes back. What goes on is what a start finds.
TEST_F(LakeRenameTest, ADiskThatFailsFromAStepOnLeavesOneTable) {
  ASSERT_TRUE(lake_->Rename(kTable, kOther, {}));
  for (int first_failing = 0; first_failing < 60; ++first_failing) {
    const auto disk = fs_.Copy();
    auto lake = OpenLake(*disk, clock_, *random_);
    int step = 0;
    disk->SetHook([&](const std::string&, const std::string& path) -> Status {
      if (step++ < first_failing) return {};
      return Fail(ErrorCode::kIo, "{}: the disk fails", path);
    });
    const auto done = lake->Rename(kOther, kTable, {});
    disk->SetHook({});
    const auto name = lake->LoadForCommit(kOther) ? kOther : kTable;
    if (done) EXPECT_EQ(kTable, name);
    const auto view = lake->LoadForCommit(name);
    ASSERT_TRUE(view) << first_failing << view.error().message();
    auto file = WriteData(*lake, *disk, name, 1);
    ASSERT_TRUE(file);
    ASSERT_TRUE(lake->Commit(
        {.table = name, .expected_version = (*view)->version, .files = {*std::move(file)}}));
    lake = OpenLake(*disk, clock_, *random_);
    ASSERT_EQ(1U, lake->Tables().size()) << first_failing;
    EXPECT_EQ(8, lake->Load(lake->Tables().front()).value()->record_count) << first_failing;
  }
}

TEST_F(LakeRenameTest, APowerLossLeavesADroppedTableOrTheWholeOne) {
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> disks;
  fs_.SetHook([&](const std::string&, const std::string&) -> Status {
    disks.push_back(fs_.Crash(*random_));
    return {};
  });
  ASSERT_TRUE(lake_->Drop(kTable));
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(lake_->RemoveDropped());
  fs_.SetHook({});
  for (const auto& disk : disks) {
    const auto lake = OpenLake(*disk, clock_, *random_);
    EXPECT_TRUE(lake->Problems().empty());
    for (const auto& name : lake->Tables()) EXPECT_EQ(7, lake->Load(name).value()->record_count);
    ASSERT_TRUE(lake->RemoveDropped());
  }
}

TEST_F(LakeRenameTest, AMovedTableIsRelocatedOnce) {
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 5));
  EXPECT_FALSE(MustLoad(kTable)->is_moved);
  Move();
  EXPECT_TRUE(MustLoad(kTable)->is_moved);
  const auto moved = lake_->Relocate(kTable);
  ASSERT_TRUE(moved) << moved.error().message();
  EXPECT_TRUE(*moved);
  EXPECT_FALSE(MustLoad(kTable)->is_moved);
  EXPECT_EQ(12, MustLoad(kTable)->record_count);
  EXPECT_EQ(2, MustLoad(kTable)->snapshot_count);
  EXPECT_THAT(MustLoad(kTable)->metadata_json, ::testing::Not(HasSubstr("/data/warehouse")));
  ExpectIsWhole(kTable);
  EXPECT_FALSE(lake_->Relocate(kTable).value());
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  clock_.Advance(30 * kHourUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  ASSERT_TRUE(lake_->RemoveOrphans(kTable, false));
  ExpectIsWhole(kTable);
  EXPECT_EQ(13, MustLoad(kTable)->record_count);
}

TEST_F(LakeRenameTest, APowerLossWhileRelocatingLeavesTheWholeTable) {
  Move();
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> disks;
  fs_.SetHook([&](const std::string&, const std::string&) -> Status {
    for (int i = 0; i < 3; ++i) disks.push_back(fs_.Crash(*random_));
    return {};
  });
  ASSERT_TRUE(lake_->Relocate(kTable).value());
  fs_.SetHook({});
  EXPECT_GT(disks.size(), 10U);
  for (const auto& disk : disks) {
    const auto lake = OpenMoved(*disk);
    EXPECT_TRUE(lake->Problems().empty());
    const auto again = lake->Relocate(kTable);
    ASSERT_TRUE(again) << again.error().message();
    ExpectIsRelocated(*lake, *disk, 7);
  }
}

// Each step of a relocation fails once; the table is where it was or relocated, and can be both
// relocated and filled, at once and after a start.
TEST_F(LakeRenameTest, AFailingDiskWhileRelocatingLeavesTheWholeTable) {
  Move();
  std::size_t steps = 0;
  {
    const auto disk = fs_.Copy();
    const auto lake = OpenMoved(*disk);
    disk->SetHook([&](const std::string&, const std::string&) -> Status {
      ++steps;
      return {};
    });
    ASSERT_TRUE(lake->Relocate(kTable).value());
    disk->SetHook({});
  }
  ASSERT_GT(steps, 10U);
  std::size_t refused = 0;
  for (std::size_t failing = 0; failing < steps; ++failing) {
    SCOPED_TRACE(failing);
    const auto disk = fs_.Copy();
    auto lake = OpenMoved(*disk);
    std::size_t step = 0;
    disk->SetHook([&](const std::string&, const std::string& path) -> Status {
      if (step++ != failing) return {};
      return Fail(ErrorCode::kIo, "{}: the disk fails", path);
    });
    const auto done = lake->Relocate(kTable);
    disk->SetHook({});
    const auto view = lake->LoadForCommit(kTable);
    ASSERT_TRUE(view) << view.error().message();
    EXPECT_EQ(7, (*view)->record_count);
    EXPECT_EQ("file:///elsewhere/warehouse/default/purchases" == LocationOf(**view),
              !(*view)->is_moved);
    if (done) EXPECT_FALSE((*view)->is_moved);
    refused += done ? 0 : 1;
    const auto again = lake->Relocate(kTable);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ((*view)->is_moved, *again);
    ExpectIsRelocated(*lake, *disk, 7);
    lake = OpenMoved(*disk);
    EXPECT_TRUE(lake->Problems().empty());
    EXPECT_FALSE(lake->Relocate(kTable).value());
    ExpectIsRelocated(*lake, *disk, 8);
  }
  EXPECT_GT(refused, 5U);
}

}  // namespace
}  // namespace st::lake
