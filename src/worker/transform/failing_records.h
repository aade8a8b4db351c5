// Finds the records of a job that make its SELECT fail, in one reading of the sources and without
// files.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "jobs/messages.h"
#include "worker/transform/checked_records.h"

namespace st::worker::transform {

// The live records of a job, kept in memory.
//
// Limits: kMaxSearchRecords, kMaxSearchBytes; beyond, it ends before the job does.
class RecordedRange {
 public:
  static Result<RecordedRange> Read(CheckedRecords& records);

  std::size_t size() const { return records_.size(); }
  const CheckedRecord& at(std::size_t index) const { return records_[index].record; }
  // The first record of the job behind the recorded ones; nullopt: all are recorded.
  const std::optional<jobs::RecordId>& end() const { return end_; }

 private:
  struct Recorded {
    CheckedRecord record;  // its views are of the three below
    std::string key;
    std::string value;
    std::string text;
  };
  void Add(const CheckedRecord& record);

  std::deque<Recorded> records_;  // stays where it is, also when it is moved
  std::optional<jobs::RecordId> end_;
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
