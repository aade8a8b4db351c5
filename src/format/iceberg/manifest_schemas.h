// The Avro schemas of Iceberg v2 manifests and manifest lists; internal to format/iceberg.
#pragma once

#include <string>

namespace st::iceberg {

std::string ManifestEntrySchema();
std::string ManifestFileSchema();

}  // namespace st::iceberg
