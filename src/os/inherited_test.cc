#include "os/inherited.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "os/process.h"

namespace st::os {
namespace {

// Runs `body` in a child process, since it changes state of the whole process, and returns the exit
// code.
int InChild(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Inherited, ClosedStandardDescriptorsAreTaken) {
  EXPECT_EQ(InChild([] {
              for (int fd = 0; fd <= 2; ++fd) ::close(fd);
              if (!NormalizeInherited()) return 1;
              const int next = ::open("/dev/null", O_RDONLY);
              return next > 2 && ::write(2, "x", 1) == 1 ? 0 : 2;
            }),
            0);
}

TEST(Inherited, OtherDescriptorsAreNotPassedOn) {
  EXPECT_EQ(InChild([] {
              const int passed = ::dup(0);
              if (!NormalizeInherited()) return 1;
              if ((::fcntl(passed, F_GETFD) & FD_CLOEXEC) == 0) return 2;
              OwnInherited();
              return ::fcntl(passed, F_GETFD) < 0 && ::fcntl(2, F_GETFD) >= 0 ? 0 : 3;
            }),
            0);
}

TEST(Inherited, SignalsAndTimersAreReset) {
  EXPECT_EQ(InChild([] {
              sigset_t all;
              ::sigfillset(&all);
              ::sigprocmask(SIG_SETMASK, &all, nullptr);
              for (const int one : {SIGCHLD, SIGTERM, SIGPIPE, SIGHUP}) ::signal(one, SIG_IGN);
              ::alarm(1000);
              if (!NormalizeInherited()) return 1;
              ::sigprocmask(SIG_SETMASK, nullptr, &all);
              if (::sigismember(&all, SIGTERM) == 1 || ::alarm(0) != 0) return 2;
              const auto action = [](int one) {
                struct sigaction was{};
                ::sigaction(one, nullptr, &was);
                return was.sa_handler;
              };
              if (action(SIGHUP) != SIG_IGN || action(SIGXFSZ) != SIG_IGN) return 3;
              return action(SIGCHLD) == SIG_DFL && action(SIGTERM) == SIG_DFL ? 0 : 4;
            }),
            0);
}

TEST(Inherited, FilesArePrivateWhateverTheMask) {
  EXPECT_EQ(InChild([] {
              ::umask(0777);
              OwnInherited();
              return ::umask(0) == 077 ? 0 : 1;
            }),
            0);
}

TEST(Inherited, ALimitOfFilesIsAnErrorNotASignal) {
  EXPECT_EQ(InChild([] {
              if (!NormalizeInherited()) return 1;
              char path[] = "/tmp/st_limit_XXXXXX";
              const UniqueFd file(::mkstemp(path));
              ::unlink(path);
              const rlimit small{10, 10};
              ::setrlimit(RLIMIT_FSIZE, &small);
              if (::ftruncate(file.get(), 11) == 0) return 2;
              return ErrorFromErrno(errno, "x").code() == ErrorCode::kUnavailable ? 0 : 3;
            }),
            0);
}

TEST(Inherited, LimitsAreRaisedAndTooLowOnesNamed) {
  EXPECT_EQ(InChild([] {
              const rlimit low{1 << 20, 4 << 20};
              ::setrlimit(RLIMIT_FSIZE, &low);
              const auto limits = RaiseLimits({.file_bytes = 5 << 20});
              rlimit now{};
              ::getrlimit(RLIMIT_FSIZE, &now);
              if (now.rlim_cur != 4 << 20) return 1;
              const auto checked = CheckLimits(limits);
              if (checked) return 2;
              return checked.error().message() ==
                             "the limit of the bytes of a file is 4194304, and 5242880 is needed: "
                             "raise it (ulimit -f)"
                         ? 0
                         : 3;
            }),
            0);
  EXPECT_EQ(InChild([] {
              const rlimit short_life{3600, 3600};
              ::setrlimit(RLIMIT_CPU, &short_life);
              const auto checked = CheckLimits(RaiseLimits({}));
              return !checked && checked.error().message().contains("ulimit -t") ? 0 : 1;
            }),
            0);
  EXPECT_TRUE(CheckLimits(RaiseLimits({})));
}

}  // namespace
}  // namespace st::os
