#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>

#include "jobs/codec.h"
#include "jobs/file_codec.h"
#include "jobs/frames.h"
#include "jobs/worker_client.h"
#include "os/clock.h"
#include "os/process.h"
#include "os/thread.h"

namespace st::jobs {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000;

TEST(Frames, ArriveWhole) {
  auto sockets = os::MakeSocketPair();
  ASSERT_TRUE(sockets);
  ASSERT_TRUE(SendFrame(sockets->first.get(), {{{"a", 1}}, std::string("x\0y", 3)}, kSecond));
  ASSERT_TRUE(SendFrame(sockets->first.get(), {{{"b", 2}}, ""}, kSecond));
  FrameReader reader(sockets->second.get());
  const auto first = reader.Receive(kSecond);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->header, (nlohmann::json{{"a", 1}}));
  EXPECT_EQ((*first)->body, std::string("x\0y", 3));
  const auto second = reader.Receive(kSecond);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->header, (nlohmann::json{{"b", 2}}));
  EXPECT_EQ(reader.Receive(0), std::nullopt);
  sockets->first.Reset();
  EXPECT_EQ(reader.Receive(kSecond).error().code(), ErrorCode::kUnavailable);
}

TEST(Frames, RefuseLengthsOverTheLimit) {
  auto sockets = os::MakeSocketPair();
  ASSERT_TRUE(sockets);
  ASSERT_EQ(::send(sockets->first.get(), "\xff\xff\xff\xff\0\0\0\0", 8, 0), 8);
  FrameReader reader(sockets->second.get());
  const auto got = reader.Receive(kSecond);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message(),
            "a message claims 4294967295 and 0 bytes; the limits are 67108864 and 67108864");
}

TEST(Frames, RefuseABodyThatIsNotJson) {
  auto sockets = os::MakeSocketPair();
  ASSERT_TRUE(sockets);
  ASSERT_EQ(::send(sockets->first.get(), "\x02\0\0\0\0\0\0\0{x", 10, 0), 10);
  FrameReader reader(sockets->second.get());
  const auto got = reader.Receive(kSecond);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message(), "a message of 2 bytes is no JSON object");
}

TEST(Codec, KeepsAQuery) {
  QueryJob job;
  job.sql = "SELECT 1";
  job.tables = {{"bad", "rows", {{1, "raw_value", "binary"}}, {"/w/1.parquet"}},
                {.schema = "default", .name = "swords", .damage = "v3.metadata.json is no JSON"}};
  job.parametric_datetime = false;
  EXPECT_EQ(ToJson(QueryJobFrom(ToJson(job))), ToJson(job));
}

TEST(Codec, KeepsARewriteAndItsAnswer) {
  const RewriteJob job{.columns = {{1, "n", "long"}},
                       .inputs = {"/w/1.parquet", "/w/2.parquet"},
                       .output_path = "/w/3.parquet",
                       .keep = "n > 1",
                       .may_be_empty = true,
                       .scratch_path = "/w/4.parquet"};
  EXPECT_EQ(RewriteJobFrom(ToJson(job)).keep, "n > 1");
  EXPECT_EQ(RewriteJobFrom(ToJson(job)).scratch_path, "/w/4.parquet");
  EXPECT_EQ(ToJson(RewriteJobFrom(ToJson(job))), ToJson(job));
  const auto file = RewriteAnswerFrom(
      RewriteAnswer(WrittenFile{.location = "/w/3.parquet", .rows = 7, .columns = {}}));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->location, "/w/3.parquet");
  EXPECT_EQ(file->rows, 7);
  EXPECT_FALSE(RewriteAnswerFrom(RewriteAnswer(std::nullopt)));
}

TEST(Codec, TakesDefaultsForOddFields) {
  const auto job = QueryJobFrom({{"sql", 7}, {"tables", {{1, 2}, "x"}}, {"max_rows", true}});
  EXPECT_EQ(job.sql, "");
  EXPECT_EQ(job.max_rows, QueryJob().max_rows);
  EXPECT_EQ(ErrorFrom({{"code", 99}}).code(), ErrorCode::kIo);
}

// A worker whose program is a shell script.
class ScriptedWorker : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(dir_.data()), nullptr); }
  WorkerOptions Program(const std::string& script, const std::string& name = "worker") {
    const std::string path = fmt::format("{}/{}", dir_, name);
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    ::chmod(path.c_str(), 0755);
    return {.program = path};
  }
  std::string dir_ = ::testing::TempDir() + "st_jobs_XXXXXX";
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
};

TEST_F(ScriptedWorker, SaysWhichProgramIsMissing) {
  WorkerClient client(*clock_, {.program = dir_ + "/none"});
  const auto got = client.Describe("SELECT 1", kSecond);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(got.error().message(), HasSubstr("/none: No such file"));
}

TEST_F(ScriptedWorker, TheErrorQuotesTheOutputOfADeadWorker) {
  WorkerClient client(*clock_, Program("echo bug: a reason >&2; exit 3"));
  const auto started = client.Start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message(),
              HasSubstr("exit code 3 before it was ready; it printed: bug: a reason"));
}

TEST_F(ScriptedWorker, TheErrorQuotesTheEndOfALongOutput) {
  WorkerClient client(
      *clock_, Program("echo first; head -c 5000 /dev/zero | tr '\\0' x; echo last; exit 3"));
  const auto started = client.Start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message(), HasSubstr("it printed: … xxx"));
  EXPECT_THAT(started.error().message(), ::testing::EndsWith("xxxlast"));
}

TEST_F(ScriptedWorker, AWorkerIsNotBlockedByOutputThatNobodyReads) {
  WorkerClient client(*clock_, Program("head -c 1000000 /dev/zero | tr '\\0' x 2>&1; exit 3"));
  const auto started = client.Start();
  ASSERT_FALSE(started);
  EXPECT_LT(started.error().message().size(), 2 * kMaxLastWordsBytes);
}

TEST_F(ScriptedWorker, AWorkerGetsAFixedEnvironment) {
  ::setenv("LD_LIBRARY_PATH", "/nowhere", 1);
  WorkerClient client(*clock_, Program("/usr/bin/env; exit 3"));
  const auto started = client.Start();
  ::unsetenv("LD_LIBRARY_PATH");
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message(), HasSubstr("TZ=UTC0"));
  EXPECT_THAT(started.error().message(), ::testing::Not(HasSubstr("LD_LIBRARY_PATH")));
}

TEST_F(ScriptedWorker, SaysHowAWorkerEndedBeforeItWasReady) {
  WorkerClient client(*clock_, Program("exit 3"));
  const auto got = client.Start();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(got.error().message(), HasSubstr("worker exit code 3 before it was ready"));
}

TEST_F(ScriptedWorker, TellsASignalFromAnError) {
  WorkerClient client(
      *clock_,
      Program(R"(printf '\002\0\0\0\0\0\0\0{}' >&3; head -c 1 <&3 >/dev/null; kill -9 $$)"));
  const auto got = client.Describe("SELECT 1", 20 * kSecond);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(got.error().message(), HasSubstr("worker killed by signal 9 (Killed) from outside"));
  EXPECT_EQ(client.pid(), -1);
}

TEST_F(ScriptedWorker, TellsAFaultFromAKillFromOutside) {
  ::signal(SIGHUP, SIG_DFL);  // nohup ignores it
  const auto blameless = [&](const std::string& end) {
    WorkerClient client(
        *clock_, Program(R"(printf '\002\0\0\0\0\0\0\0{}' >&3; head -c 1 <&3 >/dev/null; )" + end));
    EXPECT_FALSE(client.Describe("SELECT 1", 20 * kSecond)) << end;
    return client.is_job_blameless();
  };
  for (const auto* signal : {"KILL", "TERM", "HUP", "USR1"}) {
    EXPECT_TRUE(blameless(fmt::format("kill -{} $$; sleep 1", signal))) << signal;
  }
  for (const auto* signal : {"SEGV", "ABRT", "BUS", "ILL", "FPE", "SYS"}) {
    EXPECT_FALSE(blameless(fmt::format("kill -{} $$; sleep 1", signal))) << signal;
  }
  EXPECT_FALSE(blameless("exit 70"));
  WorkerClient never_ready(*clock_, Program("exit 3"));
  EXPECT_FALSE(never_ready.Describe("SELECT 1", kSecond));
  EXPECT_TRUE(never_ready.is_job_blameless());
}

TEST_F(ScriptedWorker, LeavesNoZombieWhereItEndedByItself) {
  WorkerClient client(*clock_, Program(R"(printf '\002\0\0\0\0\0\0\0{}' >&3; head -c 1 <&3)"));
  ASSERT_TRUE(client.Start());
  const pid_t pid = client.pid();
  client.Reap();
  EXPECT_EQ(client.pid(), pid) << "it runs";
  ::kill(pid, SIGKILL);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  client.Reap();
  EXPECT_EQ(client.pid(), -1);
  EXPECT_EQ(::kill(pid, 0), -1) << "nothing is left of it";
}

TEST_F(ScriptedWorker, ItsProgramCanBeCheckedBeforeAStart) {
  EXPECT_TRUE(CheckWorkerProgram(Program("exit 0").program));
  ::chmod((dir_ + "/worker").c_str(), 0644);
  const auto found = CheckWorkerProgram(dir_ + "/worker");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message(), HasSubstr("/worker is missing or may not be executed"));
  EXPECT_FALSE(CheckWorkerProgram(dir_ + "/none"));
  EXPECT_FALSE(CheckWorkerProgram(dir_));
}

TEST_F(ScriptedWorker, AProgramThatDoesNotStartIsNotedUntilOneStarts) {
  WorkerStarts starts;
  const auto start = [&](const std::string& script) {
    auto options = Program(script);
    options.starts = &starts;
    return WorkerClient(*clock_, options).Start();
  };
  EXPECT_FALSE(start("kill -9 $$"));
  EXPECT_FALSE(starts.failure()) << "somebody killed it, which passes";
  EXPECT_FALSE(start("echo no library >&2; exit 127"));
  ASSERT_TRUE(starts.failure());
  EXPECT_THAT(
      starts.failure()->message(),
      HasSubstr("/worker: worker exit code 127 before it was ready; it printed: no library"));
  EXPECT_FALSE(start("kill -9 $$"));
  EXPECT_TRUE(starts.failure()) << "it says nothing about the program";
  EXPECT_TRUE(start(R"(printf '\002\0\0\0\0\0\0\0{}' >&3; exec sleep 100)"));
  EXPECT_FALSE(starts.failure());
}

TEST_F(ScriptedWorker, IsKilledAfterItsDeadline) {
  WorkerClient client(*clock_, Program(R"(printf '\002\0\0\0\0\0\0\0{}' >&3; exec sleep 100)"));
  const auto got = client.Describe("SELECT 1", 1000);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kDeadline);
  EXPECT_FALSE(client.is_job_blameless()) << "we killed it, for the time it took";
  EXPECT_EQ(client.pid(), -1);
}

TEST_F(ScriptedWorker, ACancelFromAnotherThreadEndsTheJobOfItsWorkerAlone) {
  const std::string ready = R"(printf '\002\0\0\0\0\0\0\0{}' >&3; head -c 1 <&3 >/dev/null; )";
  auto stuck = Program(ready + "exec sleep 100", "stuck");
  stuck.cancel_grace_us = 1000;
  const auto good = Program(
      ready + R"(printf '\016\0\0\0\0\0\0\0{"columns":[]}' >&3; cat <&3 >/dev/null)", "good");
  std::vector<os::Thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back("stuck", [&] {
      WorkerClient client(*clock_, stuck);
      std::promise<void> ended;
      os::Thread canceller("canceller", [&client, over = ended.get_future().share()] {
        while (over.wait_for(std::chrono::milliseconds(10)) == std::future_status::timeout) {
          client.Cancel();
        }
      });
      const auto got = client.Describe("SELECT 1", 100 * kSecond);
      ended.set_value();
      ASSERT_FALSE(got);
      EXPECT_EQ(got.error().code(), ErrorCode::kShutdown) << got.error().message();
    });
    threads.emplace_back("good", [&] {
      for (int round = 0; round < 3; ++round) {
        WorkerClient client(*clock_, good);
        const auto got = client.Describe("SELECT 1", 100 * kSecond);
        EXPECT_TRUE(got) << got.error().message();
      }
    });
  }
}

TEST_F(ScriptedWorker, AStopEndsTheJobAndEachLaterOne) {
  auto options =
      Program(R"(printf '\002\0\0\0\0\0\0\0{}' >&3; head -c 1 <&3 >/dev/null; exec sleep 100)");
  options.cancel_grace_us = 1000;
  WorkerClient client(*clock_, options);
  std::promise<void> began;
  os::Thread stopper("stopper", [&client, ready = began.get_future().share()] {
    ready.wait();
    client.Stop();
  });
  ASSERT_TRUE(client.Start());
  began.set_value();
  for (int job = 0; job < 2; ++job) {
    const auto got = client.Describe("SELECT 1", 100 * kSecond);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), ErrorCode::kShutdown) << got.error().message();
  }
  stopper.Join();
  EXPECT_EQ(client.Start().error().code(), ErrorCode::kShutdown);
}

}  // namespace
}  // namespace st::jobs
