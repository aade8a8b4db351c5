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
inline constexpr std::size_t kBodyBufferBytes = 16 << 10;
// Up to this a body is sent from one buffer with its head, and that buffer is kept.
inline constexpr std::size_t kInlineBodyBytes = 4 << 10;
// One chunk of an answer whose body is made while it is sent; a larger one cuts the answer.
inline constexpr std::size_t kMaxStreamChunkBytes = 1 << 20;
// A frame's buffer grows in steps of at least this, as its bytes arrive.
inline constexpr std::size_t kFrameGrowthBytes = 64 << 10;
// Bytes of requests on their way and of answers not taken: of all listeners, of one client address
// (IPv6: of a /64), of one connection. Beyond, Kafka's reading pauses or its connection is closed,
// and HTTP answers 503.
inline constexpr std::uint64_t kMaxNetworkBytes = 96 << 20;
inline constexpr std::uint64_t kMaxNetworkBytesPerAddress = kMaxNetworkBytes / 2;
inline constexpr std::uint64_t kMaxNetworkBytesPerConnection = 36 << 20;
// Bytes that a connection may hold without a charge.
inline constexpr std::uint64_t kUnchargedBytes = 4 << 10;
// Charges above this leave a quarter of the budget to smaller ones.
inline constexpr std::uint64_t kSmallRequestBytes = 64 << 10;
// Connections of all listeners; fewer where the process's limit of descriptors is low, half of them
// for one client address.
inline constexpr std::uint64_t kMaxConnections = 20'000;
// Descriptors that connections leave to the log, the tables, the workers and the refusals below.
inline constexpr std::uint64_t kReservedDescriptors = 384;
// Threads of one listener, and how many it has at most without a setting.
inline constexpr int kMaxIoThreads = 64;
inline constexpr int kMaxDefaultIoThreads = 8;
// Connections that wait for room and are looked at again when some of it is given back.
inline constexpr std::size_t kRetriedWaiters = 16;
// Defaults of FrameOptions: an answer of which nothing is taken, a frame from its length to its
// last byte, a connection before its first frame, and one between frames.
inline constexpr std::int64_t kFrameWriteTimeoutUs = 30'000'000;
inline constexpr std::int64_t kFrameTimeoutUs = 30'000'000;
inline constexpr std::int64_t kFirstFrameTimeoutUs = 10'000'000;
inline constexpr std::int64_t kFrameIdleTimeoutUs = 600'000'000;
// A peer must take at least this much of an answer, or all of it, within each write timeout.
inline constexpr std::size_t kMinWriteProgressBytes = 64 << 10;
// After a refusal, bytes that the client still sends are read and dropped for this long, so that
// the close does not reset the connection before the client has read the refusal.
inline constexpr std::int64_t kLingerUs = 2'000'000;
inline constexpr std::uint64_t kMaxLingerBytes = 64 << 20;
// The same of a client that was refused for the memory that its requests take.
inline constexpr std::uint64_t kMaxOverBudgetLingerBytes = 256 << 10;
// Such a client waits this long for the refusal, and up to an interval of the sweep more.
inline constexpr std::int64_t kOverBudgetPauseUs = 1'000'000;
// Refused connections of an io thread whose bytes are read like that at the same time.
inline constexpr std::uint32_t kMaxLingeringRefusals = 32;
// Pause of accepting when the process has no descriptor left.
inline constexpr std::int64_t kAcceptBackoffUs = 100'000;
// Clients that are then accepted and closed at once.
inline constexpr int kTurnedAwayAtOnce = 64;
// At stop: how long a request that has not arrived whole may take.
inline constexpr std::int64_t kStopPartialUs = 500'000;
// Interval of checking deadlines, or a quarter of the shortest timeout if that is less.
inline constexpr std::int64_t kSweepUs = 1'000'000;
inline constexpr std::int64_t kMinSweepUs = 10'000;
// Fetch: longest head of a reply.
inline constexpr std::uint64_t kMaxFetchHeaderBytes = 64 << 10;

}  // namespace st::net
