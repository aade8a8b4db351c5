#include "os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>

#include "os/paths.h"

namespace st::os {
namespace {

// The arguments of execve.
struct Image {
  char* const* argv;
  char* const* environment;
};

// Runs between fork and exec, so it makes only async-signal-safe calls.
[[noreturn]] void RunChild(const ChildOptions& options, const Image& image, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before prctl
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const auto limit = [](int what, std::uint64_t bytes) {
    if (bytes == 0) return;
    const rlimit value{bytes, bytes};
    ::setrlimit(static_cast<__rlimit_resource>(what), &value);
  };
  limit(RLIMIT_AS, options.address_space_bytes);
  limit(RLIMIT_FSIZE, options.file_size_bytes);
  ::dup2(::open("/dev/null", O_RDWR), 0);
  if (options.output_fd >= 0) {
    ::dup2(options.output_fd, 1);
    ::dup2(options.output_fd, 2);
  }
  if (options.inherit_fd >= 0) {
    if (options.inherit_fd == 3) {
      ::fcntl(3, F_SETFD, 0);
    } else {
      ::dup2(options.inherit_fd, 3);
    }
  }
  ::close_range(options.inherit_fd >= 0 ? 4 : 3, UINT_MAX, 0);
  ::execve(image.argv[0], image.argv, image.environment);
  ::_exit(127);
}

// Like RunChild, for a child that outlives this process.
[[noreturn]] void RunDetached(int output_fd, const Image& image) {
  ::setsid();
  if (::chdir("/") != 0) ::_exit(127);  // else its folder could not be unmounted
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(::open("/dev/null", O_RDWR), 0);
  ::dup2(output_fd, 1);
  ::dup2(output_fd, 2);
  ::close_range(3, UINT_MAX, 0);
  ::execve(image.argv[0], image.argv, image.environment);
  ::_exit(127);
}

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    Reset();
    fd_ = other.Release();
  }
  return *this;
}

int UniqueFd::Release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

void UniqueFd::Reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::string ChildExit::ToString() const {
  return by_signal ? fmt::format("killed by signal {} ({})", code, ::strsignal(code))
                   : fmt::format("exit code {}", code);
}

namespace {

// Returns argv[], whose strings live in `words`.
std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return argv;
}

Result<pid_t> Spawn(const ChildOptions& options, int detached_output_fd) {
  if (::access(options.program.c_str(), X_OK) != 0) {
    return Fail(ErrorCode::kNotFound, "{}: {}", options.program, std::strerror(errno));
  }
  std::vector<std::string> words;
  words.push_back(options.program);
  words.insert(words.end(), options.args.begin(), options.args.end());
  const auto argv = Pointers(words);
  auto variables = options.environment;
  const auto environment = Pointers(variables);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected(ErrorFromErrno(errno, "fork"));
  if (child == 0 && detached_output_fd >= 0) {
    RunDetached(detached_output_fd, {.argv = argv.data(), .environment = environ});
  }
  if (child == 0) {
    RunChild(options, {.argv = argv.data(), .environment = environment.data()}, parent);
  }
  return child;
}

}  // namespace

Result<pid_t> SpawnChild(const ChildOptions& options) { return Spawn(options, -1); }

std::string DrainPipeEnd(int pipe, std::size_t max_bytes) {
  constexpr std::size_t kPipeBytes = 1 << 16;
  std::string end;
  bool is_all = true;
  for (std::string more = DrainPipe(pipe, kPipeBytes); !more.empty();
       more = DrainPipe(pipe, kPipeBytes)) {
    end += more;
    if (end.size() <= max_bytes) continue;
    is_all = false;
    end.erase(0, end.size() - max_bytes);
  }
  if (is_all) return end;
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  const auto first = std::ranges::find_if_not(end, is_inside);
  return "… " + std::string(first, end.end());
}

Result<pid_t> SpawnDetached(const ChildOptions& options, const std::string& output) {
  const UniqueFd fd(
      ::open(output.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.is_open()) return std::unexpected(ErrorFromErrno(errno, output));
  return Spawn(options, fd.get());
}

Result<std::optional<ChildExit>> WaitChild(pid_t child, std::int64_t timeout_us) {
  constexpr std::int64_t kStepUs = 2'000;
  for (std::int64_t waited = 0;; waited += kStepUs) {
    int status = 0;
    const pid_t got = ::waitpid(child, &status, WNOHANG);
    if (got < 0 && errno != EINTR) return std::unexpected(ErrorFromErrno(errno, "waitpid"));
    if (got == child) {
      if (WIFSIGNALED(status)) return ChildExit{true, WTERMSIG(status)};
      return ChildExit{false, WEXITSTATUS(status)};
    }
    if (waited >= timeout_us) return std::nullopt;
    ::usleep(static_cast<useconds_t>(kStepUs));
  }
}

void KillChild(pid_t child) { ::kill(child, SIGKILL); }

Result<std::pair<UniqueFd, UniqueFd>> MakePipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return std::unexpected(ErrorFromErrno(errno, "pipe"));
  }
  return std::pair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::string DrainPipe(int pipe, std::size_t max_bytes) {
  std::string bytes(max_bytes, '\0');
  std::size_t size = 0;
  while (size < max_bytes) {
    const ssize_t n = ::read(pipe, bytes.data() + size, max_bytes - size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    size += static_cast<std::size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

Result<std::pair<UniqueFd, UniqueFd>> MakeSocketPair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    return std::unexpected(ErrorFromErrno(errno, "socketpair"));
  }
  return std::pair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool IsExecutable(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

Result<std::string> ExecutableDir() {
  ST_TRY(const auto path, ExecutablePath());
  return path.substr(0, path.rfind('/'));
}

namespace {
sigset_t TerminationSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, signal);
  return set;
}
}  // namespace

void RaiseOpenFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint64_t OpenFileLimit() {
  rlimit limit{};
  constexpr std::uint64_t kUsual = 1024;
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : kUsual;
}

void BlockTerminationSignals() {
  const sigset_t set = TerminationSignals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int WaitForTerminationSignal(std::int64_t timeout_us) {
  const sigset_t set = TerminationSignals();
  siginfo_t info;
  while (true) {
    int got = 0;
    if (timeout_us < 0) {
      got = ::sigwaitinfo(&set, &info);
    } else {
      const timespec wait{timeout_us / 1'000'000, timeout_us % 1'000'000 * 1'000};
      got = ::sigtimedwait(&set, &info, &wait);
    }
    if (got > 0) return got;
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return 0;
  }
}

Error ErrorFromErrno(int error, const std::string& what) {
  ErrorCode code = ErrorCode::kIo;
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      break;
    case EEXIST:
      code = ErrorCode::kAlreadyExists;
      break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
    case EADDRINUSE:
      code = ErrorCode::kUnavailable;
      break;
    default:
      break;
  }
  return Error(code, fmt::format("{}: {}", what, std::strerror(error)));
}

}  // namespace st::os
