// Limits of the pipelines' mover.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::stream {

inline constexpr std::int64_t kMaxStepRecords = 1'000'000;    // in one step
inline constexpr std::uint64_t kMaxStepBytes = 256ULL << 20;  // stored, in one step
// The same of a table with partitions or an order: the worker has the rows of a step in memory.
inline constexpr std::uint64_t kMaxSortedStepBytes = 32ULL << 20;
// Batches of one step, and the segments that they lie in: with them a job fits into its frame.
inline constexpr std::size_t kMaxStepExtents = 250'000;
inline constexpr std::size_t kMaxStepFiles = 4096;
inline constexpr std::size_t kMaxFailingRecords = 1000;  // in one step; it ends there
// Dead letters of a definition that has made no row yet: beyond, it stops where a step has nothing
// else.
inline constexpr std::int64_t kMaxFirstDeadLetters = 99;
inline constexpr std::size_t kMaxReasonBytes = 1000;       // of a dead letter
inline constexpr int kKillsOfFailingRecord = 3;            // alone, in a new worker
inline constexpr int kMaxCommitTries = 20;                 // after kConflict, kOutcomeUnknown
inline constexpr std::size_t kMaxDefinitionVersions = 50;  // kept in a table's properties
// The same in bytes; the newest definition stays, however long it is.
inline constexpr std::size_t kMaxDefinitionsBytes = 512 << 10;
inline constexpr std::size_t kMaxRewinds = 50;                // that a table remembers
inline constexpr std::int64_t kMaxRedoBytes = 128LL << 20;    // of bad.rows, in one job of a redo
inline constexpr std::int64_t kJobTimeoutUs = 600'000'000;    // one job
inline constexpr std::int64_t kMaxRetryDelayUs = 60'000'000;  // between failed steps

// With so many small files in its table a pipeline's steps are kCrowdedDelayUs apart, with twice as
// many twice that. Upkeep is behind from 500 on (upkeep/limits.h).
inline constexpr std::int64_t kCrowdedFiles = 1000;
inline constexpr std::int64_t kCrowdedDelayUs = 1'000'000;
// With so many snapshots kept for a hold (lake/hold.h) a pipeline's steps are not slowed yet; from
// there to lake::kMaxHeldSnapshots they are, more and more.
inline constexpr std::int64_t kFreelyHeldSnapshots = 250;
// Small files of each further partition that do not count: upkeep waits for sixteen, twice.
inline constexpr std::int64_t kFilesLeftInPartition = 32;
// Upkeep leaves a larger file alone; of a table with an order, too.
inline constexpr std::int64_t kUpkeptFileBytes = 96LL << 20;
inline constexpr std::int64_t kUpkeptSortedFileBytes = 24LL << 20;

}  // namespace st::stream
