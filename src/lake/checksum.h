// Compares the bytes of a data file with the length and checksum in its commit.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "lake/data_file.h"
#include "lake/storage.h"

namespace st::lake {

// CRC-32C of all bytes of a file that has `size` of them. kCorruption: it has another length, or is
// missing; kIo.
Result<std::uint32_t> ChecksumOf(Storage& storage, const std::string& location, std::uint64_t size);

// Reads the whole file. kCorruption: length or checksum differ from the commit's; kIo.
Status CheckDataFile(Storage& storage, const DataFile& file);

}  // namespace st::lake
