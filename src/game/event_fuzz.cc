// Any bytes, read as an event's payload and as a snapshot's chunks, give a value or an error.
#include "base/check.h"
#include "game/event.h"
#include "game/snapshot_reader.h"
#include "game/snapshot_writer.h"
#include "game/state.h"

namespace {

using st::ErrorCode;

void Payload(std::string_view bytes) {
  const auto event = st::game::ParseEvent(bytes);
  // A space before it keeps it from the short way; both must say the same.
  const auto slow = st::game::ParseEvent(" " + std::string(bytes));
  ST_CHECK(slow.has_value() == event.has_value());
  ST_CHECK(!event || st::game::EncodeEvent(*slow) == st::game::EncodeEvent(*event));
  if (!event) {
    ST_CHECK(event.error().code() == ErrorCode::kCorruption);
    return;
  }
  const std::string written = st::game::EncodeEvent(*event);
  const auto again = st::game::ParseEvent(written);
  ST_CHECK(again.has_value() && st::game::EncodeEvent(*again) == written);
  st::game::State state(1);
  Ignore(state.Apply(*event), "most do not fit an empty state");
}

// Reads the bytes as kind, length and payload of one chunk after another, and frames each payload,
// so that the checksum refuses none.
void Chunks(std::string_view bytes) {
  st::game::SnapshotReader reader(1);
  while (bytes.size() > 2) {
    const auto size = std::min<std::size_t>(static_cast<unsigned char>(bytes[1]), bytes.size() - 2);
    const auto payload = bytes.substr(2, size);
    const auto kind = static_cast<st::game::ChunkKind>(bytes[0]);
    if (!reader.Add(st::game::FrameChunk(kind, payload)).has_value()) return;
    bytes.remove_prefix(2 + size);
  }
  auto state = reader.Finish();
  if (!state) return;
  st::game::SnapshotWriter writer(**state);
  st::game::SnapshotReader second(2);
  for (std::string chunk; writer.Next(chunk);) ST_CHECK(second.Add(chunk).has_value());
  ST_CHECK(second.Finish().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Payload(bytes);
  Chunks(bytes);
  // The bytes as they are, too.
  st::game::SnapshotReader reader(1);
  Ignore(reader.Add(bytes), "hostile");
  return 0;
}
