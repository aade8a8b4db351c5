#include "format/record/compression.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/coding.h"

namespace st::record {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;

std::unexpected<Error> Broken(std::string_view codec, std::string_view why) {
  return Fail(ErrorCode::kCorruption, "{} records do not decompress: {}", codec, why);
}

std::unexpected<Error> TooLarge(std::uint64_t limit_bytes) {
  return Fail(ErrorCode::kInvalidArgument, "records decompress to more than {} bytes", limit_bytes);
}

// Returns the number of bytes behind the frame.
Result<std::size_t> Gunzip(std::string_view bytes, std::uint64_t limit_bytes, std::string& out) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 32;  // zlib detects whether the header is gzip's or its own
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return Broken("gzip", "no memory");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    const std::size_t had = out.size();
    if (had > limit_bytes) return TooLarge(limit_bytes);
    out.resize(had + kChunkBytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(kChunkBytes);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (state != Z_OK && state != Z_STREAM_END) {
      return Broken("gzip", stream.msg != nullptr ? stream.msg : "cut short");
    }
  }
  if (out.size() > limit_bytes) return TooLarge(limit_bytes);
  return stream.avail_in;
}

Status UnsnapOne(std::string_view bytes, std::uint64_t limit_bytes, std::string& out) {
  std::size_t n = 0;
  if (snappy_uncompressed_length(bytes.data(), bytes.size(), &n) != SNAPPY_OK) {
    return Broken("snappy", "no length");
  }
  if (n > limit_bytes || out.size() + n > limit_bytes) return TooLarge(limit_bytes);
  const std::size_t had = out.size();
  out.resize(had + n);
  if (snappy_uncompress(bytes.data(), bytes.size(), out.data() + had, &n) != SNAPPY_OK) {
    return Broken("snappy", "bad block");
  }
  return {};
}

// Clients in Java frame snappy blocks as xerial's snappy-java does; other clients send one raw
// block.
Status Unsnap(std::string_view bytes, std::uint64_t limit_bytes, std::string& out) {
  constexpr std::string_view kXerial("\x82SNAPPY\0", 8);
  constexpr std::size_t kXerialHeader = 16;
  if (!bytes.starts_with(kXerial)) return UnsnapOne(bytes, limit_bytes, out);
  ByteReader in(bytes);
  in.Bytes(kXerialHeader);
  while (!in.is_at_end()) {
    const auto block = in.Bytes(in.Big<std::uint32_t>());
    if (!in.ok()) return Broken("snappy", "block is cut short");
    ST_TRY_STATUS(UnsnapOne(block, limit_bytes, out));
  }
  return {};
}

// Returns the number of bytes behind the frame.
Result<std::size_t> Unlz4(std::string_view bytes, std::uint64_t limit_bytes, std::string& out) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0) {
    return Broken("lz4", "no memory");
  }
  const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> owner(
      raw, LZ4F_freeDecompressionContext);
  std::size_t hint = 1;
  while (hint != 0) {
    const std::size_t had = out.size();
    if (had > limit_bytes) return TooLarge(limit_bytes);
    out.resize(had + kChunkBytes);
    std::size_t produced = kChunkBytes;
    std::size_t consumed = bytes.size();
    hint = LZ4F_decompress(raw, out.data() + had, &produced, bytes.data(), &consumed, nullptr);
    out.resize(had + produced);
    if (LZ4F_isError(hint) != 0) return Broken("lz4", LZ4F_getErrorName(hint));
    bytes.remove_prefix(consumed);
    if (hint != 0 && consumed == 0 && produced == 0) return Broken("lz4", "cut short");
  }
  if (out.size() > limit_bytes) return TooLarge(limit_bytes);
  return bytes.size();
}

// Returns the number of bytes behind the frame.
Result<std::size_t> Unzstd(std::string_view bytes, std::uint64_t limit_bytes, std::string& out) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::size_t hint = 1;
  while (hint != 0) {
    const std::size_t had = out.size();
    if (had > limit_bytes) return TooLarge(limit_bytes);
    out.resize(had + kChunkBytes);
    ZSTD_outBuffer to{out.data() + had, kChunkBytes, 0};
    const std::size_t before = in.pos;
    hint = ZSTD_decompressStream(context.get(), &to, &in);
    out.resize(had + to.pos);
    if (ZSTD_isError(hint) != 0) return Broken("zstd", ZSTD_getErrorName(hint));
    if (hint != 0 && in.pos == before && to.pos == 0) return Broken("zstd", "cut short");
  }
  if (out.size() > limit_bytes) return TooLarge(limit_bytes);
  return in.size - in.pos;
}

// Returns the number of bytes behind the frame.
Result<std::size_t> DecompressFrame(Compression codec, std::string_view bytes,
                                    std::uint64_t limit_bytes, std::string& out) {
  switch (codec) {
    case Compression::kNone:
      out = bytes;
      return 0;
    case Compression::kGzip:
      return Gunzip(bytes, limit_bytes, out);
    case Compression::kSnappy:
      ST_TRY_STATUS(Unsnap(bytes, limit_bytes, out));
      return 0;
    case Compression::kLz4:
      return Unlz4(bytes, limit_bytes, out);
    case Compression::kZstd:
      return Unzstd(bytes, limit_bytes, out);
  }
  return Fail(ErrorCode::kCorruption, "unknown compression {}", static_cast<int>(codec));
}

}  // namespace

Status Decompress(Compression codec, std::string_view bytes, std::uint64_t limit_bytes,
                  std::string& out, Frames frames) {
  out.clear();
  const bool is_one = frames == Frames::kOne;
  if (is_one && codec == Compression::kGzip && !bytes.starts_with("\x1f\x8b")) {
    return Broken("gzip", "there is no gzip header");
  }
  ST_TRY(const auto rest_bytes, DecompressFrame(codec, bytes, limit_bytes, out));
  if (!is_one || rest_bytes == 0) return {};
  return Fail(ErrorCode::kCorruption, "{} bytes follow the compressed records", rest_bytes);
}

}  // namespace st::record
