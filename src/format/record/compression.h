// The codecs of Kafka record batches, decompression only, bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/record/record_batch.h"

namespace st::record {

// Decompresses gzip, snappy (raw or xerial-framed), lz4 (frame) or zstd into `out`. kCorruption:
// the bytes do not decompress; kInvalidArgument: to more than `limit_bytes`.
Status Decompress(Compression codec, std::string_view bytes, std::uint64_t limit_bytes,
                  std::string& out);

}  // namespace st::record
