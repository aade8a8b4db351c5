// Reads of the game's past: the nearest older snapshot plus the log; internal to GameService.
//
// Threads: Read from any; each read runs on one of kMaxHistoryReads threads, made when first used.
// Limits:  limits.h: kMaxHistoryReads, kHistoryReadUs.
#pragma once

#include <deque>
#include <vector>

#include "base/mutex.h"
#include "game_service/game_service.h"

namespace st::game_service {

class GameService::History {
 public:
  explicit History(const GameService& service) : service_(service) {}
  ~History() { Stop(); }

  void Read(game::Query query, GameMoment moment, GameDone done);
  // Ends what waits or runs with kShutdown. Idempotent.
  void Stop();

 private:
  struct Job {
    game::Query query;
    GameMoment moment;
    GameDone done;
  };
  void Loop();
  Result<GameResult> Run(const Job& job) const;
  // The end of the records that count.
  Result<Offset> EndFor(const GameMoment& moment) const;
  // Whether one that began then may go on.
  st::Status MayGoOn(std::int64_t began_us) const;

  const GameService& service_;

  mutable Mutex mu_;
  CondVar wake_;
  std::deque<Job> jobs_ ST_GUARDED_BY(mu_);
  std::size_t running_ ST_GUARDED_BY(mu_) = 0;  // with those that wait
  std::vector<os::Thread> threads_ ST_GUARDED_BY(mu_);
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::game_service
