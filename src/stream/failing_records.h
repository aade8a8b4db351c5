// One planned range through the worker: at once where it can, else around the records that make the
// SQL fail or kill the worker.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stream/planned_range.h"
#include "stream/transformer.h"

namespace st::stream {

struct RangeJob {
  jobs::TransformJob job;  // without sources
  PlannedRange range;
  // False: a commit to bad.rows has the verdicts on these records already.
  bool may_find_failing = true;
};

struct RangeResult {
  jobs::TransformResult transform;  // where it has too many partitions: without files
  std::int64_t records = 0;  // of the range, from its beginning; fewer if it had to stop there
  std::vector<jobs::DeadRecord> failing;  // newly, in the order of the range
  bool is_too_large = false;  // it stopped because more records at once fail, as for want of memory
};

// Runs ranges with a Transformer.
//
// Where the SQL failed, the worker itself finds the records that fail alone, without files; each
// becomes a dead letter, `sql_error`, if the rest then goes through. Where that does not do, or the
// worker died, the range is searched from here: pieces grow while they succeed and are halved while
// they fail. A record that fails alone becomes a dead letter, `sql_error`; one that kills
// kKillsOfFailingRecord new workers in which it was alone becomes one, `kills_worker`; each verdict
// is taken only if the worker does the same piece without the record. Then the whole range is run
// again without them, so that it makes one file. Where it fails although no record of it does, it
// is too large for the worker, and its beginning is run, halved until it goes through. A worker
// that was killed from outside ends the run without a verdict.
//
// Threads: one thread.
// Errors:  those of Transformer that no record is to blame for; kUnavailable: the range fails and
//          may not be searched (plan a smaller one), or the worker was killed from outside (try
//          again later).
class RangeTransformer {
 public:
  // Gives a path for a file that is thrown away, and throws it away.
  struct Scratch {
    std::function<Result<std::string>()> make;
    std::function<void(const std::string&)> remove;
  };
  RangeTransformer(Transformer& transformer, Scratch scratch)
      : transformer_(transformer), scratch_(std::move(scratch)) {}

  Result<RangeResult> Run(const RangeJob& range);
  // Removes all files that the job may have begun.
  void RemoveFiles(const jobs::TransformJob& job) const;

 private:
  using Outcome = Result<jobs::TransformResult>;
  using DeadRecords = std::vector<jobs::DeadRecord>;
  // Records [from, to) of a range, by their numbers.
  struct Piece {
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  // Whether a record of the range may be to blame for the last job's error.
  bool MayBeARecord(const Error& error) const;
  static jobs::TransformJob JobOf(const RangeJob& range, Piece piece, const DeadRecords& dead);
  // The range up to `to`, into its own files, after a try that may have begun them.
  Outcome RunAgain(const RangeJob& range, std::int64_t to, const DeadRecords& dead);
  Outcome Probe(const RangeJob& range, Piece piece, const DeadRecords& dead);
  // nullopt: it takes a search from here.
  Result<std::optional<RangeResult>> LeaveOutFailing(const RangeJob& range);
  Result<RangeResult> Search(const RangeJob& range);
  // The range up to `to`, or the longest beginning of it that halving gives and that goes through.
  Result<RangeResult> RunBeginning(const RangeJob& range, std::int64_t to, DeadRecords failing);
  // The verdict on one record that failed with `error`; nullopt: it is fine after all.
  Result<std::optional<jobs::DeadRecord>> TestRecord(const RangeJob& range, std::int64_t number,
                                                     Error error);

  Transformer& transformer_;
  const Scratch scratch_;
};

}  // namespace st::stream
