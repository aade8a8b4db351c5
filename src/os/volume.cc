#include "os/volume.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "os/process.h"

namespace st::os {

Result<VolumeBytes> ReadVolume(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) {
    return std::unexpected(ErrorFromErrno(errno, "statvfs " + path));
  }
  return VolumeBytes{.total_bytes = static_cast<std::uint64_t>(info.f_blocks) * info.f_frsize,
                     .usable_bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize};
}

}  // namespace st::os
