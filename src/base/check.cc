#include "base/check.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace st {

void CheckFailed(const char* expression, const char* file, int line) {
  std::array<char, 1024> text{};
  const int size = std::snprintf(text.data(), text.size(), "bug: ST_CHECK(%s) failed at %s:%d\n",
                                 expression, file, line);
  // A pipe that nobody reads must not keep a broken process alive.
  pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (size > 0 && ::poll(&ready, 1, 0) == 1) {
    const auto bytes = std::min(static_cast<std::size_t>(size), text.size() - 1);
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), bytes);
  }
  std::abort();
}

}  // namespace st
