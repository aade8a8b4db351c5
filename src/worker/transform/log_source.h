// Reads the records of a transform job from the log's segments and checks each once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/json_check.h"
#include "event/record_reader.h"
#include "format/record/record_batch.h"
#include "jobs/messages.h"
#include "log/reader/extent_reader.h"
#include "os/file_system.h"
#include "worker/engine/job_control.h"

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

struct SourceRecord {
  std::int64_t offset = 0;
  std::int64_t timestamp_us = 0;
  bool has_timestamp = true;
  bool is_log_append_time = false;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::optional<std::string_view> text;  // value where it is UTF-8; of an event its columns
  bool is_dead = false;
  std::string code;  // of a dead one
  std::string reason;
  std::int64_t records = 1;  // more: of a batch that cannot be read
};

// Threads: one thread.
// Owner:   job, fs and control must outlive it.
// Limits:  kMaxBatchMemory for a batch.
// Errors:  kCorruption, damage in the log or in the job's rules; kIo; kShutdown and kDeadline, the
// job is to stop.
class LogSource {
 public:
  LogSource(const jobs::TransformJob& job, os::FileSystem& fs, const engine::JobControl& control);

  // The next record of the range, also a dead one; its views are valid until the next call. False:
  // the range is over.
  Result<bool> Next(SourceRecord& record);

  bool is_at_end() const { return is_at_end_; }
  std::int64_t records_read() const { return records_read_; }
  // Extents with dead letters so far, by their index in the job, rising.
  const std::vector<std::size_t>& dead_extents() const { return dead_extents_; }

 private:
  Result<bool> OpenBatch();
  bool TakeBroken(const Error& why, SourceRecord& record);
  // False: the record is not one of the event's.
  bool Judge(SourceRecord& record);
  bool JudgeEvent(SourceRecord& record);
  void JudgeJson(SourceRecord& record);
  void Kill(SourceRecord& record, std::string code, std::string reason);

  const jobs::TransformJob& job_;
  const engine::JobControl& control_;
  log::ExtentReader reader_;
  event::JsonCheck json_;
  std::optional<Result<event::TableRules>> rules_;  // of a declared event's table
  std::optional<event::RecordReader> event_;
  std::size_t next_extent_ = 0;
  bool has_batch_ = false;
  std::string batch_;
  record::RecordScan scan_;
  record::Record record_;
  std::int64_t next_offset_ = 0;  // in the open batch, behind the last good record
  std::uint64_t until_check_ = 0;
  bool is_at_end_ = false;
  std::int64_t records_read_ = 0;
  std::vector<std::size_t> dead_extents_;
};

}  // namespace st::worker::transform
