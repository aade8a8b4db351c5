// Limits of the messages between the main process and its workers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::jobs {

inline constexpr std::uint32_t kMaxHeaderBytes = 64U << 20;  // JSON part of a frame
inline constexpr std::uint32_t kMaxBodyBytes = 64U << 20;    // raw part of a frame
inline constexpr std::size_t kMaxRowBytes = 16 << 20;        // a statement's row, as JSON
inline constexpr std::int64_t kSendTimeoutUs = 10'000'000;
// Time in which a worker stops by itself after a job's deadline or Cancel, before it is killed.
inline constexpr std::int64_t kKillGraceUs = 2'000'000;
inline constexpr std::int64_t kStartTimeoutUs = 20'000'000;
inline constexpr std::int64_t kIdleEndMs = 10'000;  // a worker without a job ends after this

inline constexpr int kMaxFilterDepth = 64;  // of a condition by which files are chosen

// Size of the end of a dead worker's output in the job's error.
inline constexpr std::size_t kMaxLastWordsBytes = 2048;

// Partitions of one transform job, and so files that it writes. A job of a single record has one.
inline constexpr std::size_t kMaxPartitionsOfJob = 1000;

inline constexpr std::size_t kMaxStateFiles = 64;  // that a job reads, and that it writes
inline constexpr std::size_t kMaxStateNameBytes = 128;

}  // namespace st::jobs
