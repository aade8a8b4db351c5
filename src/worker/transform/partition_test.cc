// Tests jobs whose rows go into a file for each partition, sorted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "jobs/limits.h"
#include "jobs/output_path.h"
#include "worker/testing/job_test.h"

namespace st::worker::transform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr PartitionTransform kDay{.kind = TransformKind::kDay};

class PartitionTest : public JobTest {
 protected:
  jobs::TransformJob Partitioned(const std::string& sql, TableLayout layout) const {
    auto job = Job(sql);
    job.output_path = WarehousePath("00000000-0000-4000-8000-000000000000.parquet");
    job.layout = std::move(layout);
    return job;
  }
  Result<jobs::TransformResult> Run(const jobs::TransformJob& job) {
    jobs::WorkerClient client(*clock_, Options());
    return client.Transform(job, kLong);
  }
  jobs::TransformResult MustRun(const jobs::TransformJob& job) {
    auto result = Run(job);
    EXPECT_TRUE(result) << result.error().ToString();
    return result.value_or(jobs::TransformResult{});
  }
  static std::string Partition(const WrittenFile& file) {
    std::string text;
    for (const auto& value : file.partition) {
      text += (text.empty() ? "" : " ") + (value ? HexEncode(*value) : "null");
    }
    return text;
  }
};

TEST_F(PartitionTest, EachRowIsInTheFileOfItsPartition) {
  LogValues({"b", "a", "", "a", "b"});
  auto job = Partitioned(R"(SELECT nullif(value_text, '') AS "the ""v", "offset" AS o
                            FROM st_source() -- a comment)",
                         {.partition = {{"the \"v", {}}}, .sort = {}});
  job.columns = {{1, "the \"v", "string"}, {2, "o", "long"}};
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 5);
  ASSERT_EQ(result.outputs.size(), 3U);
  EXPECT_EQ(Partition(result.outputs[0]), "null");
  EXPECT_EQ(Partition(result.outputs[1]), "61");
  EXPECT_EQ(Partition(result.outputs[2]), "62");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(result.outputs[i].location, jobs::OutputPath(job.output_path, i));
  }
  EXPECT_THAT(FileRows(result.outputs[0].location), ElementsAre("NULL|2"));
  EXPECT_THAT(FileRows(result.outputs[1].location), ElementsAre("a|1", "a|3"));
  EXPECT_THAT(FileRows(result.outputs[2].location), ElementsAre("b|0", "b|4"));
  EXPECT_EQ(result.outputs[1].columns.at(2).min, "1");
  EXPECT_EQ(result.outputs[1].columns.at(2).max, "3");
}

TEST_F(PartitionTest, RowsAreSortedAndEqualOnesStayInOrder) {
  LogValues({"2", "", "1", "2", "1", ""});
  const std::string sql =
      R"(SELECT nullif(value_text, '') AS n, "offset" AS o, 'x' AS p FROM st_source())";
  auto job = Partitioned(sql, {.partition = {{"p", {}}}, .sort = {{"n", true, true}}});
  auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_THAT(FileRows(job.output_path),
              ElementsAre("2|0|x", "2|3|x", "1|2|x", "1|4|x", "NULL|1|x", "NULL|5|x"));
  job = Partitioned(sql, {.partition = {}, .sort = {{"n"}, {"o", true, true}}});
  job.output_path = WarehousePath("sorted.parquet");
  result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_TRUE(result.outputs[0].partition.empty());
  EXPECT_THAT(FileRows(job.output_path),
              ElementsAre("NULL|5|x", "NULL|1|x", "1|4|x", "1|2|x", "2|3|x", "2|0|x"));
}

TEST_F(PartitionTest, ManyPartitionsHaveTheirRowsInOrder) {
  std::vector<std::string> values;
  for (int i = 0; i < 600; ++i) values.push_back(fmt::format("{:02}", i % 60));
  LogValues(values);
  const auto job =
      Partitioned(R"(SELECT value_text AS v, "offset" AS o, "offset" % 2 AS n FROM st_source())",
                  {.partition = {{"v", {}}}, .sort = {{"n", true, true}}});
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 60U);
  EXPECT_EQ(result.rows(), 600);
  EXPECT_EQ(Partition(result.outputs[7]), HexEncode("07"));
  EXPECT_THAT(FileRows(result.outputs[7].location),
              ElementsAre("07|7|1", "07|67|1", "07|127|1", "07|187|1", "07|247|1", "07|307|1",
                          "07|367|1", "07|427|1", "07|487|1", "07|547|1"));
}

TEST_F(PartitionTest, ValuesOfEveryTypeAreIcebergs) {
  LogValues({"x"});
  const std::vector<std::array<std::string, 3>> cases = {
      {"true", "BOOLEAN", "01"},
      {"-7", "INTEGER", "f9ffffff"},
      {"34", "BIGINT", "2200000000000000"},
      {"1.5", "FLOAT", "0000c03f"},
      {"nan", "DOUBLE", "000000000000f87f"},
      {"é", "VARCHAR", "c3a9"},
      {"\\x00\\x01", "BLOB", "0001"},
      {"14.20", "DECIMAL(4,2)", "058c"},
      {"14.20", "DECIMAL(9,2)", "058c"},
      {"-0.01", "DECIMAL(18,2)", "ff"},
      {"-99999999999999999999999999999999999999", "DECIMAL(38,0)",
       "b4c4b357a5793b85f675ddc000000001"},
      {"2017-11-16", "DATE", "4e440000"},
      {"22:31:08", "TIME", "008307e012000000"},
      {"2017-11-16 22:31:08", "TIMESTAMP", "00c3262d215e0500"},
      {"1969-12-31 23:59:59.999999+00", "TIMESTAMP WITH TIME ZONE", "ffffffffffffffff"},
      {"f79c3e09-677c-4bbd-a479-3f349cb785e7", "UUID", "f79c3e09677c4bbda4793f349cb785e7"}};
  std::string columns;
  std::string want;
  TableLayout layout;
  for (const auto& [text, type, hex] : cases) {
    const auto name = fmt::format("c{}", layout.partition.size());
    columns +=
        fmt::format("{}CAST('{}' AS {}) AS {}", columns.empty() ? "" : ", ", text, type, name);
    want += (want.empty() ? "" : " ") + hex;
    layout.partition.push_back({name, {}});
  }
  const auto job = Partitioned("SELECT " + columns + " FROM st_source()", layout);
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(Partition(result.outputs[0]), want);
}

TEST_F(PartitionTest, TransformsAreThoseOfTheTable) {
  LogValues({"1970-01-02 00:30:00+00", "1969-12-31 23:00:00+00", "1970-01-02 23:59:59+00"});
  const auto job = Partitioned(
      "SELECT CAST(value_text AS TIMESTAMP WITH TIME ZONE) AS ts, 34 AS id FROM st_source()",
      {.partition = {{"ts", kDay},
                     {"id", {.kind = TransformKind::kBucket, .parameter = 16}},
                     {"id", {.kind = TransformKind::kVoid}}},
       .sort = {}});
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 2U);
  // hash(34) is 2017239379, of which the rest by 16 is 3.
  EXPECT_EQ(Partition(result.outputs[0]), "ffffffff 03000000 null");
  EXPECT_EQ(Partition(result.outputs[1]), "01000000 03000000 null");
  EXPECT_EQ(result.outputs[1].rows, 2);
}

TEST_F(PartitionTest, TooManyPartitionsAreSaidAndLeaveNoFile) {
  const std::string sql = R"(SELECT value_text AS v FROM st_source())";
  std::vector<std::string> values;
  for (std::size_t i = 0; i <= jobs::kMaxPartitionsOfJob; ++i) {
    values.push_back(fmt::format("{}", i));
  }
  LogValues(values);
  const auto job = Partitioned(sql, {.partition = {{"v", {}}}, .sort = {}});
  const auto result = MustRun(job);
  EXPECT_TRUE(result.has_too_many_partitions);
  EXPECT_TRUE(result.outputs.empty());
  EXPECT_FALSE(Exists(job.output_path));
  EXPECT_FALSE(Exists(jobs::OutputPath(job.output_path, 1)));
}

TEST_F(PartitionTest, AFailureLeavesNoFile) {
  LogValues({"1", "2", "x"});
  const auto job = Partitioned("SELECT CAST(value_text AS INTEGER) AS n FROM st_source()",
                               {.partition = {{"n", {}}}, .sort = {{"n"}}});
  const auto result = Run(job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message(), HasSubstr("Could not convert string 'x'"));
  EXPECT_FALSE(Exists(job.output_path));
}

TEST_F(PartitionTest, NamesOfColumnsMeanNothing) {
  LogValues({"a", "b"});
  const auto job = Partitioned(
      R"(SELECT value_text AS st_number, "offset" AS rowid, 1 AS "ST_NUMBER_" FROM st_source())",
      {.partition = {{"st_number", {}}}, .sort = {{"rowid"}}});
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 2U);
  EXPECT_THAT(FileRows(result.outputs[1].location), ElementsAre("b|1|1"));
}

TEST_F(PartitionTest, OneWorkerDoesJobsOfDifferentLayouts) {
  LogValues({"b", "a"});
  jobs::WorkerClient client(*clock_, Options());
  const std::string sql = R"(SELECT value_text AS v FROM st_source())";
  auto job = Partitioned(sql, {.partition = {{"v", {}}}, .sort = {}});
  EXPECT_EQ(client.Transform(job, kLong)->outputs.size(), 2U);
  job = Job(sql);
  EXPECT_EQ(client.Transform(job, kLong)->outputs.size(), 1U);
  job = Partitioned(sql, {.partition = {}, .sort = {{"v"}}});
  job.output_path = WarehousePath("10000000-0000-4000-8000-000000000000.parquet");
  EXPECT_EQ(client.Transform(job, kLong)->outputs.size(), 1U);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("a", "b"));
}

TEST_F(PartitionTest, NoRowMakesNoFile) {
  LogValues({"b"});
  const auto job = Partitioned("SELECT value_text AS v FROM st_source() WHERE false",
                               {.partition = {{"v", {}}}, .sort = {{"v"}}});
  EXPECT_TRUE(MustRun(job).outputs.empty());
  EXPECT_FALSE(Exists(job.output_path));
}

}  // namespace
}  // namespace st::worker::transform
