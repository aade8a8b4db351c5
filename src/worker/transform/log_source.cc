#include "worker/transform/log_source.h"

#include <algorithm>

#include "base/text.h"
#include "event/limits.h"
#include "event/timestamp.h"
#include "worker/transform/limits.h"

namespace st::worker::transform {
namespace {

constexpr std::uint64_t kCheckEvery = 256;  // records

// False: it is outside what a table holds.
bool TimestampFrom(std::int64_t timestamp_ms, SourceRecord& record) {
  constexpr std::int64_t kUsPerMs = 1000;
  record.has_timestamp = timestamp_ms >= event::kMinTimestampUs / kUsPerMs &&
                         timestamp_ms <= event::kMaxTimestampUs / kUsPerMs;
  record.timestamp_us = record.has_timestamp ? timestamp_ms * kUsPerMs : 0;
  return record.has_timestamp;
}

}  // namespace

LogSource::LogSource(const jobs::TransformJob& job, os::FileSystem& fs,
                     const engine::JobControl& control)
    : job_(job),
      control_(control),
      reader_(fs),
      json_(event::kMaxRecordDepth, job.require.empty() ? event::JsonCheck::Members::kNone
                                                        : event::JsonCheck::Members::kKeep) {
  if (job.event_rules.empty()) return;
  rules_ = event::DecodeRules(job.event_rules);
  if (*rules_) event_.emplace(**rules_);
}

void LogSource::Kill(SourceRecord& record, std::string code, std::string reason) {
  record.is_dead = true;
  record.code = std::move(code);
  record.reason = std::move(reason);
  const std::size_t extent = next_extent_ - 1;
  if (dead_extents_.empty() || dead_extents_.back() != extent) dead_extents_.push_back(extent);
}

bool LogSource::Judge(SourceRecord& record) {
  const bool has_time = TimestampFrom(record_.timestamp_ms, record);
  const auto& dead = job_.dead;
  if (!dead.empty()) {
    const auto at = std::lower_bound(
        dead.begin(), dead.end(), record.offset,
        [](const jobs::DeadRecord& one, std::int64_t offset) { return one.offset < offset; });
    if (at != dead.end() && at->offset == record.offset) {
      Kill(record, at->code, at->reason);
      return true;
    }
  }
  if (event_ && !JudgeEvent(record)) return false;
  if (!has_time) {
    Kill(record, kBadTimestamp,
         fmt::format("timestamp {} ms is outside the years 0001 to 9999; a record's time is in "
                     "milliseconds",
                     record_.timestamp_ms));
  } else if (!event_) {
    JudgeJson(record);
  }
  return true;
}

bool LogSource::JudgeEvent(SourceRecord& record) {
  using Verdict = event::RecordReader::Verdict;
  switch (event_->Read({.partition = job_.partition, .offset = record.offset}, record.value)) {
    case Verdict::kOther:
      return false;
    case Verdict::kDead:
      Kill(record, event_->code(), event_->reason());
      return true;
    case Verdict::kRow:
      record.text = event_->columns();
      return true;
  }
  return false;
}

void LogSource::JudgeJson(SourceRecord& record) {
  if (record.value && IsUtf8(*record.value)) record.text = record.value;
  if (!job_.is_json) return;
  if (!record.value) return Kill(record, kNotJson, "the value is null");
  if (!record.text) return Kill(record, kNotUtf8, "the value is not UTF-8");
  if (!json_.Check(*record.text)) return Kill(record, kNotJson, json_.Reason());
  for (const auto& name : job_.require) {
    const auto& members = json_.members();
    if (std::ranges::find(members, name, &event::JsonCheck::Member::name) != members.end())
      continue;
    return Kill(record, kMissingField, fmt::format("field '{}' is missing", name));
  }
}

Result<bool> LogSource::OpenBatch() {
  if (next_extent_ == job_.extents.size()) return false;
  const auto& extent = job_.extents[next_extent_++];
  ST_TRY(batch_, reader_.ReadBatch(extent.file, extent.position, extent.length));
  // A batch that the log took has a header: what fails here is damage.
  auto header = record::ParseHeader(batch_);
  if (!header) {
    return Fail(ErrorCode::kCorruption, "{}: batch at byte {}: {}", extent.file, extent.position,
                header.error().message());
  }
  next_offset_ = header->base_offset;
  has_batch_ = true;
  return true;
}

bool LogSource::TakeBroken(const Error& why, SourceRecord& record) {
  has_batch_ = false;
  const auto header = record::ParseHeader(batch_);
  const std::int64_t from = std::max(next_offset_, job_.from_offset);
  const std::int64_t to =
      std::min(header->base_offset + header->last_offset_delta + 1, job_.to_offset);
  if (from >= to) return false;
  record = SourceRecord{
      .offset = from, .is_log_append_time = header->is_log_append_time(), .records = to - from};
  TimestampFrom(header->base_timestamp_ms, record);
  const bool is_too_large = why.code() == ErrorCode::kInvalidArgument;
  Kill(record, is_too_large ? kBatchTooLarge : kBadBatch,
       fmt::format("offsets {} to {}: {}", from, to - 1, why.message()));
  return true;
}

Result<bool> LogSource::Next(SourceRecord& record) {
  if (rules_ && !*rules_) return std::unexpected(rules_->error());
  while (true) {
    if (until_check_-- == 0) {
      until_check_ = kCheckEvery;
      ST_TRY_STATUS(control_.Check());
    }
    if (!has_batch_) {
      ST_TRY(const bool is_open, OpenBatch());
      if (!is_open) {
        is_at_end_ = true;
        return false;
      }
      if (const auto opened = scan_.Open(batch_, kMaxBatchMemory); !opened) {
        if (!TakeBroken(opened.error(), record)) continue;
        records_read_ += record.records;
        return true;
      }
    }
    const auto got = scan_.Next(record_);
    if (!got) {
      if (!TakeBroken(got.error(), record)) continue;
      records_read_ += record.records;
      return true;
    }
    if (!*got) {
      has_batch_ = false;
      continue;
    }
    next_offset_ = record_.offset + 1;
    if (record_.offset < job_.from_offset || record_.offset >= job_.to_offset) continue;
    record.offset = record_.offset;
    record.is_log_append_time = scan_.header().is_log_append_time();
    record.key = record_.key;
    record.value = record_.value;
    record.text.reset();
    record.is_dead = false;
    record.records = 1;
    ++records_read_;
    if (!Judge(record)) continue;
    return true;
  }
}

}  // namespace st::worker::transform
