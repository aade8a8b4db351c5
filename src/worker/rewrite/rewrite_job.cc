#include "worker/rewrite/rewrite_job.h"

#include <optional>
#include <utility>

#include "sql/database.h"
#include "worker/engine/engine.h"
#include "worker/parquet/partition_writer.h"
#include "worker/parquet/struct_names.h"
#include "worker/parquet/table_files.h"
#include "worker/parquet/writer.h"
#include "worker/rewrite/row_group_copy.h"

namespace st::worker::rewrite {
namespace {

class Rewriter final : public RewriteHandler {
 public:
  Rewriter(engine::WorkerSettings settings, os::FileSystem& fs)
      : settings_(std::move(settings)), fs_(fs) {}

  Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job,
                                             engine::JobControl& control) override {
    ST_TRY_STATUS(CheckIsNew(job.output_path));
    if (!job.scratch_path.empty()) ST_TRY_STATUS(CheckIsNew(job.scratch_path));
    auto written = Write(job, control);
    if (written) return written;
    Ignore(fs_.Remove(job.output_path), "it may not have been begun");
    if (!job.scratch_path.empty()) Ignore(fs_.Remove(job.scratch_path), "it may be gone already");
    const Error& error = written.error();
    is_broken_ = is_broken_ || sql::KindOf(error) == sql::ErrorKind::kInternal;
    if (error.code() == ErrorCode::kShutdown) ST_TRY_STATUS(control.Check());
    return written;
  }

  bool is_broken() const override { return is_broken_; }

 private:
  Result<std::optional<WrittenFile>> Write(const jobs::RewriteJob& job,
                                           engine::JobControl& control);
  Status CheckIsNew(const std::string& path) const {
    ST_TRY(const bool exists, fs_.Exists(path));
    if (!exists) return {};
    return Fail(ErrorCode::kAlreadyExists, "{} exists: files are written once", path);
  }
  std::vector<std::string> Folders() const {
    if (settings_.output_folder.empty()) return {settings_.warehouse};
    return {settings_.warehouse, settings_.output_folder};
  }

  const engine::WorkerSettings settings_;
  os::FileSystem& fs_;
  bool is_broken_ = false;
};

// The SELECT of the rows that stay. A condition is parsed with brackets around it and without, so
// that only one whole expression is taken: no text can close the brackets and go on.
Result<std::string> SelectOfJob(sql::Connection& connection, const jobs::RewriteJob& job) {
  auto rows = parquet::SelectOfFiles(job.columns, job.inputs);
  if (job.keep.empty()) return rows;
  const auto open = fmt::format("SELECT * FROM ({}) WHERE {}", rows, job.keep);
  ST_TRY_STATUS(parquet::PrepareSelect(connection, open));
  // A comment may end the condition, so the bracket stands on a new line.
  return fmt::format("SELECT * FROM ({}) WHERE ({}\n)", rows, job.keep);
}

Status CheckColumns(const jobs::RewriteJob& job) {
  for (const auto& column : job.columns) {
    if (DuckDbTypeOf(parquet::TypeOf(column))) continue;
    return Fail(ErrorCode::kInvalidArgument, "column {} has the type {}, which is not known",
                column.name, column.type);
  }
  return {};
}

// A database lives as long as its job: jobs are few, and an idle one would keep its memory.
Result<std::optional<WrittenFile>> Rewriter::Write(const jobs::RewriteJob& job,
                                                   engine::JobControl& control) {
  ST_TRY_STATUS(control.Check());
  ST_TRY(auto database, engine::OpenEngine({.memory_limit_bytes = settings_.memory_limit_bytes,
                                            .threads = settings_.threads,
                                            .folders = Folders(),
                                            .settings = {{"TimeZone", "UTC"}}}));
  ST_TRY(auto connection, database.Connect());
  ST_TRY_STATUS(engine::Lock(connection));
  const engine::JobControl::Interrupting interrupting(control, connection);
  ST_TRY_STATUS(CheckColumns(job));
  const bool keeps_all = job.keep.empty() && job.sort.empty();
  if (!job.scratch_path.empty() && keeps_all) {
    ST_TRY(auto copied, CopyRowGroups({connection, fs_, control}, job));
    if (copied) return copied;
  }
  ST_TRY(const auto select, SelectOfJob(connection, job));
  // A comment may end the SELECT, so the bracket stands on a new line.
  const parquet::Output output{
      .select = job.sort.empty()
                    ? select
                    : fmt::format("SELECT * FROM ({}\n){}", select, parquet::OrderBySql(job.sort)),
      .path = job.output_path,
      .columns = job.columns,
      .may_be_empty = job.may_be_empty};
  ST_TRY(auto written, parquet::Write(connection, fs_, output));
  if (!written && job.keep.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "the files have no rows");
  }
  return written;
}

}  // namespace

std::unique_ptr<RewriteHandler> MakeRewriteHandler(const engine::WorkerSettings& settings,
                                                   os::FileSystem& fs) {
  return std::make_unique<Rewriter>(settings, fs);
}

}  // namespace st::worker::rewrite
