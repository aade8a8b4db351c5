// Reads of the game's past: the state of then is built from the nearest older snapshot and the log.
//
// Threads: Read from any thread; each read runs on one of kMaxHistoryReads threads
//          ("game-history"), which the first reads start. `done` runs there, and for a refusal on
//          the caller's.
// Owner:   GameService; the members of Sources must outlive it.
// Limits:  limits.h: kMaxHistoryReads, kHistoryReadUs.
// Errors:  kUnavailable too many reads run; kInvalidArgument an offset after the log's end, or a
//          time after now; kNotFound the log has not what the moment needs any more, and the
//          message says from when on the past is kept; kDeadline building the state took too long;
//          kShutdown; those of GameSnapshots.
#pragma once

#include <deque>
#include <vector>

#include "base/mutex.h"
#include "game/view.h"
#include "game_service/game_result.h"
#include "game_service/snapshots.h"
#include "log/local_log.h"
#include "os/clock.h"
#include "os/thread.h"

namespace st::game_service {

class HistoryReader {
 public:
  struct Sources {
    const log::LocalLog& log;
    TopicPartition partition;  // of the game's events
    const GameSnapshots& snapshots;
    os::Clock& clock;
  };
  explicit HistoryReader(const Sources& sources) : sources_(sources) {}
  ~HistoryReader() { Stop(); }

  struct Job {
    GameRules rules;  // items and prices are read by them, whatever the moment
    game::Query query;
    GameMoment moment;
    GameDone done;
  };
  void Read(Job job);
  // Ends the reads that wait or run with kShutdown. Idempotent.
  void Stop();

 private:
  void Loop();
  // As ReadAt, with errors for clients.
  Result<GameResult> Execute(const Job& job) const;
  Result<GameResult> ReadAt(const Job& job) const;
  // The end of the records that the state of this moment contains.
  Result<Offset> EndFor(const GameMoment& moment) const;
  // kDeadline, kShutdown: a read that began then must end.
  Status CheckDeadline(std::int64_t began_us) const;

  const Sources sources_;

  mutable Mutex mu_;
  CondVar wake_;
  std::deque<Job> jobs_ ST_GUARDED_BY(mu_);
  std::size_t unfinished_ ST_GUARDED_BY(mu_) = 0;  // reads that wait or run
  std::vector<os::Thread> threads_ ST_GUARDED_BY(mu_);
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::game_service
