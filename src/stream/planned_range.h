// The records that one step moves: what the log has of them, and any part of them as a source of a
// job.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/messages.h"
#include "log/local_log.h"

namespace st::stream {

// Records of some partitions in the total order of the log, numbered from 0 in that order.
//
// An interval of the order, unless the table is ahead in some partition: an earlier version filled
// tables partition by partition, and its records there are not in the range a second time.
class PlannedRange {
 public:
  // The records of `offsets` in `extents`.
  PlannedRange(log::OrderedExtents extents, OffsetRanges offsets,
               const std::vector<log::TopicInfo>& topics);

  // Records; where the log has holes, offsets.
  std::int64_t size() const { return numbers_.back(); }
  // Keeps the first `size` records. Requires: there are more.
  void CutTo(std::int64_t size);
  // Leaves out the first `count` records. Requires: there are more.
  void DropFirst(std::int64_t count);

  // The records [from, to) as a source.
  jobs::Source Between(std::int64_t from, std::int64_t to) const;
  jobs::RecordId RecordAt(std::int64_t number) const;
  // nullopt: the record is not in the range.
  std::optional<std::int64_t> NumberOf(const jobs::RecordId& id) const;
  // The offsets of the first `count` records.
  OffsetRanges OffsetsOf(std::int64_t count) const { return OffsetsBetween(0, count); }
  // "events/0 offset 7"
  std::string NameOf(const jobs::RecordId& id) const;

 private:
  void NumberExtents();
  OffsetRanges OffsetsBetween(std::int64_t from, std::int64_t to) const;
  // Index of the extent that has the record of this number.
  std::size_t ExtentOf(std::int64_t number) const;
  // The range's offsets in one extent.
  OffsetRange OffsetsIn(const log::Extent& extent) const;

  log::OrderedExtents extents_;
  OffsetRanges offsets_;
  std::vector<jobs::SourceTopic> topics_;
  std::vector<std::int64_t> numbers_;  // of each extent's first record, and the size at the end
};

}  // namespace st::stream
