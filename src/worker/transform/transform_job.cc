#include "worker/transform/transform_job.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/record_columns.h"
#include "jobs/limits.h"
#include "jobs/output_path.h"
#include "sql/database.h"
#include "worker/engine/engine.h"
#include "worker/parquet/partition_numbers.h"
#include "worker/parquet/partition_writer.h"
#include "worker/parquet/writer.h"
#include "worker/spark/functions.h"
#include "worker/spark/json_calls.h"
#include "worker/transform/source_scan.h"

namespace st::worker::transform {
namespace {

std::vector<jobs::TableColumn> DeadTableColumns() {
  std::vector<jobs::TableColumn> columns;
  for (const auto& column : kDeadColumns) {
    columns.push_back({.id = static_cast<int>(columns.size()) + 1,
                       .name = std::string(column.name),
                       .type = IcebergName({.kind = column.kind})});
  }
  return columns;
}

std::vector<PartitionTransform> TransformsOf(const TableLayout& layout) {
  std::vector<PartitionTransform> transforms;
  for (const auto& field : layout.partition) transforms.push_back(field.transform);
  return transforms;
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
    parquet::PartitionNumbers numbers(TransformsOf(job.layout), jobs::kMaxPartitionsOfJob);
    current_ = &run;
    numbers_ = &numbers;
    auto result =
        Guarded(control, [&](sql::Connection& connection) -> Result<jobs::TransformResult> {
          ST_TRY_STATUS(json_calls_.Register(connection, job.sql));
          return TransformWith(connection, job, run);
        });
    current_ = nullptr;
    numbers_ = nullptr;
    if (result) return result;
    RemoveFiles(job, std::max<std::size_t>(numbers.all().size(), 1));
    if (numbers.is_over()) return jobs::TransformResult{.has_too_many_partitions = true};
    // Reading the source failed, and DuckDB's error only repeats that failure.
    if (run.failure) return std::unexpected(*run.failure);
    return result;
  }

  Result<jobs::FailingRecords> FindFailing(const jobs::TransformJob& job, std::size_t limit,
                                           engine::JobControl& control) override {
    SourceRun run(job, fs_, control);
    current_ = &run;
    auto result =
        Guarded(control, [&](sql::Connection& connection) -> Result<jobs::FailingRecords> {
          ST_TRY_STATUS(json_calls_.Register(connection, job.sql));
          return FindFailingWith(connection, run, limit);
        });
    current_ = nullptr;
    return result;
  }

  Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql,
                                                 engine::JobControl& control) override {
    return Guarded(control,
                   [&](sql::Connection& connection) -> Result<std::vector<jobs::ColumnInfo>> {
                     ST_TRY_STATUS(json_calls_.Register(connection, sql));
                     ST_TRY(const auto statement, parquet::PrepareSelect(connection, sql));
                     std::vector<jobs::ColumnInfo> out;
                     for (const auto& column : statement.columns()) {
                       out.push_back({column.name, column.type.ToString()});
                     }
                     return out;
                   });
  }

  Result<std::vector<std::string>> Evaluate(const std::vector<std::string>& expressions,
                                            engine::JobControl& control) override {
    return Guarded(control, [&](sql::Connection& connection) -> Result<std::vector<std::string>> {
      std::vector<std::string> failures;
      for (const auto& expression : expressions) {
        ST_TRY_STATUS(control.Check());
        const auto sql = fmt::format("SELECT ({}) IS NULL", expression);
        auto value = json_calls_.Register(connection, sql);
        if (value) value = connection.Run(sql);
        failures.push_back(value ? std::string() : value.error().message());
      }
      return failures;
    });
  }

  bool is_broken() const override { return is_broken_; }

 private:
  Status OpenDatabase();
  Result<jobs::TransformResult> TransformWith(sql::Connection& connection,
                                              const jobs::TransformJob& job, SourceRun& run);
  // The job's outputs and its file of dead letters, each of which may not have been begun.
  void RemoveFiles(const jobs::TransformJob& job, std::size_t outputs) {
    if (!job.output_path.empty()) {
      for (std::size_t i = 0; i < outputs; ++i) {
        Ignore(fs_.Remove(jobs::OutputPath(job.output_path, i)), "it may not have been begun");
      }
    }
    if (!job.bad_output_path.empty()) {
      Ignore(fs_.Remove(job.bad_output_path), "it may not have been begun");
    }
  }
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
  parquet::PartitionNumbers* numbers_ = nullptr;  // of the job that runs
  std::optional<sql::Database> database_;
  spark::JsonCalls json_calls_;  // of the database
  bool is_broken_ = false;
};

Status Transformer::OpenDatabase() {
  if (database_) return {};
  std::vector<std::string> folders;
  for (const auto& folder : {settings_.warehouse, settings_.output_folder}) {
    if (!folder.empty()) folders.push_back(folder);
  }
  ST_TRY(auto database,
         engine::OpenEngine(
             {.memory_limit_bytes = settings_.memory_limit_bytes,
              .threads = settings_.threads,
              .folders = std::move(folders),
              // A condition stays above the query below it: moved into
              // it, it could fail on a row that is not there.
              .settings = {{"TimeZone", "UTC"}, {"disabled_optimizers", "filter_pushdown"}}}));
  ST_TRY(auto connection, database.Connect());
  ST_TRY_STATUS(RegisterSource(connection, current_));
  ST_TRY_STATUS(parquet::RegisterPartition(connection, numbers_));
  ST_TRY_STATUS(spark::RegisterFunctions(connection));
  ST_TRY_STATUS(engine::Lock(connection));
  database_.emplace(std::move(database));
  return {};
}

Result<jobs::TransformResult> Transformer::TransformWith(sql::Connection& connection,
                                                         const jobs::TransformJob& job,
                                                         SourceRun& run) {
  jobs::TransformResult result;
  const parquet::Output output{.select = job.sql, .path = job.output_path, .columns = job.columns};
  if (job.layout == TableLayout()) {
    ST_TRY(auto file, parquet::Write(connection, fs_, output));
    if (file) result.outputs.push_back(*std::move(file));
  } else {
    ST_TRY(result.outputs,
           parquet::WritePartitions(connection, fs_, output, job.layout, *numbers_));
  }
  // The SELECT may stop early or read nothing; dead letters and the count must not depend on that.
  CheckedRecord record;
  while (!run.first->is_at_end()) {
    ST_TRY_STATUS(run.first->Next(record));
  }
  result.records_read = run.first->records_read();
  if (!run.first->dead_parts().empty()) {
    const std::string dead = fmt::format("SELECT * FROM {}()", kDeadFunction);
    ST_TRY(result.bad_output,
           parquet::Write(
               connection, fs_,
               {.select = dead, .path = job.bad_output_path, .columns = DeadTableColumns()}));
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
