// Limits of the game's commands and reads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::game_service {

// Commands and reads of the game that wait for its thread; beyond: kUnavailable.
inline constexpr std::size_t kMaxGameTasks = 10'000;
// Commands that were appended and are not answered yet.
inline constexpr std::size_t kMaxGameInFlight = 10'000;
inline constexpr std::int64_t kGameSnapshotEvents = 100'000;
inline constexpr std::size_t kMaxGameSnapshots = 12;
// A snapshot takes a tenth of the owner's time while it is written, and a pause follows. At a start
// the log is replayed from the newest snapshot, so it has the events of these seconds at most.
inline constexpr std::int64_t kSnapshotRest = 9;
inline constexpr std::int64_t kSnapshotPauseUs = 5'000'000;
// Reads of the past at the same time; beyond: kUnavailable.
inline constexpr std::size_t kMaxHistoryReads = 2;
inline constexpr std::int64_t kHistoryReadUs = 30'000'000;  // of one, beyond: kDeadline

}  // namespace st::game_service
