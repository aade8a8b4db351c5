#include "trial/workbench.h"

#include <utility>

#include "base/nested_type.h"
#include "jobs/nested_json.h"
#include "os/paths.h"
#include "stream/pipeline.h"
#include "stream/worker_transformer.h"
#include "trial/limits.h"

namespace st::trial {
namespace {

constexpr std::uint64_t kSegmentBytes = 32ULL << 20;
constexpr std::uint64_t kChunkBytes = 64ULL << 10;

jobs::QueryTable TableOf(const lake::View& view, std::vector<std::string> files) {
  jobs::QueryTable table{.schema = view.name.schema, .name = view.name.name};
  for (const auto& column : view.columns) {
    table.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  table.files = std::move(files);
  return table;
}

std::vector<std::string> FilesOf(const lake::View& view) {
  std::vector<std::string> files;
  for (const auto& file : view.files) files.push_back(file.location);
  return files;
}

Error ErrorOf(const jobs::QueryError& error) { return Error(error.code, error.message); }

}  // namespace

Workbench::Workbench(const os::Env& env, WorkbenchOptions options, std::string folder)
    : env_(env),
      options_(std::move(options)),
      folder_(std::move(folder)),
      lakes_(os::JoinPath(folder_, "lakes")) {
  const bool has_log = !options_.warehouse.empty();
  transformer_ = stream::MakeWorkerTransformer(env.clock,
                                               {.kind = jobs::WorkerKind::kTransform,
                                                .program = options_.worker_program,
                                                .warehouse = has_log ? options_.warehouse : lakes_,
                                                .output_folder = has_log ? lakes_ : "",
                                                .memory_limit_bytes = options_.memory_limit_bytes},
                                               options_.job_timeout_us);
  reader_ = std::make_unique<jobs::WorkerClient>(
      env.clock, jobs::WorkerOptions{.kind = jobs::WorkerKind::kQuery,
                                     .program = options_.worker_program,
                                     .warehouse = lakes_,
                                     .output_folder = "",
                                     .memory_limit_bytes = options_.memory_limit_bytes});
}

Result<std::unique_ptr<Workbench>> Workbench::Open(const os::Env& env, WorkbenchOptions options) {
  ST_TRY_STATUS(jobs::CheckWorkerProgram(options.worker_program));
  ST_TRY(auto made, os::MakeTemporaryDir("steelthread-trial"));
  // Workers are confined to folders by their paths without links.
  auto folder = os::CanonicalPath(made);
  if (!folder) {
    os::RemoveTree(made);
    return std::unexpected(folder.error());
  }
  auto bench =
      std::unique_ptr<Workbench>(new Workbench(env, std::move(options), *std::move(folder)));
  ST_TRY_STATUS(env.fs.CreateDirs(bench->lakes_));
  return bench;
}

Workbench::~Workbench() {
  transformer_.reset();
  reader_.reset();
  RemoveFolder();
}

void Workbench::RemoveFolder() { os::RemoveTree(folder_); }

std::string Workbench::NewPath(std::string_view kind) {
  return os::JoinPath(folder_, fmt::format("{}/{}", kind, ++next_));
}

Result<std::unique_ptr<log::LocalLog>> Workbench::NewLog() {
  return log::LocalLog::Open(env_, {.dir = NewPath("logs"),
                                    .segment_bytes = kSegmentBytes,
                                    .allocate_chunk_bytes = kChunkBytes,
                                    .reserve_bytes = 0});
}

Result<std::unique_ptr<lake::Lake>> Workbench::NewLake() {
  return lake::Lake::Open(env_, {.warehouse = NewPath("lakes")});
}

Result<Taken> Workbench::Run(log::LocalLog& log, lake::Lake& lake,
                             const dialect::spark::Definition& definition) {
  stream::Pipeline pipeline({.log = log, .lake = lake, .env = env_}, definition, *transformer_);
  Taken taken;
  while (true) {
    ST_TRY(const auto step, pipeline.Step(env_.clock.NowUs()));
    taken.records += step.records;
    taken.rows += step.rows;
    taken.dead_letters += step.dead_letters;
    if (!step.has_more) return taken;
  }
}

Result<Rows> Workbench::RowsOf(const lake::View& table) { return RowsOf(table, FilesOf(table)); }

Result<Rows> Workbench::RowsOf(const lake::View& table, std::vector<std::string> files) {
  std::vector<NestedType> types;
  for (const auto& column : table.columns) {
    ST_TRY(auto type, ParseType(column.type));
    types.push_back(std::move(type));
  }
  jobs::QueryJob job{
      .sql = fmt::format("SELECT * FROM \"{}\".\"{}\"", table.name.schema, table.name.name)};
  job.tables.push_back(TableOf(table, std::move(files)));
  ST_TRY(auto rows, Query(std::move(job)));
  for (std::size_t i = 0; i < rows.columns.size(); ++i) rows.columns[i] = table.columns[i].name;
  for (auto& row : rows.values) {
    const auto named = jobs::WithFieldNames("[" + row.dump() + "]", types);
    row = nlohmann::ordered_json::parse(named, nullptr, false)[0];
  }
  return rows;
}

Result<Rows> Workbench::Select(const lake::Lake& lake, const std::string& sql) {
  jobs::QueryJob job{.sql = sql};
  for (const auto& name : lake.Tables()) {
    ST_TRY(const auto view, lake.Load(name));
    job.tables.push_back(TableOf(*view, FilesOf(*view)));
  }
  return Query(std::move(job));
}

Result<Rows> Workbench::Query(jobs::QueryJob job) {
  job.max_rows = kMaxSelectedRows;
  job.memory_limit_bytes = options_.memory_limit_bytes / 2;
  const auto columns = reader_->StartQuery(job, kSelectTimeoutUs);
  if (!columns) return std::unexpected(ErrorOf(columns.error()));
  Rows rows;
  for (const auto& column : *columns) {
    rows.columns.push_back(column.name);
    rows.types.push_back(column.type);
  }
  for (bool is_last = false; !is_last;) {
    const auto page = reader_->NextPage();
    if (!page) return std::unexpected(ErrorOf(page.error()));
    is_last = page->is_last;
    if (page->rows == 0) continue;
    auto values = nlohmann::ordered_json::parse(page->rows_json, nullptr, false);
    if (!values.is_array()) return Fail(ErrorCode::kIo, "a worker's rows are no JSON");
    for (auto& row : values) rows.values.push_back(std::move(row));
  }
  return rows;
}

void Workbench::Cancel() {
  transformer_->Cancel();
  reader_->Stop();
}

}  // namespace st::trial
