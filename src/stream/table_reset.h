// Moves the table of a pipeline back in the log: to the beginning, or to where one of its snapshots
// stands. Until bad.rows has followed (stream/redo.h) the pipeline moves no record.
//
// Threads: safe from any thread. A step that runs meanwhile commits before, or fails and is made
//          again.
// Durable: a change that is returned is durable. After a power loss it is done, or it is not.
// Errors:  those of the lake; kInvalidArgument: it cannot be done, and the message says why.
// Format:  docs/formats/pipeline_progress.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "lake/lake.h"
#include "stream/runner.h"

namespace st::stream {

// Records of a partition that the log does not have any more: its first ones, or what damage
// destroyed. The table stands behind them.
struct RemovedRange {
  std::string topic;  // "": it was deleted
  std::int32_t partition = 0;
  std::int64_t from = 0;
  std::int64_t end = 0;                  // the offset behind them
  std::optional<std::int64_t> later_ms;  // about the time of the first record that is left
};

// What a reset takes away, and what the pipeline reads again.
struct ResetPlan {
  std::int64_t rows = 0;
  std::int64_t dead_letters = 0;
  std::vector<PartitionStatus> partitions;  // from `next` to `end`
  // Rows and dead letters of these, if the table has some, cannot come back. None where it has no
  // row and no dead letter at all.
  std::vector<RemovedRange> removed;
};

// What Reset would do now. Reads what the table would be filled from: kCorruption, kIo: the log is
// damaged there, and the table has the only rows of it.
Result<ResetPlan> PlanReset(const Dependencies& to, const dialect::spark::Definition& definition);
// Takes all rows out of the table, gives it the definition's columns, moves it to the log's
// beginning and ends a pause, in one commit. The snapshots before it stay until they expire. Fails
// as PlanReset does.
Result<ResetPlan> Reset(const Dependencies& to, const dialect::spark::Definition& definition);

struct RollbackRequest {
  lake::TableName table;
  SnapshotId snapshot;
  std::string reason;  // of the pause: when and why
};
struct RollbackReport {
  std::optional<SnapshotId> from;  // nullopt: the table had no snapshot
  std::int64_t rows_before = 0;
  std::int64_t rows_after = 0;
  std::int64_t dead_letters = 0;            // that the pipeline had at the snapshot
  std::vector<PartitionStatus> partitions;  // where the table stands now
};

// Makes the snapshot the table's current one, with the columns and the place in the log that it
// had, and pauses the pipeline, in one commit.
// Errors: kNotFound: there is no such snapshot, or an earlier version of the program made it.
//         kInvalidArgument: no pipeline made the table; the log does not have the records behind
//         the snapshot any more; bad.rows does not have its dead letters any more.
Result<RollbackReport> RollBack(const Dependencies& to, const RollbackRequest& request);

}  // namespace st::stream
