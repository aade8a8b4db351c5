#include "worker/transform/source/segment_source.h"

#include <algorithm>

#include "log/reader/entry.h"
#include "worker/transform/source/limits.h"

namespace st::worker::transform::source {

Status SegmentSource::CheckEntry(const log::EntryHeader& entry, Lsn lsn) {
  const LsnRange lsns = source_.range.lsns.value_or(LsnRange());
  if (lsn < lsns.from || lsn >= lsns.to || lsn <= last_lsn_) {
    return Fail(ErrorCode::kCorruption, "lsn {} does not follow {} in the range {} to {}", lsn,
                last_lsn_, lsns.from, lsns.to);
  }
  last_lsn_ = lsn;
  tp_ = {.topic = entry.topic, .partition = PartitionId(entry.partition)};
  const auto topic = std::ranges::find(source_.topics, entry.topic, &jobs::SourceTopic::id);
  const auto range = source_.range.offsets.find(tp_);
  if (topic == source_.topics.end() || range == source_.range.offsets.end()) {
    return Fail(ErrorCode::kCorruption, "a batch of {}/{}, which is not in the range",
                entry.topic.ToString(), entry.partition);
  }
  topic_ = topic->name;
  range_ = range->second;
  return {};
}

Result<bool> SegmentSource::OpenBatch() {
  if (next_ == (parts_ ? parts_->size() : source_.extents.size())) return false;
  part_ = parts_ ? (*parts_)[next_] : next_;
  ++next_;
  const auto& extent = source_.extents[part_];
  const std::string& file = source_.files[extent.file];
  ST_TRY(auto stored, reader_.ReadBatch(file, extent.position, extent.length));
  batch_ = std::move(stored.batch);
  // The log stores no batch without a valid header, so an error here is damage.
  auto header = record::ParseHeader(batch_);
  auto checked = CheckEntry(stored.entry, stored.identity.lsn);
  if (!header || !checked) {
    return Fail(ErrorCode::kCorruption, "{}: batch at byte {}: {}", file, extent.position,
                header ? checked.error().message() : header.error().message());
  }
  next_offset_ = header->base_offset;
  has_batch_ = true;
  return true;
}

bool SegmentSource::EndUnreadable(const Error& why, SourceRecord& record) {
  has_batch_ = false;
  const auto header = record::ParseHeader(batch_);
  const std::int64_t from = std::max(next_offset_, range_.from.value());
  const std::int64_t to =
      std::min(header->base_offset + header->last_offset_delta + 1, range_.to.value());
  if (from >= to) return false;
  record = SourceRecord{.topic = topic_,
                        .id = {.tp = tp_, .offset = Offset(from)},
                        .timestamp_ms = header->base_timestamp_ms,
                        .is_log_append_time = header->is_log_append_time(),
                        .key = {},
                        .value = {},
                        .unreadable = why,
                        .count = to - from};
  return true;
}

Result<bool> SegmentSource::Next(SourceRecord& record) {
  while (true) {
    if (!has_batch_) {
      ST_TRY(const bool is_open, OpenBatch());
      if (!is_open) return false;
      if (const auto opened = scan_.Open(batch_, kMaxBatchMemory); !opened) {
        if (EndUnreadable(opened.error(), record)) return true;
        continue;
      }
    }
    const auto got = scan_.Next(record_);
    if (!got) {
      if (EndUnreadable(got.error(), record)) return true;
      continue;
    }
    if (!*got) {
      has_batch_ = false;
      continue;
    }
    next_offset_ = record_.offset + 1;
    const Offset offset(record_.offset);
    if (offset < range_.from || offset >= range_.to) continue;
    record.topic = topic_;
    record.id = {.tp = tp_, .offset = offset};
    record.timestamp_ms = record_.timestamp_ms;
    record.is_log_append_time = scan_.header().is_log_append_time();
    record.key = record_.key;
    record.value = record_.value;
    record.unreadable.reset();
    record.count = 1;
    return true;
  }
}

}  // namespace st::worker::transform::source
