// Writes a snapshot of a game's state, chunk by chunk, while commands change the state: the players
// of a block are encoded before one of them changes. So the snapshot shows the moment at which the
// writer was made.
//
// Threads: the state's.
// Owner:   `state` must outlive it. One writer at a time is made for a state.
// Limits:  limits.h: kPlayersPerChunk, kGuildsPerChunk.
// Format:  docs/formats/game_snapshot.md
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "game/state.h"

namespace st::game {

class SnapshotWriter final : public ChangeObserver {
 public:
  explicit SnapshotWriter(State& state);
  ~SnapshotWriter() override;
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // Puts the next chunk into `chunk`; false: there are no more. About 0.2 ms.
  bool Next(std::string& chunk);

  void BeforeChange(std::uint32_t block) override;

 private:
  std::string PlayersChunk(std::uint32_t block);
  std::string GuildsChunk();

  State& state_;
  // How many there were at the beginning; names and guilds are only ever added.
  const std::uint32_t players_;
  const std::uint32_t guilds_;
  std::vector<bool> is_encoded_;    // by block
  std::deque<std::string> chunks_;  // encoded, and not yet given to the caller
  std::uint32_t next_guild_ = 0;
  std::uint32_t next_block_ = 0;
  std::uint64_t given_ = 0;  // chunks
  bool is_ended_ = false;
};

}  // namespace st::game
