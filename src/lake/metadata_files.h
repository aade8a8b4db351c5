// The checksums of a table's metadata: the one place that writes them, and the one that verifies
// them.
//
// A file of metadata never changes once it is there. Manifests, lists of manifests and files of
// properties have the CRC-32C of their bytes at the end of their names
// (m-7-<uuid>-1a2b3c4d.avro), so whoever names a file says which bytes it has. The name of a
// version is fixed, so its checksum is the first key of its JSON, and counts as "00000000" in the
// sum. Files of an earlier build have no checksum and are taken as they are.
//
// Threads: pure functions, but for the Storage.
// Errors:  kCorruption names table, file, what is wrong and the remedy; others name table and file.
// Format:  docs/formats/lake.md
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/iceberg/table_metadata.h"
#include "lake/storage.h"
#include "lake/table_folder.h"

namespace st::lake {

// "m-7-<uuid>.avro" with the checksum of `bytes`: "m-7-<uuid>-1a2b3c4d.avro".
std::string NameWithChecksum(std::string_view name, std::string_view bytes);

// Writes a file of metadata, as Storage::Write, under `name` with its checksum. Returns the
// location.
Result<std::string> WriteMetadataFile(Storage& storage, const TableFolder& folder,
                                      std::string_view name, std::string_view bytes);
// Reads a file of metadata that is no version. kCorruption: it is missing, or its bytes have
// another checksum than its name.
Result<std::string> ReadMetadataFile(Storage& storage, const std::string& location);

// What VersionWithChecksum adds.
inline constexpr std::size_t kVersionChecksumBytes = 32;
// The bytes of a version's file; `json` is of EncodeTableMetadata.
std::string VersionWithChecksum(std::string_view json);
// The bytes of a version's file, verified. kCorruption: it is missing, its bytes have another
// checksum than it says, or it does not begin as a version does.
Result<std::string> ReadVersionFile(Storage& storage, const std::string& location);
// The metadata of such bytes.
// Errors: those of ParseTableMetadata.
Result<iceberg::TableMetadata> ParseVersion(std::string_view bytes, const std::string& location);

// `error` of the file of metadata at `location`: with the table's name, and, of damage, the remedy.
std::unexpected<Error> MetadataError(const Error& error, std::string_view location);
// Damage of the file: "… is damaged: <what>; <remedy>".
std::unexpected<Error> DamagedMetadata(std::string_view location, std::string_view what);
// "… is missing; <remedy>".
std::unexpected<Error> MissingMetadata(std::string_view location);

// `result`, or its error as MetadataError makes it.
template <typename T>
Result<T> OfMetadataFile(Result<T> result, std::string_view location) {
  if (!result) return MetadataError(result.error(), location);
  return result;
}

}  // namespace st::lake
