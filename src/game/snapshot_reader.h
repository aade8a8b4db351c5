// Builds a state from a snapshot's chunks, in the order in which SnapshotWriter gave them. Total on
// hostile input.
//
// Threads: one thread.
// Errors:  kCorruption damaged, incomplete or in disorder; kUnsupported a newer format. Then the
//          reader is of no further use.
// Format:  docs/formats/game_snapshot.md
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "game/snapshot_chunk.h"
#include "game/state.h"

namespace st::game {

class SnapshotReader {
 public:
  // `seed` is the one of the state (StateContents).
  explicit SnapshotReader(std::uint64_t seed) : contents_(seed) {}
  // Decodes one whole chunk.
  Status Add(std::string_view chunk);
  // Once after the last chunk.
  Result<std::unique_ptr<State>> Finish();

 private:
  // A chunk's players, until all chunks are there: they come in any order.
  struct Block {
    std::vector<std::string> names;
    std::unique_ptr<PlayerBlock> players;
  };

  Status AddPayload(ChunkKind kind, ByteReader& in);
  Status AddHead(ByteReader& in);
  Status AddGuilds(ByteReader& in);
  Status AddPlayers(ByteReader& in);
  Status ReadPlayer(ByteReader& in, std::string& name, Player& player) const;
  Status ReadStacks(ByteReader& in, Stacks& stacks) const;
  Status AddMember(std::uint32_t player, std::uint32_t guild);

  StateContents contents_;
  std::uint32_t players_ = 0;  // how many the head promises
  std::uint32_t guilds_ = 0;
  std::vector<Block> blocks_;
  std::uint64_t chunks_ = 0;
  bool is_begun_ = false;
  bool is_ended_ = false;
};

}  // namespace st::game
