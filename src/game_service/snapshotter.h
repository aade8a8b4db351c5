// Decides when a snapshot of the game's state begins, and writes it in steps between commands, in a
// tenth of the owner's time. The file is synced and renamed on a thread of its own.
//
// Threads: owned by one thread, the game's.
// Owner:   `snapshots` and `clock` must outlive it, and so must the state that Step got, until
//          Restart.
// Errors:  a snapshot that fails is given up; the next one begins after a minute.
#pragma once

#include <cstdint>
#include <optional>

#include "base/mutex.h"
#include "game/snapshot_writer.h"
#include "game/state.h"
#include "game_service/snapshots.h"
#include "os/clock.h"
#include "os/thread.h"

namespace st::game_service {

class GameSnapshotter {
 public:
  // A snapshot begins when the newest one is `events` behind.
  GameSnapshotter(const GameSnapshots& snapshots, os::Clock& clock, std::int64_t events)
      : snapshots_(snapshots), clock_(clock), events_(events) {}

  // Drops the snapshot of the state before: another state follows. `newest`: the offset of the
  // newest snapshot; 0: there is none.
  void Restart(std::int64_t newest);
  // Writes the next chunks, or begins a snapshot when one is due. `durable`: the offset up to which
  // the log is durable.
  Status Step(game::State& state, std::int64_t next_offset, std::int64_t durable);
  // Whether Step has something to do soon.
  bool is_busy() const { return stage_ != Stage::kIdle; }
  // Offset of the newest complete snapshot; 0: there is none.
  std::int64_t newest() const { return newest_; }
  // Waits for a file that is being synced.
  void Stop() { finisher_.Join(); }

 private:
  enum class Stage { kIdle, kWriting, kWritten, kFinishing };
  Status Begin(game::State& state, std::int64_t next_offset);
  Status Write();
  void Finish();
  Status Conclude();
  Status GiveUp(const Error& error);

  const GameSnapshots& snapshots_;
  os::Clock& clock_;
  const std::int64_t events_;
  Stage stage_ = Stage::kIdle;
  std::optional<game::SnapshotWriter> chunks_;  // in kWriting
  std::optional<GameSnapshots::Writer> file_;   // the finisher's in kFinishing
  std::int64_t newest_ = 0;
  std::int64_t end_ = 0;         // of the snapshot in progress
  std::int64_t stepped_us_ = 0;  // when the last step ended
  std::int64_t next_us_ = 0;     // no snapshot begins before
  Guarded<std::optional<Status>> outcome_;
  os::Thread finisher_;
};

}  // namespace st::game_service
