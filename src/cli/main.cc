#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "os/inherited.h"

namespace {

// True if whoever read stdout, such as head, went away: it has all that it wants.
bool IsReaderGone() {
  pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto done = st::os::NormalizeInherited(); !done) return st::cli::kExitFailed;
  try {
    const int exit_code = st::cli::CommandLine().Run({argv + 1, argv + argc});
    // An earlier write may have failed, and the last flush had nothing to write then.
    const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (is_written || exit_code != 0 || IsReaderGone()) return exit_code;
    std::fprintf(stderr, "steelthread: stdout takes no more\n");
    return st::cli::kExitFailed;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "steelthread: no memory is left: free some, or raise ulimit -v\n");
    return st::cli::kExitFailed;
  } catch (const std::system_error& error) {
    std::fprintf(stderr,
                 "steelthread: a thread cannot be started (%s): raise the limit of processes and "
                 "threads (ulimit -u), or free memory\n",
                 error.what());
    return st::cli::kExitFailed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelthread: bug: %s\n", error.what());
    return 70;
  }
}
