#include "worker/transform/transform_job.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/record_columns.h"
#include "sql/database.h"
#include "worker/engine/engine.h"
#include "worker/transform/parquet_stats.h"
#include "worker/transform/source_scan.h"

namespace st::worker::transform {
namespace {

std::string FieldIds(const jobs::TransformJob& job) {
  std::vector<std::string> parts;
  for (const auto& [name, id] : job.field_ids) {
    parts.push_back(fmt::format("{}: {}", sql::QuoteName(name), id));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string DeadFieldIds() {
  std::vector<std::string> parts;
  for (const auto& column : kDeadColumns) {
    parts.push_back(fmt::format("{}: {}", sql::QuoteName(column.name), parts.size() + 1));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool HasFloatingPoint(const sql::Type& type) {
  return type.id == sql::TypeId::kFloat || type.id == sql::TypeId::kDouble ||
         std::ranges::any_of(type.children, HasFloatingPoint);
}

struct Output {
  std::string_view select;
  std::string path;
  std::string field_ids;
  bool has_floating_point = false;
};

std::string CopySql(const Output& out) {
  const std::string ids =
      out.field_ids.empty() ? "" : fmt::format(", FIELD_IDS {{{}}}", out.field_ids);
  // A dictionary of DuckDB holds 0.0 and -0.0 as one value, which would give all zeros of a file
  // the sign of the first.
  const std::string_view no_dictionary = out.has_floating_point ? ", DICTIONARY_SIZE_LIMIT 0" : "";
  // A comment may end the SELECT, so the rest begins on a new line.
  return fmt::format(
      "COPY ({}\n) TO {} (FORMAT parquet, COMPRESSION zstd, WRITE_EMPTY_FILE false, "
      "RETURN_STATS{}{})",
      out.select, sql::QuoteText(out.path), no_dictionary, ids);
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
                     ST_TRY(const auto statement, PrepareSelect(connection, sql));
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
  Result<std::optional<jobs::FileStats>> Write(sql::Connection& connection, const Output& out);
  static Result<sql::Statement> PrepareSelect(sql::Connection& connection, const std::string& sql);

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

Result<sql::Statement> Transformer::PrepareSelect(sql::Connection& connection,
                                                  const std::string& sql) {
  ST_TRY(auto statement, connection.Prepare(sql));
  if (!statement.is_select()) {
    return Fail(ErrorCode::kInvalidArgument, "a transform is one SELECT: {}", sql);
  }
  return statement;
}

Result<std::optional<jobs::FileStats>> Transformer::Write(sql::Connection& connection,
                                                          const Output& out) {
  if (out.path.empty()) return Fail(ErrorCode::kInvalidArgument, "the job names no file to write");
  std::optional<jobs::FileStats> stats;
  {
    ST_TRY(auto statement, connection.Prepare(CopySql(out)));
    ST_TRY(auto rows, statement.Execute());
    ST_TRY(stats, StatsFrom(rows));
  }
  if (!stats) return stats;
  ST_TRY(const auto file, fs_.Open(out.path, os::OpenMode::kReadWrite));
  ST_TRY_STATUS(file->Sync());
  ST_TRY_STATUS(fs_.SyncDir(os::DirName(out.path)));
  return stats;
}

Result<jobs::TransformResult> Transformer::TransformWith(sql::Connection& connection,
                                                         const jobs::TransformJob& job,
                                                         SourceRun& run) {
  // The SELECT is prepared alone first, so that no text can close the brackets of COPY.
  Output out{.select = job.sql, .path = job.output_path, .field_ids = FieldIds(job)};
  std::vector<std::string> floating;
  {
    ST_TRY(const auto statement, PrepareSelect(connection, job.sql));
    for (const auto& column : statement.columns()) {
      if (!HasFloatingPoint(column.type)) continue;
      out.has_floating_point = true;
      floating.push_back(column.name);
    }
  }
  jobs::TransformResult result;
  ST_TRY(result.output, Write(connection, out));
  if (result.output) WidenZeroBounds(floating, *result.output);
  // The SELECT may stop early or read nothing; dead letters and the count must not depend on that.
  CheckedRecord record;
  while (!run.first->is_at_end()) {
    ST_TRY_STATUS(run.first->Next(record));
  }
  result.records_read = run.first->records_read();
  if (!run.first->dead_parts().empty()) {
    const std::string dead = fmt::format("SELECT * FROM {}()", kDeadFunction);
    ST_TRY(result.bad_output,
           Write(connection,
                 {.select = dead, .path = job.bad_output_path, .field_ids = DeadFieldIds()}));
  }
  return result;
}

Result<jobs::FailingRecords> Transformer::FindFailingWith(sql::Connection& connection,
                                                          SourceRun& run, std::size_t limit) {
  ST_TRY(auto statement, PrepareSelect(connection, run.job.sql));
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
