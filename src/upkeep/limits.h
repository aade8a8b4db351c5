// Limits of upkeep.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::upkeep {

// Files grow to this size. One that has three quarters of it is left alone.
inline constexpr std::int64_t kTargetFileBytes = 512LL << 20;
// The same of a table with an order: the rows of a rewrite are sorted in memory.
inline constexpr std::int64_t kSortedFileBytes = 32LL << 20;
// Files of one rewrite: at least, while commits add more and they do not fill a file; at most.
inline constexpr std::size_t kMinInputs = 16;
inline constexpr std::size_t kMaxInputs = 500;
// The same of files that a tagged snapshot names: two are enough, since no more come to them.
inline constexpr std::size_t kMinTaggedInputs = 2;
// Small files of one group of files (file_groups.h): beyond, the cheapest are rewritten, whatever
// their sizes are.
inline constexpr std::size_t kMaxSmallFiles = 64;
// Groups that tagged snapshots name may have so many small files beside one in each, for each
// partition; beyond, the cheapest are rewritten, whatever their sizes are.
inline constexpr std::size_t kMaxExtraFiles = 4;
// Upkeep rests after each rewrite, so that it is busy for a tenth of the time; for half of it where
// a table has so many small files that it is behind. Then files are put together across tags, too.
inline constexpr std::int64_t kRestFactor = 9;
inline constexpr std::size_t kBehindFiles = 500;
// Of a compaction that a person asked for: rewrites in a row whose inputs left the table meanwhile.
inline constexpr int kMaxConflicts = 10;
inline constexpr std::int64_t kRewriteTimeoutUs = 600'000'000;
// Of the snapshots that a table keeps for holds at most (lake/limits.h), so many are left to its
// pipeline: upkeep rewrites nothing from there on.
inline constexpr std::int64_t kSnapshotsLeftByRewrites = 100;
// Between two looks at the tables; at files that left them; at orphans.
inline constexpr std::int64_t kLookUs = 1'000'000;
inline constexpr std::int64_t kRemoveUs = 60'000'000;
inline constexpr std::int64_t kFirstOrphansUs = 600'000'000;
inline constexpr std::int64_t kOrphansUs = 86'400'000'000;
// Data files are read again and compared with their checksums: first after a start, between the
// begins of two rounds. Upkeep is busy with it for a hundredth of the time.
inline constexpr std::int64_t kFirstScrubUs = 600'000'000;
inline constexpr std::int64_t kScrubUs = 86'400'000'000;
inline constexpr std::int64_t kScrubRestFactor = 99;
// Between two looks at a file that was found damaged, and may have been put back.
inline constexpr std::int64_t kRecheckUs = 60'000'000;
// After a failed rewrite of a table, doubled each time.
inline constexpr std::int64_t kRetryUs = 10'000'000;
inline constexpr std::int64_t kMaxRetryUs = 3'600'000'000;

}  // namespace st::upkeep
