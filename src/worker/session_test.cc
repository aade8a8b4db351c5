#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "worker/testing/job_test.h"

namespace st::worker {
namespace {

using ::testing::HasSubstr;

class SessionTest : public ::testing::Test {
 protected:
  jobs::WorkerOptions Options(jobs::WorkerKind kind) {
    return {.kind = kind, .program = WorkerProgram(), .warehouse = ::testing::TempDir()};
  }
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
};

TEST_F(SessionTest, IsReadyAndEndsWithItsClient) {
  pid_t pid = -1;
  {
    jobs::WorkerClient client(*clock_, Options(jobs::WorkerKind::kTransform));
    ASSERT_TRUE(client.Start());
    pid = client.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(SessionTest, RunsOnlyJobsOfItsKind) {
  jobs::WorkerClient client(*clock_, Options(jobs::WorkerKind::kQuery));
  const auto got = client.Describe("SELECT 1 FROM st_source()", 20 * kSecond);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(got.error().message(), HasSubstr("runs no job 'describe'"));
}

TEST_F(SessionTest, EndsWhenIdle) {
  auto options = Options(jobs::WorkerKind::kTransform);
  options.idle_end_ms = 1;
  jobs::WorkerClient client(*clock_, options);
  ASSERT_TRUE(client.Start());
  const auto exit = os::WaitChild(client.pid(), 20 * kSecond);
  ASSERT_TRUE(exit && exit->has_value());
  EXPECT_EQ((*exit)->ToString(), "exit code 0");
}

TEST_F(SessionTest, RefusesArgumentsThatItDoesNotKnow) {
  const auto child = os::SpawnChild({.program = WorkerProgram(), .args = {"--threads=0"}});
  ASSERT_TRUE(child);
  const auto exit = os::WaitChild(*child, 20 * kSecond);
  ASSERT_TRUE(exit && exit->has_value());
  EXPECT_EQ((*exit)->ToString(), "exit code 2");
}

}  // namespace
}  // namespace st::worker
