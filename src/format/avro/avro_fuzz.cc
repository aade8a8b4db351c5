// Hostile bytes as a container file and as a schema must give a value or an error, and no crash.
#include <cstddef>
#include <cstdint>

#include "format/avro/container.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  st::Ignore(st::avro::DecodeContainer(bytes), "hostile input");
  st::Ignore(st::avro::Schema::Parse(bytes), "hostile input");
  return 0;
}
