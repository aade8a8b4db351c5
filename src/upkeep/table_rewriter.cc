#include "upkeep/table_rewriter.h"

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "jobs/damaged_file.h"
#include "lake/types.h"
#include "upkeep/limits.h"
#include "upkeep/merged_stats.h"

namespace st::upkeep {

namespace {

Status Commit(lake::Lake& lake, const lake::View& view,
              const std::vector<const lake::DataFile*>& inputs, const WrittenFile& written) {
  auto output = lake::DataFileFrom(written, view.columns);
  // A worker that copies row groups does not look at the values in them.
  if (written.columns.empty()) output.columns = MergedStats(inputs, view.columns);
  output.spec_id = inputs.front()->spec_id;
  output.partition = inputs.front()->partition;
  output.sort_order_id = view.sort_order_id;
  lake::Rewrite rewrite{.table = view.name, .inputs = {}, .outputs = {std::move(output)}};
  for (const auto* file : inputs) rewrite.inputs.push_back(file->location);
  ST_TRY_STATUS(lake.Replace(rewrite));
  return {};
}

Error WithRemedy(const lake::TableName& table, const Error& damage) {
  return Error(damage.code(), fmt::format("{}; {}", damage.message(),
                                          jobs::DamagedTableRemedy(table.schema, table.name)));
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

Result<std::optional<RewriteReport>> RewriteOnce(lake::Lake& lake, const lake::TableName& table,
                                                 Rewriter& rewriter, const ChooseFiles& choose,
                                                 const RewriteScope& scope) {
  ST_TRY(const auto view, lake.LoadForCommit(table));
  const auto inputs = choose(*view, scope.takes);
  if (inputs.empty()) return std::nullopt;
  RewriteReport report{.input_files = std::ssize(inputs)};
  jobs::RewriteJob job;
  job.sort = view->layout.sort;
  for (const auto& column : view->columns) {
    job.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  for (const auto* file : inputs) {
    if (const auto checked = lake.CheckDataFile(*file); !checked) {
      if (checked.error().code() != ErrorCode::kCorruption) return std::unexpected(checked.error());
      if (scope.is_damaged) scope.is_damaged(*file, checked.error());
      return std::unexpected(WithRemedy(table, checked.error()));
    }
    job.inputs.push_back(file->location);
    report.input_bytes += file->file_size_bytes;
  }
  ST_TRY(job.output_path, lake.NewDataFile(table));
  ST_TRY(job.scratch_path, lake.NewDataFile(table));
  const auto written = Written(rewriter, job);
  Ignore(lake.DiscardDataFile(job.scratch_path), "an orphan costs space alone");
  const auto done =
      written ? Commit(lake, *view, inputs, *written) : Status(std::unexpected(written.error()));
  if (!done) {
    // The lake keeps the file where a commit of unknown outcome may name it.
    Ignore(lake.DiscardDataFile(job.output_path), "an orphan costs space alone");
    return std::unexpected(done.error());
  }
  report.output_bytes = written->bytes;
  report.output = job.output_path;
  return report;
}

Result<Compaction> Compact(
    lake::Lake& lake, const lake::TableName& table, Rewriter& rewriter,
    const std::function<void(const RewriteReport&)>& rewrote,
    const std::function<void(const lake::DataFile&, const Error&)>& is_damaged) {
  // Files that commits add meanwhile are not among these.
  std::unordered_set<std::string> files;
  Compaction compaction;
  const auto look = [&]() -> Status {
    ST_TRY(const auto view, lake.LoadForCommit(table));
    files.clear();
    for (const auto& file : view->files) files.insert(file.location);
    compaction.files_after = view->files.totals().files;
    compaction.bytes_after = view->files.totals().bytes;
    return {};
  };
  ST_TRY_STATUS(look());
  compaction.files_before = compaction.files_after;
  compaction.bytes_before = compaction.bytes_after;
  int conflicts = 0;
  std::optional<Error> damage;
  std::unordered_set<std::string> damaged;
  const RewriteScope scope{.takes =
                               [&](const lake::DataFile& file) {
                                 return files.contains(file.location) &&
                                        !damaged.contains(file.location);
                               },
                           .is_damaged =
                               [&](const lake::DataFile& file, const Error& error) {
                                 if (!damage) damage = WithRemedy(table, error);
                                 damaged.insert(file.location);
                                 if (is_damaged) is_damaged(file, error);
                               }};
  while (true) {
    const auto known = damaged.size();
    const auto report = RewriteOnce(lake, table, rewriter, ChooseForCompaction, scope);
    if (damaged.size() > known) continue;
    if (!report) {
      const bool is_conflict = report.error().code() == ErrorCode::kConflict;
      if (!is_conflict || ++conflicts > kMaxConflicts) return std::unexpected(report.error());
      ST_TRY_STATUS(look());
      continue;
    }
    if (!*report) break;
    conflicts = 0;
    files.insert((*report)->output);
    compaction.files_after -= (*report)->input_files - 1;
    compaction.bytes_after += (*report)->output_bytes - (*report)->input_bytes;
    rewrote(**report);
  }
  if (damage) return std::unexpected(*damage);
  return compaction;
}

}  // namespace st::upkeep
