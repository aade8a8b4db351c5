// MOVER: one pipeline, from its topics in the log to its table in the lake, a bounded step at a
// time.
//
// A step reads its position from the table itself (I5), takes the next interval of the log's total
// order, has the worker write one Parquet file of its records in that order, or one a partition of
// the table's layout, commits dead letters to bad.rows, then files and position to the table in one
// commit (I4). After a crash between the
// two commits the same records are transformed again; their dead letters are not written twice,
// because bad.rows has its own position.
//
// A pipeline that a person paused (stream/table_control.h) reads nothing and commits no row. One
// whose new definition is useless stops itself in the same way (stream/new_definition.h).
//
// Where bad.rows cannot be opened, steps without dead letters go on. A step with one fails with the
// error of bad.rows, and so does each step of a changed definition or after a commit of unknown
// outcome to bad.rows; the next step opens it again.
//
// Threads:  one thread, the Transformer's owner.
// Durable:  everything that StepReport counts is committed.
// Limits:   PipelineLimits, limits.h.
// Errors:   a person must decide (NeedsPerson()): kInvalidArgument, kUnsupported, kCorruption,
//           kNotFound, kAlreadyExists, kIo and kOutcomeUnknown (the disk fails, and reading again
//           does too); kShutdown; else try again later, nothing is lost (I6).
// Format:   docs/formats/pipeline_progress.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "stream/failing_records.h"
#include "stream/flow_committer.h"
#include "stream/limits.h"
#include "stream/planned_range.h"
#include "stream/progress.h"
#include "stream/redo.h"
#include "stream/runner.h"
#include "stream/standing.h"
#include "stream/transformer.h"

namespace st::stream {

struct PipelineLimits {
  std::int64_t max_records = kMaxStepRecords;
  std::uint64_t max_bytes = kMaxStepBytes;
  std::size_t max_extents = kMaxStepExtents;
  std::size_t max_files = kMaxStepFiles;
  std::uint64_t max_sorted_bytes = kMaxSortedStepBytes;  // of a table with a layout
};

struct StepReport {
  bool is_waiting_for_topic = false;
  std::string paused;             // PausedReason: nothing was read; "": the step was carried out
  bool has_more = false;          // the step ended at a limit, not at the log's end
  Lsn up_to;                      // the table holds all entries below; 0: the step ended at a limit
  std::int64_t records = 0;       // committed by this step
  std::int64_t rows = 0;          // of them, in the table
  std::int64_t dead_letters = 0;  // of them, in bad.rows
  std::vector<PartitionStatus> partitions;
  std::int64_t table_rows = 0;
  std::int64_t total_dead_letters = 0;
};

// True if a retry cannot succeed before a person acts.
bool NeedsPerson(const Error& error);

class Pipeline {
 public:
  // All must outlive it.
  Pipeline(Dependencies dependencies, const dialect::spark::Definition& definition,
           Transformer& transformer, PipelineLimits limits = {});

  // `now_us` goes to the snapshot's summary and nowhere else (I12).
  Result<StepReport> Step(std::int64_t now_us);

 private:
  // A step before its job ran, and behind it.
  struct Plan {
    PlannedRange range;
    bool is_dead_written = false;         // bad.rows has the dead letters of these records already
    std::vector<jobs::DeadRecord> known;  // verdicts of before
  };
  struct Made {
    Plan plan;
    std::int64_t records = 0;  // of the plan's range, from its beginning
    jobs::TransformResult transform;
    std::vector<jobs::DeadRecord> failing;
    bool is_too_large = false;  // more records at once fail
  };
  struct Tables {
    std::shared_ptr<const lake::View> table;
    Result<std::shared_ptr<const lake::View>> bad;
    FlowProgress at;  // the table's
    // Of bad.rows, of this flow. Where that cannot be opened: no position, and the table's count.
    FlowProgress bad_at;
  };

  Result<Tables> OpenTables();
  // Has bad.rows follow a table that was moved back.
  Status RedoIfDue(Tables& tables);
  // The step of tables that are open.
  Status Move(Tables tables, std::int64_t now_us, StepReport& report);
  // Makes the table's columns and its layout those of the definition, or says why they cannot be.
  Status FitTable(std::shared_ptr<const lake::View>& view);
  Status CheckDefinedOnce();
  Result<Progress> ProgressOf(const lake::View& view) const;
  // The next step; nullopt: the table is at the end.
  Result<std::optional<Plan>> PlanStep(const Tables& tables,
                                       const std::vector<log::TopicInfo>& topics,
                                       StepReport& report) const;
  // The offsets to read from where the table stands, in all partitions.
  Result<OffsetRanges> OffsetsToRead(const Tables& tables,
                                     const std::vector<log::TopicInfo>& topics,
                                     bool& is_dead_written) const;
  Status CheckMadeBy(const Tables& tables, TopicPartition tp, const OffsetRange& range) const;
  // Fails where bad.rows may hide dead letters that another definition made.
  Status CheckNothingIsHidden(const Tables& tables) const;
  // Runs the job, on fewer records where they belong to too many partitions.
  Result<Made> Make(const Tables& tables, Plan plan);
  // One job. Its files are gone where it fails, or has too many partitions.
  Result<RangeResult> RunJob(const Tables& tables, const Plan& plan);
  jobs::TransformJob JobOf(const Tables& tables, const Plan& plan) const;
  // The error of a worker for the range, or what the log says of its batches.
  Error Explain(const Error& error, const PlannedRange& range) const;
  // kInvalidArgument: the pipeline has stopped, and the step is not committed.
  Status StopIfUseless(const Tables& tables, const Made& made);
  void HalveTo(std::int64_t most, std::int64_t least);
  RangeTransformer::Scratch ScratchFiles();
  // Moves `flow` to `next` and names the record before it.
  Status MoveTo(FlowProgress& flow, TopicPartition tp, std::int64_t next) const;
  // Moves `flow` behind the records of the step.
  Status MoveBehind(FlowProgress& flow, const Made& made) const;
  Status CommitDead(const Tables& tables, const Made& made);
  Status CommitRows(const Tables& tables, const Made& made, std::int64_t now_us);
  void Discard(const std::string& path);
  void DiscardMade(const Tables& tables, const Made& made, const Error& error);
  void FillStatus(const Tables& tables, const std::vector<log::TopicInfo>& topics,
                  StepReport& report) const;
  std::string TopicName(TopicId id) const;

  Dependencies to_;
  const dialect::spark::Definition& definition_;
  Transformer& transformer_;
  const PipelineLimits limits_;
  const lake::TableName name_;
  FlowCommitter committer_;
  Redo redo_;
  std::int64_t records_now_;  // limit of the next step: halved by a failure, doubled by a success
  bool is_checked_ = false;
  bool is_dead_unknown_ = false;  // the last commit to bad.rows may have happened (I6)
};

}  // namespace st::stream
