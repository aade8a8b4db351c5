// Where each durable batch lies: by partition and offset. One entry a batch, of 16 bytes in memory.
// It knows places only: the range of a partition is state (topics.h), and offsets may be missing.
//
// Threads: safe from any thread.
// Format:  docs/formats/commit_log.md, "Index file": a checksummed copy of a closed segment's part,
//          written when the segment is closed, rebuilt from it where missing or damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/result.h"

namespace st::log {

struct IndexEntry {
  std::int64_t base_offset = 0;
  std::int64_t max_time_ms = 0;
  std::uint64_t segment = 0;   // sequence
  std::uint64_t position = 0;  // of the entry in the segment
  std::uint32_t length = 0;    // of the entry, unpadded
  std::int32_t records = 0;

  std::int64_t end_offset() const { return base_offset + records; }
};

struct IndexedBatch {
  TopicPartition tp;
  IndexEntry entry;
};

// The oldest batches of a partition that may go. A batch behind one that stays stays.
struct Expiry {
  // Batches whose largest time is before this; nullopt: time lets none go.
  std::optional<std::int64_t> before_ms;
  // Batches without which the entries still have so many bytes; nullopt: size lets none go.
  std::optional<std::uint64_t> keep_bytes;
};

class Index {
 public:
  Index();
  ~Index();
  // Adds batches that became durable. Requires: rising offsets in each partition.
  void Add(const std::vector<IndexedBatch>& batches);
  // Forgets the batches of topics for which `is_there` is false.
  void KeepTopics(const std::function<bool(TopicId)>& is_there);
  // Forgets most of the batches whose records all lie below `start`, and all of them that lie in
  // segments without another batch.
  void DropBelow(TopicPartition tp, std::int64_t start);
  // Forgets the batches of one segment.
  void DropSegment(std::uint64_t segment);
  // Whether it knows a batch of the segment.
  bool HasSegment(std::uint64_t segment) const;
  // Entries from the one that holds `from`, or in a hole from the next one, until `max_bytes` of
  // entries (at least one) or `to`.
  std::vector<IndexEntry> EntriesFrom(TopicPartition tp, std::int64_t from, std::int64_t to,
                                      std::uint64_t max_bytes, std::int64_t max_records) const;
  // First entry with an offset at or after `from` whose largest time is at or after `time_ms`.
  std::optional<IndexEntry> AtTime(TopicPartition tp, std::int64_t time_ms,
                                   std::int64_t from = 0) const;
  // The largest of the largest times of entries with an offset at or after `from`.
  std::optional<std::int64_t> LargestTime(TopicPartition tp, std::int64_t from) const;
  // Bytes of the entries of each partition that has some.
  std::map<TopicPartition, std::uint64_t> Bytes() const;
  // Bytes of the entries that have an offset in [from, to).
  std::uint64_t BytesBetween(TopicPartition tp, std::int64_t from, std::int64_t to) const;
  // The offset behind the batches that `rule` lets go, from the one that holds `from` on; `from`
  // where it lets none go.
  std::int64_t BehindExpired(TopicPartition tp, std::int64_t from, const Expiry& rule) const;
  // All entries of one segment, sorted by partition and offset.
  std::vector<IndexedBatch> EntriesOfSegment(std::uint64_t segment) const;

 private:
  class Partition;  // the packed entries of one partition

  // Counts one chunk less of each of these segments.
  void Forget(const std::vector<std::uint64_t>& chunks) ST_REQUIRES(mu_);

  // Runs `read` with the partition, if it has entries.
  template <typename Read>
  void WithPartition(TopicPartition tp, Read&& read) const;

  mutable Mutex mu_;
  std::map<TopicPartition, std::unique_ptr<Partition>> partitions_ ST_GUARDED_BY(mu_);
  std::map<std::uint64_t, std::uint64_t> segments_ ST_GUARDED_BY(mu_);  // chunks of each
};

// `segment_bytes` is the length of the segment that the file describes.
std::string EncodeIndexFile(const std::vector<IndexedBatch>& batches, std::uint64_t segment_bytes);
// kCorruption: its checksum is wrong, or it describes a segment of another length.
Result<std::vector<IndexedBatch>> DecodeIndexFile(std::string_view bytes, std::uint64_t segment,
                                                  std::uint64_t segment_bytes);

}  // namespace st::log
