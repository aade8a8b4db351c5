#include "query/worker_pool.h"

#include <gtest/gtest.h>

#include <latch>

#include "os/testing/step_clock.h"
#include "query/limits.h"
#include "query/testing/fake_catalog.h"
#include "query/testing/fake_runner.h"

namespace st::query {
namespace {

class WorkerPoolTest : public ::testing::Test {
 protected:
  ~WorkerPoolTest() override {
    script_.Release();
    registry_.Close();
  }
  // Runs a statement and waits for its first answer.
  AnswerPtr Run(const std::string& sql) {
    const StatementRequest request{.sql = sql, .session = {}, .address = "127.0.0.1"};
    const Ticket ticket{.id = fmt::format("{:05}", ++count_), .slug = "slug"};
    const auto statement = std::make_shared<OpenStatement>(ticket, request, clock_.MonotonicUs());
    EXPECT_FALSE(registry_.Open(statement, true).has_value());
    std::latch answered(1);
    AnswerPtr got;
    registry_.Poll(ticket, 1, [&](FetchOutcome, AnswerPtr answer) {
      got = std::move(answer);
      answered.count_down();
    });
    answered.wait();
    return got;
  }

  os::testing::StepClock clock_;
  testing::FakeCatalog lake_;
  testing::Script script_;
  int count_ = 0;
  const EngineOptions options_{.max_running = 1, .make_runner = [this] {
                                 return std::make_unique<testing::FakeRunner>(script_);
                               }};
  StatementRegistry registry_{clock_, options_};
  WorkerPool pool_{clock_, lake_, options_, registry_};
};

TEST_F(WorkerPoolTest, HandsOutTheRowsAndColumnsOfItsRunner) {
  const auto answer = Run("select 1");
  EXPECT_EQ(answer->results.rows_json, "[[1]]");
  EXPECT_EQ(answer->results.columns.at(0).name, "n");
}

TEST_F(WorkerPoolTest, RunsOnAfterAStatementThatFailed) {
  script_.SetError({.name = "", .message = "the worker died"});
  EXPECT_EQ(Run("select 1")->results.failure->name, "GENERIC_INTERNAL_ERROR");
  script_.SetError({.name = "DIVISION_BY_ZERO", .message = "m", .line = 2, .column = 3});
  const auto failure = Run("select 1/0")->results.failure;
  EXPECT_EQ(failure->name, "DIVISION_BY_ZERO");
  EXPECT_EQ(failure->location->line, 2);
  EXPECT_TRUE(pool_.Damage().empty());
}

TEST_F(WorkerPoolTest, RemembersWhichFilesOfTablesCannotBeRead) {
  std::vector<std::string> files = {"a", "b"};
  for (std::size_t i = 0; i < kMaxDamageNotes; ++i) files.push_back(fmt::format("{}", i));
  lake_.Add("default", "t", {}, files);
  const auto fail = [&](const std::string& file) {
    const auto message = file + " is damaged";
    script_.SetError({.code = ErrorCode::kCorruption, .message = message, .damaged_file = file});
    EXPECT_EQ(Run("select 1")->results.failure->message, message);
  };
  for (const char* file : {"a", "b", "a", "left"}) fail(file);
  const auto damage = pool_.Damage();
  ASSERT_EQ(damage.size(), 2U);
  EXPECT_EQ(damage[0].table, "default.t");
  EXPECT_EQ(damage[0].location, "a");
  EXPECT_EQ(damage[0].message, "a is damaged");
  EXPECT_EQ(damage[1].message, "b is damaged");
  for (const auto& file : files) fail(file);
  EXPECT_EQ(pool_.Damage().size(), kMaxDamageNotes);
}

TEST_F(WorkerPoolTest, FailsAStatementWhosePageIsTooLarge) {
  script_.SetPages({std::string(kMaxPageBytes + 1, ' ')});
  EXPECT_EQ(Run("select 1")->results.failure->message,
            fmt::format("the worker sent a page of {} bytes; at most {} are allowed",
                        kMaxPageBytes + 1, kMaxPageBytes));
}

}  // namespace
}  // namespace st::query
