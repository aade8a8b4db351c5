#include "worker/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "os/thread.h"
#include "worker/testing/job_test.h"

namespace st::worker {
namespace {

// Runs `call` in a sandboxed child process; returns its errno, or 0 for success.
int ErrorInSandbox(const engine::WorkerSettings& settings, const std::function<int()>& call) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!EnterSandbox(settings)) ::_exit(255);
    errno = 0;
    const int result = call();
    ::_exit(result >= 0 ? 0 : errno);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << status;
  return WEXITSTATUS(status);
}

class SandboxTest : public JobTest {
 protected:
  void SetUp() override {
    JobTest::SetUp();
    for (const auto& file : {Path("log/1.log"), WarehousePath("a.parquet")}) {
      const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT, 0644);
      ASSERT_GE(fd, 0);
      ::close(fd);
    }
  }
  int Open(bool is_query, const std::string& path, int flags) {
    return ErrorInSandbox(Settings(is_query), [&] { return ::open(path.c_str(), flags, 0644); });
  }
  engine::WorkerSettings Settings(bool is_query) const {
    return {.is_query = is_query, .warehouse = Path("warehouse")};
  }
};

TEST_F(SandboxTest, AQueryReadsTheWarehouseAndNothingElse) {
  EXPECT_EQ(Open(true, WarehousePath("a.parquet"), O_RDONLY), 0);
  EXPECT_EQ(Open(true, WarehousePath("a.parquet"), O_RDWR), EACCES);
  EXPECT_EQ(Open(true, WarehousePath("new"), O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(Open(true, Path("log/1.log"), O_RDONLY), EACCES);
  EXPECT_EQ(Open(true, "/etc/passwd", O_RDONLY), EACCES);
  EXPECT_EQ(
      ErrorInSandbox(Settings(true), [&] { return ::unlink(WarehousePath("a.parquet").c_str()); }),
      EACCES);
}

TEST_F(SandboxTest, ATransformWritesTheWarehouseAndReadsTheLog) {
  EXPECT_EQ(Open(false, WarehousePath("new"), O_RDWR | O_CREAT | O_TRUNC), 0);
  EXPECT_EQ(Open(false, Path("log/1.log"), O_RDONLY), 0);
  EXPECT_EQ(Open(false, Path("log/1.log"), O_WRONLY), EACCES);
  EXPECT_EQ(Open(false, Path("log/2.log"), O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(Open(false, "/etc/passwd", O_RDONLY), EACCES);
  EXPECT_EQ(ErrorInSandbox(Settings(false), [&] { return ::unlink(Path("log/1.log").c_str()); }),
            EACCES);
}

TEST_F(SandboxTest, ATransformWithAnOutputFolderWritesThereAlone) {
  auto settings = Settings(false);
  settings.output_folder = Path("out");
  ASSERT_EQ(::mkdir(settings.output_folder.c_str(), 0755), 0);
  const auto open = [&](const std::string& path, int flags) {
    return ErrorInSandbox(settings, [&] { return ::open(path.c_str(), flags, 0644); });
  };
  EXPECT_EQ(open(Path("out/new"), O_RDWR | O_CREAT | O_TRUNC), 0);
  EXPECT_EQ(open(WarehousePath("a.parquet"), O_RDONLY), 0);
  EXPECT_EQ(open(WarehousePath("a.parquet"), O_RDWR), EACCES);
  EXPECT_EQ(open(WarehousePath("new"), O_WRONLY | O_CREAT), EACCES);
}

TEST_F(SandboxTest, RefusesSocketsProcessesAndSignals) {
  for (const bool is_query : {true, false}) {
    const auto settings = Settings(is_query);
    EXPECT_EQ(ErrorInSandbox(settings, [] { return ::socket(AF_INET, SOCK_STREAM, 0); }), EPERM);
    EXPECT_EQ(ErrorInSandbox(settings, [] { return ::fork(); }), EPERM);
    EXPECT_EQ(ErrorInSandbox(settings, [] { return ::kill(::getppid(), 0); }), EPERM);
    EXPECT_EQ(ErrorInSandbox(settings,
                             [] {
                               char name[] = "/bin/true";
                               char* argv[] = {name, nullptr};
                               return ::execv(name, argv);
                             }),
              EPERM);
  }
}

TEST_F(SandboxTest, ThreadsStillStart) {
  EXPECT_EQ(ErrorInSandbox(Settings(true),
                           [] {
                             os::Thread("one", [] {}).Join();
                             return 0;
                           }),
            0);
}

TEST_F(SandboxTest, AMissingWarehouseFailsTheStart) {
  auto options = Options();
  options.warehouse = Path("nowhere");
  jobs::WorkerClient client(*clock_, options);
  const auto started = client.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(started.error().message().find("/nowhere: No such file"), std::string::npos)
      << started.error().message();
}

}  // namespace
}  // namespace st::worker
