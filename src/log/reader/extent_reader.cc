#include "log/reader/extent_reader.h"

namespace st::log {

Result<ExtentBatch> ExtentReader::ReadBatch(const std::string& file, std::uint64_t position,
                                            std::uint32_t length) {
  if (open_path_ != file) {
    ST_TRY(file_, fs_.Open(file, os::OpenMode::kRead));
    open_path_ = file;
  }
  if (length < kEntryHeaderBytes || length > kMaxEntryBytes) {
    return Fail(ErrorCode::kInvalidArgument, "{}: entry length {} at byte {}", file, length,
                position);
  }
  std::string bytes(length, '\0');
  ST_TRY(const auto got, file_->ReadAt(position, bytes));
  std::string_view payload;
  const auto entry = DecodeEntry(std::string_view(bytes).substr(0, got), payload);
  if (!entry) {
    return Fail(ErrorCode::kCorruption, "{}: damaged entry at byte {}: {}", file, position,
                entry.error().message());
  }
  if (!HoldsBatch(entry->type)) {
    return Fail(ErrorCode::kCorruption, "{}: no batch at byte {}", file, position);
  }
  ST_TRY(const auto stored, ReadStoredBatch(*entry, payload));
  return ExtentBatch{
      .entry = *entry, .identity = stored.identity, .batch = std::string(stored.batch)};
}

}  // namespace st::log
