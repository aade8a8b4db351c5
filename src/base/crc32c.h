// CRC-32C (Castagnoli, RFC 3720 B.4), as Kafka's record batches and our log entries use it.
#pragma once

#include <cstdint>
#include <string_view>

namespace st {

// CRC of `bytes`, continued from `crc` of the bytes before (0 at first).
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace st
