// The codecs of Kafka record batches, decompression only, bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/record/record_batch.h"

namespace st::record {

// Clients differ in what they make of a zlib header under gzip's number, and of bytes behind the
// first frame: some stop reading the topic there. New batches have exactly one frame; batches that
// earlier versions stored may have more bytes.
enum class Frames { kAny, kOne };

// Decompresses gzip, snappy (raw or xerial-framed), lz4 (frame) or zstd into `out`. kCorruption:
// the bytes do not decompress; kInvalidArgument: to more than `limit_bytes`.
Status Decompress(Compression codec, std::string_view bytes, std::uint64_t limit_bytes,
                  std::string& out, Frames frames = Frames::kAny);

}  // namespace st::record
