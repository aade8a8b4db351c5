// Reads of the game's past: the nearest older snapshot plus the log; internal to GameService.
//
// Threads: Read from any; each read runs on one of kMaxHistoryReads threads, made when first used.
#pragma once

#include <deque>
#include <vector>

#include "base/mutex.h"
#include "collect/game_service.h"

namespace st::collect {

class GameService::History {
 public:
  History(const log::Log& log, const GameSnapshots& snapshots, const game::Catalogue& catalogue,
          TopicPartition tp)
      : log_(log), snapshots_(snapshots), catalogue_(catalogue), tp_(tp) {}
  ~History() { Stop(); }

  void Read(game::Query query, GameMoment moment, GameDone done);
  // Ends what waits with kShutdown, finishes what runs. Idempotent.
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

  const log::Log& log_;
  const GameSnapshots& snapshots_;
  const game::Catalogue& catalogue_;
  const TopicPartition tp_;

  Mutex mu_;
  CondVar wake_;
  std::deque<Job> jobs_ ST_GUARDED_BY(mu_);
  std::size_t running_ ST_GUARDED_BY(mu_) = 0;  // with those that wait
  std::vector<os::Thread> threads_ ST_GUARDED_BY(mu_);
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::collect
