// MOVER: one pipeline, from its topic in the log to its table in the lake, a bounded step at a
// time.
//
// A step reads its position from the table itself (I5), has the worker write a Parquet file of each
// partition's next records, commits dead letters to bad.rows, then files and position to the table
// in one commit (I4). After a crash between the two commits the same range is transformed again;
// its dead letters are not written twice, because bad.rows has its own position.
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
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "stream/failing_records.h"
#include "stream/limits.h"
#include "stream/progress.h"
#include "stream/runner.h"
#include "stream/standing.h"
#include "stream/transformer.h"

namespace st::stream {

struct PipelineLimits {
  std::int64_t max_records = kMaxStepRecords;
  std::uint64_t max_bytes = kMaxStepBytes;
  std::size_t max_extents = kMaxStepExtents;
  std::size_t max_extent_bytes = kMaxStepExtentBytes;
};

struct StepReport {
  bool is_waiting_for_topic = false;
  bool has_more = false;          // the step ended at a limit, not at the log's end
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
  struct Range {
    TopicPartition tp;
    std::int64_t from = 0;
    std::int64_t to = 0;
    bool is_dead_written = false;  // bad.rows has this range's dead letters already
    std::vector<jobs::DeadRecord> known;
    std::vector<log::Extent> extents;
  };
  struct Made {
    Range range;
    RangeResult result;
  };
  struct Tables {
    std::shared_ptr<const lake::View> table;
    std::shared_ptr<const lake::View> bad;
    FlowProgress at;      // the table's
    FlowProgress bad_at;  // of bad.rows, of this flow
  };

  Result<Tables> OpenTables();
  Status GrowColumns(std::shared_ptr<const lake::View>& view);
  Status CheckDescribed();
  Result<Progress> ProgressOf(const lake::View& view) const;
  Result<std::vector<Range>> Plan(const Tables& tables, const log::TopicInfo& topic,
                                  StepReport& report);
  Status CheckPosition(const lake::TableName& table, const FlowProgress& at,
                       const log::TopicInfo& topic) const;
  Status CheckRecord(const lake::TableName& table, const FlowProgress& at, TopicPartition tp,
                     std::int64_t next) const;
  Status CheckDeadLetters(const Tables& tables) const;
  Status CheckMadeBy(const Tables& tables, const Range& range, std::int64_t bad_next) const;
  Status FillExtents(Range& range, bool& has_more) const;
  Result<Made> Make(Range range);
  // The error of a worker for the range, or what the log says of its batches.
  Error Explain(const Error& error, const Range& range) const;
  Result<std::vector<Made>> MakeAll(std::vector<Range> ranges);
  RangeTransformer::Scratch ScratchFiles();
  // Moves `flow` to `next` and names the record before it.
  Status MoveTo(FlowProgress& flow, TopicPartition tp, std::int64_t next) const;
  Status CommitDead(const Tables& tables, const std::vector<Made>& made);
  Status CommitRows(const Tables& tables, const std::vector<Made>& made, std::int64_t now_us);
  // One commit of `files` that moves this flow from `from` to `to`, tried until its outcome is
  // known.
  struct Move {
    lake::TableName table;
    const FlowProgress* from = nullptr;
    const FlowProgress* to = nullptr;
    std::vector<lake::DataFile> files;
    std::map<std::string, std::string> properties;
    std::map<std::string, std::string> summary;
  };
  Status Commit(const Move& move);
  Status TryCommits(const Move& move);
  Result<std::string> DefinitionsWith(const lake::View& view, const FlowProgress& since,
                                      bool& is_new) const;
  void Discard(const std::string& path);
  void DiscardAll(const Tables& tables, const std::vector<Made>& made, const Error& error);
  void FillStatus(const Tables& tables, const log::TopicInfo& topic, StepReport& report) const;

  Dependencies to_;
  const dialect::spark::Definition& definition_;
  Transformer& transformer_;
  const PipelineLimits limits_;
  const lake::TableName name_;
  std::int64_t records_now_;  // limit of the next step: halved by a failure, doubled by a success
  bool is_described_ = false;
  Metric* commits_ = nullptr;
  Histogram* commit_seconds_ = nullptr;
};

}  // namespace st::stream
