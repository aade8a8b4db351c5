// Snapshots of the game's state on disk. Builds a state from the nearest snapshot and the log.
//
// A snapshot is a file `snapshot-<offset>-<crc>`: the chunks (game/snapshot_writer.h) of the state
// after every record of topic `game` before that offset. The CRC is that of the log's entry before
// the offset (log::LocalLog::EntryCrc): where an older copy of the log was restored and written to,
// it differs. The file begins with offset, CRC and the log's id, so a renamed file is recognised.
// It is written under another name and renamed once it is synced and the log is durable up to its
// offset, so every file of that name is complete.
//
// Threads: safe from any thread, but for Writer: one at a time.
// Errors:  kUnsupported a record of the log with an event that only a newer program knows, with its
//          offset; kCorruption a record that is no event, with its offset; kIo. A damaged snapshot
//          is skipped, and named in `notices`.
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

  // Creates the folder and removes an unfinished snapshot. Returns the new name of something else
  // that was in the folder's place; "" as a rule.
  Result<std::string> Open() const;
  // Builds the state of all records before `end` from the newest snapshot at or before it and the
  // log. `go_on` is called before each chunk and each read; its error ends the call. kNotFound: as
  // Gone. Requires: a batch ends at `end`.
  using GoOn = std::function<Status()>;
  Result<std::unique_ptr<game::State>> StateAt(Offset end, std::vector<std::string>& notices,
                                               const GoOn& go_on) const;
  struct Snapshot {
    std::int64_t offset = 0;
    std::string name;
  };
  // The snapshots of this log, oldest first.
  Result<std::vector<Snapshot>> List() const;
  // kNotFound: the log's records begin too late for a state that was asked for. The message says
  // from when on the past is kept.
  Error Gone() const;
  // The newest record's time before `end`; 0 where there is none.
  Result<std::int64_t> LastTimeMs(Offset end) const;

  class Writer {
   public:
    Status Add(std::string_view chunk);
    // Requires: the log is durable up to the snapshot's offset. Removes some of the older
    // snapshots.
    Status Finish();

   private:
    friend class GameSnapshots;
    Writer(const GameSnapshots& snapshots, Offset offset)
        : snapshots_(snapshots), offset_(offset) {}
    const GameSnapshots& snapshots_;
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
  // The first bytes of its file.
  Result<std::string> FrontFor(std::int64_t offset) const;
  Result<std::uint32_t> EntryCrcBefore(std::int64_t offset) const;
  // Adds a notice of each range that the log lost among the offsets [from, end).
  void NoteLost(std::int64_t from, std::int64_t end, std::vector<std::string>& notices) const;
  Status Replay(game::State& state, std::int64_t from, std::int64_t end, const GoOn& go_on) const;
  Status ApplyBatch(game::State& state, std::string_view batch, std::int64_t from) const;
  // Removes snapshots beyond kMaxGameSnapshots.
  Status RemoveSurplus() const;
  Status RemoveUnfinished() const;

  os::FileSystem& fs_;
  const log::LocalLog& log_;
  const TopicPartition partition_;  // of the game's events
  const std::string dir_;
  const std::uint64_t seed_;
};

}  // namespace st::game_service
