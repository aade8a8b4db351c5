#include "log/segment_reader.h"

#include <algorithm>
#include <utility>

#include "log/limits.h"
#include "log/reader/segment.h"
#include "log/verify.h"

namespace st::log {

SegmentReader::SegmentReader(os::FileSystem& fs, std::string dir) : fs_(fs), dir_(std::move(dir)) {}

std::string SegmentReader::PathOf(std::uint64_t segment) const {
  return os::JoinPath(dir_, SegmentName(segment));
}

void SegmentReader::CloseSegments(std::span<const IndexEntry> entries) {
  files_.With([&](Files& files) {
    for (const auto& entry : entries) files.open.erase(entry.segment);
  });
}

void SegmentReader::ForgetSegment(std::uint64_t segment) {
  files_.With([&](Files& files) {
    files.open.erase(segment);
    files.removed.insert(segment);
  });
}

std::shared_ptr<os::File> SegmentReader::OpenedSegment(std::uint64_t segment) {
  return files_.With([&](Files& files) {
    const auto found = files.open.find(segment);
    return found == files.open.end() ? nullptr : found->second;
  });
}

Result<std::shared_ptr<os::File>> SegmentReader::OpenSegment(std::uint64_t segment) {
  if (auto file = OpenedSegment(segment)) return file;
  // Opening may wait for the disk, and readers that must not wait for it look at `files_`.
  auto file = fs_.Open(PathOf(segment), os::OpenMode::kRead);
  return files_.With([&](Files& files) -> Result<std::shared_ptr<os::File>> {
    if (files.removed.contains(segment)) {
      return Fail(ErrorCode::kNotFound, "{}: its records were removed", PathOf(segment));
    }
    const auto found = files.open.find(segment);
    if (found != files.open.end()) return found->second;  // another thread opened it meanwhile
    if (!file && file.error().code() == ErrorCode::kNotFound) {
      return std::unexpected(NoteMissing(segment, "the segment is missing"));
    }
    if (!file && file.error().detail() == ErrorDetail::kWrongKindOfFile) {
      return std::unexpected(NoteMissing(segment, file.error().message()));
    }
    if (!file) return std::unexpected(NoteUnreadable(segment, 0, file.error()));
    std::shared_ptr<os::File> opened = std::move(*file);
    // Who reads from one that goes has it still.
    if (files.open.size() >= kMaxOpenSegments) files.open.erase(files.open.begin());
    files.open.emplace(segment, opened);
    return opened;
  });
}

Result<std::size_t> SegmentReader::ReadBytes(std::uint64_t segment, std::uint64_t position,
                                             std::string& bytes, DiskWait wait) {
  if (wait == DiskWait::kNever) {
    const auto file = OpenedSegment(segment);
    if (file == nullptr) return 0;
    // An error is met again, and told, by the thread that may wait.
    const auto got = file->ReadCachedAt(position, bytes);
    return got ? got->value_or(0) : 0;
  }
  ST_TRY(const auto file, OpenSegment(segment));
  const auto got = file->ReadAt(position, bytes);
  if (!got) return std::unexpected(NoteUnreadable(segment, position, got.error()));
  NoteRead(segment, position);
  return *got;
}

// Batches of one topic mostly lie side by side: one read for many small ones.
Result<std::size_t> SegmentReader::ReadSpan(std::span<const IndexEntry> entries, std::string& bytes,
                                            const TakeBatch& take, DiskWait wait) {
  constexpr std::uint64_t kMostBytes = 1 << 20;
  constexpr std::uint64_t kWidestGap = 4096;
  const IndexEntry& first = entries.front();
  std::uint64_t end = first.position + first.length;
  std::size_t count = 1;
  for (; count < entries.size(); ++count) {
    const IndexEntry& next = entries[count];
    const bool is_near = next.segment == first.segment && next.position <= end + kWidestGap;
    if (!is_near || next.position + next.length - first.position > kMostBytes) break;
    end = next.position + next.length;
  }
  bytes.resize(end - first.position);
  ST_TRY(const std::size_t got, ReadBytes(first.segment, first.position, bytes, wait));
  if (got == 0 && wait == DiskWait::kNever) return 0;
  for (const auto& entry : entries.first(count)) {
    const auto read = std::string_view(bytes).substr(0, got);
    const std::uint64_t at = std::min<std::uint64_t>(entry.position - first.position, got);
    std::string_view payload;
    const auto decoded = DecodeEntry(read.substr(at, entry.length), payload);
    if (!decoded) {
      return std::unexpected(NoteDamaged(entry.segment, entry.position, decoded.error().message()));
    }
    const auto stored = ReadStoredBatch(*decoded, payload);
    if (!stored) {
      return std::unexpected(NoteDamaged(entry.segment, entry.position, stored.error().message()));
    }
    take(*decoded, *stored);
  }
  return count;
}

Error SegmentReader::NoteDamaged(std::uint64_t segment, std::uint64_t position,
                                 const std::string& why) {
  const Error error(
      ErrorCode::kCorruption,
      fmt::format("{}: damage at byte {}: {}; {}", PathOf(segment), position, why, kDamageRemedy));
  damage_.With([&](auto& first) {
    if (!first) first = Damage{error, ""};
  });
  return error;
}

Error SegmentReader::NoteMissing(std::uint64_t segment, const std::string& what) {
  const std::string path = PathOf(segment);
  const Error error(ErrorCode::kCorruption, fmt::format("{}: {}; {}", path, what, kDamageRemedy));
  damage_.With([&](auto& first) {
    if (!first) first = Damage{error, path};
  });
  return error;
}

Error SegmentReader::NoteUnreadable(std::uint64_t segment, std::uint64_t position,
                                    const Error& error) {
  const Error unreadable(
      error.code(),
      fmt::format("{}: byte {} cannot be read: {}; see to the disk, and if it lost the file, {}",
                  PathOf(segment), position, error.message(), kDamageRemedy));
  damage_.With([&](auto& first) {
    if (first || error.code() != ErrorCode::kIo) return;
    first = Damage{unreadable, "", segment, position};
    is_unreadable_ = true;
  });
  return unreadable;
}

void SegmentReader::NoteRead(std::uint64_t segment, std::uint64_t position) {
  if (!is_unreadable_.load(std::memory_order_relaxed)) return;
  damage_.With([&](auto& first) {
    if (!first || first->segment != segment) return;
    if (first->position != 0 && first->position != position) return;
    first.reset();
    is_unreadable_ = false;
  });
}

std::optional<Error> SegmentReader::damage() const {
  const auto first = damage_.With([](const auto& damage) { return damage; });
  if (!first) return std::nullopt;
  if (!IsPast(*first)) return first->error;
  damage_.With([](auto& damage) { damage.reset(); });
  is_unreadable_ = false;
  return std::nullopt;
}

bool SegmentReader::IsPast(const Damage& damage) const {
  const bool is_place = damage.missing.empty() && damage.error.code() == ErrorCode::kIo;
  if (!is_place && damage.missing.empty()) return false;  // damaged bytes stay damaged
  const auto file =
      fs_.Open(is_place ? PathOf(damage.segment) : damage.missing, os::OpenMode::kRead);
  if (!file || !is_place) return file.has_value();
  constexpr std::size_t kProbeBytes = 64 << 10;
  std::string bytes(kProbeBytes, '\0');
  return (*file)->ReadAt(damage.position, bytes).has_value();
}

Result<BatchIdentity> SegmentReader::ReadIdentity(const IndexEntry& entry) {
  ST_TRY(const auto file, OpenSegment(entry.segment));
  std::string bytes(kEntryHeaderBytes + kIdentityBytes, '\0');
  const auto got = file->ReadAt(entry.position, bytes);
  if (!got) return std::unexpected(NoteUnreadable(entry.segment, entry.position, got.error()));
  const auto read = std::string_view(bytes).substr(0, *got);
  const auto header = DecodeEntryHeader(read);
  if (header && HoldsBatch(header->type) && header->base_offset == entry.base_offset) {
    const auto stored = ReadStoredBatch(*header, read.substr(kEntryHeaderBytes));
    if (stored) return stored->identity;
  }
  return std::unexpected(NoteDamaged(entry.segment, entry.position,
                                     fmt::format("no entry of offset {}", entry.base_offset)));
}

}  // namespace st::log
