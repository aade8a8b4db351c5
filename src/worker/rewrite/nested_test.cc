// Nested columns in the real worker: field ids and statistics of files, and files of older schemas
// that are read and written again with the present one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/nested_type.h"
#include "worker/testing/job_test.h"

namespace st::worker::rewrite {
namespace {

using ::testing::ElementsAre;

NestedField Member(int id, const std::string& name, NestedType type,
                   const std::string& file_name = "") {
  return {.id = id, .name = name, .type = std::move(type), .doc = {}, .file_name = file_name};
}
NestedType Of(const char* primitive) { return PrimitiveType(primitive); }

class NestedTest : public JobTest {
 protected:
  // Writes the rows of `select` as a transform does.
  WrittenFile Write(const std::string& name, const std::string& select,
                    const std::vector<jobs::TableColumn>& columns) {
    auto job = Job(select);
    job.sources.clear();
    job.output_path = WarehousePath(name);
    job.columns = columns;
    const auto done = worker().Transform(job, kLong);
    EXPECT_TRUE(done) << done.error().message();
    return done && !done->outputs.empty() ? done->outputs[0] : WrittenFile{};
  }
  // Rows of the files, in their order, in a new file of the present columns.
  WrittenFile Rewrite(const std::vector<std::string>& inputs, const std::string& output,
                      const std::vector<jobs::TableColumn>& columns) {
    jobs::RewriteJob job{.columns = columns, .inputs = {}, .output_path = WarehousePath(output)};
    for (const auto& input : inputs) job.inputs.push_back(WarehousePath(input));
    const auto done = worker().Rewrite(job, kLong);
    EXPECT_TRUE(done && *done) << (done ? "no file" : done.error().message());
    return done && *done ? **done : WrittenFile{};
  }
  std::vector<std::string> ValuesIn(const std::string& name) {
    return FileRows(WarehousePath(name));
  }
  std::vector<std::string> IdsIn(const std::string& name) {
    return Rows("SELECT name, field_id FROM parquet_schema('" + WarehousePath(name) +
                "') WHERE field_id IS NOT NULL");
  }
  jobs::WorkerClient& worker() {
    if (!worker_) worker_ = std::make_unique<jobs::WorkerClient>(*clock_, Options());
    return *worker_;
  }

  std::unique_ptr<jobs::WorkerClient> worker_;
};

TEST_F(NestedTest, AFileHasTheIdsAndStatisticsOfWhatIsNested) {
  const std::vector<jobs::TableColumn> columns = {
      {1, "s",
       TypeText(StructType({Member(3, "a b", Of("double")), Member(4, "t", Of("string"))}))},
      {2, "m", TypeText(MapType(Of("string"), ListType(Of("int"), 7), 5, 6))}};
  const auto file = Write("a.parquet",
                          "SELECT {'a b': x, 't': 'v'} AS s, MAP {'k': [x::INT, NULL]} AS m FROM "
                          "(VALUES (0.0::DOUBLE), (2.0)) v(x)",
                          columns);
  EXPECT_THAT(IdsIn("a.parquet"),
              ElementsAre("s|1", "a b|3", "t|4", "m|2", "key|5", "value|6", "element|7"));
  EXPECT_EQ(file.columns.size(), 4U);
  EXPECT_EQ(file.columns.at(3).min, "-0.0") << "a zero of a struct's field has both signs too";
  EXPECT_EQ(file.columns.at(3).max, "2.0");
  EXPECT_EQ(file.columns.at(4).null_count, 0);
  EXPECT_EQ(file.columns.at(5).max, "k");
  EXPECT_EQ(file.columns.at(7).value_count, 4);
}

TEST_F(NestedTest, ReadsEachWiderType) {
  Write("old.parquet",
        "SELECT 2147483647::INT AS i, 1.5::FLOAT AS f, -9.99::DECIMAL(3,2) AS d, "
        "12345.6::DECIMAL(9,1) AS e, [7::INT] AS l, {'x': 0.1::FLOAT} AS s, "
        "MAP {1::INT: 5::DECIMAL(4,0)} AS m",
        {{1, "i", "int"},
         {2, "f", "float"},
         {3, "d", "decimal(3, 2)"},
         {4, "e", "decimal(9, 1)"},
         {5, "l", TypeText(ListType(Of("int"), 8))},
         {6, "s", TypeText(StructType({Member(9, "x", Of("float"))}))},
         {7, "m", TypeText(MapType(Of("int"), Of("decimal(4, 0)"), 10, 11))}});
  Rewrite({"old.parquet"}, "new.parquet",
          {{1, "i", "long"},
           {2, "f", "double"},
           {3, "d", "decimal(12, 2)"},
           {4, "e", "decimal(38, 1)"},
           {5, "l", TypeText(ListType(Of("long"), 8))},
           {6, "s", TypeText(StructType({Member(9, "x", Of("double"))}))},
           {7, "m", TypeText(MapType(Of("int"), Of("decimal(20, 0)"), 10, 11))}});
  EXPECT_THAT(ValuesIn("new.parquet"),
              ElementsAre("2147483647|1.5|-9.99|12345.6|[7]|{'x': 0.10000000149011612}|{1=5}"));
  EXPECT_THAT(Rows("SELECT typeof(COLUMNS(*)) FROM '" + WarehousePath("new.parquet") + "'"),
              ElementsAre("BIGINT|DOUBLE|DECIMAL(12,2)|DECIMAL(38,1)|BIGINT[]|STRUCT(x "
                          "DOUBLE)|MAP(INTEGER, DECIMAL(20,0))"));
}

// One column through every change: fields are added, moved, renamed, dropped, and one comes again.
TEST_F(NestedTest, ReadsAndRewritesFieldsByTheirIds) {
  const auto column = [](std::vector<NestedField> fields) {
    return std::vector<jobs::TableColumn>{
        {1, "l", TypeText(ListType(StructType(std::move(fields)), 2))}};
  };
  Write("1.parquet", "SELECT * FROM (VALUES ([{'a': 1::INT, 'b': 'x'}, NULL]), ([]), (NULL)) v(l)",
        column({Member(3, "a", Of("int")), Member(4, "b", Of("string"))}));
  // "a" is "n" and wider now, "b" is gone, and another "b" has its own name in files.
  const auto now = column({Member(5, "b", Of("date"), "b_5"), Member(3, "n", Of("long"), "a")});
  const auto second =
      Write("2.parquet", "SELECT [{'b': DATE '2026-01-02', 'n': 9::BIGINT}] AS l -- of today", now);
  EXPECT_THAT(IdsIn("2.parquet"), ElementsAre("l|1", "element|2", "b_5|5", "a|3"));
  EXPECT_EQ(second.columns.at(3).max, "9");
  const auto both = Rewrite({"1.parquet", "2.parquet"}, "out.parquet", now);
  EXPECT_EQ(both.rows, 4);
  EXPECT_THAT(ValuesIn("out.parquet"), ElementsAre("[{'b_5': NULL, 'a': 1}, NULL]", "[]", "NULL",
                                                   "[{'b_5': 2026-01-02, 'a': 9}]"));
  // Back to the first schema, as after a rollback.
  Rewrite({"1.parquet"}, "back.parquet",
          column({Member(3, "a", Of("int")), Member(4, "b", Of("string"))}));
  EXPECT_EQ(ValuesIn("back.parquet"), ValuesIn("1.parquet"));
}

TEST_F(NestedTest, NamesInFilesMayDifferInMapsAndStructs) {
  const std::vector<jobs::TableColumn> now = {
      {1, "m",
       TypeText(MapType(StructType({Member(4, "k", Of("int"), "was")}),
                        StructType({Member(5, "v w", ListType(Of("int"), 6), "v")}), 2, 3))},
      {7, "s",
       TypeText(StructType({Member(8, "t", StructType({Member(9, "u", Of("int"), "x")}))}))}};
  Write("a.parquet",
        "SELECT MAP {{'k': 1::INT}: {'v w': [2::INT]}} AS m, {'t': {'u': 3::INT}} AS s", now);
  EXPECT_THAT(ValuesIn("a.parquet"), ElementsAre("{{'was': 1}={'v': [2]}}|{'t': {'x': 3}}"));
  Rewrite({"a.parquet"}, "b.parquet", now);
  EXPECT_EQ(ValuesIn("b.parquet"), ValuesIn("a.parquet"));
}

}  // namespace
}  // namespace st::worker::rewrite
