// Limits of the game's state and of commands.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::game {

// A wallet, a price and a sum: exact in a JSON number of any client (below 2^53).
inline constexpr std::int64_t kMaxCoins = 1'000'000'000'000'000;
// Items in one stack, and in one command.
inline constexpr std::int64_t kMaxQuantity = 1'000'000'000;
inline constexpr std::size_t kMaxPlayerIdBytes = 100;
inline constexpr std::size_t kMaxItemNameBytes = 64;
inline constexpr std::size_t kMaxGuildNameBytes = 64;
inline constexpr std::size_t kMaxReasonBytes = 200;
inline constexpr std::size_t kMaxReplyBytes = 4096;  // of an alias
inline constexpr std::uint32_t kMaxPlayers = 50'000'000;
inline constexpr std::uint32_t kMaxGuilds = 1'000'000;
inline constexpr std::int64_t kMaxGuildMembers = 10'000;
inline constexpr std::uint32_t kMaxItems = 10'000;  // that ever were in the catalogue
inline constexpr std::uint32_t kMaxCartItems = 100;
inline constexpr std::size_t kMaxTradeItems = 100;  // a side
inline constexpr std::size_t kMaxAliases = 1'000;

// Players and guilds in one chunk of a snapshot, which bound the time that a command waits for it.
inline constexpr std::uint32_t kPlayersPerChunk = 1024;
inline constexpr std::uint32_t kGuildsPerChunk = 1024;
// A larger chunk is refused. Every item in the inventory and cart of every player of a chunk fits.
inline constexpr std::size_t kMaxChunkBytes = 256 << 20;

}  // namespace st::game
