#include "lake/checksum.h"

#include <algorithm>

#include "base/crc32c.h"

namespace st::lake {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;

}  // namespace

Result<std::uint32_t> ChecksumOf(Storage& storage, const std::string& location,
                                 std::uint64_t size) {
  const auto file = storage.Open(location);
  if (!file && file.error().code() == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kCorruption, "{}: the file is missing", location);
  }
  if (!file) return std::unexpected(file.error());
  ST_TRY(const auto found, (*file)->Size());
  if (found != size) {
    return Fail(ErrorCode::kCorruption, "{}: it has {} bytes, want {}", location, found, size);
  }
  std::string bytes(std::min<std::uint64_t>(size, kReadBytes), '\0');
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < size;) {
    ST_TRY(const auto got, (*file)->ReadAt(at, bytes));
    if (got == 0) return Fail(ErrorCode::kCorruption, "{}: it ends at byte {}", location, at);
    crc = Crc32c(std::string_view(bytes).substr(0, got), crc);
    at += got;
  }
  return crc;
}

Status CheckDataFile(Storage& storage, const DataFile& file) {
  ST_TRY(const auto crc,
         ChecksumOf(storage, file.location, static_cast<std::uint64_t>(file.file_size_bytes)));
  if (!file.crc32c || *file.crc32c == crc) return {};
  return Fail(ErrorCode::kCorruption, "{}: its bytes have the checksum {:#010x}, want {:#010x}",
              file.location, crc, *file.crc32c);
}

}  // namespace st::lake
