// A snapshot in progress of a changing State: the written blocks, and the blocks that were written
// early because they were about to change. For state.cc and snapshot.cc alone.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "game/state.h"

namespace st::game {

class State::Snapshot {
 public:
  explicit Snapshot(const State& state);
  // Called before a player of this block changes or is added to it.
  void BeforeChange(std::uint32_t block);
  bool Next(std::string& chunk);

 private:
  std::string PlayersChunk(std::uint32_t block);
  std::string GuildsChunk();

  const State& state_;
  // How much there was at the beginning; names and guilds are only ever added.
  const std::uint32_t players_;
  const std::uint32_t guilds_;
  std::vector<bool> is_written_;    // by block
  std::deque<std::string> chunks_;  // that wait to be taken
  std::uint32_t next_guild_ = 0;
  std::uint32_t next_block_ = 0;
  std::uint64_t made_ = 0;  // chunks
  bool is_ended_ = false;
};

}  // namespace st::game
