#include "client/load/runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <set>

#include "net/http_server.h"
#include "os/thread.h"

namespace st::client::load {
namespace {

// A server and its clock: time goes on only when nothing is left to do at the present moment.
class SteppedPool final : public net::HttpPool {
 public:
  using Serve = std::function<Result<net::ClientReply>(const net::ClientRequest&)>;
  explicit SteppedPool(Serve serve) : serve_(std::move(serve)) {}

  void Send(net::ClientRequest request, Done done) override {
    ++sent_;
    // One request at a time, as a server with one thread: a slow one delays those behind it.
    free_us_ = std::max(free_us_, now_us_) + service_us_;
    RunAfter(free_us_ - now_us_, [this, request = std::move(request),
                                  done = std::move(done)]() mutable { done(serve_(request)); });
  }
  void RunAfter(std::int64_t delay_us, Task task) override {
    tasks_.emplace(now_us_ + delay_us, std::move(task));
  }
  std::int64_t NowUs() override { return now_us_; }
  void Post(Task task) override { RunAfter(0, std::move(task)); }
  void Stop() override { tasks_.clear(); }

  void RunAll() {
    while (!tasks_.empty()) {
      auto task = tasks_.extract(tasks_.begin());
      now_us_ = task.key();
      task.mapped()();
    }
  }
  void set_service_us(std::int64_t us) { service_us_ = us; }
  // Nothing is served until then.
  void Pause(std::int64_t us) { free_us_ = std::max(free_us_, now_us_) + us; }
  int sent() const { return sent_; }

 private:
  const Serve serve_;
  std::multimap<std::int64_t, Task> tasks_;
  std::int64_t now_us_ = 1'000'000;
  std::int64_t free_us_ = 0;
  std::int64_t service_us_ = 100;
  int sent_ = 0;
};

class OneRoute final : public Script {
 public:
  explicit OneRoute(bool is_read = false) : kinds_{{.name = "sword", .is_read = is_read}} {}
  const std::vector<ledger::RequestKind>& kinds() const override { return kinds_; }
  Action Next(const Turn& turn, os::Random&) override {
    players_.insert(turn.player);
    return {.request = {.target = "/"}};
  }
  const std::set<std::uint64_t>& players() const { return players_; }

 private:
  const std::vector<ledger::RequestKind> kinds_;
  std::set<std::uint64_t> players_;
};

net::ClientReply Ok() { return {.status = 200, .headers = {}, .body = "ok"}; }

Tally RunOn(SteppedPool& pool, Script& script, ledger::Ledger& ledger, const RunOptions& options) {
  const auto random = os::MakeSeededRandom(1);
  Runner runner(pool, script, ledger, *random, options);
  bool is_done = false;
  runner.Begin([&] { is_done = true; });
  pool.RunAll();
  EXPECT_TRUE(is_done);
  EXPECT_EQ(runner.tally().open, 0U);
  return runner.tally();
}

TEST(Runner, ClosedLoopHasAsManyInHandAsClients) {
  SteppedPool pool([](const auto&) { return Ok(); });
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto tally = RunOn(pool, script, ledger, {.clients = 10, .duration_us = 1'000'000});
  EXPECT_NEAR(static_cast<double>(tally.sent), 10'000, 20);  // one each 100 us
  EXPECT_EQ(tally.acknowledged, tally.sent);
  EXPECT_LE(tally.latency.max(), 1'000);
  EXPECT_GE(script.players().size(), 390U);  // a player's session ends after 25 requests
}

TEST(Runner, ThinkTimeLowersTheRate) {
  SteppedPool pool([](const auto&) { return Ok(); });
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto tally =
      RunOn(pool, script, ledger, {.clients = 10, .duration_us = 10'000'000, .think_us = 100'000});
  EXPECT_NEAR(static_cast<double>(tally.sent), 1'000, 60);
}

TEST(Runner, OpenLoopKeepsItsRate) {
  SteppedPool pool([](const auto&) { return Ok(); });
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto tally = RunOn(pool, script, ledger, {.rate = 1'000, .duration_us = 10'000'000});
  EXPECT_EQ(tally.sent, 10'000U);
  EXPECT_EQ(tally.acknowledged, 10'000U);
  EXPECT_EQ(tally.not_sent, 0U);
}

// The server rests for 5 s of 10. Whoever waits for an answer before it sends again notes one slow
// request; in truth half of all would have waited, 2.5 s on the average.
TEST(Runner, OpenLoopChargesAPauseToEveryRequestThatItDelays) {
  SteppedPool pool([](const auto&) { return Ok(); });
  OneRoute script;
  ledger::Ledger ledger("r");
  pool.RunAfter(2'000'000, [&] { pool.Pause(5'000'000); });
  const auto tally = RunOn(pool, script, ledger, {.rate = 1'000, .duration_us = 10'000'000});
  EXPECT_EQ(tally.sent, 10'000U);
  EXPECT_NEAR(static_cast<double>(tally.latency.max()), 5e6, 2e4);
  EXPECT_LT(tally.latency.Quantile(0.4), 2'000);
  EXPECT_NEAR(static_cast<double>(tally.latency.Quantile(0.725)), 2.5e6, 3e5);
}

TEST(Runner, RepeatsUnderOneKeyUntilAnswered) {
  std::map<std::string, int> tries;
  SteppedPool pool([&](const net::ClientRequest& request) -> Result<net::ClientReply> {
    switch (tries[std::string(net::FindHeader(request.headers, "Idempotency-Key"))]++) {
      case 0:
        return Fail(ErrorCode::kOutcomeUnknown, "gone");
      case 1:
        return net::ClientReply{.status = 503, .headers = {}, .body = ""};
      case 2:
        return net::ClientReply{.status = 409, .headers = {}, .body = R"({"code":"in_flight"})"};
      case 3:
        return Fail(ErrorCode::kUnavailable, "nothing listens");
      default:
        return Ok();
    }
  });
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto tally =
      RunOn(pool, script, ledger, {.clients = 1, .duration_us = 1'000'000, .most_requests = 3});
  EXPECT_EQ(tally.sent, 3U);
  EXPECT_EQ(tally.acknowledged, 3U);
  EXPECT_EQ(tally.repeated, 12U);
  EXPECT_EQ(tries.size(), 3U);
  EXPECT_TRUE(tries.contains("r-2"));
}

TEST(Runner, GivesUpAfterAMinute) {
  SteppedPool pool([](const auto&) -> Result<net::ClientReply> {
    return Fail(ErrorCode::kUnavailable, "nothing listens");
  });
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto tally =
      RunOn(pool, script, ledger, {.clients = 1, .duration_us = 1'000'000, .most_requests = 1});
  EXPECT_EQ(tally.unanswered, 1U);
  EXPECT_EQ(ledger.fate(0), ledger::Fate::kUnanswered);
  EXPECT_GE(pool.NowUs(), 60'000'000);
  EXPECT_LT(pool.NowUs(), 63'000'000);
}

TEST(Runner, RepeatsNothingWithoutKeys) {
  SteppedPool pool([](const net::ClientRequest& request) -> Result<net::ClientReply> {
    EXPECT_EQ(net::FindHeader(request.headers, "Idempotency-Key"), "");
    return Fail(ErrorCode::kOutcomeUnknown, "gone");
  });
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto tally =
      RunOn(pool, script, ledger, {.clients = 1, .most_requests = 2, .has_keys = false});
  EXPECT_EQ(tally.unanswered, 2U);
  EXPECT_EQ(tally.repeated, 0U);
}

TEST(Runner, CountsRefusalsAndReadsApart) {
  SteppedPool pool([](const auto&) -> Result<net::ClientReply> {
    return net::ClientReply{.status = 409, .headers = {}, .body = R"({"code":"out_of_stock"})"};
  });
  OneRoute script;
  ledger::Ledger ledger("r");
  auto tally = RunOn(pool, script, ledger, {.clients = 1, .most_requests = 2});
  EXPECT_EQ(tally.refused, 2U);
  EXPECT_EQ(tally.refused_codes.at("out_of_stock"), 2U);
  EXPECT_TRUE(tally.failed_codes.empty());
  EXPECT_EQ(tally.counted(), 0U);
  OneRoute reads(true);
  tally = RunOn(pool, reads, ledger, {.clients = 1, .most_requests = 2});
  EXPECT_EQ(tally.reads, 2U);
  EXPECT_EQ(tally.sent, 0U);
  EXPECT_EQ(ledger.size(), 2U);
}

TEST(Runner, CountsTheCodesOfFailuresApart) {
  SteppedPool pool([](const net::ClientRequest& request) -> Result<net::ClientReply> {
    const bool is_first = net::FindHeader(request.headers, "Idempotency-Key") == "r-0";
    return net::ClientReply{.status = is_first ? 500 : 503, .headers = {}, .body = ""};
  });
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto tally = RunOn(pool, script, ledger, {.clients = 1, .most_requests = 2});
  EXPECT_EQ(tally.failed, 1U);
  EXPECT_EQ(tally.unanswered, 1U);
  EXPECT_EQ(tally.failed_codes,
            (std::map<std::string, std::uint64_t>{{"HTTP 500", 1}, {"HTTP 503", 1}}));
  EXPECT_TRUE(tally.refused_codes.empty());
}

// As `steelthread load` runs it: requests on the pool's thread, progress and end from others.
TEST(Runner, IsWatchedAndEndedFromOtherThreads) {
  std::atomic<std::uint64_t> served = 0;
  const auto server = net::HttpServer::Start(
      {.listen = "127.0.0.1:0", .name = "load"},
      [&served](const net::HttpRequest&, std::unique_ptr<net::HttpResponder> responder) {
        ++served;
        responder->Send({.status = 200, .body = "ok"});
      });
  ASSERT_TRUE(server) << server.error().message();
  const auto pool = net::HttpPool::Start({.endpoint = (*server)->address()});
  ASSERT_TRUE(pool) << pool.error().message();
  OneRoute script;
  ledger::Ledger ledger("r");
  const auto random = os::MakeSeededRandom(1);
  Runner runner(**pool, script, ledger, *random, {.clients = 8, .duration_us = 60'000'000});
  std::promise<void> done;
  (*pool)->Post([&] { runner.Begin([&done] { done.set_value(); }); });
  {
    std::vector<os::Thread> watchers;
    for (int i = 0; i < 2; ++i) {
      watchers.emplace_back("watcher", [&runner] {
        std::uint64_t last = 0;
        while (last < 300 && !::testing::Test::HasFailure()) {
          const auto tally = runner.tally();
          EXPECT_GE(tally.sent, tally.acknowledged);
          EXPECT_GE(tally.acknowledged, last);
          last = tally.acknowledged;
        }
        runner.End();
      });
    }
  }
  ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  (*pool)->Stop();
  (*server)->Stop(0);
  const auto tally = runner.tally();
  EXPECT_EQ(tally.open, 0U);
  EXPECT_EQ(tally.acknowledged, served);
  EXPECT_EQ(ledger.size(), tally.sent);
}

}  // namespace
}  // namespace st::client::load
