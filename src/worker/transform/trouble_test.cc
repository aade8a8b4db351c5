#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>

#include "os/thread.h"
#include "worker/testing/job_test.h"

namespace st::worker::transform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Reads the record, then never ends.
constexpr const char* kEndless =
    "SELECT count(*) AS n FROM st_source(), range(1000000000) a(i), range(1000000000) b(j)"
    " WHERE hash(i + j) = 7";

class TroubleTest : public JobTest {
 protected:
  void SetUp() override {
    JobTest::SetUp();
    LogValues({"1"});
    client_ = std::make_unique<jobs::WorkerClient>(*clock_, Options());
    ASSERT_TRUE(client_->Start());
    pid_ = client_->pid();
  }
  // Runs a job that must succeed, on the same worker or on a new one.
  void ExpectUsable(bool same_worker) {
    const auto result = client_->Transform(Job("SELECT value_text FROM st_source()"), kLong);
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_THAT(FileRows(WarehousePath("out.parquet")), ElementsAre("1"));
    EXPECT_EQ(client_->pid() == pid_, same_worker);
  }
  std::unique_ptr<jobs::WorkerClient> client_;
  pid_t pid_ = -1;
};

TEST_F(TroubleTest, AJobEndsAtItsDeadline) {
  const auto result = client_->Transform(Job(kEndless), kSecond / 5);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kDeadline);
  EXPECT_EQ(result.error().message(), "the job's time is over");
  EXPECT_FALSE(Exists(WarehousePath("out.parquet")));
  ExpectUsable(/*same_worker=*/true);
}

TEST_F(TroubleTest, CancelEndsAJob) {
  std::atomic<bool> is_over{false};
  os::Thread other("canceller", [&] {
    while (!is_over) client_->Cancel();
  });
  const auto result = client_->Transform(Job(kEndless), kLong);
  is_over = true;
  other.Join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kShutdown);
  ExpectUsable(/*same_worker=*/true);
}

TEST_F(TroubleTest, AKilledWorkerCostsItsJobAlone) {
  os::Thread killer("killer", [&] { ::kill(pid_, SIGKILL); });
  const auto result = client_->Transform(Job(kEndless), kLong);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(result.error().message(), StartsWith("worker killed by signal 9 (Killed) from"));
  EXPECT_TRUE(client_->is_job_blameless());
  ExpectUsable(/*same_worker=*/false);
}

TEST_F(TroubleTest, TooLittleMemoryCostsItsJobAlone) {
  auto options = Options();
  options.memory_limit_bytes = 64 << 20;
  client_ = std::make_unique<jobs::WorkerClient>(*clock_, options);
  ASSERT_TRUE(client_->Start());
  pid_ = client_->pid();
  const auto result =
      client_->Transform(Job("SELECT list(i) AS l FROM st_source(), range(100000000) t(i)"), kLong);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(result.error().message(), StartsWith("Out of Memory Error"));
  EXPECT_FALSE(Exists(WarehousePath("out.parquet")));
  ExpectUsable(/*same_worker=*/true);
}

TEST_F(TroubleTest, SqlReachesNoFilesBeyondTheWarehouse) {
  for (const auto& sql : {"SELECT * FROM read_text('" + Path("log/1.log") + "')",
                          "SELECT * FROM read_text('" + WarehousePath("../log/1.log") + "')",
                          std::string("SELECT * FROM read_csv('/etc/passwd')")}) {
    const auto result = client_->Transform(Job(sql), kLong);
    ASSERT_FALSE(result) << sql;
    EXPECT_THAT(result.error().message(), StartsWith("Permission Error")) << sql;
  }
  auto job = Job("SELECT value_text FROM st_source()");
  job.output_path = Path("log/out.parquet");
  const auto result = client_->Transform(job, kLong);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("Permission Error"));
  EXPECT_FALSE(Exists(job.output_path));
  EXPECT_TRUE(Exists(Path("log/1.log")));
}

TEST_F(TroubleTest, AMissingSegmentIsNotFound) {
  auto job = Job("SELECT value_text FROM st_source()");
  SourceOf(job).files[0] = Path("log/gone.log");
  const auto result = client_->Transform(job, kLong);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(result.error().message(), HasSubstr("/log/gone.log"));
}

}  // namespace
}  // namespace st::worker::transform
