#include "idempotency/key_run.h"

#include <algorithm>

#include "base/check.h"
#include "base/coding.h"
#include "base/crc32c.h"

namespace st::idempotency {
namespace {

constexpr std::string_view kMagic = "STKEYS03";
// The version before: all its records are in partition 0, and their times have eight bytes.
constexpr std::string_view kOlderMagic = "STKEYS02";
constexpr std::size_t kHeadBytes = 64;
constexpr std::size_t kBlockBytes = 4096;
constexpr std::size_t kEntryBytes = 48;
constexpr std::size_t kEntriesABlock = 85;
constexpr std::size_t kFilterLineBytes = 64;
constexpr std::uint64_t kBitsAKey = 10;
constexpr int kProbes = 6;
constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 32;
// A time has six bytes, the partition the two above them.
constexpr int kTimeBits = 48;
constexpr std::int64_t kMaxTimeMs = (std::int64_t{1} << kTimeBits) - 1;
constexpr std::int32_t kMaxPartition = UINT16_MAX;

std::uint64_t FilterBytes(std::uint64_t entries) {
  const std::uint64_t bytes = (std::max<std::uint64_t>(entries, 1) * kBitsAKey + 7) / 8;
  return (bytes + kFilterLineBytes - 1) / kFilterLineBytes * kFilterLineBytes;
}

// Blocked Bloom filter: all bits of a key lie in one line. Calls `use(byte, mask)` for each.
template <typename Use>
void ForBits(std::uint64_t filter_bytes, const Hash128& hash, Use&& use) {
  const std::uint64_t line = hash.low % (filter_bytes / kFilterLineBytes);
  std::uint64_t bits = hash.high;
  for (int i = 0; i < kProbes; ++i) {
    const std::uint64_t bit = bits & 511;
    bits >>= 9;
    use(line * kFilterLineBytes + bit / 8, static_cast<unsigned char>(1U << (bit % 8)));
  }
}

void AppendEntry(std::string& out, const KeyEntry& entry) {
  AppendLittle(out, entry.hash.high);
  AppendLittle(out, entry.hash.low);
  AppendUuid(out, entry.partition.topic);
  AppendLittle(out, entry.offset);
  const auto partition = static_cast<std::uint64_t>(entry.partition.partition.value());
  AppendLittle(out, static_cast<std::uint64_t>(entry.time_ms) | partition << kTimeBits);
}

KeyEntry ReadEntry(ByteReader& in, bool has_partition) {
  KeyEntry entry;
  entry.hash.high = in.Little<std::uint64_t>();
  entry.hash.low = in.Little<std::uint64_t>();
  entry.partition.topic = TopicId(in.Id());
  entry.offset = in.Little<std::int64_t>();
  const auto last = in.Little<std::uint64_t>();
  entry.time_ms =
      static_cast<std::int64_t>(has_partition ? last & std::uint64_t{kMaxTimeMs} : last);
  if (has_partition) {
    entry.partition.partition = PartitionId(static_cast<std::int32_t>(last >> kTimeBits));
  }
  return entry;
}

std::string Head(std::uint64_t count, std::int64_t min_time_ms, std::int64_t max_time_ms,
                 std::string_view filter) {
  std::string head(kMagic);
  AppendLittle(head, count);
  AppendLittle(head, min_time_ms);
  AppendLittle(head, max_time_ms);
  AppendLittle<std::uint64_t>(head, filter.size());
  AppendLittle(head, Crc32c(filter));
  head.resize(kHeadBytes - 4, '\0');
  AppendLittle(head, Crc32c(head));
  return head;
}

// Over the block's number too, so that a block at the wrong place in the file is noticed.
std::uint32_t BlockCrc(std::string_view entries, std::uint64_t index) {
  std::string place;
  AppendLittle(place, index);
  return Crc32c(entries, Crc32c(place));
}

Status ReadExactly(os::File& file, std::uint64_t at, std::span<char> to) {
  ST_TRY(const auto got, file.ReadAt(at, to));
  if (got == to.size()) return {};
  return Fail(ErrorCode::kCorruption, "ends at byte {}", at + got);
}

}  // namespace

std::uint64_t KeyRun::blocks() const { return (count_ + kEntriesABlock - 1) / kEntriesABlock; }

Result<std::shared_ptr<const KeyRun>> KeyRun::Open(os::FileSystem& fs, const std::string& path) {
  ST_TRY(auto file, fs.Open(path, os::OpenMode::kRead));
  return Open(std::move(file), path);
}

Result<std::shared_ptr<const KeyRun>> KeyRun::Open(std::unique_ptr<os::File> file,
                                                   const std::string& path) {
  std::shared_ptr<KeyRun> run(new KeyRun());
  run->path_ = path;
  run->file_ = std::move(file);
  std::string head(kHeadBytes, '\0');
  if (auto read = ReadExactly(*run->file_, 0, head); !read) {
    return std::unexpected(read.error().WithContext(path));
  }
  const std::string_view view(head);
  const auto crc = LoadLittle<std::uint32_t>(view.substr(kHeadBytes - 4));
  run->head_crc_ = crc;
  ByteReader in(view.substr(kMagic.size()));
  run->count_ = in.Little<std::uint64_t>();
  run->min_time_ms_ = in.Little<std::int64_t>();
  run->max_time_ms_ = in.Little<std::int64_t>();
  const auto filter_bytes = in.Little<std::uint64_t>();
  const auto filter_crc = in.Little<std::uint32_t>();
  ST_TRY(const auto size, run->file_->Size());
  run->has_partitions_ = view.starts_with(kMagic);
  const bool is_run = run->has_partitions_ || view.starts_with(kOlderMagic);
  const bool is_head = is_run && Crc32c(view.substr(0, kHeadBytes - 4)) == crc &&
                       run->count_ <= kMaxEntries && filter_bytes >= kFilterLineBytes &&
                       filter_bytes <= size && filter_bytes % kFilterLineBytes == 0 &&
                       size == kHeadBytes + run->blocks() * kBlockBytes + filter_bytes;
  if (!is_head) return Fail(ErrorCode::kCorruption, "{}: its head is damaged", path);
  run->filter_.resize(filter_bytes);
  ST_TRY_STATUS(ReadExactly(*run->file_, size - filter_bytes, run->filter_));
  if (Crc32c(run->filter_) != filter_crc) {
    return Fail(ErrorCode::kCorruption, "{}: its filter is damaged", path);
  }
  return run;
}

Result<std::vector<KeyEntry>> KeyRun::Block(std::uint64_t index) const {
  std::string bytes(kBlockBytes, '\0');
  ST_TRY_STATUS(ReadExactly(*file_, kHeadBytes + index * kBlockBytes, bytes));
  const std::string_view view(bytes);
  if (BlockCrc(view.substr(0, kBlockBytes - 4), index) !=
      LoadLittle<std::uint32_t>(view.substr(kBlockBytes - 4))) {
    return Fail(ErrorCode::kCorruption, "{}: block {} is damaged", path_, index);
  }
  const auto left = count_ - index * kEntriesABlock;
  ByteReader in(view);
  std::vector<KeyEntry> entries;
  for (std::size_t i = 0; i < std::min<std::uint64_t>(left, kEntriesABlock); ++i) {
    entries.push_back(ReadEntry(in, has_partitions_));
  }
  return entries;
}

bool KeyRun::MayHold(const Hash128& hash) const {
  bool may_be = count_ > 0;
  ForBits(filter_.size(), hash, [&](std::uint64_t byte, unsigned char mask) {
    may_be = may_be && (static_cast<unsigned char>(filter_[byte]) & mask) != 0;
  });
  return may_be;
}

// Hashes are spread evenly, so the search begins at the block where the hash would be if they were
// spread exactly evenly, and goes on block by block.
Result<std::optional<KeyEntry>> KeyRun::Find(const Hash128& hash) const {
  if (!MayHold(hash)) return std::nullopt;
  std::uint64_t low = 0;
  std::uint64_t high = blocks();  // it is in [low, high) if anywhere
  auto at =
      static_cast<std::uint64_t>((static_cast<unsigned __int128>(hash.high) * blocks()) >> 64);
  while (low < high) {
    at = std::clamp(at, low, high - 1);
    ST_TRY(const auto entries, Block(at));
    if (hash < entries.front().hash) {
      high = at;
      if (at > 0) --at;
    } else if (hash > entries.back().hash) {
      low = at + 1;
      ++at;
    } else {
      const auto found = std::ranges::lower_bound(entries, hash, {}, &KeyEntry::hash);
      return found->hash == hash ? std::optional(*found) : std::nullopt;
    }
  }
  return std::nullopt;
}

Status KeyRun::ForEach(const std::function<Status(const KeyEntry&)>& take) const {
  for (std::uint64_t index = 0; index < blocks(); ++index) {
    ST_TRY(const auto entries, Block(index));
    for (const auto& entry : entries) ST_TRY_STATUS(take(entry));
  }
  return {};
}

Result<KeyRunWriter> KeyRunWriter::Create(os::FileSystem& fs, const std::string& path,
                                          std::uint64_t most) {
  KeyRunWriter writer;
  ST_TRY(writer.file_, fs.Open(path, os::OpenMode::kCreateNew));
  writer.at_ = kHeadBytes;
  writer.filter_.assign(FilterBytes(most), '\0');
  return writer;
}

Status KeyRunWriter::Add(const KeyEntry& entry) {
  const auto partition = entry.partition.partition.value();
  ST_CHECK(partition >= 0 && partition <= kMaxPartition);
  KeyEntry stored = entry;
  // A log that did not mark the server's batches may hold any time.
  stored.time_ms = std::clamp(entry.time_ms, std::int64_t{0}, kMaxTimeMs);
  min_time_ms_ = count_ == 0 ? stored.time_ms : std::min(min_time_ms_, stored.time_ms);
  max_time_ms_ = count_ == 0 ? stored.time_ms : std::max(max_time_ms_, stored.time_ms);
  ForBits(filter_.size(), entry.hash, [this](std::uint64_t byte, unsigned char mask) {
    filter_[byte] = static_cast<char>(static_cast<unsigned char>(filter_[byte]) | mask);
  });
  AppendEntry(block_, stored);
  ++count_;
  return block_.size() == kEntriesABlock * kEntryBytes ? FlushBlock() : Status();
}

Status KeyRunWriter::FlushBlock() {
  block_.resize(kBlockBytes - 4, '\0');
  AppendLittle(block_, BlockCrc(block_, (at_ - kHeadBytes) / kBlockBytes));
  ST_TRY_STATUS(file_->WriteAt(at_, block_));
  at_ += kBlockBytes;
  block_.clear();
  return {};
}

Status KeyRunWriter::Finish() {
  if (!block_.empty()) ST_TRY_STATUS(FlushBlock());
  ST_TRY_STATUS(file_->WriteAt(at_, filter_));
  ST_TRY_STATUS(file_->WriteAt(0, Head(count_, min_time_ms_, max_time_ms_, filter_)));
  return file_->Sync();
}

}  // namespace st::idempotency
