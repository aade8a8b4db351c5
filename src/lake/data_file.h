// Compares the bytes of a data file with length and checksum in the commit.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "lake/lake.h"
#include "os/file_system.h"

namespace st::lake {

// CRC-32C of all bytes of a file that has `size` of them. kCorruption: it has another length, or is
// missing; kIo.
Result<std::uint32_t> ChecksumOf(os::FileSystem& fs, const std::string& path, std::uint64_t size);

// Reads the whole file. kCorruption: length or checksum differ from the commit's; kIo.
Status CheckDataFile(os::FileSystem& fs, const DataFile& file);

}  // namespace st::lake
