// The records of a transform job, each checked once: rows for the SQL, and dead letters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/json_check.h"
#include "event/record_reader.h"
#include "jobs/messages.h"
#include "os/file_system.h"
#include "worker/engine/job_control.h"
#include "worker/transform/source/source_reader.h"

namespace st::worker::transform {

// Codes of dead letters beside those of TransformJob::dead.
inline constexpr const char* kNotJson = "not_json";
inline constexpr const char* kMissingField = "missing_field";
inline constexpr const char* kNotUtf8 = "not_utf8";
// The record's time is outside the years 0001 to 9999, which readers of a table can represent.
inline constexpr const char* kBadTimestamp = "bad_timestamp";
// A producer's batch decompresses to too many bytes, or not to records: one dead letter stands for
// all of its records that are in the range and cannot be read.
inline constexpr const char* kBatchTooLarge = "batch_too_large";
inline constexpr const char* kBadBatch = "bad_batch";

struct CheckedRecord : source::SourceRecord {
  std::int64_t timestamp_us = 0;
  bool has_timestamp = true;
  std::optional<std::string_view> text;  // value where it is UTF-8; of an event its columns
  bool is_dead = false;
  std::string code;  // of a dead one
  std::string reason;
};

// Parts of a job's sources: by the source's index, rising part numbers.
using SourceParts = std::map<std::size_t, std::vector<std::size_t>>;

// Threads: one thread.
// Owner:   job, fs and control must outlive it.
// Errors:  those of the sources' readers; kCorruption also for damage in the job's rules; kShutdown
//          and kDeadline, the job is to stop.
class CheckedRecords {
 public:
  // Reads all sources, or only `parts` of them.
  CheckedRecords(const jobs::TransformJob& job, os::FileSystem& fs,
                 const engine::JobControl& control,
                 std::optional<SourceParts> parts = std::nullopt);

  // The next record of the job, also a dead one; its views are valid until the next call. False:
  // all sources are over.
  Result<bool> Next(CheckedRecord& record);

  bool is_at_end() const { return is_at_end_; }
  std::int64_t records_read() const { return records_read_; }
  // Parts with dead letters so far.
  const SourceParts& dead_parts() const { return dead_parts_; }

 private:
  // False: there is no further source.
  bool OpenNextSource();
  // False: the record is not one of the event's.
  bool Check(CheckedRecord& record);
  void CheckUnreadable(CheckedRecord& record);
  bool CheckEvent(CheckedRecord& record);
  void CheckJson(CheckedRecord& record);
  void MarkDead(CheckedRecord& record, std::string code, std::string reason);

  const jobs::TransformJob& job_;
  os::FileSystem& fs_;
  const engine::JobControl& control_;
  const std::optional<SourceParts> parts_;
  event::JsonCheck json_;
  std::optional<Result<event::TableRules>> rules_;  // of a declared event's table
  std::optional<event::RecordReader> event_;
  std::size_t next_source_ = 0;
  std::unique_ptr<source::SourceReader> reader_;
  std::uint64_t until_check_ = 0;
  bool is_at_end_ = false;
  std::int64_t records_read_ = 0;
  SourceParts dead_parts_;
};

}  // namespace st::worker::transform
