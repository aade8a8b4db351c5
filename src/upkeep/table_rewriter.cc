#include "upkeep/table_rewriter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lake/types.h"
#include "upkeep/limits.h"

namespace st::upkeep {

namespace {

struct Inputs {
  std::vector<lake::DataFile> files;
  std::int64_t bytes = 0;
};

Inputs InputsOf(const lake::View& view, const FileRun& run) {
  Inputs inputs;
  std::size_t i = 0;
  for (const auto& file : view.files) {
    if (i >= run.first && i < run.end) {
      inputs.files.push_back(file);
      inputs.bytes += file.file_size_bytes;
    }
    ++i;
  }
  return inputs;
}

Status Commit(lake::Lake& lake, const lake::View& view, const std::vector<lake::DataFile>& inputs,
              const WrittenFile& written) {
  lake::Rewrite rewrite{
      .table = view.name, .inputs = {}, .outputs = {lake::DataFileFrom(written, view.columns)}};
  for (const auto& file : inputs) rewrite.inputs.push_back(file.location);
  ST_TRY_STATUS(lake.Replace(rewrite));
  return {};
}

Result<WrittenFile> Written(Rewriter& rewriter, const jobs::RewriteJob& job) {
  ST_TRY(auto file, rewriter.Rewrite(job));
  if (!file) {
    return Fail(ErrorCode::kInvalidArgument, "the worker found no row in {} data files",
                job.inputs.size());
  }
  return *std::move(file);
}

}  // namespace

std::vector<std::int64_t> SizesOf(const lake::View& view) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(view.files.size());
  for (const auto& file : view.files) sizes.push_back(file.file_size_bytes);
  return sizes;
}

Result<std::optional<RewriteReport>> RewriteOnce(lake::Lake& lake, const lake::TableName& table,
                                                 Rewriter& rewriter, const Plan& plan) {
  ST_TRY(const auto view, lake.LoadForCommit(table));
  const auto run = plan(SizesOf(*view));
  if (!run) return std::nullopt;
  const auto inputs = InputsOf(*view, *run);
  jobs::RewriteJob job;
  for (const auto& column : view->columns) {
    job.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  for (const auto& file : inputs.files) {
    ST_TRY_STATUS(lake.CheckDataFile(file));
    job.inputs.push_back(file.location);
  }
  ST_TRY(job.output_path, lake.NewDataFile(table));
  const auto written = Written(rewriter, job);
  const auto done = written ? Commit(lake, *view, inputs.files, *written)
                            : Status(std::unexpected(written.error()));
  if (!done) {
    // The lake keeps the file where a commit of unknown outcome may name it.
    Ignore(lake.DiscardDataFile(job.output_path), "an orphan costs space alone");
    return std::unexpected(done.error());
  }
  return RewriteReport{.input_files = std::ssize(inputs.files),
                       .input_bytes = inputs.bytes,
                       .output_bytes = written->bytes};
}

Result<Compaction> Compact(lake::Lake& lake, const lake::TableName& table, Rewriter& rewriter,
                           const std::function<void(const RewriteReport&)>& rewrote) {
  lake::FileTotals now;  // of the files that were there
  const auto look = [&]() -> Status {
    ST_TRY(const auto view, lake.LoadForCommit(table));
    now = view->files.totals();
    return {};
  };
  ST_TRY_STATUS(look());
  const auto before = now;
  // An output stands where its inputs stood and commits add behind them, so the files that were
  // there are the first ones.
  const Plan plan = [&](std::vector<std::int64_t> sizes) {
    sizes.resize(std::min(sizes.size(), static_cast<std::size_t>(now.files)));
    return PlanCompaction(sizes);
  };
  int conflicts = 0;
  while (true) {
    const auto report = RewriteOnce(lake, table, rewriter, plan);
    if (!report) {
      const bool is_conflict = report.error().code() == ErrorCode::kConflict;
      if (!is_conflict || ++conflicts > kMaxConflicts) return std::unexpected(report.error());
      ST_TRY_STATUS(look());
      continue;
    }
    if (!*report) break;
    conflicts = 0;
    now.files -= (*report)->input_files - 1;
    now.bytes += (*report)->output_bytes - (*report)->input_bytes;
    rewrote(**report);
  }
  return Compaction{.files_before = before.files,
                    .bytes_before = before.bytes,
                    .files_after = now.files,
                    .bytes_after = now.bytes};
}

}  // namespace st::upkeep
