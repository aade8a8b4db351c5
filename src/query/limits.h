// Limits of the query side; those that a user may want to change are in EngineOptions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jobs/limits.h"

namespace st::query {

// Statements that run, wait or are not yet read to their end; of the server, of one client address,
// of one user at an address. A cancelled statement does not count.
inline constexpr std::size_t kMaxOpenStatements = 64;
inline constexpr std::size_t kMaxOpenOfAddress = 48;
inline constexpr std::size_t kMaxOpenOfUser = 32;
// The statements among them that wait for a worker.
inline constexpr std::size_t kMaxQueuedStatements = 32;
inline constexpr std::size_t kMaxQueuedOfAddress = 24;
inline constexpr std::size_t kMaxQueuedOfUser = 16;
// Finished statements that are kept for a client that asks for their last answer again.
inline constexpr std::size_t kMaxRememberedStatements = 64;
inline constexpr std::size_t kMaxRememberedClients = 1000;  // whose last turn is known
// Rows that wait for their reader, a statement; beyond, the worker waits.
inline constexpr std::int64_t kMaxBufferedBytes = 2 << 20;
inline constexpr std::int64_t kPageRows = 10'000;
inline constexpr std::int64_t kPageBytes = 1 << 20;  // a page ends at the first row that passes it
// A page with its last row and the brackets around.
inline constexpr std::size_t kMaxPageBytes = kPageBytes + jobs::kMaxRowBytes + 3;
inline constexpr std::size_t kMaxPollsPerStatement = 4;  // waiting at once; clients have one
inline constexpr std::int64_t kPollWaitUs = 1'000'000;   // then an answer without rows
inline constexpr std::int64_t kAbandonUs = 60'000'000;   // without a poll a statement is dropped
// A statement runs when its client asks for its answers; one without a poll is dropped after this.
inline constexpr std::int64_t kFirstPollUs = 10'000'000;
// The same where another statement waits for its place.
inline constexpr std::int64_t kFollowUs = 100'000;
// A polled statement is dropped after this without another poll where its place is wanted: because
// too many are open or queued, or because another one has waited for kWantedUs to run.
inline constexpr std::int64_t kYieldUs = 5'000'000;
inline constexpr std::int64_t kWantedUs = 1'000'000;
inline constexpr std::int64_t kLingerUs = 10'000'000;  // the last answer can be asked for again
// Time in which a worker stops a cancelled statement, before it is killed.
inline constexpr std::int64_t kCancelGraceUs = 250'000;
// A cancel that crossed the statement's start is lost, and is sent again after this; it is longer
// than a worker's grace.
inline constexpr std::int64_t kCancelAgainUs = 3'000'000;
inline constexpr std::int64_t kTickUs = 50'000;
inline constexpr std::size_t kMaxDamageNotes = 16;  // messages about files that cannot be read
inline constexpr std::int64_t kRunnerIdleUs = 15'000'000;  // then its process is reaped

}  // namespace st::query
