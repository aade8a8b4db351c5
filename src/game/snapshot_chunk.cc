#include "game/snapshot_chunk.h"

#include <algorithm>

#include "base/crc32c.h"
#include "game/limits.h"

namespace st::game {
namespace {

// A chunk: magic, version, kind, two zero bytes, payload length, CRC-32C of all but itself.
constexpr std::uint32_t kMagic = 0x53474D31;  // "1MGS"
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kCrcAt = 12;

}  // namespace

std::string FrameChunk(ChunkKind kind, std::string_view payload) {
  std::string chunk;
  chunk.reserve(kChunkHeadBytes + payload.size());
  AppendLittle(chunk, kMagic);
  chunk += static_cast<char>(kVersion);
  chunk += static_cast<char>(kind);
  chunk.append(2, '\0');
  AppendLittle(chunk, static_cast<std::uint32_t>(payload.size()));
  AppendLittle(chunk, Crc32c(payload, Crc32c(chunk)));
  chunk += payload;
  return chunk;
}

Result<std::size_t> ChunkBytes(std::string_view head) {
  if (head.size() < kChunkHeadBytes || LoadLittle<std::uint32_t>(head) != kMagic) {
    return Fail(ErrorCode::kCorruption, "game snapshot: no chunk begins here");
  }
  const auto version = static_cast<std::uint8_t>(head[4]);
  if (version != kVersion) {
    return Fail(ErrorCode::kUnsupported, "game snapshot: format {}, this program reads {}", version,
                kVersion);
  }
  const auto size = LoadLittle<std::uint32_t>(head.substr(8));
  if (size > kMaxChunkBytes) {
    return Fail(ErrorCode::kCorruption,
                "game snapshot: a chunk of {} bytes, at most {} are allowed", size, kMaxChunkBytes);
  }
  return kChunkHeadBytes + size;
}

Result<Chunk> ParseChunk(std::string_view chunk) {
  ST_TRY(const auto size, ChunkBytes(chunk.substr(0, std::min(chunk.size(), kChunkHeadBytes))));
  if (chunk.size() != size) {
    return Fail(ErrorCode::kCorruption, "game snapshot: a chunk of {} bytes, {} are there", size,
                chunk.size());
  }
  const auto payload = chunk.substr(kChunkHeadBytes);
  const auto want = LoadLittle<std::uint32_t>(chunk.substr(kCrcAt));
  if (Crc32c(payload, Crc32c(chunk.substr(0, kCrcAt))) != want) {
    return Fail(ErrorCode::kCorruption, "game snapshot: a chunk's checksum is wrong");
  }
  return Chunk{.kind = static_cast<ChunkKind>(chunk[5]), .payload = payload};
}

void AppendText(std::string& out, std::string_view text) {
  AppendVarint(out, text.size());
  out += text;
}

std::uint32_t ReadNumber(ByteReader& in, std::uint32_t most) {
  const std::uint64_t number = in.Varint();
  if (number > most) in.Break();
  return number > most ? 0 : static_cast<std::uint32_t>(number);
}

std::string_view ReadText(ByteReader& in) { return in.Bytes(in.Varint()); }

}  // namespace st::game
