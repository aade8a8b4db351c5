// The framing of a game snapshot: chunks with a checksum each, and the numbers and texts in them.
// Pure; total on hostile input.
//
// Errors: kCorruption damaged; kUnsupported a newer format.
// Format: docs/formats/game_snapshot.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "base/result.h"

namespace st::game {

enum class ChunkKind : std::uint8_t { kHead = 1, kGuilds = 2, kPlayers = 3, kEnd = 4 };

struct Chunk {
  ChunkKind kind;  // may be none of the values above
  std::string_view payload;
};

inline constexpr std::size_t kChunkHeadBytes = 16;

// Length of the chunk that begins with `head`, with its head. kCorruption: `head` begins no chunk.
Result<std::size_t> ChunkBytes(std::string_view head);

std::string FrameChunk(ChunkKind kind, std::string_view payload);
// Of one whole chunk. The payload is a part of `chunk`.
Result<Chunk> ParseChunk(std::string_view chunk);

// In a payload numbers are varints. A text is the number of its bytes, then the bytes.
void AppendText(std::string& out, std::string_view text);
std::string_view ReadText(ByteReader& in);
// A greater number than `most` breaks the reader and reads as 0.
std::uint32_t ReadNumber(ByteReader& in, std::uint32_t most);

}  // namespace st::game
