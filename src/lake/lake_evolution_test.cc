// Tests how a table gets other columns: ids, older snapshots, what is refused, names in data files.
#include <algorithm>
#include <utility>

#include "base/nested_type.h"
#include "lake/read_view.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using testing::CommitRows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kTable;
using testing::kWarehouse;
using testing::OpenLake;
using testing::TestColumns;

NestedField Member(const std::string& name, NestedType type, int id = 0) {
  return {.id = id, .name = name, .type = std::move(type), .doc = {}};
}
std::string ListOfStructs(std::vector<NestedField> fields) {
  return TypeText(ListType(StructType(std::move(fields))));
}

class LakeEvolutionTest : public ::testing::Test {
 protected:
  void Create(const std::vector<Column>& columns = TestColumns()) {
    const auto made = lake_->Create(kTable, columns, {});
    ASSERT_TRUE(made) << made.error().message();
  }
  std::shared_ptr<const View> Load() { return lake_->Load(kTable).value(); }
  Result<std::shared_ptr<const View>> Change(std::vector<Column> columns) {
    return lake_->Commit(
        {.table = kTable, .expected_version = Load()->version, .columns = std::move(columns)});
  }
  std::vector<Column> MustChange(std::vector<Column> columns) {
    const auto changed = Change(std::move(columns));
    EXPECT_TRUE(changed) << changed.error().message();
    return changed ? (*changed)->columns : std::vector<Column>();
  }
  std::string RefusalOf(std::vector<Column> columns) {
    const auto version = Load()->version;
    const auto refused = Change(std::move(columns));
    EXPECT_FALSE(refused);
    if (refused) return "";
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(Load()->version, version);
    return refused.error().message();
  }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(Load()->metadata_json).value();
  }
  NestedType TypeOf(std::size_t column) { return ParseType(Load()->columns[column].type).value(); }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

TEST_F(LakeEvolutionTest, OneCommitAddsWidensRenamesMovesAndDrops) {
  Create({{0, "a", "int"}, {0, "b", "float"}, {0, "c", "decimal(5, 2)"}, {0, "d", "string"}});
  ASSERT_TRUE(CommitRows(*lake_, fs_, 5));
  const auto columns = MustChange({{3, "c", "decimal(9, 2)"},
                                   {0, "new", "date", "when"},
                                   {1, "renamed", "long"},
                                   {2, "b", "double"}});
  EXPECT_THAT(columns,
              ElementsAre(Column{3, "c", "decimal(9, 2)"}, Column{5, "new", "date", "when"},
                          Column{1, "renamed", "long"}, Column{2, "b", "double"}));
  EXPECT_EQ(Load()->record_count, 5);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 2));
  lake_ = OpenLake(fs_, clock_, *random_);
  EXPECT_EQ(Load()->columns, columns);
  const auto metadata = Metadata();
  EXPECT_EQ(metadata.schemas.size(), 2U);
  EXPECT_EQ(metadata.last_column_id, 5);
  EXPECT_EQ(metadata.snapshots.at(0).schema_id, 0);
  EXPECT_EQ(metadata.snapshots.at(1).schema_id, 1);
}

TEST_F(LakeEvolutionTest, AnOlderSnapshotKeepsItsColumns) {
  Create();
  const auto before = CommitRows(*lake_, fs_, 5).value();
  auto columns = TestColumns();
  columns.erase(columns.begin());
  MustChange(columns);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 2));
  const auto storage = MakeLocalStorage(fs_, kWarehouse);
  EXPECT_EQ(ReadView(*storage, kTable, before->snapshot).value()->columns, TestColumns());
  const auto back = lake_->RollBack({.table = kTable,
                                     .expected_version = Load()->version,
                                     .snapshot = *before->snapshot,
                                     .properties = {}});
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ((*back)->columns, TestColumns());
}

TEST_F(LakeEvolutionTest, AnIdIsNeverGivenTwice) {
  Create();
  auto columns = TestColumns();
  columns.pop_back();
  MustChange(columns);
  columns.push_back({0, "price", "string"});
  EXPECT_EQ(MustChange(columns).back(), (Column{4, "price", "string"}));
  const auto cleared = lake_->Clear({.table = kTable,
                                     .expected_version = Load()->version,
                                     .columns = TestColumns(),
                                     .properties = {}});
  ASSERT_TRUE(cleared) << cleared.error().message();
  EXPECT_EQ((*cleared)->columns.back(), (Column{5, "price", "long"}));
}

TEST_F(LakeEvolutionTest, TheSameColumnsAgainAreTheSameSchema) {
  Create();
  auto columns = TestColumns();
  std::swap(columns[0], columns[1]);
  MustChange(columns);
  MustChange(TestColumns());
  EXPECT_EQ(Metadata().schemas.size(), 2U);
  EXPECT_EQ(Metadata().current_schema_id, 0);
}

TEST_F(LakeEvolutionTest, RefusesWhatOlderFilesCannotBeReadAs) {
  Create({{0, "n", "long"}, {0, "d", "decimal(9, 2)"}, {0, "t", "date"}});
  const std::vector<Column> now = Load()->columns;
  const auto with = [&](std::size_t at, Column column) {
    auto columns = now;
    columns[at] = std::move(column);
    return columns;
  };
  EXPECT_THAT(RefusalOf(with(0, {1, "n", "int"})), HasSubstr("\"n\": long cannot become int"));
  EXPECT_THAT(RefusalOf(with(1, {2, "d", "decimal(9, 3)"})), HasSubstr("cannot become"));
  EXPECT_THAT(RefusalOf(with(1, {2, "d", "decimal(8, 2)"})), HasSubstr("cannot become"));
  EXPECT_THAT(RefusalOf(with(2, {3, "t", "timestamp"})), HasSubstr("date cannot become"));
  EXPECT_THAT(RefusalOf(with(2, {3, "t", TypeText(ListType(PrimitiveType("date")))})),
              HasSubstr("date cannot become list<date>"));
  EXPECT_THAT(RefusalOf(with(2, {9, "t", "date"})), HasSubstr("the id 9"));
  EXPECT_THAT(RefusalOf(with(2, {1, "t", "date"})), HasSubstr("comes twice"));
  EXPECT_THAT(RefusalOf(with(2, {0, "N", "date"})), HasSubstr("two columns \"N\""));
  EXPECT_THAT(RefusalOf(with(2, {0, "x", "json"})), HasSubstr("\"json\" is no type"));
  EXPECT_THAT(RefusalOf(with(2, {0, "__duckdb_field_id", "int"})),
              HasSubstr("cannot have the name"));
  EXPECT_THAT(RefusalOf(with(2, {0, "x", "date", "\xff"})), HasSubstr("comment"));
  EXPECT_THAT(RefusalOf(with(2, {0, "x", TypeText(StructType({}))})), HasSubstr("without fields"));
  EXPECT_THAT(RefusalOf(with(2, {0, "x",
                                 ListOfStructs({Member("a", PrimitiveType("int")),
                                                Member("A", PrimitiveType("int"))})})),
              HasSubstr("two columns \"A\""));
}

TEST_F(LakeEvolutionTest, NestedFieldsGetIdsBehindTheColumns) {
  Create(
      {{0, "items",
        ListOfStructs({Member("sku", PrimitiveType("string")), Member("n", PrimitiveType("int"))})},
       {0, "tags", TypeText(MapType(PrimitiveType("string"), PrimitiveType("long")))}});
  EXPECT_EQ(ShownType(TypeOf(0)), "list<3: struct<4: sku: string, 5: n: int>>");
  EXPECT_EQ(ShownType(TypeOf(1)), "map<6: string, 7: long>");
  EXPECT_EQ(Metadata().last_column_id, 7);
  lake_ = OpenLake(fs_, clock_, *random_);
  EXPECT_EQ(ShownType(TypeOf(0)), "list<3: struct<4: sku: string, 5: n: int>>");
}

TEST_F(LakeEvolutionTest, FieldsOfStructsChangeAsColumnsDo) {
  Create({{0, "items",
           ListOfStructs({Member("sku", PrimitiveType("string")), Member("n", PrimitiveType("int")),
                          Member("old", PrimitiveType("int"))})}});
  // The ids are 2 of the element, and 3 to 5.
  MustChange({{1, "items",
               ListOfStructs({Member("count", PrimitiveType("long"), 4),
                              Member("new", PrimitiveType("date")),
                              Member("sku", PrimitiveType("string"), 3)})}});
  EXPECT_EQ(ShownType(TypeOf(0)), "list<2: struct<4: count: long, 6: new: date, 3: sku: string>>");
  // A field keeps its name in data files.
  EXPECT_EQ(ShownType(AsInFiles(TypeOf(0))),
            "list<2: struct<4: n: long, 6: new: date, 3: sku: string>>");
  EXPECT_THAT(Load()->metadata_json, ::testing::Not(HasSubstr("file-name")));
  // A new field with the name of a dropped one has its own in data files.
  MustChange({{1, "items",
               ListOfStructs({Member("n", PrimitiveType("string")),
                              Member("count", PrimitiveType("long"), 4)})}});
  EXPECT_EQ(ShownType(AsInFiles(TypeOf(0))), "list<2: struct<7: n_7: string, 4: n: long>>");
  lake_ = OpenLake(fs_, clock_, *random_);
  EXPECT_EQ(ShownType(AsInFiles(TypeOf(0))), "list<2: struct<7: n_7: string, 4: n: long>>");
  EXPECT_THAT(RefusalOf({{1, "items", ListOfStructs({Member("count", PrimitiveType("int"), 4)})}}),
              HasSubstr("long cannot become int"));
}

TEST_F(LakeEvolutionTest, KeysOfAMapStayAsTheyAre) {
  Create({{0, "m", TypeText(MapType(PrimitiveType("int"), PrimitiveType("int")))}});
  EXPECT_THAT(RefusalOf({{1, "m", TypeText(MapType(PrimitiveType("long"), PrimitiveType("int")))}}),
              HasSubstr("map<2: int, 3: int> cannot become map<long, int>"));
  MustChange({{1, "m", TypeText(MapType(PrimitiveType("int"), PrimitiveType("long")))}});
  EXPECT_EQ(ShownType(TypeOf(0)), "map<2: int, 3: long>");
}

TEST_F(LakeEvolutionTest, AfterARollbackAFieldComesAgainWithANewId) {
  Create({{0, "s", TypeText(StructType({Member("a", PrimitiveType("int"))}))}});
  const auto before = CommitRows(*lake_, fs_, 5).value();
  const auto with_b = [](int a, NestedType b) {
    return std::vector<Column>{
        {1, "s",
         TypeText(StructType({Member("a", PrimitiveType("int"), a), Member("b", std::move(b))}))}};
  };
  MustChange(with_b(2, PrimitiveType("int")));
  ASSERT_TRUE(CommitRows(*lake_, fs_, 2));
  ASSERT_TRUE(lake_->RollBack({.table = kTable,
                               .expected_version = Load()->version,
                               .snapshot = *before->snapshot,
                               .properties = {}}));
  MustChange(with_b(2, PrimitiveType("string")));
  EXPECT_EQ(ShownType(TypeOf(0)), "struct<2: a: int, 4: b: string>");
  EXPECT_EQ(ShownType(AsInFiles(TypeOf(0))), "struct<2: a: int, 4: b_4: string>");
}

}  // namespace
}  // namespace st::lake
