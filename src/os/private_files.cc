#include "os/private_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/process.h"

namespace st::os {

Status MakePrivate(const std::string& folder) {
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  constexpr mode_t kBits = 07777;
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return std::unexpected(ErrorFromErrno(errno, folder));
  }
  if ((info.st_mode & kOthers) == 0 || info.st_uid != ::geteuid()) return {};
  if (::chmod(folder.c_str(), info.st_mode & kBits & ~kOthers) == 0) return {};
  return std::unexpected(ErrorFromErrno(errno, folder));
}

}  // namespace st::os
