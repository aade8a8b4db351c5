#include "log/index.h"

#include <algorithm>
#include <cstring>

#include "base/crc32c.h"
#include "base/endian.h"

namespace st::log {
namespace {

constexpr std::uint64_t kIndexMagic = 0x315844494C545331;  // "1STLIDX1"
constexpr std::size_t kIndexHeaderBytes = 24;              // magic, segment bytes, count
constexpr std::size_t kIndexEntryBytes = 52;

// Position of the first entry that ends behind `offset`.
std::size_t Holding(const std::vector<IndexEntry>& entries, std::int64_t offset) {
  const auto found = std::ranges::upper_bound(entries, offset, {}, &IndexEntry::end_offset);
  return static_cast<std::size_t>(found - entries.begin());
}

}  // namespace

void Index::Add(const std::vector<IndexedBatch>& batches) {
  MutexLock lock(mu_);
  for (const auto& batch : batches) partitions_[batch.tp].push_back(batch.entry);
}

std::int64_t Index::End(TopicPartition tp) const {
  MutexLock lock(mu_);
  const auto found = partitions_.find(tp);
  return found == partitions_.end() ? 0 : found->second.back().end_offset();
}

std::vector<IndexEntry> Index::From(TopicPartition tp, std::int64_t from, std::int64_t to,
                                    std::uint64_t max_bytes, std::int64_t max_records) const {
  MutexLock lock(mu_);
  std::vector<IndexEntry> taken;
  const auto found = partitions_.find(tp);
  if (found == partitions_.end()) return taken;
  std::uint64_t bytes = 0;
  std::int64_t records = 0;
  for (std::size_t i = Holding(found->second, from); i < found->second.size(); ++i) {
    const IndexEntry& entry = found->second[i];
    if (entry.base_offset >= to || records >= max_records) break;
    if (!taken.empty() && bytes + entry.length > max_bytes) break;
    bytes += entry.length;
    records += entry.records;
    taken.push_back(entry);
  }
  return taken;
}

std::optional<IndexEntry> Index::AtTime(TopicPartition tp, std::int64_t time_ms) const {
  MutexLock lock(mu_);
  const auto found = partitions_.find(tp);
  if (found == partitions_.end()) return std::nullopt;
  // Producers' clocks need not rise, so this is a scan.
  const auto at = std::ranges::find_if(
      found->second, [&](const IndexEntry& entry) { return entry.max_time_ms >= time_ms; });
  if (at == found->second.end()) return std::nullopt;
  return *at;
}

std::vector<IndexedBatch> Index::OfSegment(std::uint64_t segment) const {
  MutexLock lock(mu_);
  std::vector<IndexedBatch> taken;
  for (const auto& [tp, entries] : partitions_) {
    const auto first = std::ranges::lower_bound(entries, segment, {}, &IndexEntry::segment);
    for (auto at = first; at != entries.end() && at->segment == segment; ++at) {
      taken.push_back({tp, *at});
    }
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
    out.append(reinterpret_cast<const char*>(tp.topic.bytes().data()), 16);
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
  for (std::size_t i = 0; i < count; ++i) {
    const auto raw = body.substr(kIndexHeaderBytes + i * kIndexEntryBytes);
    std::array<std::uint8_t, 16> id{};
    std::memcpy(id.data(), raw.data(), id.size());
    auto& [tp, entry] = batches[i];
    tp = {TopicId(id), PartitionId(LoadLittle<std::int32_t>(raw.substr(16)))};
    entry.segment = segment;
    entry.base_offset = LoadLittle<std::int64_t>(raw.substr(20));
    entry.max_time_ms = LoadLittle<std::int64_t>(raw.substr(28));
    entry.position = LoadLittle<std::uint64_t>(raw.substr(36));
    entry.length = LoadLittle<std::uint32_t>(raw.substr(44));
    entry.records = LoadLittle<std::int32_t>(raw.substr(48));
  }
  return batches;
}

}  // namespace st::log
