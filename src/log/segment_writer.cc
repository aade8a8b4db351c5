#include "log/segment_writer.h"

#include <algorithm>

#include "log/verify.h"

namespace st::log {
namespace {

// Nothing was promised yet, so whatever failed may be tried again.
Status Retriable(const Status& status) {
  if (status || status.error().code() == ErrorCode::kUnavailable) return status;
  return Fail(ErrorCode::kUnavailable, "{}; nothing was written", status.error().message());
}

}  // namespace

std::string SegmentWriter::Path(std::uint64_t sequence) const {
  return os::JoinPath(options_.dir, SegmentName(sequence));
}

Status SegmentWriter::CheckSpace(std::uint64_t bytes) {
  const auto space = fs_.FreeBytes(options_.dir);
  if (!space) return Retriable(std::unexpected(space.error()));
  const std::uint64_t free = *space;
  if (free >= bytes + (may_use_reserve_ ? 0 : options_.reserve_bytes)) return {};
  const auto held_back = held_back_.With([](const auto& text) { return text; });
  return Fail(ErrorCode::kUnavailable,
              "disk full: {} bytes free at {}, the log needs {} now and log.reserve_bytes keeps {} "
              "for table commits; free some space or lower log.reserve_bytes{}{}",
              free, options_.dir, bytes, options_.reserve_bytes, held_back.empty() ? "" : "; ",
              held_back);
}

Status SegmentWriter::Resume(const SegmentPlace& place) {
  ST_TRY(file_, fs_.Open(Path(place.sequence), os::OpenMode::kReadWrite));
  ST_TRY(allocated_, file_->Size());
  sequence_ = place.sequence;
  position_ = place.position;
  checkpoint_end_ = place.checkpoint_end;
  version_ = place.version;
  return {};
}

std::uint64_t SegmentWriter::SizeOf(std::string_view checkpoint) const {
  const std::uint64_t used = kSegmentHeaderBytes + checkpoint.size();
  return may_use_reserve_ ? used : std::max(used, options_.allocate_chunk_bytes);
}

Status SegmentWriter::Start(const SegmentHeader& header, std::string_view checkpoint) {
  ST_TRY_STATUS(CheckSpace(SizeOf(checkpoint)));
  return Retriable(StartUnder(Path(header.sequence), header, checkpoint));
}

Status SegmentWriter::StartUnder(const std::string& path, const SegmentHeader& header,
                                 std::string_view checkpoint) {
  const std::string unfinished = path + std::string(kUnfinishedSuffix);
  // A new file at each try: a sync that failed may have dropped the pages of the one before.
  const auto removed = fs_.Remove(unfinished);
  if (!removed && removed.error().code() != ErrorCode::kNotFound) return removed;
  ST_TRY(auto file, fs_.Open(unfinished, os::OpenMode::kCreateNew));
  const std::string head = EncodeSegmentHeader(header);
  const std::uint64_t used = head.size() + checkpoint.size();
  const std::uint64_t size = SizeOf(checkpoint);
  ST_TRY_STATUS(file->Allocate(size));
  const std::string_view parts[] = {head, checkpoint};
  ST_TRY_STATUS(file->WriteAllAt(0, parts));
  ST_TRY_STATUS(file->Sync());
  may_have_next_ = true;
  ST_TRY_STATUS(fs_.Rename(unfinished, path));
  ST_TRY_STATUS(fs_.SyncDir(options_.dir));
  may_have_next_ = false;
  file_ = std::move(file);
  sequence_ = header.sequence;
  version_ = kSegmentVersion;
  position_ = checkpoint_end_ = used;
  allocated_ = size;
  return {};
}

std::uint64_t SegmentWriter::SizeFor(std::uint64_t bytes) const {
  const std::uint64_t want = position_ + bytes;
  if (want <= allocated_) return allocated_;
  if (may_use_reserve_) return want;  // no more, which other entries would take
  const std::uint64_t chunk = options_.allocate_chunk_bytes;
  return (want + chunk - 1) / chunk * chunk;
}

Status SegmentWriter::CheckRoom(std::uint64_t bytes) {
  if (sequence_ > 0 && is_full(bytes)) return CheckSpaceForSegment();
  const std::uint64_t size = SizeFor(bytes);
  return size == allocated_ ? Status() : CheckSpace(size - allocated_);
}

Status SegmentWriter::Reserve(std::uint64_t bytes) {
  const std::uint64_t size = SizeFor(bytes);
  if (size == allocated_) return {};
  ST_TRY_STATUS(CheckSpace(size - allocated_));
  ST_TRY_STATUS(Retriable(file_->Allocate(size)));
  allocated_ = size;
  return {};
}

Status SegmentWriter::Append(std::span<const std::string_view> parts, std::uint64_t bytes) {
  ST_TRY_STATUS(file_->WriteAllAt(position_, parts));
  ST_TRY_STATUS(file_->Sync());
  // What is durable where nobody will look for it must not be acknowledged.
  ST_TRY(const auto size, file_->SizeAt(Path(sequence_)));
  position_ += bytes;
  const std::uint64_t want = std::max(allocated_, position_);
  if (size >= want) return {};
  return Fail(ErrorCode::kIo, "{}: another program cut it from {} to {} bytes; {}", Path(sequence_),
              want, size, kDamageRemedy);
}

Status SegmentWriter::CheckPlace() {
  if (!file_) return {};
  const auto size = file_->SizeAt(Path(sequence_));
  return size ? Status{} : Retriable(std::unexpected(size.error()));
}

Status SegmentWriter::Close() {
  ST_TRY_STATUS(Retriable(file_->Truncate(position_)));
  ST_TRY_STATUS(file_->Sync());
  allocated_ = position_;
  return {};
}

}  // namespace st::log
