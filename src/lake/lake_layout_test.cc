// Tests partition specs and sort orders of tables, and how they change.
#include <algorithm>
#include <set>

#include "base/coding.h"
#include "format/iceberg/manifest.h"
#include "lake/limits.h"
#include "lake/local_storage.h"
#include "lake/partition.h"
#include "lake/read_view.h"
#include "lake/table_state.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kProgress;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

const TableName kOther{"default", "sales"};
const TableLayout kByDay = {.partition = {{"timestamp", {.kind = TransformKind::kDay}}},
                            .sort = {{"price", true, true}}};
const TableLayout kByDayAndPrice = {
    .partition = {{"timestamp", {.kind = TransformKind::kDay}},
                  {"price", {.kind = TransformKind::kBucket, .parameter = 4}}},
    .sort = {{"raw_event"}, {"price"}}};

std::string Int(std::int32_t value) {
  std::string out;
  AppendLittle(out, value);
  return out;
}

class LakeLayoutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto made = lake_->Create(kTable, TestColumns(), {{kProgress, "0"}}, kByDay);
    ASSERT_TRUE(made) << made.error().message();
  }
  std::shared_ptr<const View> MustLoad() { return lake_->Load(kTable).value(); }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(MustLoad()->metadata_json).value();
  }
  std::vector<iceberg::ManifestFile> Manifests() {
    return ReadManifestList(*storage_, FolderOf(*storage_, kTable),
                            Metadata().CurrentSnapshot()->manifest_list)
        .value();
  }
  // A file of the current spec; its first partition field is `day`.
  DataFile File(std::int64_t rows, std::optional<std::int32_t> day) {
    auto file = WriteData(*lake_, fs_, kTable, rows).value();
    const auto view = MustLoad();
    file.spec_id = view->spec_id;
    file.sort_order_id = view->sort_order_id;
    const auto* spec = FindSpec(*view, view->spec_id);
    if (day && !spec->fields.empty()) file.partition[spec->fields.front().id] = Int(*day);
    return file;
  }
  void CommitFiles(std::vector<DataFile> files) {
    const auto done = lake_->Commit({.table = kTable,
                                     .expected_version = MustLoad()->version,
                                     .files = std::move(files),
                                     .properties = {{kProgress, "1"}}});
    ASSERT_TRUE(done) << done.error().message();
  }
  void Change(const TableLayout& layout) {
    Append append{.table = kTable, .expected_version = MustLoad()->version};
    append.layout = layout;
    const auto done = lake_->Commit(append);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ((*done)->layout, layout);
  }
  std::vector<std::string> Partitions() {
    std::vector<std::string> partitions;
    const auto view = MustLoad();
    for (const auto& file : view->files) partitions.push_back(DescribePartition(*view, file));
    return partitions;
  }
  void Reopen() { lake_ = OpenLake(fs_, clock_, *random_); }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Storage> storage_ = MakeLocalStorage(fs_, testing::kWarehouse);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

TEST_F(LakeLayoutTest, ATableBeginsWithItsLayout) {
  const auto metadata = Metadata();
  ASSERT_EQ(metadata.partition_specs.size(), 1U);
  EXPECT_EQ(metadata.default_spec_id, 0);
  EXPECT_EQ(metadata.last_partition_id, 1000);
  const iceberg::PartitionField day{.source_id = 2,
                                    .field_id = 1000,
                                    .name = "timestamp_day",
                                    .transform = {.kind = TransformKind::kDay}};
  EXPECT_THAT(metadata.CurrentSpec().fields, ElementsAre(day));
  EXPECT_EQ(metadata.default_sort_order_id, 1);
  EXPECT_EQ(MustLoad()->layout, kByDay);
}

TEST_F(LakeLayoutTest, ALayoutThatDoesNotFitIsRefused) {
  const auto made = lake_->Create(kOther, {{1, "a", "string"}}, {}, kByDay);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(made.error().message(), HasSubstr("no column 'timestamp'"));
  EXPECT_EQ(lake_->Load(kOther).error().code(), ErrorCode::kNotFound);
}

TEST_F(LakeLayoutTest, FilesKeepTheirPartitions) {
  CommitFiles({File(1, 17486), File(2, std::nullopt), File(3, -1)});
  Reopen();
  EXPECT_THAT(Partitions(), ElementsAre("timestamp_day=2017-11-16", "timestamp_day=null",
                                        "timestamp_day=1969-12-31"));
  EXPECT_EQ(MustLoad()->files.begin()->sort_order_id, 1);
  const auto manifests = Manifests();
  ASSERT_EQ(manifests.size(), 1U);
  ASSERT_EQ(manifests[0].partitions.size(), 1U);
  EXPECT_TRUE(manifests[0].partitions[0].contains_null);
  EXPECT_EQ(manifests[0].partitions[0].lower, Int(-1));
  EXPECT_EQ(manifests[0].partitions[0].upper, Int(17486));
  EXPECT_EQ(Metadata().CurrentSnapshot()->summary.at("changed-partition-count"), "3");
}

TEST_F(LakeLayoutTest, AFileOfAnUnknownPartitionIsRefused) {
  auto file = File(1, 5);
  file.spec_id = 9;
  Append append{.table = kTable, .expected_version = MustLoad()->version, .files = {file}};
  EXPECT_THAT(lake_->Commit(append).error().message(), HasSubstr("partition spec 9"));
  append.files[0].spec_id = 0;
  append.files[0].partition[1234] = Int(1);
  EXPECT_THAT(lake_->Commit(append).error().message(), HasSubstr("field 1234"));
}

TEST_F(LakeLayoutTest, AChangeIsOfMetadataAlone) {
  CommitFiles({File(1, 10), File(2, 11)});
  const auto before = MustLoad();
  Change(kByDayAndPrice);
  EXPECT_EQ(MustLoad()->snapshot, before->snapshot);
  EXPECT_EQ(MustLoad()->spec_id, 1);
  EXPECT_EQ(MustLoad()->sort_order_id, 2);
  const auto fields = Metadata().CurrentSpec().fields;
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].field_id, 1000);  // the equivalent field of the spec before
  EXPECT_EQ(fields[1].field_id, 1001);
  CommitFiles({File(3, 12)});
  Reopen();
  EXPECT_THAT(Partitions(), ElementsAre("timestamp_day=1970-01-11", "timestamp_day=1970-01-12",
                                        "timestamp_day=1970-01-13, price_bucket=null"));
  const auto manifests = Manifests();
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[0].spec_id, 0);
  EXPECT_EQ(manifests[1].spec_id, 1);
  EXPECT_EQ(manifests[1].partitions.size(), 2U);
  // The way back uses the spec and the order of before.
  Change(kByDay);
  EXPECT_EQ(MustLoad()->spec_id, 0);
  EXPECT_EQ(MustLoad()->sort_order_id, 1);
  Change({});
  EXPECT_EQ(MustLoad()->spec_id, 2);
  EXPECT_EQ(MustLoad()->sort_order_id, 0);
  EXPECT_EQ(Metadata().partition_specs.size(), 3U);
}

TEST_F(LakeLayoutTest, AnotherTransformOfOneNameGetsAnotherName) {
  Change(kByDayAndPrice);
  auto layout = kByDayAndPrice;
  layout.partition[1].transform.parameter = 8;
  Change(layout);
  const auto metadata = Metadata();
  EXPECT_EQ(metadata.CurrentSpec().fields[1].name, "price_bucket_8");
  EXPECT_EQ(metadata.CurrentSpec().fields[1].field_id, 1002);
}

// Iceberg's Java library loads no table in which a column and a partition field of something else
// have one name.
TEST_F(LakeLayoutTest, NoColumnHasTheNameOfAPartitionField) {
  const TableLayout buckets{
      .partition = {{"price", {.kind = TransformKind::kBucket, .parameter = 8}}}, .sort = {}};
  auto columns = TestColumns();
  columns.push_back({0, "timestamp_day", "long"});
  Append append{.table = kTable, .expected_version = MustLoad()->version, .columns = columns};
  const auto refused = lake_->Commit(append);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(), HasSubstr("timestamp_day has the name of a partition"));
  append.columns.back().name = "price_bucket_8";
  ASSERT_TRUE(lake_->Commit(append));
  Change({.partition = {{"price", {.kind = TransformKind::kBucket, .parameter = 4}}}, .sort = {}});
  Change(buckets);
  EXPECT_EQ(Metadata().CurrentSpec().fields.front().name, "price_bucket_8_1002");
}

TEST_F(LakeLayoutTest, ARewriteWritesAManifestForEachSpec) {
  CommitFiles({File(1, 10), File(2, 10), File(4, 11)});
  Change(kByDayAndPrice);
  CommitFiles({File(8, 10), File(16, 10), File(32, 11)});
  const auto view = MustLoad();
  std::vector<DataFile> files;
  for (const auto& file : view->files) files.push_back(file);
  auto old_output = WriteData(*lake_, fs_, kTable, 3).value();
  old_output.spec_id = 0;
  old_output.partition = files[0].partition;
  auto output = WriteData(*lake_, fs_, kTable, 24).value();
  output.spec_id = 1;
  output.partition = files[3].partition;
  const auto done = lake_->Replace(
      {.table = kTable,
       .inputs = {files[0].location, files[1].location, files[3].location, files[4].location},
       .outputs = {output, old_output}});
  ASSERT_TRUE(done) << done.error().message();
  Reopen();
  const auto manifests = Manifests();
  ASSERT_EQ(manifests.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(manifests[i].spec_id, static_cast<int>(i));
    EXPECT_EQ(manifests[i].added_files, 1);
    EXPECT_EQ(manifests[i].existing_files, 1);
    EXPECT_EQ(manifests[i].deleted_files, 2);
  }
  std::vector<std::int64_t> rows;
  for (const auto& file : MustLoad()->files) rows.push_back(file.record_count);
  EXPECT_THAT(rows, ElementsAre(3, 4, 24, 32));
  EXPECT_EQ(Metadata().CurrentSnapshot()->summary.at("changed-partition-count"), "2");
}

TEST_F(LakeLayoutTest, AFileMayMoveToTheNewSpec) {
  CommitFiles({File(1, 10), File(2, 11)});
  const auto input = MustLoad()->files.begin()->location;
  Change(kByDayAndPrice);
  auto output = WriteData(*lake_, fs_, kTable, 1).value();
  output.spec_id = 1;
  const auto done = lake_->Replace({.table = kTable, .inputs = {input}, .outputs = {output}});
  ASSERT_TRUE(done) << done.error().message();
  Reopen();
  std::set<int> specs;
  for (const auto& manifest : Manifests()) specs.insert(manifest.spec_id);
  EXPECT_THAT(specs, ElementsAre(0, 1));
  EXPECT_EQ(MustLoad()->record_count, 3);
}

TEST_F(LakeLayoutTest, ManifestsOfDifferentSpecsAreNotMerged) {
  for (std::size_t i = 0; i < kMaxManifests; ++i) {
    CommitFiles({File(1, 10)});
    if (i == kMaxManifests / 2) Change(kByDayAndPrice);
  }
  CommitFiles({File(1, 10)});
  Reopen();
  const auto manifests = Manifests();
  EXPECT_LT(manifests.size(), kMaxManifests);
  EXPECT_TRUE(std::ranges::is_sorted(manifests, {}, &iceberg::ManifestFile::spec_id));
  EXPECT_EQ(manifests.front().spec_id, 0);
  EXPECT_EQ(manifests.back().spec_id, 1);
  EXPECT_EQ(MustLoad()->record_count, static_cast<std::int64_t>(kMaxManifests) + 1);
}

TEST_F(LakeLayoutTest, ClearingKeepsTheFieldsOfColumnsThatStay) {
  Change(kByDayAndPrice);
  CommitFiles({File(1, 10)});
  const auto done = lake_->Clear({.table = kTable,
                                  .expected_version = MustLoad()->version,
                                  .columns = {{1, "price", "long"}, {2, "name", "string"}},
                                  .layout = {},
                                  .properties = {}});
  ASSERT_TRUE(done) << done.error().message();
  const TableLayout left{.partition = {{"price", {.kind = TransformKind::kBucket, .parameter = 4}}},
                         .sort = {{"price"}}};
  EXPECT_EQ((*done)->layout, left);
  Reopen();
  EXPECT_EQ(MustLoad()->layout, left);
  CommitFiles({File(2, std::nullopt)});
  Reopen();
  EXPECT_THAT(Partitions(), ElementsAre("price_bucket=null"));
}

TEST_F(LakeLayoutTest, RollingBackKeepsTheLayout) {
  CommitFiles({File(1, 10)});
  const auto first = *MustLoad()->snapshot;
  Append append{.table = kTable, .expected_version = MustLoad()->version};
  append.columns = MustLoad()->columns;
  append.columns.push_back({0, "size", "int"});
  append.layout = kByDayAndPrice;
  append.layout->partition.push_back({"size", {}});
  append.layout->sort = {{"size"}};
  ASSERT_TRUE(lake_->Commit(append));
  CommitFiles({File(2, 10)});
  const auto done = lake_->RollBack(
      {.table = kTable, .expected_version = MustLoad()->version, .snapshot = first});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ((*done)->layout.partition, kByDayAndPrice.partition);
  EXPECT_TRUE((*done)->layout.sort.empty());
  Reopen();
  EXPECT_THAT(Partitions(), ElementsAre("timestamp_day=1970-01-11"));
  CommitFiles({File(2, 11)});
}

TEST_F(LakeLayoutTest, ColumnsOfTheLayoutMayHaveOtherNamesAndLeaveTheSortOrder) {
  Change({.partition = {{"price", {}}}, .sort = {{"raw_event"}}});
  const auto change = [this](std::vector<Column> columns) {
    return lake_->Commit(
        {.table = kTable, .expected_version = MustLoad()->version, .columns = std::move(columns)});
  };
  const auto done = change({{2, "timestamp", "timestamptz"}, {3, "cost", "long"}});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ((*done)->layout, (TableLayout{.partition = {{"cost", {}}}, .sort = {}}));
  Reopen();
  EXPECT_EQ(MustLoad()->layout.partition.at(0).column, "cost");
  const auto refused = change({{2, "timestamp", "timestamptz"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(), ::testing::HasSubstr("\"cost\" partitions files"));
}

TEST_F(LakeLayoutTest, ARenamedTableKeepsItsPartitions) {
  CommitFiles({File(1, 10)});
  Change(kByDayAndPrice);
  CommitFiles({File(2, 11)});
  const auto before = Partitions();
  const auto done = lake_->Rename(kTable, kOther, {});
  ASSERT_TRUE(done) << done.error().message();
  Reopen();
  const auto view = lake_->Load(kOther).value();
  std::vector<std::string> partitions;
  for (const auto& file : view->files) partitions.push_back(DescribePartition(*view, file));
  EXPECT_EQ(partitions, before);
  EXPECT_EQ(view->layout, kByDayAndPrice);
}

TEST_F(LakeLayoutTest, AnEarlierSnapshotShowsItsOwnPartitions) {
  CommitFiles({File(1, 10)});
  const auto first = *MustLoad()->snapshot;
  Change(kByDayAndPrice);
  CommitFiles({File(2, 11)});
  const auto view = ReadView(*storage_, kTable, first).value();
  EXPECT_EQ(DescribePartition(*view, *view->files.begin()), "timestamp_day=1970-01-11");
}

// Files of before keep their shorter values; whatever manifest lists them later has wide ones.
TEST_F(LakeLayoutTest, ColumnsThatPartitionFilesBecomeWider) {
  const PartitionTransform truncate{.kind = TransformKind::kTruncate, .parameter = 10};
  const TableLayout layout = {.partition = {{"n", {}}, {"x", {}}, {"d", truncate}},
                              .sort = {{"n"}}};
  ASSERT_TRUE(lake_->Create(kOther, {{0, "n", "int"}, {0, "x", "float"}, {0, "d", "decimal(9, 2)"}},
                            {}, layout));
  const auto file = [&](std::string n, std::string x) {
    auto data = WriteData(*lake_, fs_, kOther, 1).value();
    data.partition = {{1000, std::move(n)}, {1001, std::move(x)}, {1002, "\x6e"}};
    return data;
  };
  const auto commit = [&](std::vector<DataFile> files, std::vector<Column> columns) {
    const auto done = lake_->Commit({.table = kOther,
                                     .expected_version = lake_->Load(kOther).value()->version,
                                     .files = std::move(files),
                                     .columns = std::move(columns)});
    ASSERT_TRUE(done) << done.error().message();
  };
  std::string wide_n;
  AppendLittle(wide_n, std::int64_t{5});
  std::string wide_x;
  AppendLittle(wide_x, std::bit_cast<std::int64_t>(1.5));
  const auto short_x = Int(std::bit_cast<std::int32_t>(1.5F));
  commit({file(Int(5), short_x), file(Int(-7), short_x)}, {});
  commit({}, {{1, "n", "long"}, {2, "x", "double"}, {3, "d", "decimal(20, 2)"}});
  commit({file(wide_n, wide_x)}, {});
  const auto check = [&] {
    Reopen();
    const auto view = lake_->Load(kOther).value();
    std::vector<std::string> partitions;
    std::set<std::string> keys;
    for (const auto& each : view->files) {
      partitions.push_back(DescribePartition(*view, each));
      keys.insert(PartitionKey(*view, each));
    }
    EXPECT_EQ(partitions,
              (std::vector<std::string>{"n=5, x=1.5, d_trunc=1.10", "n=-7, x=1.5, d_trunc=1.10",
                                        "n=5, x=1.5, d_trunc=1.10"}));
    EXPECT_EQ(keys.size(), 2U);
    EXPECT_EQ(view->layout, layout);
  };
  check();
  // A rewrite lists the second file anew.
  const auto view = lake_->Load(kOther).value();
  ASSERT_TRUE(lake_->Replace({.table = kOther,
                              .inputs = {view->files.begin()->location},
                              .outputs = {file(wide_n, wide_x)}}));
  check();
  const auto metadata =
      iceberg::ParseTableMetadata(lake_->Load(kOther).value()->metadata_json).value();
  const auto lists = ReadManifestList(*storage_, FolderOf(*storage_, kOther),
                                      metadata.CurrentSnapshot()->manifest_list)
                         .value();
  std::string least_n;
  AppendLittle(least_n, std::int64_t{-7});
  EXPECT_EQ(lists.at(0).partitions.at(0).lower, least_n);
  EXPECT_EQ(lists.at(0).partitions.at(1).upper, wide_x);
}

TEST_F(LakeLayoutTest, ValuesOfBeforeAColumnBecameALongAreTheSamePartition) {
  View view;
  view.partition_specs = {{.id = 0,
                           .fields = {{.id = 1000,
                                       .name = "n",
                                       .column_id = 1,
                                       .column = "n",
                                       .transform = {},
                                       .source = {.kind = TypeKind::kLong},
                                       .result = {.kind = TypeKind::kLong}}}}};
  DataFile four;
  four.partition[1000] = Int(-3);
  DataFile eight;
  AppendLittle(eight.partition[1000], std::int64_t{-3});
  EXPECT_EQ(PartitionKey(view, four), PartitionKey(view, eight));
  EXPECT_NE(PartitionKey(view, four), PartitionKey(view, DataFile()));
}

}  // namespace
}  // namespace st::lake
