// Any bytes as a payload, and as a snapshot's chunk, are what they say or an error.
#include "base/check.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "game/event.h"
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

// Bytes as chunks: kind, length, payload, again and again, so that the checksum does not stop them.
void Chunks(std::string_view bytes) {
  st::game::StateReader reader(1);
  while (bytes.size() > 2) {
    const auto size = std::min<std::size_t>(static_cast<unsigned char>(bytes[1]), bytes.size() - 2);
    const auto payload = bytes.substr(2, size);
    std::string chunk("1MGS\x01", 5);
    chunk += bytes[0];
    chunk.append(2, '\0');
    st::AppendLittle(chunk, static_cast<std::uint32_t>(size));
    st::AppendLittle(chunk, st::Crc32c(payload, st::Crc32c(chunk)));
    chunk += payload;
    if (!reader.Add(chunk).has_value()) return;
    bytes.remove_prefix(2 + size);
  }
  auto state = reader.Finish();
  if (!state) return;
  (*state)->BeginSnapshot();
  st::game::StateReader second(2);
  for (std::string chunk; (*state)->NextChunk(chunk);) ST_CHECK(second.Add(chunk).has_value());
  ST_CHECK(second.Finish().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Payload(bytes);
  Chunks(bytes);
  // The bytes as they are, too.
  st::game::StateReader reader(1);
  Ignore(reader.Add(bytes), "hostile");
  return 0;
}
