// Tests that versions of the metadata stay short: long properties, and schemas, layouts and
// snapshots of a long history.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nested_type.h"
#include "lake/history.h"
#include "lake/limits.h"
#include "lake/property_files.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using testing::CommitRows;
using ::testing::HasSubstr;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr const char* kOwn = "steelthread.definitions";
const std::string kLong(5000, 'd');

class VersionSizeTest : public ::testing::Test {
 protected:
  void Create(const std::vector<Column>& columns = TestColumns()) {
    const auto made = lake_->Create(kTable, columns, {});
    ASSERT_TRUE(made) << made.error().message();
  }
  std::shared_ptr<const View> Load() { return lake_->Load(kTable).value(); }
  std::size_t Bytes() { return Load()->metadata_json.size(); }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(Load()->metadata_json).value();
  }
  void Reopen() { lake_ = OpenLake(fs_, clock_, *random_); }
  Append NextCommit() { return {.table = kTable, .expected_version = Load()->version}; }
  void MustCommit(const Append& append) {
    const auto done = lake_->Commit(append);
    ASSERT_TRUE(done) << done.error().message();
  }
  void SetProperty(const std::string& key, const std::string& value) {
    auto append = NextCommit();
    append.properties = {{key, value}};
    MustCommit(append);
  }
  // Gives all columns comments of so many bytes.
  void Comment(std::size_t bytes, char letter, bool has_file) {
    auto append = NextCommit();
    append.columns = Load()->columns;
    for (auto& column : append.columns) column.doc = std::string(bytes, letter);
    if (has_file) append.files = {WriteData(*lake_, fs_, kTable, 1).value()};
    MustCommit(append);
  }
  std::ptrdiff_t FilesOf(std::string_view prefix) {
    return std::ranges::count_if(fs_.List(Load()->location + "/metadata").value(),
                                 [&](const std::string& name) { return name.starts_with(prefix); });
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

char Letter(int number) { return static_cast<char>('a' + number % 26); }

std::vector<Column> WideColumns(int count) {
  std::vector<Column> columns;
  for (int i = 0; i < count; ++i) {
    columns.push_back({.id = 0, .name = fmt::format("column_{}", i), .type = "string"});
  }
  return columns;
}

TEST_F(VersionSizeTest, ALongOwnPropertyLiesInAFileAndLeavesWithItsValue) {
  Create();
  SetProperty(kOwn, kLong);
  EXPECT_THAT(Load()->metadata_json, ::testing::Not(HasSubstr(kLong)));
  EXPECT_EQ(Load()->properties.at(kOwn), kLong);
  EXPECT_EQ(FilesOf("definitions-"), 1);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  SetProperty(kOwn, kLong);
  EXPECT_EQ(FilesOf("definitions-"), 1) << "the same value takes no other file";
  Reopen();
  EXPECT_EQ(Load()->properties.at(kOwn), kLong);
  EXPECT_FALSE(Load()->properties.contains(std::string(kOwn) + "-file"));
  clock_.Advance(30 * kHourUs);
  EXPECT_TRUE(lake_->RemoveOrphans(kTable, false).has_value());
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_EQ(FilesOf("definitions-"), 1) << "the table names it";
  SetProperty(kOwn, "short");
  EXPECT_EQ(Load()->properties.at(kOwn), "short");
  clock_.Advance(kKeepUnnamedUs);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_EQ(FilesOf("definitions-"), 0);
  SetProperty(kOwn, kLong);
  auto append = NextCommit();
  append.removed_properties = {kOwn};
  MustCommit(append);
  Reopen();
  EXPECT_FALSE(Load()->properties.contains(kOwn));
}

TEST_F(VersionSizeTest, ARenameTakesTheFilesOfPropertiesAlong) {
  Create();
  SetProperty(kOwn, kLong);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 3));
  const TableName renamed{"default", "sales"};
  ASSERT_TRUE(lake_->Rename(kTable, renamed, {}));
  Reopen();
  EXPECT_EQ(lake_->Load(renamed).value()->properties.at(kOwn), kLong);
  testing::ExpectHistoryIsWhole(fs_, renamed);
}

// An earlier build wrote it, or the new name is longer, and each snapshot has it.
TEST_F(VersionSizeTest, ARenameMakesAVersionThatFits) {
  constexpr int kSnapshots = 40;
  Create();
  ASSERT_TRUE(CommitRows(*lake_, fs_, 3));
  auto metadata = Metadata();
  while (metadata.snapshots.size() < kSnapshots) {
    auto snapshot = metadata.snapshots.back();
    auto summary = snapshot.summary.entries();
    summary["notes"] = std::string(kMaxVersionBytes / (kSnapshots - 10), 'n');
    snapshot.summary = std::move(summary);
    snapshot.parent = snapshot.id++;
    metadata.last_sequence_number = ++snapshot.sequence_number;
    metadata.current_snapshot_id = snapshot.id;
    metadata.tags.push_back({.name = fmt::format("tag-{}", snapshot.id),
                             .snapshot_id = snapshot.id,
                             .max_age_ms = std::nullopt});
    metadata.snapshots.push_back(std::move(snapshot));
  }
  fs_.Overwrite(Load()->metadata_file, iceberg::EncodeTableMetadata(metadata));
  Reopen();
  ASSERT_GT(Bytes(), kMaxVersionBytes);
  const auto renamed = lake_->Rename(kTable, {"default", "sales"}, {});
  ASSERT_TRUE(renamed) << renamed.error().message();
  EXPECT_LE((*renamed)->metadata_json.size(), kMaxVersionBytes);
  EXPECT_LT((*renamed)->snapshot_count, kSnapshots);
  EXPECT_EQ((*renamed)->record_count, 3);
}

TEST_F(VersionSizeTest, AMissingFileOfAPropertyIsDamage) {
  Create();
  SetProperty(kOwn, kLong);
  const auto folder = Load()->location + "/metadata";
  for (const auto& name : fs_.List(folder).value()) {
    if (name.starts_with("definitions-")) ASSERT_TRUE(fs_.Remove(JoinLocation(folder, name)));
  }
  Reopen();
  const auto view = lake_->Load(kTable);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(view.error().message(), HasSubstr("definitions-"));
}

TEST_F(VersionSizeTest, WhatAnEarlierBuildLeftInTheMetadataMovesToAFile) {
  Create();
  ASSERT_TRUE(CommitRows(*lake_, fs_, 3));
  auto metadata = Metadata();
  metadata.properties[kOwn] = kLong;
  fs_.Overwrite(Load()->metadata_file, iceberg::EncodeTableMetadata(metadata));
  Reopen();
  EXPECT_EQ(Load()->properties.at(kOwn), kLong);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  EXPECT_EQ(Load()->properties.at(kOwn), kLong);
  EXPECT_THAT(Load()->metadata_json, ::testing::Not(HasSubstr(kLong)));
}

TEST_F(VersionSizeTest, PropertiesForOtherEnginesStayAndHaveALimit) {
  Create();
  SetProperty("comment", kLong);
  EXPECT_EQ(Metadata().properties.at("comment"), kLong);
  auto append = NextCommit();
  append.properties = {{"notes", std::string(kMaxPropertiesBytes, 'n')}};
  const auto refused = lake_->Commit(append);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(), HasSubstr("at most 65536"));
}

TEST_F(VersionSizeTest, ColumnsBeyondTheirLimitAreRefused) {
  auto columns = WideColumns(1000);
  for (auto& column : columns) column.doc = std::string(200, 'd');
  Create(columns);
  for (auto& column : columns) column.doc = std::string(400, 'd');
  auto append = NextCommit();
  append.columns = columns;
  const auto refused = lake_->Commit(append);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(), HasSubstr("at most 307200"));
}

TEST_F(VersionSizeTest, ASchemaThatNothingHasGoes) {
  Create(WideColumns(100));
  for (int i = 0; i < 60; ++i) Comment(200, Letter(i), false);
  EXPECT_LT(Bytes(), kMaxVersionBytes / 2);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  Reopen();
  EXPECT_EQ(Load()->columns.front().doc, std::string(200, Letter(59)));
}

TEST_F(VersionSizeTest, WhereSnapshotsNeedManySchemasTheOldestGoEarly) {
  Create(WideColumns(300));
  for (int i = 0; i < 20; ++i) {
    Comment(300, Letter(i), true);
    ASSERT_LE(Bytes(), kMaxVersionBytes);
    clock_.Advance(kHourUs);
  }
  const auto metadata = Metadata();
  EXPECT_GE(metadata.snapshots.size(), 5U);
  EXPECT_LT(metadata.snapshots.size(), 20U);
  EXPECT_EQ(metadata.snapshots.back().id, metadata.current_snapshot_id);
  EXPECT_EQ(Load()->record_count, 20);
  Reopen();
  testing::ExpectHistoryIsWhole(fs_);
  // An earlier snapshot that is left has its columns.
  const auto& first = metadata.snapshots.front();
  const auto back = lake_->RollBack(
      {.table = kTable, .expected_version = Load()->version, .snapshot = SnapshotId(first.id)});
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_NE((*back)->columns.front().doc, std::string(300, Letter(19)));
}

// The field "a" of a struct becomes "b", and another field gets the name "a": in data files they go
// on being "a" and "a_<id>", also when no schema is left that says so.
TEST_F(VersionSizeTest, FieldsOfStructsKeepTheirNamesInFilesWithoutTheirSchemas) {
  const auto type = [](const std::vector<std::pair<int, const char*>>& fields) {
    std::vector<NestedField> members;
    for (const auto& [id, name] : fields) {
      members.push_back({.id = id, .name = name, .type = PrimitiveType("int"), .doc = {}});
    }
    return TypeText(StructType(std::move(members)));
  };
  auto columns = WideColumns(100);
  columns.push_back({.id = 0, .name = "s", .type = type({{0, "a"}})});
  Create(columns);
  constexpr int kStruct = 101;
  constexpr int kFirst = 102;
  const auto change = [&](const std::vector<std::pair<int, const char*>>& fields) {
    auto append = NextCommit();
    append.columns = Load()->columns;
    ASSERT_EQ(append.columns.back().id, kStruct);
    append.columns.back().type = type(fields);
    MustCommit(append);
  };
  const auto in_files = [&] {
    std::vector<std::string> names;
    for (const auto& field : AsInFiles(ParseType(Load()->columns.back().type).value()).fields) {
      names.push_back(field.name);
    }
    return names;
  };
  const auto forget = [&] {
    for (int i = 0; i < 60; ++i) Comment(200, Letter(i), false);
    Reopen();
    ASSERT_LT(Metadata().schemas.size(), 20U);
  };
  change({{kFirst, "b"}});
  forget();
  EXPECT_EQ(in_files(), std::vector<std::string>({"a"}));
  change({{kFirst, "b"}, {0, "a"}});
  EXPECT_EQ(in_files(), std::vector<std::string>({"a", "a_103"}));
  change({{103, "a"}});
  forget();
  change({{103, "a"}, {0, "b"}, {0, "c"}});
  EXPECT_EQ(in_files(), std::vector<std::string>({"a_103", "b", "c"}));
  forget();
  EXPECT_EQ(in_files(), std::vector<std::string>({"a_103", "b", "c"}));
}

// Layouts of sixteen columns with long names.
class LayoutSizeTest : public VersionSizeTest {
 protected:
  static constexpr int kColumns = 16;

  void SetUp() override {
    std::vector<Column> columns;
    for (int i = 0; i < kColumns; ++i) {
      columns.push_back({.id = 0, .name = NameOf(i), .type = "string"});
    }
    columns.push_back({.id = 0, .name = "price", .type = "long"});
    Create(columns);
  }
  static std::string NameOf(int column) { return fmt::format("{:0100}", column); }
  Result<std::shared_ptr<const View>> Change(int number) {
    auto append = NextCommit();
    append.layout.emplace();
    for (int i = 0; i < kColumns; ++i) {
      append.layout->partition.push_back(
          {.column = NameOf(i),
           .transform = {.kind = TransformKind::kBucket, .parameter = 2 + number}});
    }
    append.layout->sort = {{.column = NameOf(number % kColumns), .is_descending = number % 3 == 0}};
    return lake_->Commit(append);
  }
  void CommitFile() {
    auto append = NextCommit();
    auto file = WriteData(*lake_, fs_, kTable, 1).value();
    file.spec_id = Load()->spec_id;
    file.sort_order_id = Load()->sort_order_id;
    append.files = {std::move(file)};
    MustCommit(append);
  }
};

TEST_F(LayoutSizeTest, ALayoutThatNoFileHasGoes) {
  CommitFile();
  for (int i = 0; i < 80; ++i) {
    const auto done = Change(i);
    ASSERT_TRUE(done) << done.error().message();
  }
  EXPECT_LE(Bytes(), kMaxVersionBytes / 4);
  CommitFile();
  Reopen();
  EXPECT_EQ(Load()->record_count, 2);
  testing::ExpectHistoryIsWhole(fs_);
}

TEST_F(LayoutSizeTest, BeyondTheirLimitLayoutsOfFilesAreRefused) {
  Result<std::shared_ptr<const View>> done = Change(0);
  int number = 0;
  for (; done && number < 100; ++number) {
    CommitFile();
    done = Change(number);
  }
  ASSERT_FALSE(done);
  EXPECT_GT(number, 10);
  EXPECT_EQ(done.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(done.error().message(), HasSubstr("at most 65536"));
  CommitFile();
  EXPECT_LE(Bytes(), kMaxVersionBytes / 4);
}

TEST(SnapshotLog, KeepsTheNewestEntries) {
  iceberg::TableMetadata metadata;
  metadata.snapshots = {{.id = 1}, {.id = 2}};
  metadata.current_snapshot_id = 2;
  for (std::size_t i = 0; i < kMaxLoggedSnapshots + 7; ++i) {
    metadata.snapshot_log.push_back({static_cast<std::int64_t>(i), i % 2 == 0 ? 1 : 2});
  }
  EXPECT_TRUE(ExpireSnapshots(1, metadata).empty());
  EXPECT_EQ(metadata.snapshot_log.size(), kMaxLoggedSnapshots);
  EXPECT_EQ(metadata.snapshot_log.front().timestamp_ms, 7);
}

TEST(PropertyFiles, AreTellableByTheirNames) {
  const std::string uuid = "7d0ea5d9-3a5c-4a8c-8a0f-2f0d3b9c1e55";
  EXPECT_TRUE(IsPropertyFileName("offsets-" + uuid + ".json"));
  EXPECT_TRUE(IsPropertyFileName("file-names-" + uuid + ".json"));
  EXPECT_TRUE(IsPropertyFileName("file-names-" + uuid + "-1a2b3c4d.json"));
  EXPECT_FALSE(IsPropertyFileName("file-names-" + uuid + "-1a2b3c4.json"));
  EXPECT_FALSE(IsPropertyFileName("00001-" + uuid + ".json"));
  EXPECT_FALSE(IsPropertyFileName("00001-" + uuid + ".metadata.json"));
  EXPECT_FALSE(IsPropertyFileName(uuid + ".json"));
  EXPECT_FALSE(IsPropertyFileName("offsets-" + uuid + ".avro"));
  EXPECT_FALSE(IsPropertyFileName("v7.metadata.json"));
}

}  // namespace
}  // namespace st::lake
