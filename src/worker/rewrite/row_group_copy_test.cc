// Tests rewrites that copy row groups, in the real worker: rows and their order, which files are
// copied, and what goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "worker/rewrite/limits.h"
#include "worker/testing/job_test.h"

namespace st::worker::rewrite {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kMany = kMinCopiedRows;
constexpr const char* kRow =
    "range AS n, 'name ' || range % 9 AS name, range / 4 AS d, [range, 1] AS list";

class RowGroupCopyTest : public JobTest {
 protected:
  // A file of the job's columns with the rows from `from` to before `to`.
  std::string Write(const std::string& name, std::int64_t from, std::int64_t to) {
    return WriteRows(name, fmt::format("SELECT {} FROM range({}, {})", kRow, from, to));
  }
  std::string WriteRows(const std::string& name, const std::string& select) {
    auto job = Job(select);
    job.sources.clear();
    job.output_path = WarehousePath(name);
    job.columns = job_.columns;
    const auto done = worker().Transform(job, kLong);
    EXPECT_TRUE(done) << done.error().message();
    return job.output_path;
  }
  jobs::WorkerClient& worker() {
    if (!worker_) worker_ = std::make_unique<jobs::WorkerClient>(*clock_, Options());
    return *worker_;
  }
  WrittenFile Rewritten() {
    job_.output_path = WarehousePath("out.parquet");
    job_.scratch_path = WarehousePath("scratch.parquet");
    const auto file = worker().Rewrite(job_, kLong);
    EXPECT_TRUE(file && *file) << (file ? "no file" : file.error().message());
    EXPECT_FALSE(Exists(job_.scratch_path));
    return file && *file ? **file : WrittenFile();
  }
  // The output has the rows from 0 to before `rows`, in their order.
  void ExpectRows(std::int64_t rows) {
    EXPECT_THAT(
        Rows(fmt::format("SELECT count(*), count(*) FILTER (n = file_row_number AND name = 'name ' "
                         "|| n % 9 AND d = n / 4 AND list = [n, 1]) FROM read_parquet('{}', "
                         "file_row_number = true)",
                         job_.output_path)),
        ElementsAre(fmt::format("{}|{}", rows, rows)));
  }

  jobs::RewriteJob job_{
      .columns = {{1, "n", "long"},
                  {2, "name", "string"},
                  {3, "d", "double"},
                  {4, "list",
                   R"({"type":"list","element-id":5,"element":"long","element-required":false})"}},
      .inputs = {},
      .output_path = ""};
  std::unique_ptr<jobs::WorkerClient> worker_;
};

TEST_F(RowGroupCopyTest, LargeRowGroupsStayAsTheyAre) {
  constexpr std::int64_t kFull = 122'880;  // as DuckDB writes row groups
  constexpr std::int64_t kAll = 2 * kMany + kFull;
  job_.inputs = {Write("a.parquet", 0, kMany), Write("b.parquet", kMany, kAll)};
  const auto file = Rewritten();
  ExpectRows(kAll);
  EXPECT_EQ(file.location, job_.output_path);
  EXPECT_EQ(file.rows, kAll);
  EXPECT_EQ(file.bytes, static_cast<std::int64_t>(std::filesystem::file_size(job_.output_path)));
  EXPECT_TRUE(file.columns.empty()) << "the statistics of the inputs hold";
  EXPECT_THAT(Rows("SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('" +
                   job_.output_path + "') ORDER BY row_group_id"),
              ElementsAre("0|40960", "1|122880", "2|40960"));
  ASSERT_EQ(file.row_group_offsets.size(), 3U);
  EXPECT_EQ(file.row_group_offsets[0], 4);
  EXPECT_THAT(Rows("SELECT field_id FROM parquet_schema('" + job_.output_path +
                   "') WHERE field_id IS NOT NULL"),
              ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(RowGroupCopyTest, SmallFilesBetweenLargeOnesAreWrittenAgain) {
  job_.inputs = {Write("a.parquet", 0, kMany), Write("b.parquet", kMany, 2 * kMany - 9),
                 Write("c.parquet", 2 * kMany - 9, 2 * kMany + 1),
                 Write("d.parquet", 2 * kMany + 1, 4 * kMany)};
  const auto file = Rewritten();
  ExpectRows(4 * kMany);
  EXPECT_TRUE(file.columns.empty());
  EXPECT_THAT(Rows("SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('" +
                   job_.output_path + "') ORDER BY row_group_id"),
              ElementsAre("0|40960", "1|40961", "2|81919"));
}

TEST_F(RowGroupCopyTest, SmallFilesAloneBecomeOneRowGroup) {
  job_.inputs = {Write("a.parquet", 0, 10), Write("b.parquet", 10, 30)};
  const auto file = Rewritten();
  ExpectRows(30);
  EXPECT_EQ(file.columns.at(1).max, "29") << "with statistics of their own";
  EXPECT_EQ(file.row_group_offsets.size(), 1U);
}

TEST_F(RowGroupCopyTest, AFileOfAnotherSchemaIsWrittenAgain) {
  job_.inputs = {Write("a.parquet", 0, kMany)};
  const auto columns = job_.columns;
  job_.columns[1].name = "was";
  job_.inputs.push_back(WriteRows(
      "b.parquet", fmt::format("SELECT n, name AS was, d, list FROM (SELECT {} FROM range({}, {}))",
                               kRow, kMany, 2 * kMany)));
  job_.columns = columns;
  Rewritten();
  ExpectRows(2 * kMany);
  EXPECT_THAT(Rows("SELECT DISTINCT name FROM parquet_schema('" + job_.output_path +
                   "') WHERE field_id = 2"),
              ElementsAre("name"));
  // A column that the table does not have any more leaves the files.
  std::filesystem::remove(job_.output_path);
  job_.columns.pop_back();
  EXPECT_FALSE(Rewritten().columns.empty());
  EXPECT_THAT(
      Rows("SELECT count(*) FROM parquet_schema('" + job_.output_path + "') WHERE name = 'list'"),
      ElementsAre("0"));
}

TEST_F(RowGroupCopyTest, ASortedRewriteAndOneThatLeavesRowsOutCopyNothing) {
  job_.inputs = {Write("a.parquet", 0, kMany)};
  job_.keep = "n < 5";
  EXPECT_EQ(Rewritten().columns.at(1).max, "4");
  std::filesystem::remove(job_.output_path);
  job_.keep.clear();
  job_.sort = {{"n", true, true}};
  EXPECT_FALSE(Rewritten().columns.empty());
  EXPECT_THAT(Rows("SELECT n FROM '" + job_.output_path + "' LIMIT 1"),
              ElementsAre(std::to_string(kMany - 1)));
}

TEST_F(RowGroupCopyTest, LeavesNoFileAfterAnErrorAndTouchesNoneThatWasThere) {
  const auto whole = Write("a.parquet", 0, kMany);
  const auto damaged = WarehousePath("damaged.parquet");
  std::filesystem::copy_file(whole, damaged);
  std::filesystem::resize_file(damaged, std::filesystem::file_size(damaged) - 10);
  job_.inputs = {whole, damaged};
  job_.output_path = WarehousePath("out.parquet");
  job_.scratch_path = WarehousePath("scratch.parquet");
  EXPECT_FALSE(worker().Rewrite(job_, kLong));
  EXPECT_FALSE(Exists(job_.output_path));
  EXPECT_FALSE(Exists(job_.scratch_path));
  job_.inputs = {whole, WarehousePath("gone.parquet")};
  EXPECT_FALSE(worker().Rewrite(job_, kLong));
  job_.inputs = {whole};
  job_.scratch_path = whole;
  EXPECT_EQ(worker().Rewrite(job_, kLong).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(Exists(whole));
}

}  // namespace
}  // namespace st::worker::rewrite
