// The Avro schemas of Iceberg v2 manifests and manifest lists; internal to format/iceberg.
#pragma once

#include <string>

namespace st::iceberg {

// `partition` is the record of the partition values.
std::string ManifestEntrySchema(const std::string& partition);
std::string ManifestFileSchema();

}  // namespace st::iceberg
