// Reads batches from the segments of our own log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/record/record_batch.h"
#include "log/reader/extent_reader.h"
#include "worker/transform/source/source_reader.h"

namespace st::worker::transform::source {

// The records of a jobs::LogSegments, in the total order of the log; a part is a batch. Each entry
// is checked against the range: its lsn, topic and partition, not its place in a file, say what it
// is.
//
// Threads: one thread.
// Limits:  kMaxBatchMemory for a batch; a larger one is unreadable.
// Errors:  as SourceReader.
class SegmentSource final : public SourceReader {
 public:
  SegmentSource(const jobs::LogSegments& source, os::FileSystem& fs,
                std::optional<std::vector<std::size_t>> parts)
      : source_(source), reader_(fs), parts_(std::move(parts)) {}

  Result<bool> Next(SourceRecord& record) override;
  std::size_t part() const override { return part_; }

 private:
  // Opens the next batch; false: there is none.
  Result<bool> OpenBatch();
  // `lsn`: of the entry that first stored its batch.
  Status CheckEntry(const log::EntryHeader& entry, Lsn lsn);
  // The rest of the open batch as one unreadable record; false: none of it is in the range.
  bool EndUnreadable(const Error& why, SourceRecord& record);

  const jobs::LogSegments& source_;
  log::ExtentReader reader_;
  const std::optional<std::vector<std::size_t>> parts_;
  std::size_t next_ = 0;  // in parts_, or in the extents where there is none
  std::size_t part_ = 0;
  Lsn last_lsn_;
  // The open batch.
  bool has_batch_ = false;
  std::string batch_;
  std::string_view topic_;
  TopicPartition tp_;
  OffsetRange range_;  // of its partition
  record::RecordScan scan_;
  record::Record record_;
  std::int64_t next_offset_ = 0;  // behind the last record that could be read
};

}  // namespace st::worker::transform::source
