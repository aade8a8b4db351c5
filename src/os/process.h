// Child processes that die with us, and the signals that end us.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace st::os {

// A file descriptor that is closed by its owner. -1 is "none".
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd() { Reset(); }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int Release();
  void Reset();

 private:
  int fd_ = -1;
};

struct ChildOptions {
  std::string program;            // path of the executable
  std::vector<std::string> args;  // without argv[0]
  // The child's descriptor 3; everything else but stdin (/dev/null), stdout, stderr is closed.
  int inherit_fd = -1;
  int output_fd = -1;                         // its stdout and stderr; -1: ours
  std::vector<std::string> environment = {};  // all of it, as "NAME=value"
  std::uint64_t address_space_bytes = 0;      // RLIMIT_AS; 0 = none
  std::uint64_t file_size_bytes = 0;          // RLIMIT_FSIZE; 0 = none
};

// How a child ended.
struct ChildExit {
  bool by_signal = false;
  int code = 0;  // exit code, or the signal's number
  std::string ToString() const;
};

// Starts a child that gets SIGKILL when this process dies (PR_SET_PDEATHSIG; call it from a
// thread that lives as long as the child should). kNotFound if the program is missing.
Result<pid_t> SpawnChild(const ChildOptions& options);
// Starts a child that outlives us, in a session of its own, with stdout and stderr in the new file
// `output` and our environment; its folder is the root. kNotFound if the program is missing.
Result<pid_t> SpawnDetached(const ChildOptions& options, const std::string& output);
// Waits at most `timeout_us`; nullopt if it still runs.
Result<std::optional<ChildExit>> WaitChild(pid_t child, std::int64_t timeout_us);
void KillChild(pid_t child);

// A pipe whose ends never block, {read, write}, both close-on-exec.
Result<std::pair<UniqueFd, UniqueFd>> MakePipe();
// Reads the bytes that are in `pipe` now, at most `max_bytes`; "" if it is empty. Does not block.
std::string DrainPipe(int pipe, std::size_t max_bytes);
// Reads all bytes that are in `pipe` now and returns the last of them, at most `max_bytes`, after
// an ellipsis and a space if there were more. Characters of UTF-8 stay whole. Does not block.
std::string DrainPipeEnd(int pipe, std::size_t max_bytes);

// Connected AF_UNIX stream sockets, both close-on-exec.
Result<std::pair<UniqueFd, UniqueFd>> MakeSocketPair();

// Whether this process may execute `path`, a file.
bool IsExecutable(const std::string& path);
// Absolute path of the running executable's folder.
Result<std::string> ExecutableDir();

// Raises this process's limit of open files as far as permitted: each connection is one, and shells
// often start with 1,024. A limit that cannot be raised stays as it is.
void RaiseOpenFileLimit();
// How many descriptors this process may have open.
std::uint64_t OpenFileLimit();
// Blocks SIGINT, SIGTERM, SIGHUP in this thread and those it starts; ignores SIGPIPE. Call first.
void BlockTerminationSignals();
// Waits for SIGINT, SIGTERM or SIGHUP and returns its number; 0 after `timeout_us` (-1: for ever).
int WaitForTerminationSignal(std::int64_t timeout_us);

// Error for errno, with `what` before the system's text. The one place that maps errno in.
Error ErrorFromErrno(int error, const std::string& what);

}  // namespace st::os
