#include "worker/transform/checked_records.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "event/limits.h"
#include "event/timestamp.h"

namespace st::worker::transform {
namespace {

constexpr std::uint64_t kCheckEvery = 256;  // counts records

// Returns false if the time is outside the range of tables.
bool SetTimestamp(CheckedRecord& record) {
  constexpr std::int64_t kUsPerMs = 1000;
  record.has_timestamp = record.timestamp_ms >= event::kMinTimestampUs / kUsPerMs &&
                         record.timestamp_ms <= event::kMaxTimestampUs / kUsPerMs;
  record.timestamp_us = record.has_timestamp ? record.timestamp_ms * kUsPerMs : 0;
  return record.has_timestamp;
}

}  // namespace

CheckedRecords::CheckedRecords(const jobs::TransformJob& job, os::FileSystem& fs,
                               const engine::JobControl& control, std::optional<SourceParts> parts)
    : job_(job),
      fs_(fs),
      control_(control),
      parts_(std::move(parts)),
      json_(event::kMaxRecordDepth, job.require.empty() ? event::JsonCheck::Members::kNone
                                                        : event::JsonCheck::Members::kKeep) {
  if (job.event_rules.empty()) return;
  rules_ = event::DecodeRules(job.event_rules);
  if (*rules_) event_.emplace(**rules_);
}

void CheckedRecords::MarkDead(CheckedRecord& record, std::string code, std::string reason) {
  record.is_dead = true;
  record.code = std::move(code);
  record.reason = std::move(reason);
  auto& parts = dead_parts_[next_source_ - 1];
  if (parts.empty() || parts.back() != reader_->part()) parts.push_back(reader_->part());
}

bool CheckedRecords::Check(CheckedRecord& record) {
  const bool has_time = SetTimestamp(record);
  if (record.unreadable) {
    CheckUnreadable(record);
    return true;
  }
  const auto& dead = job_.dead;
  if (!dead.empty()) {
    const auto at = std::ranges::lower_bound(dead, record.id, {}, &jobs::DeadRecord::id);
    if (at != dead.end() && at->id == record.id) {
      MarkDead(record, at->code, at->reason);
      return true;
    }
  }
  if (event_ && !CheckEvent(record)) return false;
  if (!has_time) {
    MarkDead(record, kBadTimestamp,
             fmt::format("timestamp {} ms is outside the years 0001 to 9999; a record's time is in "
                         "milliseconds",
                         record.timestamp_ms));
  } else if (!event_) {
    CheckJson(record);
  }
  return true;
}

void CheckedRecords::CheckUnreadable(CheckedRecord& record) {
  const bool is_too_large = record.unreadable->code() == ErrorCode::kInvalidArgument;
  MarkDead(record, is_too_large ? kBatchTooLarge : kBadBatch,
           fmt::format("offsets {} to {}: {}", record.id.offset,
                       record.id.offset + (record.count - 1), record.unreadable->message()));
}

bool CheckedRecords::CheckEvent(CheckedRecord& record) {
  using Verdict = event::RecordReader::Verdict;
  const event::RecordReader::Place place{.partition = record.id.tp.partition.value(),
                                         .offset = record.id.offset.value()};
  switch (event_->Read(place, record.value)) {
    case Verdict::kOther:
      return false;
    case Verdict::kDead:
      MarkDead(record, event_->code(), event_->reason());
      return true;
    case Verdict::kRow:
      record.text = event_->columns();
      return true;
  }
  return false;
}

void CheckedRecords::CheckJson(CheckedRecord& record) {
  if (record.value && IsUtf8(*record.value)) record.text = record.value;
  if (!job_.is_json) return;
  if (!record.value) return MarkDead(record, kNotJson, "the value is null");
  if (!record.text) return MarkDead(record, kNotUtf8, "the value is not UTF-8");
  if (!json_.Check(*record.text)) return MarkDead(record, kNotJson, json_.Reason());
  for (const auto& name : job_.require) {
    const auto& members = json_.members();
    if (std::ranges::find(members, name, &event::JsonCheck::Member::name) != members.end())
      continue;
    return MarkDead(record, kMissingField, fmt::format("field '{}' is missing", name));
  }
}

bool CheckedRecords::OpenNextSource() {
  while (next_source_ < job_.sources.size()) {
    const std::size_t index = next_source_++;
    if (!parts_) {
      reader_ = source::OpenSource(job_.sources[index], fs_);
      return true;
    }
    const auto parts = parts_->find(index);
    if (parts == parts_->end()) continue;
    reader_ = source::OpenSource(job_.sources[index], fs_, parts->second);
    return true;
  }
  return false;
}

Result<bool> CheckedRecords::Next(CheckedRecord& record) {
  if (rules_ && !*rules_) return std::unexpected(rules_->error());
  while (true) {
    if (until_check_-- == 0) {
      until_check_ = kCheckEvery;
      ST_TRY_STATUS(control_.Check());
    }
    if (reader_ == nullptr && !OpenNextSource()) {
      is_at_end_ = true;
      return false;
    }
    ST_TRY(const bool is_one, reader_->Next(record));
    if (!is_one) {
      reader_.reset();
      continue;
    }
    record.text.reset();
    record.is_dead = false;
    records_read_ += record.count;
    if (Check(record)) return true;
  }
}

}  // namespace st::worker::transform
