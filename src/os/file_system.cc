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

Result<std::string> SetAside(FileSystem& fs, const std::string& path) {
  constexpr int kMostNames = 1000;
  for (int n = 1; n <= kMostNames; ++n) {
    auto aside = fmt::format("{}.aside-{}", path, n);
    const auto is_taken = fs.Exists(aside);
    const bool is_link = !is_taken && is_taken.error().detail() == ErrorDetail::kWrongKindOfFile;
    if (is_link || (is_taken && *is_taken)) continue;
    if (!is_taken) return std::unexpected(is_taken.error());
    ST_TRY_STATUS(fs.Rename(path, aside));
    return aside;
  }
  return Fail(ErrorCode::kAlreadyExists, "{}: there are {} copies set aside; remove {}.aside-*",
              path, kMostNames, path);
}

Result<std::string> OpenDerivedDir(FileSystem& fs, const std::string& dir) {
  const auto open = [&]() -> Status {
    ST_TRY_STATUS(fs.CreateDirs(dir));
    ST_TRY(const auto names, fs.List(dir));
    return {};
  };
  const auto opened = open();
  if (opened) return std::string();
  const auto aside = SetAside(fs, dir);
  if (!aside) return std::unexpected(opened.error());
  ST_TRY_STATUS(open());
  return *aside;
}

Status ReplaceDerivedFile(FileSystem& fs, const std::string& path, std::string_view bytes) {
  const auto written = WriteFileAtomically(fs, path, bytes);
  if (written) return written;
  // A folder at one of the two names would make every later attempt fail too.
  bool is_aside = false;
  for (const auto& name : {path, path + ".tmp"}) {
    const auto opened = fs.Open(name, OpenMode::kRead);
    if (opened || opened.error().code() == ErrorCode::kNotFound) continue;
    is_aside = SetAside(fs, name).has_value() || is_aside;
  }
  return is_aside ? WriteFileAtomically(fs, path, bytes) : written;
}

std::string JoinPath(std::string_view dir, std::string_view name) {
  if (dir.empty()) return std::string(name);
  if (dir.ends_with('/')) return fmt::format("{}{}", dir, name);
  return fmt::format("{}/{}", dir, name);
}

Result<std::string> NearestFolder(FileSystem& fs, const std::string& path) {
  std::string at = path;
  while (true) {
    ST_TRY(const bool exists, fs.Exists(at));
    auto above = DirName(at);
    if (exists || above == at) return at;
    at = std::move(above);
  }
}

std::string DirName(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

}  // namespace st::os
