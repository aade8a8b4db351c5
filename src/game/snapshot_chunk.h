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

// LEB128, unsigned.
void AppendNumber(std::string& out, std::uint64_t number);
// The number of its bytes, then the bytes.
void AppendText(std::string& out, std::string_view text);

// Decodes numbers and texts one after another. After the first mistake all values are 0 and empty.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : left_(payload) {}
  std::uint64_t Number();
  // A greater number than `most` is a mistake.
  std::uint32_t Number(std::uint32_t most);
  std::string_view Text();
  bool is_good() const { return is_good_; }
  bool is_at_end() const { return is_good_ && left_.empty(); }

 private:
  std::uint64_t MarkBad();

  std::string_view left_;
  bool is_good_ = true;
};

}  // namespace st::game
