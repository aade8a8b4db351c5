#include "query/statement_registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "os/testing/step_clock.h"
#include "os/thread.h"
#include "query/limits.h"

namespace st::query {
namespace {

// A runner whose Cancel waits for the test.
class SlowToCancel final : public Runner {
 public:
  Status Start() override { return {}; }
  jobs::QueryResult<std::vector<jobs::ResultColumn>> StartQuery(const jobs::QueryJob&, std::int64_t,
                                                                const jobs::ChooseFiles&) override {
    return {};
  }
  jobs::QueryResult<jobs::QueryPage> NextPage() override { return {}; }
  void EndQuery() override {}
  void Cancel() override {
    cancel_begins.count_down();
    may_cancel.wait();
    is_cancelled = true;
  }

  std::latch cancel_begins{1};
  std::latch may_cancel{1};
  std::atomic<bool> is_cancelled = false;
};

class StatementRegistryTest : public ::testing::Test {
 protected:
  StatementPtr New(const std::string& user = "ann", const std::string& address = "127.0.0.1") {
    StatementRequest request{.sql = "select 1", .session = {}, .address = address};
    request.session.user = user;
    const Ticket ticket{.id = fmt::format("{:05}", ++count_), .slug = "slug"};
    return std::make_shared<OpenStatement>(ticket, request, clock_.MonotonicUs());
  }
  // Opens a statement; the reason of a refusal, "" if it is open.
  std::string Open(const StatementPtr& statement, bool for_worker) {
    const auto refusal = registry_.Open(statement, for_worker);
    return refusal ? refusal->reason : "";
  }
  void Ask(const StatementPtr& statement) {
    registry_.Poll(statement->ticket(), 1, [this](FetchOutcome outcome, const AnswerPtr& answer) {
      outcomes_.push_back(outcome);
      if (answer && answer->results.failure) failures_.push_back(answer->results.failure->name);
    });
  }
  // Opens a statement and takes its turn.
  StatementPtr Start() {
    const auto statement = New();
    EXPECT_EQ(Open(statement, true), "");
    Ask(statement);
    EXPECT_EQ(registry_.TakeTurn(60'000'000), statement);
    return statement;
  }

  os::testing::StepClock clock_;
  int count_ = 0;
  std::vector<FetchOutcome> outcomes_;
  std::vector<std::string> failures_;
  StatementRegistry registry_{clock_, EngineOptions{}};
};

TEST_F(StatementRegistryTest, RefusesByTheShareThatIsUsedUp) {
  for (std::size_t i = 0; i < kMaxQueuedOfUser; ++i) EXPECT_EQ(Open(New(), true), "");
  EXPECT_EQ(Open(New(), true), "user_queued");
  for (std::size_t i = kMaxQueuedOfUser; i < kMaxOpenOfUser; ++i) EXPECT_EQ(Open(New(), false), "");
  EXPECT_EQ(Open(New(), false), "user_open");
  for (std::size_t i = kMaxOpenOfUser; i < kMaxOpenOfAddress; ++i) {
    EXPECT_EQ(Open(New("bob"), false), "");
  }
  EXPECT_EQ(Open(New("bob"), false), "address_open");
  for (std::size_t i = kMaxOpenOfAddress; i < kMaxOpenStatements; ++i) {
    EXPECT_EQ(Open(New("ann", "127.0.0.2"), false), "");
  }
  EXPECT_EQ(Open(New("ann", "127.0.0.3"), false), "server_open");
  const auto counts = registry_.Count();
  EXPECT_EQ(counts.open, kMaxOpenStatements);
  EXPECT_EQ(counts.queued, kMaxQueuedOfUser);
}

TEST_F(StatementRegistryTest, RefusesByTheQueueOfAnAddressAndOfTheServer) {
  for (std::size_t i = 0; i < kMaxQueuedOfAddress; ++i) {
    EXPECT_EQ(Open(New(fmt::format("user {}", i)), true), "");
  }
  EXPECT_EQ(Open(New(), true), "address_queued");
  for (std::size_t i = kMaxQueuedOfAddress; i < kMaxQueuedStatements; ++i) {
    EXPECT_EQ(Open(New("ann", "127.0.0.2"), true), "");
  }
  EXPECT_EQ(Open(New("ann", "127.0.0.3"), true), "server_queued");
}

TEST_F(StatementRegistryTest, RemembersTheNewestFinishedStatements) {
  std::vector<StatementPtr> statements;
  for (std::size_t i = 0; i < kMaxRememberedStatements + 2; ++i) {
    statements.push_back(New());
    statements.back()->Finish(clock_.MonotonicUs());
    EXPECT_EQ(Open(statements.back(), false), "");
    Ask(statements.back());  // takes the only answer: its place is free
  }
  EXPECT_EQ(registry_.Count().open, 0U);
  EXPECT_FALSE(registry_.StateOf(statements[0]->ticket().id).has_value());
  EXPECT_TRUE(registry_.StateOf(statements[1]->ticket().id).has_value());
}

TEST_F(StatementRegistryTest, ATurnIsTakenOnceAndNoneComesAfterClose) {
  const auto statement = Start();
  EXPECT_EQ(statement->state(), "RUNNING");
  EXPECT_EQ(registry_.TakeTurn(0), StatementPtr());
  registry_.Close();
  EXPECT_EQ(failures_, std::vector<std::string>{"SERVER_SHUTTING_DOWN"});
  EXPECT_FALSE(registry_.TakeTurn(60'000'000).has_value());
  EXPECT_EQ(Open(New(), true), kStopping);
}

TEST_F(StatementRegistryTest, AStatementThatIsNotThereIsUnknown) {
  Ask(New());
  EXPECT_EQ(outcomes_, std::vector{FetchOutcome::kUnknown});
  EXPECT_FALSE(registry_.Cancel({.id = "00001", .slug = "slug"}, {.name = "X", .message = ""}));
}

TEST_F(StatementRegistryTest, ARunnerIsFreeOnceItsCancelIsThrough) {
  const auto statement = Start();
  const auto runner = std::make_shared<SlowToCancel>();
  registry_.SetRunner(*statement, runner);
  EXPECT_EQ(registry_.Count().running, 1U);
  EXPECT_TRUE(registry_.Cancel(statement->ticket(), {.name = "X", .message = ""}));
  os::Thread sweeper("sweep", [this] { registry_.Sweep(); });
  runner->cancel_begins.wait();
  os::Thread other("other", [&] { runner->may_cancel.count_down(); });
  registry_.EndRun(*statement);
  EXPECT_TRUE(runner->is_cancelled);
  EXPECT_EQ(registry_.Count().running, 0U);
}

TEST_F(StatementRegistryTest, TheSweeperEndsOnceNoneRuns) {
  const auto statement = Start();
  registry_.SetRunner(*statement, std::make_shared<SlowToCancel>());
  registry_.Close();
  EXPECT_TRUE(registry_.WaitForSweep());
  registry_.EndRun(*statement);
  EXPECT_FALSE(registry_.WaitForSweep());
}

}  // namespace
}  // namespace st::query
