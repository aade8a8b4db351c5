#include "worker/transform/transform_job.h"

#include <optional>
#include <utility>

#include "base/record_columns.h"
#include "sql/database.h"
#include "worker/engine/engine.h"
#include "worker/parquet/writer.h"
#include "worker/transform/source_scan.h"

namespace st::worker::transform {
namespace {

std::vector<std::pair<std::string, int>> DeadFieldIds() {
  std::vector<std::pair<std::string, int>> ids;
  for (const auto& column : kDeadColumns) {
    ids.emplace_back(column.name, static_cast<int>(ids.size()) + 1);
  }
  return ids;
}

class Transformer : public TransformHandler {
 public:
  Transformer(engine::WorkerSettings settings, os::FileSystem& fs)
      : settings_(std::move(settings)), fs_(fs) {}

  Result<jobs::TransformResult> Transform(const jobs::TransformJob& job,
                                          engine::JobControl& control) override {
    if (!job.state_in.empty() || !job.state_out.empty()) {
      return Fail(ErrorCode::kUnsupported, "the job has state files; no SQL keeps state yet");
    }
    for (const auto& path : {job.output_path, job.bad_output_path}) {
      ST_TRY(const bool exists, fs_.Exists(path));
      if (exists) return Fail(ErrorCode::kAlreadyExists, "{} exists: files are written once", path);
    }
    SourceRun run(job, fs_, control);
    current_ = &run;
    auto result = Guarded(
        control, [&](sql::Connection& connection) { return TransformWith(connection, job, run); });
    current_ = nullptr;
    if (result) return result;
    for (const auto& path : {job.output_path, job.bad_output_path}) {
      if (!path.empty()) Ignore(fs_.Remove(path), "it may not have been begun");
    }
    // Reading the source failed, and DuckDB's error only repeats that failure.
    if (run.failure) return std::unexpected(*run.failure);
    return result;
  }

  Result<jobs::FailingRecords> FindFailing(const jobs::TransformJob& job, std::size_t limit,
                                           engine::JobControl& control) override {
    SourceRun run(job, fs_, control);
    current_ = &run;
    auto result = Guarded(control, [&](sql::Connection& connection) {
      return FindFailingWith(connection, run, limit);
    });
    current_ = nullptr;
    return result;
  }

  Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql,
                                                 engine::JobControl& control) override {
    return Guarded(control,
                   [&](sql::Connection& connection) -> Result<std::vector<jobs::ColumnInfo>> {
                     ST_TRY(const auto statement, parquet::PrepareSelect(connection, sql));
                     std::vector<jobs::ColumnInfo> out;
                     for (const auto& column : statement.columns()) {
                       out.push_back({column.name, column.type.ToString()});
                     }
                     return out;
                   });
  }

  bool is_broken() const override { return is_broken_; }

 private:
  Status OpenDatabase();
  Result<jobs::TransformResult> TransformWith(sql::Connection& connection,
                                              const jobs::TransformJob& job, SourceRun& run);
  static Result<jobs::FailingRecords> FindFailingWith(sql::Connection& connection, SourceRun& run,
                                                      std::size_t limit);

  // Runs `f` on a new connection that the control interrupts; an error of a stopped job gets its
  // reason.
  template <typename F>
  std::invoke_result_t<F, sql::Connection&> Guarded(engine::JobControl& control, F&& f) {
    ST_TRY_STATUS(control.Check());
    ST_TRY_STATUS(OpenDatabase());
    ST_TRY(auto connection, database_->Connect());
    const engine::JobControl::Interrupting interrupting(control, connection);
    auto result = f(connection);
    if (result) return result;
    const Error& error = result.error();
    is_broken_ = is_broken_ || sql::KindOf(error) == sql::ErrorKind::kInternal;
    if (error.code() == ErrorCode::kShutdown) ST_TRY_STATUS(control.Check());
    return result;
  }

  const engine::WorkerSettings settings_;
  os::FileSystem& fs_;
  SourceRun* current_ = nullptr;
  std::optional<sql::Database> database_;
  bool is_broken_ = false;
};

Status Transformer::OpenDatabase() {
  if (database_) return {};
  std::vector<std::string> folders;
  if (!settings_.warehouse.empty()) folders.push_back(settings_.warehouse);
  ST_TRY(auto database, engine::OpenEngine({.memory_limit_bytes = settings_.memory_limit_bytes,
                                            .threads = settings_.threads,
                                            .folders = std::move(folders),
                                            .settings = {{"TimeZone", "UTC"}}}));
  ST_TRY(auto connection, database.Connect());
  ST_TRY_STATUS(RegisterSource(connection, current_));
  ST_TRY_STATUS(engine::Lock(connection));
  database_.emplace(std::move(database));
  return {};
}

Result<jobs::TransformResult> Transformer::TransformWith(sql::Connection& connection,
                                                         const jobs::TransformJob& job,
                                                         SourceRun& run) {
  jobs::TransformResult result;
  ST_TRY(result.output,
         parquet::Write(connection, fs_,
                        {.select = job.sql, .path = job.output_path, .field_ids = job.field_ids}));
  // The SELECT may stop early or read nothing; dead letters and the count must not depend on that.
  CheckedRecord record;
  while (!run.first->is_at_end()) {
    ST_TRY_STATUS(run.first->Next(record));
  }
  result.records_read = run.first->records_read();
  if (!run.first->dead_parts().empty()) {
    const std::string dead = fmt::format("SELECT * FROM {}()", kDeadFunction);
    ST_TRY(
        result.bad_output,
        parquet::Write(connection, fs_,
                       {.select = dead, .path = job.bad_output_path, .field_ids = DeadFieldIds()}));
  }
  return result;
}

Result<jobs::FailingRecords> Transformer::FindFailingWith(sql::Connection& connection,
                                                          SourceRun& run, std::size_t limit) {
  ST_TRY(auto statement, parquet::PrepareSelect(connection, run.job.sql));
  ST_TRY(const auto range, RecordedRange::Read(*run.first));
  const auto run_part = [&](const RecordedPart& part) -> Status {
    ST_TRY_STATUS(run.control.Check());
    run.part = part;
    ST_TRY(auto rows, statement.Execute());
    while (true) {
      ST_TRY(const auto chunk, rows.Next());
      if (!chunk) return {};
    }
  };
  return FindFailingRecords(range, run_part, limit);
}

}  // namespace

std::unique_ptr<TransformHandler> MakeTransformHandler(const engine::WorkerSettings& settings,
                                                       os::FileSystem& fs) {
  return std::make_unique<Transformer>(settings, fs);
}

}  // namespace st::worker::transform
