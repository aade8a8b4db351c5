// Rewrite jobs in the real worker: rows, their order, columns of other schemas, and what goes
// wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "worker/testing/job_test.h"

namespace st::worker::rewrite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RewriteTest : public JobTest {
 protected:
  // Writes a file with these columns; the ids are given by position from 1.
  std::string Write(const std::string& name, const std::string& select,
                    const std::vector<std::string>& columns) {
    auto job = Job(select);
    job.sources.clear();
    job.output_path = WarehousePath(name);
    for (const auto& column : columns) {
      job.columns.push_back(
          {.id = static_cast<int>(job.columns.size()) + 1, .name = column, .type = {}});
    }
    const auto done = worker().Transform(job, kLong);
    EXPECT_TRUE(done) << done.error().message();
    return job.output_path;
  }
  jobs::WorkerClient& worker() {
    if (!worker_) worker_ = std::make_unique<jobs::WorkerClient>(*clock_, Options());
    return *worker_;
  }

  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  std::unique_ptr<jobs::WorkerClient> worker_;
  jobs::RewriteJob job_{
      .columns = {{1, "n", "long"}, {2, "name", "string"}}, .inputs = {}, .output_path = ""};
};

TEST_F(RewriteTest, KeepsTheRowsInTheOrderOfTheFiles) {
  job_.inputs = {Write("b.parquet", "SELECT 3::BIGINT AS n, 'c' AS name", {"n", "name"}),
                 Write("a.parquet", "SELECT * FROM (VALUES (2::BIGINT, 'b'), (1, NULL)) t(n, name)",
                       {"n", "name"})};
  job_.output_path = WarehousePath("out.parquet");
  const auto file = worker().Rewrite(job_, kLong);
  ASSERT_TRUE(file && *file) << (file ? "no file" : file.error().message());
  EXPECT_THAT(FileRows(job_.output_path), ElementsAre("3|c", "2|b", "1|NULL"));
  EXPECT_EQ((*file)->location, job_.output_path);
  EXPECT_EQ((*file)->rows, 3);
  EXPECT_EQ((*file)->bytes,
            static_cast<std::int64_t>(std::filesystem::file_size(job_.output_path)));
  EXPECT_EQ((*file)->columns.at(1).min, "1");
  EXPECT_EQ((*file)->columns.at(1).max, "3");
  EXPECT_EQ((*file)->columns.at(2).null_count, 1);
  EXPECT_THAT(Rows("SELECT field_id FROM parquet_schema('" + job_.output_path +
                   "') WHERE field_id IS NOT NULL"),
              ElementsAre("1", "2"));
}

TEST_F(RewriteTest, ManyRowsKeepTheirOrder) {
  const auto numbers = [&](const std::string& name, std::int64_t from) {
    return Write(name,
                 fmt::format("SELECT range AS n, range::VARCHAR AS name FROM range({}, {})", from,
                             from + 300'000),
                 {"n", "name"});
  };
  job_.inputs = {numbers("a.parquet", 300'000), numbers("b.parquet", 0)};
  job_.output_path = WarehousePath("out.parquet");
  ASSERT_TRUE(worker().Rewrite(job_, kLong));
  EXPECT_THAT(Rows("SELECT count(*), count(DISTINCT n), "
                   "count(*) FILTER (n = (file_row_number + 300000) % 600000) FROM read_parquet('" +
                   job_.output_path + "', file_row_number = true)"),
              ElementsAre("600000|600000|600000"));
}

TEST_F(RewriteTest, ReadsColumnsByTheirIds) {
  job_.inputs = {Write("old.parquet", "SELECT 1::INTEGER AS was", {"was"}),
                 Write("new.parquet", "SELECT 2::BIGINT AS n, 'x' AS name", {"n", "name"})};
  job_.output_path = WarehousePath("out.parquet");
  const auto file = worker().Rewrite(job_, kLong);
  ASSERT_TRUE(file && *file) << (file ? "no file" : file.error().message());
  EXPECT_THAT(FileRows(job_.output_path), ElementsAre("1|NULL", "2|x"))
      << "a renamed, widened column and one that the old file lacks";
}

TEST_F(RewriteTest, SortsTheRowsOfAllFiles) {
  job_.inputs = {Write("a.parquet", "SELECT * FROM (VALUES (3::BIGINT, 'c'), (1, 'z')) t(n, name)",
                       {"n", "name"}),
                 Write("b.parquet", "SELECT * FROM (VALUES (2::BIGINT, NULL), (3, 'a')) t(n, name)",
                       {"n", "name"})};
  job_.output_path = WarehousePath("out.parquet");
  job_.sort = {{"n", true, true}, {"name"}};
  const auto file = worker().Rewrite(job_, kLong);
  ASSERT_TRUE(file && *file) << (file ? "no file" : file.error().message());
  EXPECT_THAT(FileRows(job_.output_path), ElementsAre("3|a", "3|c", "2|NULL", "1|z"));
}

TEST_F(RewriteTest, KeepsTheSignOfZero) {
  job_.columns = {{1, "d", "double"}};
  job_.inputs = {
      Write("a.parquet", "SELECT * FROM (VALUES (0.0::DOUBLE), (-0.0), (0.0)) t(d)", {"d"}),
      Write("b.parquet", "SELECT '-0.0'::DOUBLE AS d", {"d"})};
  job_.output_path = WarehousePath("out.parquet");
  const auto file = worker().Rewrite(job_, kLong);
  ASSERT_TRUE(file && *file) << (file ? "no file" : file.error().message());
  std::vector<std::string> want;
  for (const auto& input : job_.inputs) {
    const auto rows = FileRows(input);
    want.insert(want.end(), rows.begin(), rows.end());
  }
  EXPECT_EQ(FileRows(job_.output_path), want);
  EXPECT_EQ((*file)->columns.at(1).min, "-0.0");
  EXPECT_EQ((*file)->columns.at(1).max, "0.0");
}

TEST_F(RewriteTest, LeavesOutRowsForWhichTheConditionIsNotTrue) {
  job_.inputs = {
      Write("a.parquet", "SELECT range AS n, 'it''s' AS name FROM range(9)", {"n", "name"}),
      Write("b.parquet", "SELECT 4::BIGINT AS n, NULL::VARCHAR AS name", {"n", "name"})};
  job_.output_path = WarehousePath("out.parquet");
  job_.keep = R"("n" % 4 = 0 AND name = 'it''s' -- the rows of a player)";
  const auto file = worker().Rewrite(job_, kLong);
  ASSERT_TRUE(file && *file) << (file ? "no file" : file.error().message());
  EXPECT_THAT(FileRows(job_.output_path), ElementsAre("0|it's", "4|it's", "8|it's"));
  EXPECT_EQ((*file)->rows, 3);
  EXPECT_EQ((*file)->columns.at(1).max, "8");
}

TEST_F(RewriteTest, MakesNoFileWhereNoRowStays) {
  job_.inputs = {Write("a.parquet", "SELECT 1::BIGINT AS n, 'a' AS name", {"n", "name"})};
  job_.output_path = WarehousePath("out.parquet");
  for (const auto* keep : {"false", "NULL", "n > 1", "name = NULL"}) {
    job_.keep = keep;
    const auto file = worker().Rewrite(job_, kLong);
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_FALSE(*file) << keep;
    EXPECT_FALSE(Exists(job_.output_path));
  }
}

TEST_F(RewriteTest, AFileMayHaveNoRows) {
  job_.may_be_empty = true;
  for (const bool has_input : {true, false}) {
    job_.output_path = WarehousePath(has_input ? "none.parquet" : "empty.parquet");
    if (has_input) {
      job_.inputs = {Write("a.parquet", "SELECT 1::BIGINT AS n, 'a' AS name", {"n", "name"})};
    } else {
      job_.inputs.clear();
    }
    job_.keep = has_input ? "false" : "";
    const auto file = worker().Rewrite(job_, kLong);
    ASSERT_TRUE(file && *file) << (file ? "no file" : file.error().message());
    EXPECT_EQ((*file)->rows, 0);
    EXPECT_THAT(FileRows(job_.output_path), ElementsAre());
    EXPECT_THAT(Rows("SELECT name, field_id FROM parquet_schema('" + job_.output_path +
                     "') WHERE field_id IS NOT NULL"),
                ElementsAre("n|1", "name|2"));
  }
}

TEST_F(RewriteTest, WritesIntoTheOutputFolderOfItsWorker) {
  job_.inputs = {Write("a.parquet", "SELECT 1::BIGINT AS n, 'a' AS name", {"n", "name"})};
  auto options = Options();
  options.output_folder = Path("out");
  ASSERT_TRUE(std::filesystem::create_directory(options.output_folder));
  jobs::WorkerClient exporting(*clock_, options);
  job_.output_path = Path("out/out.parquet");
  ASSERT_TRUE(exporting.Rewrite(job_, kLong));
  EXPECT_THAT(FileRows(job_.output_path), ElementsAre("1|a"));
  job_.output_path = Path("out2.parquet");
  EXPECT_FALSE(exporting.Rewrite(job_, kLong)) << "beside the folder";
}

TEST_F(RewriteTest, RefusesWhatIsNoCondition) {
  job_.inputs = {Write("a.parquet", "SELECT 1::BIGINT AS n, 'a' AS name", {"n", "name"})};
  job_.output_path = WarehousePath("out.parquet");
  for (const auto* keep :
       {"nothing = 1", "n =", "true) OR (false", "true ORDER BY n", "true) UNION SELECT 2, ('b'",
        "true; SELECT 1", "true /*", "true LIMIT 0", "name::INTEGER = 1", "$1"}) {
    job_.keep = keep;
    const auto file = worker().Rewrite(job_, kLong);
    ASSERT_FALSE(file) << keep;
    EXPECT_EQ(file.error().code(), ErrorCode::kInvalidArgument) << file.error().message();
    EXPECT_FALSE(Exists(job_.output_path)) << keep;
  }
}

TEST_F(RewriteTest, LeavesNoFileAfterAnError) {
  const auto whole = Write("a.parquet", "SELECT 1::BIGINT AS n, 'a' AS name", {"n", "name"});
  const auto cut = WarehousePath("cut.parquet");
  std::filesystem::copy_file(whole, cut);
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) - 10);
  job_.output_path = WarehousePath("out.parquet");
  job_.inputs = {whole, cut};
  EXPECT_FALSE(worker().Rewrite(job_, kLong));
  EXPECT_FALSE(Exists(job_.output_path));
  job_.inputs = {whole, WarehousePath("gone.parquet")};
  EXPECT_FALSE(worker().Rewrite(job_, kLong));
  job_.inputs = {"/etc/passwd"};
  EXPECT_FALSE(worker().Rewrite(job_, kLong)) << "outside of the warehouse";
  job_.inputs = {};
  EXPECT_EQ(worker().Rewrite(job_, kLong).error().code(), ErrorCode::kInvalidArgument);
  job_.inputs = {whole};
  job_.columns.push_back({3, "odd", "struct"});
  EXPECT_THAT(worker().Rewrite(job_, kLong).error().message(), HasSubstr("column odd"));
  EXPECT_FALSE(Exists(job_.output_path));
  job_.columns.pop_back();
  ASSERT_TRUE(worker().Rewrite(job_, kLong));
  EXPECT_EQ(worker().Rewrite(job_, kLong).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_THAT(FileRows(job_.output_path), ElementsAre("1|a"));
}

}  // namespace
}  // namespace st::worker::rewrite
