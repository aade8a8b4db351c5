// Sends the requests of a script, in closed or open loop, and records their outcomes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "client/ledger/ledger.h"
#include "client/load/script.h"
#include "client/load/tally.h"
#include "net/http_pool.h"
#include "os/random.h"

namespace st::client::load {

struct RunOptions {
  std::uint32_t clients = 64;  // sessions at a time; in closed loop each has one request in flight
  double rate = 0;             // requests a second, in open loop; 0: closed loop
  std::int64_t duration_us = 60'000'000;
  std::int64_t think_us = 0;         // mean pause of a client between answer and next request
  std::uint64_t most_requests = 0;   // 0: as many as the duration allows
  bool has_keys = true;              // send Idempotency-Key and repeat under it
  std::uint32_t session_steps = 25;  // requests of one player, then the next one
};

// A run. In open loop requests are due at a constant rate, whatever the server does: latency is
// taken from when a request was due, not from when it left, so a pause of the server counts for
// every request that it delayed (Tene, "coordinated omission").
//
// With keys, a request without an answer, or with 503 or 409 in_flight, is sent again under its key
// until it is answered or kGiveUpUs have passed; its latency runs from the first time.
//
// Threads: on the pool's io thread, but for tally() and End(): from any.
// Owner:   all references must outlive it, and it the pool's last task.
// Limits:  kMaxOpenRequests, kMaxKeys.
class Runner {
 public:
  Runner(net::HttpPool& pool, Script& script, ledger::Ledger& ledger, os::Random& random,
         RunOptions options);
  // `done` runs once nothing more is sent and all is answered or given up.
  void Begin(std::function<void()> done);
  // Sends nothing new from now on.
  void End();
  Tally tally() const {
    return tally_.With([](const Tally& now) { return now; });
  }
  // From Begin to the last answer so far.
  std::int64_t elapsed_us() const {
    return last_answer_us_.With([](const auto& us) { return us; }) - began_us_;
  }

 private:
  struct Sending;
  bool MaySend() const;
  void Act(std::uint32_t slot, std::int64_t due_us);
  void Send(std::shared_ptr<Sending> sending);
  void OnAnswer(const std::shared_ptr<Sending>& sending, Result<net::ClientReply> reply);
  bool IsToRepeat(const Sending& sending, const Result<net::ClientReply>& reply) const;
  void Repeat(const std::shared_ptr<Sending>& sending);
  void Settle(const Sending& sending, const Result<net::ClientReply>& reply);
  void Finish(const Sending& sending, bool is_answered);
  void Tick();
  void MaybeDone();

  net::HttpPool& pool_;
  Script& script_;
  ledger::Ledger& ledger_;
  os::Random& random_;
  const RunOptions options_;
  std::function<void()> done_;
  std::int64_t began_us_ = 0;
  std::int64_t end_us_ = 0;
  std::uint64_t launched_ = 0;
  std::uint64_t open_ = 0;
  bool is_ticking_ = false;
  std::vector<Turn> turns_;
  Guarded<bool> is_ending_;
  Guarded<Tally> tally_;
  Guarded<std::int64_t> last_answer_us_;
};

}  // namespace st::client::load
