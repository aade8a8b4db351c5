// Limits of net beside those that callers set in HttpLimits and FrameOptions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::net {

// Header fields of one request or reply; beyond: 431.
inline constexpr std::size_t kMaxHeaderFields = 200;
// One chunk's size line with its extensions, and all extensions of a body; beyond: 400.
inline constexpr std::size_t kMaxChunkLineBytes = 4 << 10;
inline constexpr std::size_t kMaxChunkExtensionBytes = 16 << 10;
// Trailer fields after a chunked body; beyond: 400.
inline constexpr std::size_t kMaxTrailerBytes = 16 << 10;
// Read buffer of an HTTP connection at rest, and while a body arrives.
inline constexpr std::size_t kReadBufferBytes = 8 << 10;
inline constexpr std::size_t kBodyBufferBytes = 64 << 10;
// A frame's buffer grows in steps of at least this, as its bytes arrive.
inline constexpr std::size_t kFrameGrowthBytes = 64 << 10;
// Answers of one frame connection waiting to be written; beyond: its reading pauses.
inline constexpr std::size_t kMaxUnsentFrameBytes = 16 << 20;
// Default of FrameOptions::write_timeout_us.
inline constexpr std::int64_t kFrameWriteTimeoutUs = 30'000'000;
// After a refusal the rest of what the client sends is read and dropped for so long, so that the
// close does not reset the connection before the client has read why.
inline constexpr std::int64_t kLingerUs = 2'000'000;
inline constexpr std::uint64_t kMaxLingerBytes = 64 << 20;
// Connections over the limit that get that courtesy at a time.
inline constexpr std::uint32_t kMaxLingeringRefusals = 64;
// Pause of accepting when the process has no descriptor left.
inline constexpr std::int64_t kAcceptBackoffUs = 100'000;
// At stop: how long a request that has not arrived whole may take.
inline constexpr std::int64_t kStopPartialUs = 500'000;
// Deadlines are looked at so often, or at a quarter of the shortest timeout if that is less.
inline constexpr std::int64_t kSweepUs = 1'000'000;
inline constexpr std::int64_t kMinSweepUs = 10'000;
// Fetch: longest head of a reply.
inline constexpr std::uint64_t kMaxFetchHeaderBytes = 64 << 10;

}  // namespace st::net
