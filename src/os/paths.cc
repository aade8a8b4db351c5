#include "os/paths.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace st::os {
namespace {

std::unexpected<Error> FailCode(const std::error_code& error, const std::string& what) {
  return std::unexpected(ErrorFromErrno(error.value(), what));
}

}  // namespace

PathKind KindOfPath(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return PathKind::kMissing;
  if (S_ISREG(info.st_mode)) return PathKind::kFile;
  return S_ISDIR(info.st_mode) ? PathKind::kFolder : PathKind::kOther;
}

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error).string();
  return error ? path : absolute;
}

Result<std::string> CanonicalPath(const std::string& path) {
  std::error_code error;
  auto canonical = std::filesystem::weakly_canonical(path, error).string();
  if (error) return FailCode(error, path);
  return canonical;
}

bool IsSameFile(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::equivalent(a, b, error);
}

bool MayUseFolder(const std::string& folder) {
  return ::access(folder.c_str(), R_OK | W_OK | X_OK) == 0;
}

Result<std::string> WorkingDir() {
  std::error_code error;
  auto folder = std::filesystem::current_path(error).string();
  if (error) return FailCode(error, "the working folder");
  return folder;
}

Result<std::string> ExecutablePath() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size());
  if (n <= 0) return std::unexpected(ErrorFromErrno(errno, "readlink /proc/self/exe"));
  return std::string(path.data(), static_cast<std::size_t>(n));
}

Result<Stream> OpenStream(const std::string& path) {
  Stream stream(std::fopen(path.c_str(), "r"));
  if (stream == nullptr) return std::unexpected(ErrorFromErrno(errno, path));
  return stream;
}

UniqueFd OpenNull() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

Result<std::string> MakeTemporaryDir(const std::string& prefix) {
  std::error_code error;
  auto parent = std::filesystem::temp_directory_path(error);
  if (error) parent = "/tmp";  // TMPDIR does not name a folder
  std::string pattern = (parent / (prefix + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return std::unexpected(ErrorFromErrno(errno, pattern));
  }
  return pattern;
}

Status RemoveEmptyDir(const std::string& folder) {
  if (::rmdir(folder.c_str()) == 0) return {};
  return std::unexpected(ErrorFromErrno(errno, "remove " + folder));
}

void RemoveTree(const std::string& folder) {
  std::error_code left;
  std::filesystem::remove_all(folder, left);
}

}  // namespace st::os
