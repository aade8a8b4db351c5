// Hostile bytes as metadata, manifest and manifest list: nothing but an error may come of them.
#include <cstddef>
#include <cstdint>

#include "format/iceberg/manifest.h"
#include "format/iceberg/table_metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  st::Ignore(st::iceberg::DecodeManifest(bytes), "hostile input");
  st::Ignore(st::iceberg::DecodeManifestList(bytes), "hostile input");
  st::Ignore(st::iceberg::ParseTableMetadata(bytes), "hostile input");
  return 0;
}
