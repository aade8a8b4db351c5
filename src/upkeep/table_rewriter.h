// One step of a table's upkeep: puts the rows of some small data files of a partition into one
// file.
//
// The inputs are compared with the checksums of their commits before the worker reads them, so a
// damaged file never becomes a whole one with wrong rows. After a crash the table has the old files
// or the new one; a file that no commit took is discarded, or is an orphan.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "lake/lake.h"
#include "upkeep/file_groups.h"
#include "upkeep/rewriter.h"

namespace st::upkeep {

struct RewriteReport {
  std::int64_t input_files = 0;
  std::int64_t input_bytes = 0;
  std::int64_t output_bytes = 0;
  std::string output;  // location
};

// Rewrites what `choose` says of the files that the scope takes (all, where it is empty), sorted
// where the table has an order; nullopt: nothing.
//
// Durable: the commit, when it returns a report.
// Errors:  kConflict and kUnavailable: try again later; kCorruption names the damaged file;
//          kInvalidArgument: the worker wrote other rows than the inputs have; those of the lake
//          and of jobs::WorkerClient. The table has the same rows whatever the error is.
// `is_damaged` is told of a damaged file before RewriteOnce returns its error, so that the next
// call can go on without it.
struct RewriteScope {
  TakesFile takes{};
  std::function<void(const lake::DataFile&, const Error&)> is_damaged{};
};
Result<std::optional<RewriteReport>> RewriteOnce(lake::Lake& lake, const lake::TableName& table,
                                                 Rewriter& rewriter,
                                                 const ChooseFiles& choose = ChooseForUpkeep,
                                                 const RewriteScope& scope = {});

// What a table's files were and what they are.
struct Compaction {
  std::int64_t files_before = 0;
  std::int64_t bytes_before = 0;
  std::int64_t files_after = 0;
  std::int64_t bytes_after = 0;
};

// Rewrites as ChooseForCompaction says until nothing is left to do. Files that commits add
// meanwhile are left alone, so it ends. A damaged file is left out, and is the error once the
// others are done. `rewrote` is called after each rewrite.
//
// Durable: each rewrite when it is done; an error takes back none of those before.
// Errors:  as RewriteOnce, but kConflict is planned again, at most kMaxConflicts times in a row.
Result<Compaction> Compact(
    lake::Lake& lake, const lake::TableName& table, Rewriter& rewriter,
    const std::function<void(const RewriteReport&)>& rewrote,
    const std::function<void(const lake::DataFile&, const Error&)>& is_damaged = {});

}  // namespace st::upkeep
