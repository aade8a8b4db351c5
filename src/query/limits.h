// Limits of the query side; those that a user may want to change are in EngineOptions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jobs/limits.h"

namespace st::query {

// Statements that run, wait or are not yet read to their end; of the server, of one client address,
// of one user at an address. What is cancelled counts no more.
inline constexpr std::size_t kMaxOpenStatements = 64;
inline constexpr std::size_t kMaxOpenOfAddress = 48;
inline constexpr std::size_t kMaxOpenOfUser = 32;
// Those of them that wait for a worker.
inline constexpr std::size_t kMaxQueuedStatements = 32;
inline constexpr std::size_t kMaxQueuedOfAddress = 24;
inline constexpr std::size_t kMaxQueuedOfUser = 16;
// Statements that hold no place any more and are kept for a client that asks again.
inline constexpr std::size_t kMaxRememberedStatements = 64;
inline constexpr std::size_t kMaxRememberedClients = 1000;  // for whose turn it is
// Rows that wait for their reader, a statement; beyond, the worker waits.
inline constexpr std::int64_t kMaxBufferedBytes = 2 << 20;
inline constexpr std::int64_t kPageRows = 10'000;
inline constexpr std::int64_t kPageBytes = 1 << 20;  // a page ends at the first row that passes it
// A page with its last row and the brackets around.
inline constexpr std::size_t kMaxPageBytes = kPageBytes + jobs::kMaxRowBytes + 3;
inline constexpr std::size_t kMaxPollsPerStatement = 4;  // waiting at once; clients have one
inline constexpr std::int64_t kPollWaitUs = 1'000'000;   // then an answer without rows
inline constexpr std::int64_t kAbandonUs = 60'000'000;   // without a poll a statement is dropped
// A statement runs once its client asks for its answers: one that nobody asks for is dropped.
inline constexpr std::int64_t kFirstPollUs = 10'000'000;
// Where its place is wanted, one that nobody asked for yet is dropped after this.
inline constexpr std::int64_t kFollowUs = 100'000;
// The same where another statement wants its place: because too many are open or queued, or has
// waited for kWantedUs to run.
inline constexpr std::int64_t kYieldUs = 5'000'000;
inline constexpr std::int64_t kWantedUs = 1'000'000;
inline constexpr std::int64_t kLingerUs = 10'000'000;  // the last answer can be asked for again
// What a worker gets to stop a statement that was cancelled, before it is killed.
inline constexpr std::int64_t kCancelGraceUs = 250'000;
// A cancel that crossed the statement's start is lost; longer than a worker's grace.
inline constexpr std::int64_t kCancelAgainUs = 3'000'000;
inline constexpr std::int64_t kTickUs = 50'000;
inline constexpr std::int64_t kRunnerIdleUs = 15'000'000;  // then its process is reaped

}  // namespace st::query
