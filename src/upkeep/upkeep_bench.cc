// Measures tables over a day of commits, ten seconds apart on a clock that is set forward: their
// files, their disk space, a commit and a query, with the real worker.
//
//   build/release/src/upkeep/upkeep_bench FOLDER [COMMITS [ROWS [TABLES [none]]]]
//
// FOLDER is an absolute path; COMMITS and ROWS are of each table, ROWS of one commit; "none":
// without upkeep. Each table gets a copy of the same file in each round.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "jobs/worker_client.h"
#include "lake/lake.h"
#include "lake/types.h"
#include "os/process.h"
#include "upkeep/table_rewriter.h"
#include "upkeep/worker_rewriter.h"

namespace st::upkeep {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kJobUs = 600 * kSecondUs;
constexpr std::size_t kLastCommits = 100;  // of which a median is told

// The system's clock, set forward.
class SetClock final : public os::Clock {
 public:
  std::int64_t NowUs() override { return clock_->NowUs() + forward_us_; }
  std::int64_t MonotonicUs() override { return clock_->MonotonicUs() + forward_us_; }
  void Forward(std::int64_t us) { forward_us_ += us; }

 private:
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  std::atomic<std::int64_t> forward_us_{0};
};

struct Options {
  std::string folder;
  std::int64_t commits = 8640;
  std::int64_t rows = 100;
  std::int64_t tables = 1;
  bool has_upkeep = true;
};

lake::TableName NameOf(std::int64_t table) {
  return {"default", table == 0 ? "purchases" : fmt::format("purchases_{}", table)};
}

std::string WorkerProgram() {
  std::filesystem::path folder = os::ExecutableDir().value_or(".");
  while (folder.has_relative_path() && !std::filesystem::exists(folder / "steelthread-sql")) {
    folder = folder.parent_path();
  }
  return folder / "steelthread-sql";
}

std::vector<lake::Column> Columns() {
  return {{1, "n", "long"},           {2, "timestamp", "timestamptz"}, {3, "host", "string"},
          {4, "accept", "string"},    {5, "user_agent", "string"},     {6, "event_type", "string"},
          {7, "raw_event", "string"}, {8, "price", "double"}};
}

std::string RowsSql(std::int64_t first, std::int64_t rows) {
  return fmt::format(
      "SELECT range AS n, make_timestamptz(1700000000000000 + range * 1000) AS \"timestamp\", "
      "'user' || (hash(range) % 1000) || '.example' AS host, '*/*' AS accept, 'curl/8' AS "
      "user_agent, 'purchase_sword' AS event_type, '{{\"player\": ' || hash(range) || '}}' AS "
      "raw_event, (hash(range) % 10000) / 100 AS price FROM range({}, {})",
      first, first + rows);
}

std::int64_t BytesBelow(const std::string& folder) {
  std::int64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<std::int64_t>(entry.file_size());
  }
  return bytes;
}

double Ratio(std::int64_t bytes, std::int64_t of) {
  return static_cast<double>(bytes) / static_cast<double>(of);
}

double MiB(std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {}

  Status Run() {
    ST_TRY(lake_, lake::Lake::Open({*fs_, clock_, *random_}, {.warehouse = Warehouse()}));
    for (std::int64_t table = 0; table < options_.tables; ++table) {
      ST_TRY_STATUS(
          lake_->Create(NameOf(table), Columns(), {{"steelthread.offsets", Progress(0)}}));
    }
    std::printf(
        "commits   commit ms   query ms   files   live MiB   data/live   at most   metadata MiB   "
        "of a table   version kB   rewritten/live   upkeep s\n");
    for (std::int64_t i = 1; i <= options_.commits; ++i) {
      ST_TRY_STATUS(CommitRound(i));
      clock_.Forward(10 * kSecondUs);
      const bool is_told = i == 10 || i == 100 || i == 1000 || i % 8640 == 0 ||
                           (i <= 2160 && i % 360 == 0) || i == options_.commits;
      if (is_told) ST_TRY_STATUS(Tell(i));
    }
    return {};
  }

 private:
  std::string Warehouse() const { return options_.folder + "/warehouse"; }
  std::string Folder(std::int64_t table) const {
    return fmt::format("{}/default/{}", Warehouse(), NameOf(table).name);
  }
  static std::string Progress(std::int64_t next) {
    return fmt::format(R"({{"log":"0f0e0d0c-0b0a-4908-8706-050403020100","flow":{{"next":{}}}}})",
                       next);
  }

  // A commit of each table, and what is due then.
  Status CommitRound(std::int64_t number) {
    jobs::TransformJob job;
    job.sql = RowsSql(number * options_.rows, options_.rows);
    ST_TRY(job.output_path, lake_->NewDataFile(NameOf(0)));
    for (const auto& column : Columns()) {
      job.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
    }
    ST_TRY(const auto made, transformer_.Transform(job, kJobUs));
    for (auto table = options_.tables - 1; table >= 0; --table) {
      auto written = made.outputs.at(0);
      if (table > 0) {
        ST_TRY(written.location, lake_->NewDataFile(NameOf(table)));
        std::filesystem::copy_file(job.output_path, written.location);
      }
      ST_TRY_STATUS(CommitOne(NameOf(table), written, number));
      if (options_.has_upkeep) ST_TRY_STATUS(Keep(NameOf(table)));
    }
    return {};
  }

  Status CommitOne(const lake::TableName& name, const WrittenFile& written, std::int64_t number) {
    ST_TRY(const auto view, lake_->Load(name));
    const lake::Append append{.table = name,
                              .expected_version = view->version,
                              .files = {lake::DataFileFrom(written, Columns())},
                              .properties = {{"steelthread.offsets", Progress(number)}},
                              .summary = {{"steelthread.flow", "purchases"}}};
    const auto began_us = clock_.MonotonicUs();
    ST_TRY_STATUS(lake_->Commit(append));
    commits_ms_.push_back(static_cast<double>(clock_.MonotonicUs() - began_us) / 1e3);
    return {};
  }

  Status Keep(const lake::TableName& name) {
    const auto began_us = clock_.MonotonicUs();
    while (true) {
      ST_TRY(const auto report, RewriteOnce(*lake_, name, *rewriter_));
      if (!report) break;
      rewritten_bytes_ += report->input_bytes;
    }
    upkeep_us_ += clock_.MonotonicUs() - began_us;
    return {};
  }

  // A count and a sum over the whole table, in a query worker that is warm.
  Result<double> QueryMs() {
    ST_TRY(const auto view, lake_->Load(NameOf(0)));
    jobs::QueryJob job{.sql = "SELECT count(*), sum(n), max(host) FROM purchases"};
    jobs::QueryTable table{.schema = "default", .name = "purchases", .columns = {}, .files = {}};
    for (const auto& column : view->columns) {
      table.columns.push_back({column.id, column.name, column.type});
    }
    for (const auto& file : view->files) table.files.push_back(file.location);
    job.tables = {table};
    double best_ms = 1e9;
    for (int i = 0; i < 3; ++i) {
      const auto began_us = clock_.MonotonicUs();
      const auto columns = querier_.StartQuery(job, kJobUs);
      if (!columns) return Fail(ErrorCode::kIo, "{}", columns.error().message);
      const auto page = querier_.NextPage();
      if (!page) return Fail(ErrorCode::kIo, "{}", page.error().message);
      best_ms = std::min(best_ms, static_cast<double>(clock_.MonotonicUs() - began_us) / 1e3);
    }
    return best_ms;
  }

  Status Tell(std::int64_t commits) {
    ST_TRY(const auto first, lake_->Load(NameOf(0)));
    ST_TRY(const auto query_ms, QueryMs());
    std::vector<double> last(
        commits_ms_.end() - static_cast<std::ptrdiff_t>(std::min(kLastCommits, commits_ms_.size())),
        commits_ms_.end());
    std::ranges::sort(last);
    std::int64_t live = 0;
    std::int64_t data = 0;
    std::int64_t metadata = 0;
    std::int64_t most_metadata = 0;
    double most_data = 0;
    for (std::int64_t table = 0; table < options_.tables; ++table) {
      ST_TRY(const auto view, lake_->Load(NameOf(table)));
      const auto data_of_one = BytesBelow(Folder(table) + "/data");
      const auto metadata_of_one = BytesBelow(Folder(table) + "/metadata");
      live += view->files.totals().bytes;
      data += data_of_one;
      metadata += metadata_of_one;
      most_metadata = std::max(most_metadata, metadata_of_one);
      most_data = std::max(most_data, Ratio(data_of_one, view->files.totals().bytes));
    }
    std::printf(
        "%7lld   %9.2f   %8.1f   %5zu   %8.1f   %9.2f   %7.2f   %12.1f   %10.1f   %10.1f   "
        "%14.2f   %8.1f\n",
        static_cast<long long>(commits), last[last.size() / 2], query_ms, first->files.size(),
        MiB(live), Ratio(data, live), most_data, MiB(metadata), MiB(most_metadata),
        static_cast<double>(first->metadata_json.size()) / 1e3, Ratio(rewritten_bytes_, live),
        static_cast<double>(upkeep_us_) / 1e6);
    std::fflush(stdout);
    return {};
  }

  const Options options_;
  SetClock clock_;
  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  const std::unique_ptr<os::Clock> worker_clock_ = os::MakeSystemClock();
  jobs::WorkerClient transformer_{*worker_clock_,
                                  {.program = WorkerProgram(), .warehouse = Warehouse()}};
  jobs::WorkerClient querier_{
      *worker_clock_,
      {.kind = jobs::WorkerKind::kQuery, .program = WorkerProgram(), .warehouse = Warehouse()}};
  const std::unique_ptr<Rewriter> rewriter_ =
      MakeWorkerRewriter(*worker_clock_, {.program = WorkerProgram(), .warehouse = Warehouse()});
  std::unique_ptr<lake::Lake> lake_;
  std::vector<double> commits_ms_;
  std::int64_t rewritten_bytes_ = 0;
  std::int64_t upkeep_us_ = 0;
};

}  // namespace
}  // namespace st::upkeep

int main(int argc, char** argv) {
  if (argc < 2 || argc > 6) {
    std::printf("usage: upkeep_bench FOLDER [COMMITS [ROWS [TABLES [none]]]]\n");
    return 2;
  }
  st::upkeep::Options options{.folder = argv[1]};
  if (argc > 2) options.commits = std::atoll(argv[2]);
  if (argc > 3) options.rows = std::atoll(argv[3]);
  if (argc > 4) options.tables = std::max(std::atoll(argv[4]), 1LL);
  options.has_upkeep = argc < 6 || std::string_view(argv[5]) != "none";
  const auto done = st::upkeep::Bench(std::move(options)).Run();
  if (!done) std::printf("%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
