#include "log/index.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/coding.h"
#include "base/crc32c.h"
#include "log/reader/entry.h"

namespace st::log {
namespace {

constexpr std::uint64_t kIndexMagic = 0x315844494C545331;  // "1STLIDX1"
constexpr std::size_t kIndexHeaderBytes = 24;              // magic, segment bytes, count
constexpr std::size_t kIndexEntryBytes = 52;

}  // namespace

// Entries in chunks of one segment each, as differences from the chunk's first. A chunk has no
// hole.
class Index::Partition {
 public:
  // Whether the entry begins a chunk.
  bool Add(const IndexEntry& entry) {
    const bool is_first = chunks_.empty() || !Fits(chunks_.back(), entry);
    if (is_first) chunks_.push_back({.first = entry, .max_time_ms = entry.max_time_ms});
    bytes_ += entry.length;
    Chunk& chunk = chunks_.back();
    chunk.bytes += entry.length;
    chunk.end = entry.end_offset();
    chunk.max_time_ms = std::max(chunk.max_time_ms, entry.max_time_ms);
    chunk.packed.push_back(
        {.offset = static_cast<std::uint32_t>(entry.base_offset - chunk.first.base_offset),
         .time_ms = static_cast<std::int32_t>(entry.max_time_ms - chunk.first.max_time_ms),
         .position = static_cast<std::uint32_t>(entry.position - chunk.first.position),
         .length = entry.length});
    return is_first;
  }
  // Forgets the chunks that lie below `start`; gives the segment of each.
  std::vector<std::uint64_t> DropBelow(std::int64_t start) {
    return Drop([&](const Chunk& chunk) { return chunk.end <= start; });
  }
  std::vector<std::uint64_t> DropSegment(std::uint64_t segment) {
    return Drop([&](const Chunk& chunk) { return chunk.first.segment == segment; });
  }
  bool is_empty() const { return chunks_.empty(); }
  std::uint64_t BytesBetween(std::int64_t from, std::int64_t to) const {
    std::uint64_t bytes = 0;
    for (const auto& chunk : chunks_) {
      if (chunk.end <= from) continue;
      if (chunk.first.base_offset >= to) break;
      if (chunk.first.base_offset >= from && chunk.end <= to) {
        bytes += chunk.bytes;
        continue;
      }
      for (std::size_t i = 0; i < chunk.packed.size(); ++i) {
        const auto entry = Unpack(chunk, i);
        if (entry.end_offset() > from && entry.base_offset < to) bytes += entry.length;
      }
    }
    return bytes;
  }
  std::int64_t BehindExpired(std::int64_t from, const Expiry& rule) const {
    const auto is_old = [&](std::int64_t time_ms) {
      return rule.before_ms && time_ms < *rule.before_ms;
    };
    // Of the batches alone, as Kafka counts.
    const auto bytes_of = [](const IndexEntry& entry) { return entry.length - kEntryHeaderBytes; };
    std::uint64_t left = 0;
    const auto add = [&](const IndexEntry& entry) {
      left += bytes_of(entry);
      return true;
    };
    if (rule.keep_bytes) From(from, add);
    const auto is_too_much = [&](std::uint64_t bytes) {
      return rule.keep_bytes && left >= bytes && left - bytes >= *rule.keep_bytes;
    };
    // Time decides first, as in Kafka: size counts what time leaves.
    std::int64_t behind = from;
    bool is_by_time = true;
    for (const auto& chunk : chunks_) {
      if (chunk.end <= from) continue;
      for (std::size_t i = 0; i < chunk.packed.size(); ++i) {
        const auto entry = Unpack(chunk, i);
        if (entry.end_offset() <= from) continue;
        is_by_time = is_by_time && is_old(entry.max_time_ms);
        if (!is_by_time && !is_too_much(bytes_of(entry))) return behind;
        if (rule.keep_bytes) left -= bytes_of(entry);
        behind = entry.end_offset();
      }
    }
    return behind;
  }
  // Calls `take` with the entries from the one that holds `offset`, until it returns false.
  template <typename Take>
  void From(std::int64_t offset, Take&& take) const {
    const auto first = std::ranges::upper_bound(chunks_, offset, {}, &Chunk::end);
    for (auto chunk = first; chunk != chunks_.end(); ++chunk) {
      const std::size_t begin = chunk == first ? Holding(*chunk, offset) : 0;
      for (std::size_t i = begin; i < chunk->packed.size(); ++i) {
        if (!take(Unpack(*chunk, i))) return;
      }
    }
  }
  // Producers' clocks need not rise, so this looks at each chunk.
  std::optional<IndexEntry> AtTime(std::int64_t time_ms, std::int64_t from) const {
    for (const auto& chunk : chunks_) {
      if (chunk.max_time_ms < time_ms || chunk.end <= from) continue;
      for (std::size_t i = 0; i < chunk.packed.size(); ++i) {
        const auto entry = Unpack(chunk, i);
        if (entry.max_time_ms >= time_ms && entry.end_offset() > from) return entry;
      }
    }
    return std::nullopt;
  }
  std::optional<std::int64_t> LargestTime(std::int64_t from) const {
    std::optional<std::int64_t> largest;
    for (const auto& chunk : chunks_) {
      if (chunk.end <= from || (largest && *largest >= chunk.max_time_ms)) continue;
      if (chunk.first.base_offset >= from) {
        largest = chunk.max_time_ms;
        continue;
      }
      for (std::size_t i = Holding(chunk, from); i < chunk.packed.size(); ++i) {
        const auto time_ms = Unpack(chunk, i).max_time_ms;
        largest = std::max(largest.value_or(time_ms), time_ms);
      }
    }
    return largest;
  }
  std::uint64_t bytes() const { return bytes_; }
  std::int64_t FirstOf(std::uint64_t segment) const {
    const auto found = std::ranges::lower_bound(
        chunks_, segment, {}, [](const Chunk& chunk) { return chunk.first.segment; });
    return found == chunks_.end() ? chunks_.back().end : found->first.base_offset;
  }

 private:
  struct Packed {
    std::uint32_t offset = 0;
    std::int32_t time_ms = 0;
    std::uint32_t position = 0;
    std::uint32_t length = 0;
  };
  struct Chunk {
    IndexEntry first;
    std::int64_t end = 0;  // offset behind its last record
    std::int64_t max_time_ms = 0;
    std::uint64_t bytes = 0;  // of its entries
    std::vector<Packed> packed;
  };

  template <typename IsDropped>
  std::vector<std::uint64_t> Drop(IsDropped&& is_dropped) {
    std::vector<std::uint64_t> segments;
    std::erase_if(chunks_, [&](const Chunk& chunk) {
      if (!is_dropped(chunk)) return false;
      bytes_ -= chunk.bytes;
      segments.push_back(chunk.first.segment);
      return true;
    });
    return segments;
  }
  static bool Fits(const Chunk& chunk, const IndexEntry& entry) {
    constexpr std::size_t kEntries = 1024;
    constexpr std::int64_t kFarthest = std::numeric_limits<std::int32_t>::max();
    std::int64_t later = 0;  // producers give any times
    if (__builtin_sub_overflow(entry.max_time_ms, chunk.first.max_time_ms, &later)) return false;
    return chunk.packed.size() < kEntries && entry.segment == chunk.first.segment &&
           entry.base_offset == chunk.end && later >= -kFarthest && later <= kFarthest &&
           entry.base_offset - chunk.first.base_offset <= kFarthest &&
           entry.position - chunk.first.position <= static_cast<std::uint64_t>(kFarthest);
  }
  static IndexEntry Unpack(const Chunk& chunk, std::size_t i) {
    const Packed& packed = chunk.packed[i];
    IndexEntry entry = chunk.first;
    entry.base_offset += packed.offset;
    entry.max_time_ms += packed.time_ms;
    entry.position += packed.position;
    entry.length = packed.length;
    const std::int64_t end = i + 1 < chunk.packed.size()
                                 ? chunk.first.base_offset + chunk.packed[i + 1].offset
                                 : chunk.end;
    entry.records = static_cast<std::int32_t>(end - entry.base_offset);
    return entry;
  }
  // Position of the entry that holds `offset`, or of the first one if it is below the chunk.
  // Requires: it is below the chunk's end.
  static std::size_t Holding(const Chunk& chunk, std::int64_t offset) {
    const std::int64_t in_chunk = std::max<std::int64_t>(offset - chunk.first.base_offset, 0);
    const auto behind = std::ranges::upper_bound(chunk.packed, in_chunk, {}, &Packed::offset);
    return static_cast<std::size_t>(behind - chunk.packed.begin()) - 1;
  }

  std::vector<Chunk> chunks_;
  std::uint64_t bytes_ = 0;  // of all entries
};

Index::Index() = default;
Index::~Index() = default;

template <typename Read>
void Index::WithPartition(TopicPartition tp, Read&& read) const {
  MutexLock lock(mu_);
  const auto found = partitions_.find(tp);
  if (found != partitions_.end()) std::forward<Read>(read)(*found->second);
}

void Index::KeepTopics(const std::function<bool(TopicId)>& is_there) {
  MutexLock lock(mu_);
  for (auto at = partitions_.begin(); at != partitions_.end();) {
    if (is_there(at->first.topic)) {
      ++at;
      continue;
    }
    Forget(at->second->DropBelow(std::numeric_limits<std::int64_t>::max()));
    at = partitions_.erase(at);
  }
}

void Index::Forget(const std::vector<std::uint64_t>& chunks) {
  for (const auto segment : chunks) {
    if (--segments_[segment] == 0) segments_.erase(segment);
  }
}

void Index::DropBelow(TopicPartition tp, std::int64_t start) {
  MutexLock lock(mu_);
  const auto found = partitions_.find(tp);
  if (found == partitions_.end()) return;
  Forget(found->second->DropBelow(start));
  if (found->second->is_empty()) partitions_.erase(found);
}

void Index::DropSegment(std::uint64_t segment) {
  MutexLock lock(mu_);
  for (auto at = partitions_.begin(); at != partitions_.end();) {
    Forget(at->second->DropSegment(segment));
    at = at->second->is_empty() ? partitions_.erase(at) : std::next(at);
  }
}

bool Index::HasSegment(std::uint64_t segment) const {
  MutexLock lock(mu_);
  return segments_.contains(segment);
}

void Index::Add(const std::vector<IndexedBatch>& batches) {
  MutexLock lock(mu_);
  for (const auto& [tp, entry] : batches) {
    auto& partition = partitions_[tp];
    if (!partition) partition = std::make_unique<Partition>();
    if (partition->Add(entry)) ++segments_[entry.segment];
  }
}

std::vector<IndexEntry> Index::EntriesFrom(TopicPartition tp, std::int64_t from, std::int64_t to,
                                           std::uint64_t max_bytes,
                                           std::int64_t max_records) const {
  std::vector<IndexEntry> taken;
  std::uint64_t bytes = 0;
  std::int64_t records = 0;
  const auto take = [&](const IndexEntry& entry) {
    if (entry.base_offset >= to || records >= max_records) return false;
    if (!taken.empty() && bytes + entry.length > max_bytes) return false;
    bytes += entry.length;
    records += entry.records;
    taken.push_back(entry);
    return true;
  };
  WithPartition(tp, [&](const Partition& partition) { partition.From(from, take); });
  return taken;
}

std::optional<IndexEntry> Index::AtTime(TopicPartition tp, std::int64_t time_ms,
                                        std::int64_t from) const {
  std::optional<IndexEntry> found;
  WithPartition(tp, [&](const Partition& partition) { found = partition.AtTime(time_ms, from); });
  return found;
}

std::optional<std::int64_t> Index::LargestTime(TopicPartition tp, std::int64_t from) const {
  std::optional<std::int64_t> found;
  WithPartition(tp, [&](const Partition& partition) { found = partition.LargestTime(from); });
  return found;
}

std::uint64_t Index::BytesBetween(TopicPartition tp, std::int64_t from, std::int64_t to) const {
  std::uint64_t bytes = 0;
  WithPartition(tp, [&](const Partition& partition) { bytes = partition.BytesBetween(from, to); });
  return bytes;
}

std::int64_t Index::BehindExpired(TopicPartition tp, std::int64_t from, const Expiry& rule) const {
  std::int64_t behind = from;
  WithPartition(tp,
                [&](const Partition& partition) { behind = partition.BehindExpired(from, rule); });
  return behind;
}

std::map<TopicPartition, std::uint64_t> Index::Bytes() const {
  MutexLock lock(mu_);
  std::map<TopicPartition, std::uint64_t> bytes;
  for (const auto& [tp, partition] : partitions_) {
    bytes.emplace_hint(bytes.end(), tp, partition->bytes());
  }
  return bytes;
}

std::vector<IndexedBatch> Index::EntriesOfSegment(std::uint64_t segment) const {
  MutexLock lock(mu_);
  std::vector<IndexedBatch> taken;
  for (const auto& [tp, partition] : partitions_) {
    partition->From(partition->FirstOf(segment), [&, topic = tp](const IndexEntry& entry) {
      if (entry.segment != segment) return false;
      taken.push_back({topic, entry});
      return true;
    });
  }
  return taken;
}

std::string EncodeIndexFile(const std::vector<IndexedBatch>& batches, std::uint64_t segment_bytes) {
  std::string out;
  out.reserve(kIndexHeaderBytes + batches.size() * kIndexEntryBytes + sizeof(std::uint32_t));
  AppendLittle(out, kIndexMagic);
  AppendLittle(out, segment_bytes);
  AppendLittle(out, std::uint64_t{batches.size()});
  for (const auto& [tp, entry] : batches) {
    AppendUuid(out, tp.topic);
    AppendLittle(out, tp.partition.value());
    AppendLittle(out, entry.base_offset);
    AppendLittle(out, entry.max_time_ms);
    AppendLittle(out, entry.position);
    AppendLittle(out, entry.length);
    AppendLittle(out, entry.records);
  }
  AppendLittle(out, Crc32c(out));
  return out;
}

Result<std::vector<IndexedBatch>> DecodeIndexFile(std::string_view bytes, std::uint64_t segment,
                                                  std::uint64_t segment_bytes) {
  constexpr std::size_t kLeast = kIndexHeaderBytes + sizeof(std::uint32_t);
  if (bytes.size() < kLeast || LoadLittle<std::uint64_t>(bytes) != kIndexMagic) {
    return Fail(ErrorCode::kCorruption, "no index file");
  }
  const auto body = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
  if (Crc32c(body) != LoadLittle<std::uint32_t>(bytes.substr(body.size()))) {
    return Fail(ErrorCode::kCorruption, "index crc differs");
  }
  const auto described = LoadLittle<std::uint64_t>(bytes.substr(8));
  const auto count = LoadLittle<std::uint64_t>(bytes.substr(16));
  if (described != segment_bytes || count != (body.size() - kIndexHeaderBytes) / kIndexEntryBytes) {
    return Fail(ErrorCode::kCorruption, "index of {} bytes for a segment of {}", described,
                segment_bytes);
  }
  std::vector<IndexedBatch> batches(count);
  ByteReader in(body.substr(kIndexHeaderBytes));
  for (auto& [tp, entry] : batches) {
    tp.topic = TopicId(in.Id());
    tp.partition = PartitionId(in.Little<std::int32_t>());
    entry.segment = segment;
    entry.base_offset = in.Little<std::int64_t>();
    entry.max_time_ms = in.Little<std::int64_t>();
    entry.position = in.Little<std::uint64_t>();
    entry.length = in.Little<std::uint32_t>();
    entry.records = in.Little<std::int32_t>();
  }
  return batches;
}

}  // namespace st::log
