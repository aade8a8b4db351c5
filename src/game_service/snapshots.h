// Snapshots of the game's state on disk, and a state from the nearest one plus the log.
//
// A snapshot is a file `snapshot-<offset>-<crc>`: the chunks of a State (game/state.h) that holds
// every record of topic `game` before that offset; the CRC is that of the log's entry before it, so
// that a log which was put back and went on has another (log::LocalLog::EntryCrc). The file begins
// with both and the log's id, so that none passes for another. It is written under another name and
// renamed once it is synced and the log is durable up to there, so every file that has the name is
// whole.
//
// Threads: safe from any thread, but for Writer: one at a time.
// Errors:  kCorruption a record of the log that is no event, with its offset; kIo. A damaged
//          snapshot is passed over, and said in `notices`.
// Format:  docs/formats/game_snapshot.md
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "game/state.h"
#include "log/local_log.h"
#include "os/file_system.h"

namespace st::game_service {

class GameSnapshots {
 public:
  // `seed` as State's. All must outlive it.
  GameSnapshots(os::FileSystem& fs, const log::LocalLog& log, TopicPartition partition,
                std::string dir, std::uint64_t seed)
      : fs_(fs), log_(log), partition_(partition), dir_(std::move(dir)), seed_(seed) {}

  // Makes the folder and removes what a kill left half written. Returns where whatever stood in the
  // folder's place was moved to; "" as a rule.
  Result<std::string> Open() const;
  // The state of all records before `end`, which is where a batch ends: from the newest snapshot at
  // or before it and the log. `go_on` is asked before each chunk and read; its error ends it.
  using GoOn = std::function<Status()>;
  Result<std::unique_ptr<game::State>> StateAt(Offset end, std::vector<std::string>& notices,
                                               const GoOn& go_on) const;
  struct Snapshot {
    std::int64_t offset = 0;
    std::string name;
  };
  // Those that the log goes with, oldest first.
  Result<std::vector<Snapshot>> List() const;
  // The newest record's time before `end`; 0 where there is none.
  Result<std::int64_t> LastTimeMs(Offset end) const;

  class Writer {
   public:
    Status Add(std::string_view chunk);
    // Requires: the log is durable up to the snapshot's offset. Thins out the older ones.
    Status Finish();

   private:
    friend class GameSnapshots;
    Writer(const GameSnapshots& snapshots, Offset offset) : to_(snapshots), offset_(offset) {}
    const GameSnapshots& to_;
    Offset offset_;
    std::unique_ptr<os::File> file_;
    std::uint64_t at_ = 0;
  };
  Result<Writer> Write(Offset offset) const;

 private:
  std::string PathOf(const std::string& name) const { return os::JoinPath(dir_, name); }
  // The name of a snapshot at this offset of this log.
  Result<std::string> NameFor(std::int64_t offset) const;
  Result<std::unique_ptr<game::State>> Load(const Snapshot& snapshot, const GoOn& go_on) const;
  // What the file begins with.
  Result<std::string> FrontFor(std::int64_t offset) const;
  Result<std::uint32_t> EntryCrcBefore(std::int64_t offset) const;
  Status Replay(game::State& state, std::int64_t from, std::int64_t end, const GoOn& go_on) const;
  Status ApplyBatch(game::State& state, std::string_view batch, std::int64_t from) const;
  Status Thin() const;
  Status RemoveUnfinished() const;

  os::FileSystem& fs_;
  const log::LocalLog& log_;
  const TopicPartition partition_;  // of the game's events
  const std::string dir_;
  const std::uint64_t seed_;
};

}  // namespace st::game_service
