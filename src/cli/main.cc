#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "os/inherited.h"

int main(int argc, char** argv) {
  if (const auto done = st::os::NormalizeInherited(); !done) return st::cli::kExitFailed;
  try {
    const int exit_code = st::cli::CommandLine().Run({argv + 1, argv + argc});
    // A reader that went away, such as head, has all that it wants.
    if (std::fflush(stdout) == 0 || exit_code != 0 || errno == EPIPE) return exit_code;
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
