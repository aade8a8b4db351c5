// One step of a table's upkeep: puts the rows of some small data files into one file.
//
// The inputs are compared with the checksums of their commits before the worker reads them, so a
// damaged file never becomes a whole one with wrong rows. After a crash the table has the old files
// or the new one; a file that no commit took is discarded, or is an orphan.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "lake/lake.h"
#include "upkeep/rewrite_plan.h"
#include "upkeep/rewriter.h"

namespace st::upkeep {

struct RewriteReport {
  std::int64_t input_files = 0;
  std::int64_t input_bytes = 0;
  std::int64_t output_bytes = 0;
};

// The bytes of a table's files, oldest first, as PlanRewrite takes them.
std::vector<std::int64_t> SizesOf(const lake::View& view);

// Which files of these sizes become one, as PlanRewrite says it.
using Plan = std::function<std::optional<FileRun>(const std::vector<std::int64_t>& sizes)>;

// Rewrites what `plan` says; nullopt: nothing.
//
// Durable: the commit, when it returns a report.
// Errors:  kConflict and kUnavailable: try again later; kCorruption names the damaged file;
//          kInvalidArgument: the worker wrote other rows than the inputs have; those of the lake
//          and of jobs::WorkerClient. The table has the same rows whatever the error is.
Result<std::optional<RewriteReport>> RewriteOnce(lake::Lake& lake, const lake::TableName& table,
                                                 Rewriter& rewriter,
                                                 const Plan& plan = PlanRewrite);

// What a table's files were and what they are.
struct Compaction {
  std::int64_t files_before = 0;
  std::int64_t bytes_before = 0;
  std::int64_t files_after = 0;
  std::int64_t bytes_after = 0;
};

// Rewrites as PlanCompaction says until nothing is left to do. Files that commits add meanwhile are
// left alone, so it ends. `rewrote` is called after each rewrite.
//
// Durable: each rewrite when it is done; an error takes back none of those before.
// Errors:  as RewriteOnce, but kConflict is planned again, at most kMaxConflicts times in a row.
Result<Compaction> Compact(lake::Lake& lake, const lake::TableName& table, Rewriter& rewriter,
                           const std::function<void(const RewriteReport&)>& rewrote);

}  // namespace st::upkeep
