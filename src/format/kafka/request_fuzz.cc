// Hostile bytes as every request that is understood, in every version.
#include <cstddef>
#include <cstdint>

#include "format/kafka/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto header = st::kafka::DecodeHeader(bytes);
  if (!header) return 0;
  for (std::int16_t version = 0; version <= 11; ++version) {
    header->version = version;
    static_cast<void>(st::kafka::DecodeProduce(*header));
    static_cast<void>(st::kafka::DecodeFetch(*header));
    static_cast<void>(st::kafka::DecodeListOffsets(*header));
    static_cast<void>(st::kafka::DecodeMetadata(*header));
    static_cast<void>(st::kafka::DecodeInitProducerId(*header));
    static_cast<void>(st::kafka::DecodeCreateTopics(*header));
  }
  return 0;
}
