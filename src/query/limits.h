// Limits of the query side; those that a user may want to change are in EngineOptions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::query {

inline constexpr std::size_t kMaxOpenStatements =
    64;  // running, queued and not yet read to the end
inline constexpr std::size_t kMaxQueuedStatements = 32;
// Rows that wait for their reader, a statement; beyond, the worker waits.
inline constexpr std::int64_t kMaxBufferedBytes = 2 << 20;
inline constexpr std::int64_t kPageRows = 10'000;
inline constexpr std::int64_t kPageBytes = 1 << 20;  // a page ends at the first row that passes it
inline constexpr std::size_t kMaxPageBytes = 16 << 20;   // a single row can make a page this large
inline constexpr std::size_t kMaxPollsPerStatement = 4;  // waiting at once; clients have one
inline constexpr std::int64_t kPollWaitUs = 1'000'000;   // then an answer without rows
inline constexpr std::int64_t kAbandonUs = 60'000'000;   // without a poll a statement is dropped
// The same where another statement wants its place: because too many are open or queued, or has
// waited for kWantedUs to run.
inline constexpr std::int64_t kYieldUs = 5'000'000;
inline constexpr std::int64_t kWantedUs = 1'000'000;
inline constexpr std::int64_t kLingerUs = 10'000'000;  // the last answer can be asked for again
// A cancel that crossed the statement's start is lost; longer than a worker's grace.
inline constexpr std::int64_t kCancelAgainUs = 3'000'000;
inline constexpr std::int64_t kTickUs = 50'000;
inline constexpr std::int64_t kRunnerIdleUs = 15'000'000;  // then its process is reaped

}  // namespace st::query
