// One step of a table's upkeep: puts the rows of some small data files into one file.
//
// The inputs are compared with the checksums of their commits before the worker reads them, so a
// damaged file never becomes a whole one with wrong rows. After a crash the table has the old files
// or the new one; a file that no commit took is discarded, or is an orphan.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "lake/lake.h"
#include "upkeep/rewriter.h"

namespace st::upkeep {

struct RewriteReport {
  std::int64_t input_files = 0;
  std::int64_t input_bytes = 0;
  std::int64_t output_bytes = 0;
};

// The bytes of a table's files, oldest first, as PlanRewrite takes them.
std::vector<std::int64_t> SizesOf(const lake::View& view);

// Rewrites what PlanRewrite says; nullopt: nothing.
//
// Durable: the commit, when it returns a report.
// Errors:  kConflict and kUnavailable: try again later; kCorruption names the damaged file;
//          kInvalidArgument: the worker wrote other rows than the inputs have; those of the lake
//          and of jobs::WorkerClient. The table has the same rows whatever the error is.
Result<std::optional<RewriteReport>> RewriteOnce(lake::Lake& lake, const lake::TableName& table,
                                                 Rewriter& rewriter);

}  // namespace st::upkeep
