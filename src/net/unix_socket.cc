#include "net/unix_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "os/system_time.h"

namespace st::net {
namespace {

std::unexpected<Error> SystemError(const std::string& what) {
  return std::unexpected(os::ErrorFromErrno(errno, what));
}

// A socket's address. sockaddr_un has room for a path of 107 bytes; a longer path is addressed
// through the descriptor of its folder, so that only its last part must fit.
struct Place {
  os::UniqueFd folder;
  std::string name;
  sockaddr_un address{};
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Result<Place> FindPlace(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Place place;
  place.name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (place.name.empty() || path.contains('\0')) {
    return Fail(ErrorCode::kInvalidArgument,
                "address 'unix:{}': no file name; want unix:/path/to.sock", path);
  }
  place.folder = os::UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!place.folder.is_open()) return SystemError("folder of socket " + path);
  const auto through = fmt::format("/proc/self/fd/{}/{}", place.folder.get(), place.name);
  const std::string& shown = path.size() < sizeof(place.address.sun_path) ? path : through;
  if (shown.size() >= sizeof(place.address.sun_path)) {
    return Fail(ErrorCode::kInvalidArgument,
                "address 'unix:{}': its last part is longer than a socket's name may be (about 80 "
                "bytes)",
                path);
  }
  place.address.sun_family = AF_UNIX;
  std::memcpy(place.address.sun_path, shown.c_str(), shown.size() + 1);
  return place;
}

Result<os::UniqueFd> MakeSocket() {
  os::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return SystemError("Unix socket");
  return fd;
}

// Removes a socket's file that no process listens on. Requires: the folder is locked, so that no
// other starter does the same.
Status RemoveStale(const Place& place, const std::string& path) {
  struct stat status{};
  if (::fstatat(place.folder.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return SystemError("socket " + path);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return Fail(ErrorCode::kInvalidArgument, ErrorDetail::kWrongKindOfFile,
                "cannot listen on unix:{}: a file that is no socket lies there; move it away",
                path);
  }
  ST_TRY(const auto probe, MakeSocket());
  const int answer = ::connect(probe.get(), place.get(), sizeof(place.address)) == 0 ? 0 : errno;
  if (answer == 0 || answer == EAGAIN) {
    return Fail(ErrorCode::kUnavailable, "address already in use: unix:{}", path);
  }
  if (answer == ENOENT) return {};
  if (answer != ECONNREFUSED) {
    return std::unexpected(os::ErrorFromErrno(answer, "socket " + path));
  }
  if (::unlinkat(place.folder.get(), place.name.c_str(), 0) != 0 && errno != ENOENT) {
    return SystemError("removing the stale socket " + path);
  }
  return {};
}

}  // namespace

Result<UnixListener> ListenUnix(const std::string& path) {
  ST_TRY(const Place place, FindPlace(path));
  // Closing the descriptor releases the lock.
  if (::flock(place.folder.get(), LOCK_EX) != 0)
    return SystemError("lock on the folder of " + path);
  ST_TRY_STATUS(RemoveStale(place, path));
  UnixListener listener;
  ST_TRY(listener.fd, MakeSocket());
  // Linux takes the file's mode from the socket's, so the file is never open to others.
  if (::fchmod(listener.fd.get(), S_IRUSR | S_IWUSR) != 0) return SystemError("mode of " + path);
  if (::bind(listener.fd.get(), place.get(), sizeof(place.address)) != 0) {
    return SystemError("cannot listen on unix:" + path);
  }
  struct stat status{};
  if (::fstatat(place.folder.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return SystemError("socket " + path);
  }
  listener.file = {.path = path, .device = status.st_dev, .inode = status.st_ino};
  if (::listen(listener.fd.get(), SOMAXCONN) != 0) return SystemError("listening on unix:" + path);
  return listener;
}

void RemoveUnixSocket(const UnixSocketFile& file) {
  struct stat status{};
  if (::lstat(file.path.c_str(), &status) != 0) return;
  if (status.st_dev != file.device || status.st_ino != file.inode) return;
  ::unlink(file.path.c_str());
}

Result<os::UniqueFd> ConnectUnix(const std::string& path, std::int64_t timeout_us) {
  auto place = FindPlace(path);
  if (!place && place.error().code() == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kUnavailable, "nothing listens on unix:{}", path);
  }
  if (!place) return std::unexpected(place.error());
  ST_TRY(auto fd, MakeSocket());
  const std::int64_t deadline_us = os::SystemMonotonicUs() + timeout_us;
  while (::connect(fd.get(), place->get(), sizeof(place->address)) != 0) {
    if (errno == ECONNREFUSED || errno == ENOENT) {
      return Fail(ErrorCode::kUnavailable, "nothing listens on unix:{}", path);
    }
    if (errno != EAGAIN && errno != EINTR) return SystemError("connect to unix:" + path);
    if (os::SystemMonotonicUs() >= deadline_us) {
      return Fail(ErrorCode::kDeadline, "no connection to unix:{} within {} ms", path,
                  timeout_us / 1000);
    }
    os::SleepUs(5'000);  // the listener's queue is full, and no event says when it has room
  }
  return fd;
}

}  // namespace st::net
