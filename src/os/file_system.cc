#include "os/file_system.h"

namespace st::os {

Result<std::string> ReadWholeFile(FileSystem& fs, const std::string& path,
                                  std::uint64_t limit_bytes) {
  ST_TRY(const auto file, fs.Open(path, OpenMode::kRead));
  ST_TRY(const auto size, file->Size());
  if (size > limit_bytes) {
    return Fail(ErrorCode::kInvalidArgument, "{} has {} bytes; the limit is {}", path, size,
                limit_bytes);
  }
  std::string bytes(size, '\0');
  ST_TRY(const auto got, file->ReadAt(0, bytes));
  bytes.resize(got);
  return bytes;
}

Status WriteNewFile(FileSystem& fs, const std::string& path, std::string_view bytes) {
  ST_TRY(const auto file, fs.Open(path, OpenMode::kCreateNew));
  ST_TRY_STATUS(file->WriteAt(0, bytes));
  return file->Sync();
}

Status WriteFileAtomically(FileSystem& fs, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  if (const auto removed = fs.Remove(temporary);
      !removed && removed.error().code() != ErrorCode::kNotFound) {
    return removed;
  }
  ST_TRY_STATUS(WriteNewFile(fs, temporary, bytes));
  ST_TRY_STATUS(fs.Rename(temporary, path));
  return fs.SyncDir(DirName(path));
}

std::string JoinPath(std::string_view dir, std::string_view name) {
  if (dir.empty()) return std::string(name);
  if (dir.ends_with('/')) return fmt::format("{}{}", dir, name);
  return fmt::format("{}/{}", dir, name);
}

std::string DirName(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

}  // namespace st::os
