// Finds the records of a range that make a SELECT fail, in one reading of the log and without
// files.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "jobs/messages.h"
#include "worker/transform/log_source.h"

namespace st::worker::transform {

// The live records of a range, kept in memory.
//
// Limits: kMaxSearchRecords, kMaxSearchBytes; beyond, it ends before the range does.
class RecordedRange {
 public:
  static Result<RecordedRange> Read(LogSource& source, std::int64_t to_offset);

  std::size_t size() const { return records_.size(); }
  const SourceRecord& at(std::size_t index) const { return records_[index].record; }
  std::int64_t to_offset() const { return to_offset_; }  // exclusive

 private:
  struct Recorded {
    SourceRecord record;  // its views are of the three below
    std::string key;
    std::string value;
    std::string text;
  };
  void Add(const SourceRecord& record);

  std::deque<Recorded> records_;  // stays where it is, also when it is moved
  std::int64_t to_offset_ = 0;
};

// The part of a recorded range that a scan gives.
struct RecordedPart {
  const RecordedRange* range = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Runs the statement over parts of `range` with `run` until each record that fails alone is found,
// or `limit` of them: parts grow while they go well and are halved while they fail.
// Errors: those of `run` except kInvalidArgument, which marks a failing record.
Result<jobs::FailingRecords> FindFailingRecords(
    const RecordedRange& range, const std::function<Status(const RecordedPart& part)>& run,
    std::size_t limit);

}  // namespace st::worker::transform
