// Statements with the real workers over files that are chosen by their bounds: the answers are
// those of a scan of all files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/column_type.h"
#include "base/partition_transform.h"
#include "jobs/worker_client.h"
#include "lake/pruning.h"
#include "lake/types.h"
#include "os/clock.h"
#include "os/process.h"

namespace st::query {
namespace {

constexpr std::int64_t kTimeoutUs = 60'000'000;
constexpr int kFiles = 12;
constexpr int kStatements = 150;

const std::vector<lake::Column> kColumns = {
    {1, "id", "long"},          {2, "n", "int"},
    {3, "x", "double"},         {4, "price", "decimal(9, 2)"},
    {5, "name", "string"},      {6, "day", "date"},
    {7, "moment", "timestamp"}, {8, "tz", "timestamptz"},
    {9, "late", "long"}};

std::vector<lake::PartitionSpec> Specs() {
  struct By {
    int column;
    PartitionTransform transform;
  };
  const std::vector<std::vector<By>> all = {
      {},
      {{2, {TransformKind::kBucket, 4}}},
      {{2, {}}, {5, {TransformKind::kTruncate, 2}}},
      {{2, {TransformKind::kTruncate, 3}}, {4, {TransformKind::kBucket, 8}}},
      {{3, {}}},
      {{5, {}}, {6, {}}},
      {{7, {TransformKind::kDay}}, {8, {TransformKind::kHour}}},
      {{8, {TransformKind::kYear}}, {6, {TransformKind::kMonth}}, {1, {TransformKind::kBucket, 2}}},
      {{4, {TransformKind::kTruncate, 50}}, {8, {TransformKind::kBucket, 8}}}};
  std::vector<lake::PartitionSpec> specs;
  for (const auto& fields : all) {
    lake::PartitionSpec spec{.id = static_cast<int>(specs.size()), .fields = {}};
    for (const auto& [id, transform] : fields) {
      const auto& column = kColumns[static_cast<std::size_t>(id - 1)];
      const auto source = ColumnTypeFromIceberg(column.type).value();
      spec.fields.push_back({.id = 1000 + 10 * spec.id + id,
                             .name = "f",
                             .column_id = id,
                             .column = column.name,
                             .transform = transform,
                             .source = source,
                             .result = ResultTypeOf(transform, source).value()});
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}
const std::vector<lake::PartitionSpec> kSpecs = Specs();

class PrunedQuery : public ::testing::Test {
 protected:
  PrunedQuery() {
    if (const auto* seed = std::getenv("ST_SEED")) seed_ = std::strtoul(seed, nullptr, 10);
    random_.seed(seed_);
  }
  ~PrunedQuery() override { std::filesystem::remove_all(folder_); }

  jobs::WorkerOptions Options(jobs::WorkerKind kind) const {
    return {.kind = kind,
            .program = os::ExecutableDir().value() + "/../../steelthread-sql",
            .warehouse = folder_};
  }
  int Pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  // File `number`: its values lie near the number, with NULL, NaN and zeros of both signs among
  // them; half of the files were written before the column "late" was added.
  void WriteFile(int number) { WriteFiles(number, 0); }
  // The same rows by a spec of kSpecs, a file a partition.
  void WriteFiles(int number, int spec) {
    const auto value = [&](const char* sql) {
      return fmt::format("CASE WHEN i % 7 = {} THEN NULL ELSE {} END", Pick(9), sql);
    };
    const std::string base = std::to_string(number);
    const bool has_late = number % 2 == 0;
    jobs::TransformJob job{.output_path = fmt::format("{}/{}.parquet", folder_, number)};
    job.sql = fmt::format(
        "SELECT {0} * 100 + i AS id, {1} AS n, {2} AS x, {3} AS price, {4} AS name, {5} AS day, "
        "{6} AS moment, {7} AS tz{8} FROM (SELECT i, {0} AS b FROM range(20) r(i))",
        base, value("CAST(b + i % 3 AS INTEGER)"),
        number % 4 == 1
            ? "CASE WHEN i = 3 THEN CAST('NaN' AS DOUBLE) ELSE CAST(b - 5 AS DOUBLE) / 2 END"
            : value("CASE WHEN b = 4 THEN -0.0 ELSE CAST(b + i % 2 - 5 AS DOUBLE) / 2 END"),
        value("CAST((b - 4) * 10 + i / 100.0 AS DECIMAL(9, 2))"),
        value("repeat('ä', b) || 'a long name ' || b || '-' || i % 2"),
        value("DATE '2026-11-20' + CAST(b AS INTEGER)"),
        value("TIMESTAMP '2026-11-20 12:00:00' + to_hours(CAST(b * 5 + i % 2 AS INTEGER))"),
        value("TIMESTAMPTZ '2026-11-20 12:00:00.000001+00' + to_hours(CAST(b * 5 AS INTEGER))"),
        has_late ? ", b + i AS late" : "");
    for (const auto& column : kColumns) {
      if (column.name != "late" || has_late) {
        job.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
      }
    }
    for (const auto& field : kSpecs[static_cast<std::size_t>(spec)].fields) {
      job.layout.partition.push_back({.column = field.column, .transform = field.transform});
    }
    const auto done = writer_.Transform(job, kTimeoutUs);
    ASSERT_TRUE(done) << done.error().message();
    const lake::View view{.name = {"default", "t"},
                          .columns = kColumns,
                          .spec_id = spec,
                          .partition_specs = kSpecs,
                          .files = {}};
    for (const auto& output : done->outputs) {
      files_.push_back(lake::DataFileFrom(output, view));
      if (spec > 0) files_.back().columns.clear();  // leaves the choice to the partitions
    }
  }

  std::string Comparison() {
    const auto ops = std::to_array({"=", "<", "<=", ">", ">=", "<>"});
    const auto* op = ops[static_cast<std::size_t>(Pick(6))];
    const int b = Pick(14);
    const auto compare = [&](const char* column, std::string value) {
      return Pick(4) == 0 ? fmt::format("{} {} {}", value, op, column)
                          : fmt::format("{} {} {}", column, op, value);
    };
    switch (Pick(18)) {
      case 0:
        return compare("n", std::to_string(b));
      case 1:
        return compare("x", fmt::format("{}", (b - 5) / 2.0));
      case 2:
        return compare("x", Pick(2) == 0 ? "0" : "-0.0e0");
      case 3:
        return compare("price", fmt::format("{}.{:02}", (b - 4) * 10, Pick(30)));
      case 4: {
        std::string name;
        for (int i = 0; i < b; ++i) name += "ä";
        return compare("name", fmt::format("'{}a long name {}-1'", name, b));
      }
      case 5:
        return compare("day", fmt::format("{}'2026-11-{}'", Pick(2) == 0 ? "" : "date ", 17 + b));
      case 6:
        return compare("moment",
                       fmt::format("timestamp '2026-11-{} {:02}:00:00'", 20 + Pick(3), b));
      case 7:
        return compare("tz", fmt::format("timestamp '2026-11-{} {:02}:00:00{}'", 20 + Pick(3), b,
                                         Pick(2) == 0 ? "" : " UTC"));
      case 8:
        return compare("tz", fmt::format("date '2026-11-{}'", 20 + Pick(3)));
      case 9:
        return compare("late", std::to_string(b + 5));
      case 10:
        return fmt::format("{} is {}null", Pick(2) == 0 ? "n" : "late", Pick(2) == 0 ? "" : "not ");
      case 11:
        return fmt::format("n in ({}, {})", b, Pick(14));
      case 12:
        return compare("n", fmt::format("cast('{}' as bigint)", b));
      case 13:
        return compare("price", fmt::format("decimal '{}.0'", (b - 4) * 10));
      case 14:
        return compare("day", fmt::format("(timestamp '2026-11-{} 12:00:00' - interval '{}' hour)",
                                          20 + Pick(9), Pick(30)));
      case 15:
        return compare("tz", fmt::format("(timestamp '2026-11-{} 12:00:00' - interval '{}' hour)",
                                         20 + Pick(3), Pick(30)));
      case 16:
        return Pick(2) == 0 ? "tz < now()" : "day < current_date - interval '1' month";
      default:
        return fmt::format(
            "moment between timestamp '2026-11-20 {:02}:00:00' and timestamp "
            "'2026-11-21 {:02}:00:00'",
            Pick(24), Pick(24));
    }
  }
  std::string Condition(int depth) {
    if (depth == 0 || Pick(3) == 0) return Comparison();
    return fmt::format("({} {} {})", Condition(depth - 1), Pick(2) == 0 ? "and" : "or",
                       Condition(depth - 1));
  }

  // The rows of the statement, or its error.
  std::string Answer(const std::string& sql, bool is_pruned) {
    lake::View view{
        .name = {"default", "t"}, .columns = kColumns, .partition_specs = kSpecs, .files = {}};
    // A chunk has the files of one spec, as a manifest does.
    for (const auto& file : files_) {
      view.files.Append(std::make_shared<const lake::FileChunk>(std::vector<lake::DataFile>{file}));
    }
    jobs::QueryJob job{.sql = sql, .time_zone = "Asia/Kolkata"};
    jobs::QueryTable table{.schema = "default", .name = "t", .asks_for_files = true};
    for (const auto& column : kColumns)
      table.columns.push_back({column.id, column.name, column.type});
    job.tables.push_back(std::move(table));
    const auto choose = [&](const std::vector<jobs::TableUse>& uses) {
      const auto filter = is_pruned ? uses.at(0).filter : RowFilter();
      std::vector<std::vector<std::string>> files(1);
      for (const auto* file : lake::FilesFor(filter, view)) files[0].push_back(file->location);
      read_ += files[0].size();
      return files;
    };
    const auto columns = reader_.StartQuery(job, kTimeoutUs, choose);
    EXPECT_TRUE(columns) << sql << ": " << columns.error().message;
    if (!columns) return "";
    const auto page = reader_.NextPage();
    EXPECT_TRUE(page && page->is_last);
    return page ? page->rows_json : page.error().message;
  }

  // Of random statements, each of which has the answer of a scan of all files.
  double ShareOfPrunedFiles() {
    std::size_t pruned = 0;
    for (int i = 0; i < kStatements; ++i) {
      const auto sql = "select id from t where " + Condition(2) + " order by id";
      read_ = 0;
      const auto got = Answer(sql, true);
      pruned += files_.size() - read_;
      EXPECT_EQ(got, Answer(sql, false)) << sql << " (ST_SEED=" << seed_ << ")";
    }
    return static_cast<double>(pruned) / static_cast<double>(files_.size() * kStatements);
  }

  std::string pattern_ = ::testing::TempDir() + "pruned_XXXXXX";
  const std::string folder_ = ::mkdtemp(pattern_.data());
  unsigned long seed_ = std::random_device()();
  std::mt19937 random_;
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  jobs::WorkerClient writer_{*clock_, Options(jobs::WorkerKind::kTransform)};
  jobs::WorkerClient reader_{*clock_, Options(jobs::WorkerKind::kQuery)};
  std::vector<lake::DataFile> files_;
  std::size_t read_ = 0;
};

TEST_F(PrunedQuery, AnswersAsAScanOfAllFiles) {
  for (int number = 0; number < kFiles; ++number) WriteFile(number);
  EXPECT_GT(ShareOfPrunedFiles(), 0.1) << "ST_SEED=" << seed_;
}

TEST_F(PrunedQuery, PartitionsAnswerAsAScanOfAllFiles) {
  const int specs = static_cast<int>(kSpecs.size()) - 1;
  for (int number = 0; number < kFiles; ++number) WriteFiles(number, 1 + number % specs);
  EXPECT_GT(files_.size(), 3U * kFiles);
  EXPECT_GT(ShareOfPrunedFiles(), 0.02) << "ST_SEED=" << seed_;
}

TEST_F(PrunedQuery, JoinsAndUnionsLoseNoRow) {
  for (int number = 0; number < kFiles; ++number) WriteFile(number);
  for (const auto* sql :
       {"select a.id, b.id from t a left join t b on a.id = b.id + 100 and b.n > 3 "
        "where a.n = 2 and b.n is null order by 1, 2",
        "select a.id, b.id from t a join t b on a.n = b.n where a.id < 100 and b.id >= 100 order "
        "by 1, 2",
        "select id from t where n = 1 union all select id from t where n = 3 order by 1",
        "select id from t where n = (select max(n) from t where id < 300) order by 1",
        "with early as (select * from t where day < date '2026-11-22') "
        "select id from early where n > 1 order by 1"}) {
    EXPECT_EQ(Answer(sql, true), Answer(sql, false)) << sql;
  }
}

}  // namespace
}  // namespace st::query
