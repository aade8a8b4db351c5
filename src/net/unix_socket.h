// Unix sockets at paths of any length.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "os/process.h"

namespace st::net {

// A listening socket with its file, which RemoveUnixSocket removes.
struct UnixSocketFile {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;
};

struct UnixListener {
  os::UniqueFd fd;  // non-blocking, close-on-exec
  UnixSocketFile file;
};

// Listens on a socket file of mode 0600. A file that an ended process left is replaced; a socket
// that accepts connections is not, nor is a file that is no socket.
// Errors: kUnavailable another process listens there; kInvalidArgument bad path, or with the detail
// kWrongKindOfFile something that is no socket lies there; kNotFound no such folder; kIo.
Result<UnixListener> ListenUnix(const std::string& path);

// Removes the file if it still is the one that ListenUnix made.
void RemoveUnixSocket(const UnixSocketFile& file);

// A connected, non-blocking, close-on-exec socket.
// Errors: kUnavailable no such socket, or nobody listens; kDeadline; kInvalidArgument; kIo.
Result<os::UniqueFd> ConnectUnix(const std::string& path, std::int64_t timeout_us);

}  // namespace st::net
