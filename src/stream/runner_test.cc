#include "stream/runner.h"

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <thread>

#include "lake/limits.h"
#include "lake/testing.h"
#include "os/thread.h"
#include "stream/limits.h"
#include "stream/table_control.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using log::testing::AppendAndWait;
using log::testing::Batch;
using ::testing::HasSubstr;

using Definitions = std::vector<dialect::spark::Definition>;

constexpr std::int64_t kLongUs = 60'000'000;
const lake::TableName kHeldTable{.schema = "default", .name = "a"};

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() {
    log_ = log::LocalLog::Open({log_fs_, *clock_, *random_}, {.dir = "/log", .reserve_bytes = 0})
               .value();
    lake_ = lake::Lake::Open({fs_, *clock_, *random_}, {.warehouse = "/warehouse"}).value();
  }

  static dialect::spark::Definition Define(const std::string& name) {
    return {.place = "pipelines/" + name + ".sql:1:24",
            .name = name,
            .topics = {"events"},
            .statement = "SELECT v",
            .sql = "SELECT v FROM st_source()",
            .columns = {{"v", "string", "VARCHAR"}},
            .trigger_us = dialect::spark::kMaxTriggerUs};
  }
  void Start(std::vector<dialect::spark::Definition> definitions) {
    auto runner = Runner::Start({.log = *log_, .lake = *lake_, .env = {fs_, *clock_, *random_}},
                                {.definitions = std::move(definitions), .make_transformer = [this] {
                                   auto worker =
                                       std::make_unique<testing::FakeTransformer>(log_fs_, fs_);
                                   worker->before_job = before_job_;
                                   return worker;
                                 }});
    ASSERT_TRUE(runner) << runner.error().message();
    runner_ = std::move(*runner);
  }
  void Produce(const std::vector<std::string>& values) {
    if (!log_->FindTopic("events")) ASSERT_TRUE(log_->CreateTopic("events", 1));
    const TopicPartition tp{.topic = log_->FindTopic("events")->id, .partition = PartitionId(0)};
    ASSERT_TRUE(AppendAndWait(*log_, tp, Batch(values)));
  }

  os::testing::MemoryFileSystem log_fs_;
  os::testing::MemoryFileSystem fs_;
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<lake::Lake> lake_;
  std::function<void()> before_job_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, KnowsRowsAndPositionBeforeTheFirstStep) {
  Start({Define("a")});
  Produce({"x", "skip", "bad", "y"});
  ASSERT_TRUE(runner_->RunOnce("a", kLongUs));
  runner_->Stop();
  Produce({"z"});

  std::promise<void> may_go_on;
  const auto gate = may_go_on.get_future().share();
  before_job_ = [gate] { gate.wait(); };
  Start({Define("a"), Define("b")});  // their first steps wait at the gate
  auto status = runner_->Status();
  EXPECT_EQ(status[0].rows, 2);
  EXPECT_EQ(status[0].dead_letters, 1);
  EXPECT_EQ(status[0].lag, 1);
  EXPECT_TRUE(status[0].is_position_known);
  EXPECT_EQ(status[1].rows, 0);
  EXPECT_EQ(status[1].lag, 5);
  may_go_on.set_value();
}

TEST_F(RunnerTest, ATableThatCannotBeReadHasNoKnownLag) {
  Produce({"x"});
  ASSERT_TRUE(lake_->Create({.schema = "default", .name = "a"},
                            {{.id = 1, .name = "v", .type = "string"}}, {}));
  Start({Define("a")});
  const auto status = runner_->Status().at(0);
  EXPECT_FALSE(status.is_position_known);
  EXPECT_EQ(status.lag, 0);
  EXPECT_EQ(status.state, PipelineState::kNeedsPerson);
  EXPECT_THAT(status.last_error, HasSubstr("was not made by a pipeline"));
}

TEST_F(RunnerTest, RunsToTheEndAsOfTheCall) {
  Start({Define("a"), Define("b")});
  Produce({"x", "skip", "bad", "y"});
  const auto run = runner_->RunOnce("a", kLongUs);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->records, 4);
  EXPECT_EQ(run->rows, 2);
  EXPECT_EQ(run->dead_letters, 1);
  const auto status = runner_->Status();
  ASSERT_EQ(status.size(), 2U);
  EXPECT_EQ(status[0].table, "default.a");
  EXPECT_EQ(status[0].lag, 0);
  EXPECT_EQ(status[0].rows, 2);
  EXPECT_EQ(status[0].dead_letters, 1);
  EXPECT_EQ(PipelineStateName(status[0].state), "idle");
  EXPECT_EQ(status[1].lag + status[1].rows, status[1].rows == 0 ? 4 : 2);
  EXPECT_EQ(runner_->RunOnce("a", kLongUs)->records, 0);
  Produce({"z"});
  ASSERT_TRUE(runner_->RunOnce("b", kLongUs));
  EXPECT_EQ(runner_->Status()[1].rows, 3);  // its own trigger may have had some of them before
}

TEST_F(RunnerTest, APausedPipelineRefusesRunsAndTellsSo) {
  Start({Define("a"), Define("b")});
  Produce({"x"});
  ASSERT_TRUE(runner_->RunOnce("a", kLongUs));
  const Dependencies to{.log = *log_, .lake = *lake_, .env = {fs_, *clock_, *random_}};
  const auto definition = runner_->Find("A").value();
  ASSERT_TRUE(Pause(to, definition, "today by a person"));
  ASSERT_TRUE(runner_->AwaitStep("a", kLongUs));
  Produce({"y"});
  const auto run = runner_->RunOnce("a", kLongUs);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(run.error().message(),
            "pipeline \"a\" is paused (today by a person); `steelthread pipeline resume a` lets it "
            "go on");
  Start({Define("a"), Define("b")});
  const auto status = runner_->Status().at(0);
  EXPECT_EQ(PipelineStateName(status.state), "paused");
  EXPECT_EQ(status.paused, "today by a person");
  EXPECT_EQ(status.lag, 1);
  ASSERT_TRUE(runner_->RunOnce("b", kLongUs));
  EXPECT_EQ(runner_->Status().at(1).rows, 2);
  ASSERT_TRUE(Resume(to, definition));
  EXPECT_EQ(runner_->AwaitStep("a", 0).error().code(), ErrorCode::kDeadline);
  ASSERT_TRUE(runner_->RunOnce("a", kLongUs));
  EXPECT_EQ(runner_->Status().at(0).rows, 2);
  EXPECT_EQ(runner_->Status().at(0).paused, "");
  EXPECT_EQ(runner_->AwaitStep("c", kLongUs).error().code(), ErrorCode::kNotFound);
}

TEST_F(RunnerTest, TellsThatCommitsWaitForUpkeep) {
  Produce({"a"});
  Start({Define("swords")});
  ASSERT_TRUE(runner_->RunOnce("swords", 60'000'000));
  EXPECT_EQ("", runner_->Status().front().slowed);
  const lake::TableName table{.schema = "default", .name = "swords"};
  lake::Append crowd{.table = table, .expected_version = lake_->Load(table).value()->version};
  for (std::int64_t i = 0; i < kCrowdedFiles; ++i) {
    crowd.files.push_back(
        {.location = lake_->NewDataFile(table).value(), .record_count = 1, .file_size_bytes = 1});
    ASSERT_TRUE(os::WriteNewFile(fs_, crowd.files.back().location, "x"));
  }
  ASSERT_TRUE(lake_->Commit(crowd));
  Produce({"b"});
  ASSERT_TRUE(runner_->RunOnce("swords", 60'000'000));  // who asks does not wait
  EXPECT_THAT(runner_->Status().front().slowed, ::testing::HasSubstr("1002 small files"));
}

// The table of "a" keeps as many snapshots as it may, for the hold "report".
class HeldRunnerTest : public RunnerTest {
 protected:
  void SetUp() override {
    Produce({"x"});
    Start({Define("a")});
    ASSERT_TRUE(runner_->RunOnce("a", kLongUs));
    runner_.reset();
    ASSERT_TRUE(
        lake_->HoldSnapshots({.table = kHeldTable, .name = "report", .first = std::nullopt}));
    ASSERT_TRUE(lake::testing::WriteManySnapshots(fs_, *lake_->Load(kHeldTable).value(),
                                                  lake::kMaxHeldSnapshots));
    lake_ = lake::Lake::Open({fs_, *clock_, *random_}, {.warehouse = "/warehouse"}).value();
  }
};

TEST_F(HeldRunnerTest, ACommitIsRefusedWithTheHoldThatKeepsTheTableFull) {
  Produce({"y"});
  Start({Define("a")});
  const auto run = runner_->RunOnce("a", kLongUs);
  ASSERT_FALSE(run);
  EXPECT_EQ(ErrorCode::kUnavailable, run.error().code());
  EXPECT_THAT(run.error().message(), HasSubstr("`steelthread table release default.a report`"));
  EXPECT_THAT(runner_->Status()[0].slowed, HasSubstr("keeps 500 snapshots for hold \"report\""));
  EXPECT_EQ(1, runner_->Status()[0].lag);
}

TEST_F(HeldRunnerTest, ThePipelineGoesOnByItselfOnceTheHoldIsReleased) {
  auto definition = Define("a");
  definition.trigger_us = dialect::spark::kMinTriggerUs;
  Start({definition});
  Produce({"y"});
  const auto until_us = clock_->MonotonicUs() + 2 * dialect::spark::kMinTriggerUs;
  while (clock_->MonotonicUs() < until_us) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(1, runner_->Status()[0].lag) << "it does not try";
  EXPECT_EQ("", runner_->Status()[0].last_error);
  ASSERT_TRUE(lake_->ReleaseHold(kHeldTable, "report"));
  const auto deadline_us = clock_->MonotonicUs() + kLongUs;
  while (runner_->Status()[0].lag > 0 && clock_->MonotonicUs() < deadline_us) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(2, runner_->Status()[0].rows);
  EXPECT_EQ("", runner_->Status()[0].slowed);
}

TEST_F(RunnerTest, TakesANameInAnyCase) {
  Produce({"1", "2"});
  Start({Define("Sales")});
  const auto run = runner_->RunOnce("sALES", kLongUs);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->records, 2);
}

TEST_F(RunnerTest, SaysWhatItWaitsFor) {
  Start({Define("a")});
  EXPECT_TRUE(runner_->RunOnce("a", kLongUs)->is_waiting_for_topic);
  EXPECT_EQ(PipelineStateName(runner_->Status()[0].state), "waiting for topic");
  const auto unknown = runner_->RunOnce("purchase", kLongUs);
  EXPECT_EQ(unknown.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(unknown.error().message(),
            "no pipeline \"purchase\"; a pipeline has the name of its table; this project has a");
}

TEST_F(RunnerTest, NamesTheErrorThatAPersonMustDecide) {
  ASSERT_TRUE(lake_->Create({"default", "a"}, {{1, "v", "string"}}, {}));
  Start({Define("a"), Define("b")});
  const auto run = runner_->RunOnce("a", kLongUs);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message(), HasSubstr("was not made by a pipeline"));
  EXPECT_EQ(runner_->Status()[0].state, PipelineState::kNeedsPerson);
  EXPECT_THAT(runner_->Status()[0].last_error, HasSubstr("give the pipeline another name"));
  EXPECT_TRUE(runner_->RunOnce("b", kLongUs));
}

TEST_F(RunnerTest, RefusesTwoPipelinesOfOneName) {
  const auto runner = Runner::Start({.log = *log_, .lake = *lake_, .env = {fs_, *clock_, *random_}},
                                    {.definitions = {Define("a"), Define("a")}});
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(RunnerTest, NoRecordIsMovedWhileTheNewPipelinesAreMade) {
  Produce({"x"});
  std::atomic<int> jobs = 0;
  before_job_ = [&jobs] { ++jobs; };
  Start({Define("a")});
  ASSERT_TRUE(runner_->RunOnce("a", kLongUs));
  const int before = jobs;
  const auto replaced = runner_->Replace([&]() -> Result<std::vector<dialect::spark::Definition>> {
    Produce({"y"});
    EXPECT_EQ(runner_->RunOnce("a", kLongUs).error().code(), ErrorCode::kShutdown);
    EXPECT_EQ(jobs, before);
    return std::vector{Define("b")};
  });
  ASSERT_TRUE(replaced) << replaced.error().message();
  EXPECT_EQ(runner_->RunOnce("a", kLongUs).error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(runner_->RunOnce("b", kLongUs));
  EXPECT_EQ(runner_->Status()[0].rows, 2);
}

TEST_F(RunnerTest, TheOldPipelinesRunOnWhereNewOnesCannotBeMade) {
  Start({Define("a")});
  const auto refused = runner_->Replace([&]() -> Result<std::vector<dialect::spark::Definition>> {
    return Fail(ErrorCode::kIo, "the log is closed");
  });
  EXPECT_EQ(refused.error().message(), "the log is closed");
  const auto twice = runner_->Replace([&]() -> Result<std::vector<dialect::spark::Definition>> {
    return std::vector{Define("b"), Define("b")};
  });
  EXPECT_EQ(twice.error().code(), ErrorCode::kInvalidArgument);
  Produce({"x"});
  EXPECT_EQ(runner_->RunOnce("a", kLongUs)->rows, 1);
}

TEST_F(RunnerTest, StopEndsARunningJobAndItsRun) {
  Produce({"x"});
  std::promise<void> in_job;
  std::promise<void> go_on;
  before_job_ = [&in_job, went = go_on.get_future().share()] {
    in_job.set_value();
    went.wait();
  };
  Start({Define("a")});
  in_job.get_future().wait();
  std::promise<Result<RunReport>> ran;
  {
    os::Thread caller("caller", [&] { ran.set_value(runner_->RunOnce("a", kLongUs)); });
    os::Thread stopper("stopper", [&] { runner_->Stop(); });
    EXPECT_EQ(ran.get_future().get().error().code(), ErrorCode::kShutdown);
    go_on.set_value();
  }
  EXPECT_TRUE((*lake_->Load({"default", "a"}))->files.empty());
}

// Several threads of each kind: who appends, who asks for runs, who looks, who reloads.
TEST_F(RunnerTest, TablesHaveEachRecordOnceWhateverIsCalledAtOnce) {
  constexpr int kBatches = 20;
  const std::vector<std::string> names = {"a", "b", "c"};
  const auto define = [&]() -> Result<Definitions> {
    Definitions definitions;
    for (const auto& name : names) definitions.push_back(Define(name));
    definitions[0].lane = definitions[1].lane = "shared";
    return definitions;
  };
  Produce({"first"});
  Start(define().value());
  {
    std::vector<os::Thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back("producer", [&] {
        for (int n = 0; n < kBatches; ++n) Produce({"x", "skip", "bad"});
      });
    }
    for (const auto& name : names) {
      threads.emplace_back("caller", [&] {
        for (int n = 0; n < kBatches; ++n) {
          const auto run = runner_->RunOnce(name, kLongUs);
          if (!run) EXPECT_EQ(run.error().code(), ErrorCode::kShutdown) << run.error().message();
        }
      });
    }
    threads.emplace_back("reader", [&] {
      for (int n = 0; n < 10 * kBatches; ++n) {
        for (const auto& status : runner_->Status()) EXPECT_LE(status.rows, 1 + 2 * kBatches);
      }
    });
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back("reloader", [&] {
        for (int n = 0; n < 5; ++n) EXPECT_TRUE(runner_->Replace(define));
      });
    }
  }
  for (const auto& name : names) {
    const auto run = runner_->RunOnce(name, kLongUs);
    ASSERT_TRUE(run) << run.error().message();
    EXPECT_EQ((*lake_->Load({"default", name}))->record_count, 1 + 2 * kBatches);
  }
  for (const auto& status : runner_->Status()) EXPECT_EQ(status.dead_letters, 2 * kBatches);
}

TEST_F(RunnerTest, StopsWhileItIsReplacedAndAsked) {
  for (int round = 0; round < 10; ++round) {
    Start({Define("a"), Define("b")});
    Produce({"x"});
    std::latch at_once(4);
    {
      std::vector<os::Thread> threads;
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back("stopper", [&] {
          at_once.arrive_and_wait();
          runner_->Stop();
        });
      }
      threads.emplace_back("reloader", [&] {
        at_once.arrive_and_wait();
        const auto replaced = runner_->Replace(
            []() -> Result<Definitions> { return Definitions{Define("a"), Define("c")}; });
        if (!replaced) EXPECT_EQ(replaced.error().code(), ErrorCode::kShutdown);
      });
      threads.emplace_back("caller", [&] {
        at_once.arrive_and_wait();
        const auto run = runner_->RunOnce("a", kLongUs);
        if (!run) EXPECT_EQ(run.error().code(), ErrorCode::kShutdown);
      });
    }
    EXPECT_EQ(
        runner_->Replace([]() -> Result<Definitions> { return Definitions(); }).error().code(),
        ErrorCode::kShutdown);
    runner_.reset();
  }
}

}  // namespace
}  // namespace st::stream
