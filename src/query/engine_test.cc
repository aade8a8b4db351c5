#include "query/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "os/testing/memory_file_system.h"
#include "os/testing/step_clock.h"
#include "os/thread.h"
#include "query/testing/fake_catalog.h"
#include "query/testing/fake_runner.h"

namespace st::query {
namespace {

// Collects the outcomes of fetches; Wait waits for one. Callbacks may outlive the Inbox.
class Inbox {
 public:
  FetchCallback Callback() const {
    return [state = state_](FetchOutcome outcome, AnswerPtr answer) {
      const MutexLock lock(state->mu);
      state->got.emplace_back(outcome, std::move(answer));
      state->changed.NotifyAll();
    };
  }
  std::pair<FetchOutcome, AnswerPtr> Wait(std::size_t index = 0) const {
    const MutexLock lock(state_->mu);
    while (state_->got.size() <= index) {
      if (!state_->changed.WaitFor(state_->mu, std::chrono::seconds(20))) {
        ADD_FAILURE() << "no answer within 20 s";
        return {FetchOutcome::kUnknown, nullptr};
      }
    }
    return state_->got[index];
  }
  std::size_t size() const {
    const MutexLock lock(state_->mu);
    return state_->got.size();
  }

 private:
  struct State {
    Mutex mu;
    CondVar changed;
    std::vector<std::pair<FetchOutcome, AnswerPtr>> got ST_GUARDED_BY(mu);
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

struct Client {
  std::string address = "127.0.0.1";
  std::string user = "ann";
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : random_(os::MakeSeededRandom(7)) {
    lake_.Add("default", "purchases", {{1, "host", "string"}}, {"/w/a.parquet", "/w/b.parquet"});
    lake_.Add("bad", "rows", {{1, "code", "string"}}, {"/w/bad.parquet"});
    Restart({});
  }
  ~EngineTest() override { script_.Release(); }

  void Restart(EngineOptions options, MetricRegistry* metrics = nullptr) {
    options.make_runner = [this] { return std::make_unique<testing::FakeRunner>(script_); };
    engine_ = std::make_unique<Engine>(os::Env{fs_, clock_, *random_, metrics}, lake_,
                                       std::move(options));
  }
  AnswerPtr Post(const std::string& sql, Ticket& ticket, const Client& client) {
    StatementRequest request{.sql = sql, .session = {}, .address = client.address};
    request.session.user = client.user;
    return engine_->Submit(std::move(request), ticket);
  }
  // Posts a statement and does not ask for its answer.
  Ticket Leave(const std::string& sql, const Client& client = {}) {
    Ticket ticket;
    const auto first = Post(sql, ticket, client);
    EXPECT_EQ(first->results.stats.state, "QUEUED");
    EXPECT_EQ(first->next_token, 1);
    return ticket;
  }
  // Posts a statement and asks for its answer, as every client does.
  Ticket Submit(const std::string& sql, const Client& client = {}) {
    auto ticket = Leave(sql, client);
    engine_->Fetch(ticket, 1, [](FetchOutcome, const AnswerPtr&) {});
    return ticket;
  }
  // The name of the failure that refused the statement; "" if it was accepted.
  std::string Refusal(const std::string& sql, const Client& client = {}) {
    Ticket ticket;
    const auto answer = Post(sql, ticket, client);
    return answer->results.failure ? answer->results.failure->name : "";
  }
  AnswerPtr Get(const Ticket& ticket, std::int64_t token) {
    Inbox inbox;
    engine_->Fetch(ticket, token, inbox.Callback());
    const auto [outcome, answer] = inbox.Wait();
    EXPECT_EQ(outcome, FetchOutcome::kAnswer);
    return answer ? answer : std::make_shared<Answer>();
  }
  FetchOutcome Outcome(const Ticket& ticket, std::int64_t token) {
    Inbox inbox;
    engine_->Fetch(ticket, token, inbox.Callback());
    return inbox.Wait().first;
  }
  // All rows, or the name of the error.
  std::string ReadAll(const Ticket& ticket) {
    std::string rows;
    std::optional<std::int64_t> token = 1;
    while (token) {
      const auto answer = Get(ticket, *token);
      if (answer->results.failure) return answer->results.failure->name;
      rows += answer->results.rows_json;
      token = answer->next_token;
    }
    return rows;
  }

  testing::FakeCatalog lake_;
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_;
  testing::Script script_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, RowsComeInPagesAndTheLastAnswerHasNone) {
  script_.SetPages({"[[1]]", "[[2]]", "[[3]]"});
  const auto ticket = Submit("select n from purchases");
  EXPECT_EQ(Get(ticket, 1)->results.rows_json, "[[1]]");
  EXPECT_EQ(Get(ticket, 2)->results.rows_json, "[[2]]");
  const auto third = Get(ticket, 3);
  EXPECT_EQ(third->results.rows_json, "[[3]]");
  EXPECT_EQ(third->results.stats.state, "RUNNING");
  const auto last = Get(ticket, 4);
  EXPECT_EQ(last->results.rows_json, "");
  EXPECT_EQ(last->results.stats.state, "FINISHED");
  EXPECT_EQ(last->results.stats.rows, 3);
  EXPECT_EQ(last->results.columns.size(), 1u);
  EXPECT_FALSE(last->next_token.has_value());
}

TEST_F(EngineTest, TheSameTokenGivesTheSameAnswerAndOldOnesAreGone) {
  script_.SetPages({"[[1]]", "[[2]]"});
  const auto ticket = Submit("select n from purchases");
  EXPECT_EQ(Get(ticket, 1), Get(ticket, 1));
  EXPECT_EQ(Get(ticket, 2)->results.rows_json, "[[2]]");
  EXPECT_EQ(Outcome(ticket, 1), FetchOutcome::kGone);
  EXPECT_EQ(Outcome(ticket, 4), FetchOutcome::kUnknown);
  EXPECT_EQ(Outcome({ticket.id, "guess"}, 3), FetchOutcome::kUnknown);
  EXPECT_EQ(Outcome({"nosuch", ticket.slug}, 1), FetchOutcome::kUnknown);
  EXPECT_FALSE(engine_->Cancel({ticket.id, "guess"}));
}

TEST_F(EngineTest, ADamagedTableLetsStatementsOnOtherTablesRun) {
  lake_.Damage("bad", "rows");
  EXPECT_EQ(ReadAll(Submit("select host from purchases where host <> 'rows'")), "[[1]]");
}

TEST_F(EngineTest, AnErrorOfTheWorkerFailsTheStatement) {
  script_.SetError({.name = "COLUMN_NOT_FOUND",
                    .message = "line 1:8: Column 'x' cannot be resolved",
                    .line = 1,
                    .column = 8});
  const auto ticket = Submit("select x from purchases");
  const auto answer = Get(ticket, 1);
  ASSERT_TRUE(answer->results.failure.has_value());
  EXPECT_EQ(answer->results.failure->name, "COLUMN_NOT_FOUND");
  EXPECT_EQ(answer->results.failure->location->column, 8);
  EXPECT_EQ(answer->results.stats.state, "FAILED");
  EXPECT_FALSE(answer->next_token.has_value());
}

TEST_F(EngineTest, ShowNeedsNoWorker) {
  script_.Hold();
  const auto first = Submit("select 1");
  const auto second = Submit("select 2");
  EXPECT_EQ(ReadAll(Submit("show tables")), R"([["purchases"]])");
  EXPECT_EQ(ReadAll(Submit("nonsense")), "SYNTAX_ERROR");
  script_.Release();
  EXPECT_EQ(ReadAll(first), "[[1]]");
  EXPECT_EQ(ReadAll(second), "[[1]]");
}

TEST_F(EngineTest, UseTellsTheClientInTheLastAnswer) {
  const auto ticket = Submit("use lake.bad");
  const auto answer = Get(ticket, 1);
  EXPECT_EQ(answer->results.update_type, "USE");
  EXPECT_EQ(answer->set_schema, "bad");
}

TEST_F(EngineTest, ALongPollIsAnsweredWithoutRowsAfterItsTime) {
  script_.Hold();
  const auto ticket = Submit("select 1");
  script_.WaitForJobs(1);
  Inbox inbox;
  engine_->Fetch(ticket, 1, inbox.Callback());
  engine_->Fetch(ticket, 1, inbox.Callback());  // the client retries while its first poll waits
  engine_->Sweep();
  EXPECT_EQ(inbox.size(), 0u);
  clock_.Advance(kPollWaitUs);
  engine_->Sweep();
  EXPECT_EQ(inbox.Wait(0).second, inbox.Wait(1).second);
  EXPECT_EQ(inbox.Wait(0).second->results.rows_json, "");
  EXPECT_EQ(inbox.Wait(0).second->results.stats.state, "RUNNING");
  EXPECT_EQ(inbox.Wait(0).second->next_token, 2);
  script_.Release();
  EXPECT_EQ(Get(ticket, 2)->results.rows_json, "[[1]]");
}

TEST_F(EngineTest, PollsBeyondTheLimitAreRefused) {
  script_.Hold();
  const auto ticket = Submit("select 1");
  Inbox waiting;
  for (std::size_t i = 1; i < kMaxPollsPerStatement; ++i) {  // Submit made one poll already
    engine_->Fetch(ticket, 1, waiting.Callback());
  }
  EXPECT_EQ(Outcome(ticket, 1), FetchOutcome::kBusy);
  script_.Release();
  waiting.Wait(kMaxPollsPerStatement - 2);
}

TEST_F(EngineTest, CancelStopsTheRunnerAndAnswersWaitingPolls) {
  script_.Hold();
  const auto ticket = Submit("select 1");
  script_.WaitForJobs(1);
  Inbox inbox;
  engine_->Fetch(ticket, 1, inbox.Callback());
  EXPECT_TRUE(engine_->Cancel(ticket));
  EXPECT_EQ(inbox.Wait().second->results.failure->name, "USER_CANCELED");
  EXPECT_TRUE(engine_->Cancel(ticket));
  engine_->Sweep();
  EXPECT_GE(script_.cancels(), 1);
  // The runner can take another statement.
  script_.Release();
  EXPECT_EQ(ReadAll(Submit("select 2")), "[[1]]");
}

TEST_F(EngineTest, AFullQueueRefusesAndAQueuedStatementTimesOut) {
  Restart({.statement_timeout_us = 30'000'000});
  script_.Hold();
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < 2; ++i) tickets.push_back(Submit("select 1"));
  script_.WaitForJobs(2);
  for (std::size_t i = 0; i < kMaxQueuedOfUser; ++i) tickets.push_back(Submit("select 1"));
  EXPECT_EQ(Refusal("select 1"), "QUERY_QUEUE_FULL");
  clock_.Advance(29'000'000);
  engine_->Sweep();
  EXPECT_EQ(engine_->StateOf(tickets.back().id), "QUEUED");
  clock_.Advance(1'000'000);
  engine_->Sweep();
  EXPECT_EQ(ReadAll(tickets.back()), "EXCEEDED_TIME_LIMIT");
}

TEST_F(EngineTest, OpenStatementsAreLimitedAndAbandonedOnesDropped) {
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < kMaxOpenOfUser; ++i) tickets.push_back(Submit("show tables"));
  Ticket refused;
  const auto answer = Post("show tables", refused, {});
  EXPECT_EQ(answer->results.failure->name, "QUERY_QUEUE_FULL");
  EXPECT_FALSE(answer->next_token.has_value());
  EXPECT_EQ(ReadAll(tickets[0]), R"([["purchases"]])");
  Submit("show tables");  // takes the place of the one that was read to its end
  clock_.Advance(kAbandonUs);
  engine_->Sweep();
  EXPECT_EQ(Outcome(tickets[1], 1), FetchOutcome::kUnknown);
  EXPECT_FALSE(engine_->StateOf(tickets[1].id).has_value());
}

TEST_F(EngineTest, AbandonedStatementsGiveWayWhenTheirPlaceIsWanted) {
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < kMaxOpenOfUser; ++i) tickets.push_back(Submit("show tables"));
  clock_.Advance(kYieldUs - 1);
  EXPECT_EQ(Get(tickets[0], 1)->results.rows_json, R"([["purchases"]])");
  clock_.Advance(1);
  EXPECT_EQ(ReadAll(Submit("show tables")), R"([["purchases"]])");
  EXPECT_EQ(Outcome(tickets[1], 1), FetchOutcome::kUnknown);
  EXPECT_EQ(Outcome(tickets[0], 2), FetchOutcome::kAnswer) << "its client is there";
}

TEST_F(EngineTest, AbandonedStatementsGiveWayInTheQueueAndInTheWorkers) {
  script_.Hold();
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < 2; ++i) tickets.push_back(Submit("select 1"));
  script_.WaitForJobs(2);
  for (std::size_t i = 0; i < kMaxQueuedOfUser; ++i) tickets.push_back(Submit("select 1"));
  clock_.Advance(kPollWaitUs);
  engine_->Sweep();  // answers each poll; no further poll comes
  clock_.Advance(kYieldUs);
  const auto live = Submit("select 1");
  EXPECT_EQ(engine_->StateOf(live.id), "QUEUED");
  EXPECT_EQ(engine_->StateOf(tickets[0].id), "RUNNING");
  clock_.Advance(kWantedUs);
  engine_->Sweep();
  EXPECT_NE(engine_->StateOf(tickets[0].id), "RUNNING") << "its worker is wanted";
  script_.Release();
  EXPECT_EQ(ReadAll(live), "[[1]]");
}

TEST_F(EngineTest, AStatementRunsOnceItsClientAsksForItsAnswers) {
  std::vector<Ticket> left;
  for (std::size_t i = 0; i < kMaxQueuedOfUser; ++i) left.push_back(Leave("select 'left'"));
  EXPECT_EQ(Refusal("select 2"), "QUERY_QUEUE_FULL") << "their clients may be on the way";
  clock_.Advance(kFollowUs);
  EXPECT_EQ(ReadAll(Submit("select 2")), "[[1]]");
  EXPECT_EQ(script_.jobs().size(), 1U) << "of the others none ran";
  EXPECT_EQ(Outcome(left[0], 1), FetchOutcome::kUnknown) << "it gave way";
  const auto last = Leave("select 3");
  clock_.Advance(kFirstPollUs);
  engine_->Sweep();
  EXPECT_EQ(Outcome(last, 1), FetchOutcome::kUnknown) << "nobody asked for it";
}

TEST_F(EngineTest, ACancelledStatementHoldsNoPlace) {
  script_.Hold();
  for (int round = 0; round < 5; ++round) {
    std::vector<Ticket> tickets;
    for (std::size_t i = 0; i < kMaxQueuedOfUser; ++i) tickets.push_back(Submit("select 1"));
    for (std::size_t i = 0; i < kMaxOpenOfUser - kMaxQueuedOfUser; ++i) {
      tickets.push_back(Leave("show tables"));
    }
    EXPECT_EQ(Refusal("show tables"), "QUERY_QUEUE_FULL");
    for (const auto& ticket : tickets) EXPECT_TRUE(engine_->Cancel(ticket));
    EXPECT_EQ(Get(tickets[0], 1)->results.failure->name, "USER_CANCELED") << "it is remembered";
  }
  script_.Release();
  EXPECT_EQ(ReadAll(Submit("select 2")), "[[1]]");
}

TEST_F(EngineTest, OneAddressCannotTakeAllPlacesAndWorkers) {
  script_.Hold();
  // A client can invent users, but all of them share its address.
  std::size_t taken = 0;
  for (int user = 0; user < 10; ++user) {
    for (std::size_t i = 0; i < kMaxOpenOfUser; ++i) {
      Ticket ticket;
      const Client client{.address = "127.0.0.2", .user = fmt::format("user {}", user)};
      if (Post("select 'theirs'", ticket, client)->results.failure) continue;
      engine_->Fetch(ticket, 1, [](FetchOutcome, const AnswerPtr&) {});
      ++taken;
    }
  }
  EXPECT_LE(taken, kMaxOpenOfAddress);
  script_.WaitForJobs(2);
  const auto mine = Submit("select 'mine'");
  script_.WaitForJobs(3);
  EXPECT_EQ(script_.jobs().back().sql, "select 'mine'") << "no third worker for one address";
  script_.Release();
  EXPECT_EQ(ReadAll(mine), "[[1]]");
}

TEST_F(EngineTest, UsersOfAnAddressTakeTurns) {
  Restart({.max_running = 1});
  script_.Hold();
  const auto first = Submit("select 'first'", {.user = "ann"});
  script_.WaitForJobs(1);
  std::vector<Ticket> tickets;
  for (int i = 0; i < 3; ++i) tickets.push_back(Submit("select 'ann'", {.user = "ann"}));
  for (int i = 0; i < 2; ++i) tickets.push_back(Submit("select 'bob'", {.user = "bob"}));
  tickets.push_back(Submit("select 'far'", {.address = "127.0.0.2", .user = "ann"}));
  script_.Release();
  for (const auto& ticket : tickets) EXPECT_EQ(ReadAll(ticket), "[[1]]");
  std::string order;
  for (const auto& job : script_.jobs()) order += job.sql.substr(7);
  EXPECT_EQ(order, "'first''far''bob''ann''bob''ann''ann'");
}

TEST_F(EngineTest, RefusalsAndPlacesAreInTheMetrics) {
  MetricRegistry metrics;
  Restart({}, &metrics);
  for (std::size_t i = 0; i < kMaxQueuedOfUser; ++i) Leave("select 1");
  EXPECT_EQ(Refusal("select 1"), "QUERY_QUEUE_FULL");
  const auto text = metrics.Render();
  EXPECT_TRUE(text.contains("steelthread_statements{state=\"queued\"} 16\n")) << text;
  EXPECT_TRUE(text.contains("steelthread_statements_refused_total{reason=\"user_queued\"} 1\n"));
  engine_.reset();
}

TEST_F(EngineTest, ASlowReaderHoldsTheWorkerBackUntilTheTimeLimit) {
  const std::string page = "[[\"" + std::string(1 << 20, 'x') + "\"]]";
  script_.SetPages(std::vector<std::string>(50, page));
  const auto ticket = Submit("select n from purchases");
  EXPECT_EQ(Get(ticket, 1)->results.rows_json, page);
  EXPECT_EQ(Get(ticket, 2)->results.rows_json, page);
  EXPECT_LE(script_.pages_read(), 5);  // two were handed out, two are buffered, one is being read
  clock_.Advance(60'000'000 - kPollWaitUs);
  EXPECT_EQ(Get(ticket, 3)->results.rows_json, page);
  clock_.Advance(kPollWaitUs);
  std::int64_t token = 4;
  while (Get(ticket, token)->next_token) ++token;
  EXPECT_EQ(Get(ticket, token)->results.failure->name, "EXCEEDED_TIME_LIMIT");
}

TEST_F(EngineTest, StopFailsOpenStatements) {
  script_.Hold();
  const auto ticket = Submit("select 1");
  script_.WaitForJobs(1);
  Inbox inbox;
  engine_->Fetch(ticket, 1, inbox.Callback());
  engine_->Stop();
  EXPECT_EQ(inbox.Wait().second->results.failure->name, "SERVER_SHUTTING_DOWN");
  Ticket late;
  const auto answer = Post("select 1", late, {});
  EXPECT_EQ(answer->results.failure->name, "SERVER_SHUTTING_DOWN");
}

TEST_F(EngineTest, ClientsOnManyThreadsEachGetTheirOwnAnswers) {
  constexpr int kRounds = 20;
  std::atomic<int> asking = 4;
  std::vector<os::Thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back("client", [this, &asking, t] {
      const Client client{.address = fmt::format("127.0.0.{}", t / 2),
                          .user = fmt::format("user {}", t)};
      for (int round = 0; round < kRounds; ++round) {
        EXPECT_EQ(ReadAll(Submit("select 1", client)), "[[1]]");
        EXPECT_EQ(ReadAll(Submit("show tables", client)), R"([["purchases"]])");
        EXPECT_EQ(ReadAll(Submit("selec", client)), "SYNTAX_ERROR");
        const auto cancelled = Submit("select 2", client);
        EXPECT_TRUE(engine_->Cancel(cancelled));
        EXPECT_EQ(engine_->StateOf(cancelled.id).has_value(), true);
      }
      --asking;
    });
  }
  threads.emplace_back("sweeper", [&] {
    while (asking > 0) {
      engine_->Sweep();
      EXPECT_TRUE(engine_->Damage().empty());
    }
  });
}

TEST_F(EngineTest, StopsWhileClientsSubmit) {
  std::latch answered(3);
  std::vector<os::Thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back("client", [this, &answered, t] {
      const Client client{.user = fmt::format("user {}", t)};
      std::string last;
      for (int round = 0; last != "SERVER_SHUTTING_DOWN"; ++round) {
        Ticket ticket;
        const auto first = Post("select 1", ticket, client);
        last = first->results.failure ? first->results.failure->name : ReadAll(ticket);
        EXPECT_TRUE(last == "[[1]]" || last == "SERVER_SHUTTING_DOWN") << last;
        if (round == 0) answered.count_down();
      }
    });
  }
  answered.wait();
  engine_->Stop();
}

}  // namespace
}  // namespace st::query
