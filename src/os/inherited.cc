#include "os/inherited.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "os/process.h"

namespace st::os {
namespace {

constexpr std::uint64_t kStackBytes = 8ULL << 20;
constexpr std::uint64_t kLeastStackBytes = 1ULL << 20;
constexpr std::uint64_t kLeastProcesses = 64;
constexpr std::uint64_t kLeastCpuSeconds = 24 * 3600;

Status OpenStandardDescriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // open() takes the lowest free number, which is `fd`. Where there is no /dev, the root folder
    // holds the number: it cannot be written to.
    if (::open("/dev/null", O_RDWR) == fd || ::open("/", O_PATH) == fd) continue;
    return std::unexpected(ErrorFromErrno(errno, fmt::format("descriptor {} is closed", fd)));
  }
  return {};
}

void ResetSignals() {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    struct sigaction action{};
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    const bool may_stay = signal == SIGHUP || signal == SIGINT || signal == SIGQUIT;
    if (action.sa_handler == SIG_IGN && !may_stay) ::signal(signal, SIG_DFL);
  }
  // A write beyond the limit of file sizes then fails with EFBIG and does not end the process.
  ::signal(SIGXFSZ, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  const itimerval off{};
  for (const auto timer : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
    ::setitimer(timer, &off, nullptr);
  }
}

// Raises the soft limit to `wanted`, or as far as the hard limit allows, and returns it.
std::uint64_t Raise(__rlimit_resource what, std::uint64_t wanted = kUnlimited) {
  rlimit limit{};
  if (::getrlimit(what, &limit) != 0) return kUnlimited;
  const rlim_t target = std::min<rlim_t>(limit.rlim_max, wanted);
  if (limit.rlim_cur < target) {
    const rlimit raised{target, limit.rlim_max};
    if (::setrlimit(what, &raised) == 0) limit.rlim_cur = target;
  }
  return limit.rlim_cur == RLIM_INFINITY ? kUnlimited : limit.rlim_cur;
}

void SetThreadStacks() {
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

}  // namespace

Status NormalizeInherited() {
  ST_TRY_STATUS(OpenStandardDescriptors());
  ::close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  ResetSignals();
  ::setenv("TZ", "UTC0", 1);
  ::setenv("LC_ALL", "C", 1);
  return {};
}

void OwnInherited() {
  ::close_range(3, UINT_MAX, 0);
  KeepFilesPrivate();
}

void KeepFilesPrivate() { ::umask(077); }

std::string ProcessLimit::ToString() const {
  return fmt::format("the limit of the {} is {}, and {} is needed: raise it (ulimit {})", name,
                     value, least, flag);
}

std::vector<ProcessLimit> RaiseLimits(const LimitNeeds& needs) {
  SetThreadStacks();
  return {{"number of open files", "-n", Raise(RLIMIT_NOFILE), needs.open_files},
          {"bytes of a file", "-f", Raise(RLIMIT_FSIZE), needs.file_bytes},
          {"bytes that a process maps", "-v", Raise(RLIMIT_AS), needs.address_bytes},
          {"bytes of a process's data", "-d", Raise(RLIMIT_DATA), needs.address_bytes},
          {"number of processes and threads", "-u", Raise(RLIMIT_NPROC), kLeastProcesses},
          {"bytes of the stack", "-s", Raise(RLIMIT_STACK, kStackBytes), kLeastStackBytes},
          {"seconds of processor time", "-t", Raise(RLIMIT_CPU), kLeastCpuSeconds}};
}

Status CheckLimits(const std::vector<ProcessLimit>& limits) {
  for (const auto& limit : limits) {
    if (!limit.is_enough()) return Fail(ErrorCode::kUnavailable, "{}", limit.ToString());
  }
  return {};
}

}  // namespace st::os
