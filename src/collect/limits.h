// Limits of the intake.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::collect {

// Events that are not answered yet, over all topics; a setting.
inline constexpr std::uint64_t kMaxInFlightBytes = 64 << 20;
// Counted for an event beside its value: its place in the queue and its responder.
inline constexpr std::uint64_t kEventOverheadBytes = 512;
inline constexpr std::uint64_t kMaxBatchBytes = 4 << 20;  // one record batch

// Idempotency keys: how long and how many are remembered, whichever ends first.
inline constexpr std::size_t kMaxKeyBytes = 255;
inline constexpr std::size_t kMaxAnswerBodyBytes = 1 << 20;
inline constexpr std::int64_t kKeyWindowMs = 24LL * 3600 * 1000;
inline constexpr std::uint64_t kMaxKeys = 100'000'000;
// In memory, about 100 bytes each; beyond, files are written. At so many times that: kUnavailable.
inline constexpr std::size_t kMemoryKeys = 200'000;
inline constexpr std::size_t kMemoryKeysFactor = 8;
// So many files of one hour and size become one, but for those with more than this share of all
// keys: they are what goes when there are too many.
inline constexpr std::size_t kMergeRuns = 4;
inline constexpr std::uint64_t kMergeShare = 32;
inline constexpr std::int64_t kHourMs = 3600LL * 1000;
inline constexpr std::int64_t kAnswersRoundUs = 10'000'000;
// Records that the next opening looks at for keys, at most, unless a round is late.
inline constexpr std::int64_t kUncoveredRecords = 1'000'000;
inline constexpr std::uint64_t kAnswersReadBytes = 4 << 20;
inline constexpr std::uint64_t kMaxAnswerBatchBytes = 256 << 20;  // of one batch, decompressed

// Commands and reads of the game that wait for its thread; beyond: kUnavailable.
inline constexpr std::size_t kMaxGameTasks = 10'000;
// Commands that are in the log's hands.
inline constexpr std::size_t kMaxGameInFlight = 10'000;
inline constexpr std::int64_t kGameSnapshotEvents = 100'000;
inline constexpr std::size_t kMaxGameSnapshots = 12;
// A snapshot takes a tenth of the owner's time while it is made, and a pause follows: what a start
// reads of the log behind the newest is what these seconds brought.
inline constexpr std::int64_t kSnapshotRest = 9;
inline constexpr std::int64_t kSnapshotPauseUs = 5'000'000;
// Reads of the past: at once, beyond: kUnavailable.
inline constexpr std::size_t kMaxHistoryReads = 2;
inline constexpr std::int64_t kHistoryReadUs = 30'000'000;  // of one, beyond: kDeadline

}  // namespace st::collect
