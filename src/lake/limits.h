// The lake's named limits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::lake {

inline constexpr std::size_t kMaxNameBytes = 128;
inline constexpr std::size_t kMaxColumns = 1000;
inline constexpr std::uint64_t kMaxMetadataBytes = 256ULL << 20;  // of one file of metadata

// With this many manifests a commit merges small ones at the end of the list into one: those below
// kLargeManifestBytes, back to one with more than kMergeRatio times as many files as those behind.
inline constexpr std::size_t kMaxManifests = 100;
inline constexpr std::int64_t kMergeRatio = 2;
inline constexpr std::int64_t kLargeManifestBytes = 8LL << 20;

// Snapshots that stay in the metadata beside tagged ones: enough for readers on their way, and few
// enough that a version stays small, since each commit writes all of them.
inline constexpr std::size_t kMaxSnapshots = 100;
// A longer value of an own property lies in a file of its own, which the metadata names
// (lake/property_files.h).
inline constexpr std::size_t kMaxInlineBytes = 1024;
// Of a version. Where it would be longer, the oldest snapshots leave it early
// (lake/version_size.h).
inline constexpr std::size_t kMaxVersionBytes = 1'000'000;
// What stays in a version however few snapshots it has, as JSON: the columns of the table, and
// those of its newest snapshot; properties for other engines; partition specs and sort orders.
inline constexpr std::size_t kMaxSchemaBytes = 300 << 10;
inline constexpr std::size_t kMaxPropertiesBytes = 64 << 10;
inline constexpr std::size_t kMaxLayoutsBytes = 64 << 10;
// The same of kPositionProperty where holds keep more than so many snapshots, each of which repeats
// it: a version with kMaxHeldSnapshots stays under a megabyte.
inline constexpr std::size_t kManySnapshots = 200;
inline constexpr std::size_t kMaxPositionBytesOfMany = 256;
// Tags keep the last snapshot of each hour and of each day for this long.
inline constexpr std::int64_t kKeepHoursMs = 24LL * 3'600'000;
inline constexpr std::int64_t kKeepDaysMs = 31 * kKeepHoursMs;
// Holds (lake/holds.h) of one table; their names; how long one lasts if nobody sets it again.
inline constexpr std::size_t kMaxHolds = 16;
inline constexpr std::size_t kMaxHoldNameBytes = 64;
inline constexpr std::int64_t kUsualHoldMs = 24LL * 3'600'000;
inline constexpr std::int64_t kMaxHoldMs = 31 * kUsualHoldMs;
// A table that keeps so many snapshots for holds, tagged ones and the newest among them, takes no
// further one. The pipeline that fills it commits less often before (stream/limits.h).
inline constexpr std::size_t kMaxHeldSnapshots = 500;
// Old versions that the metadata lists.
inline constexpr std::size_t kMaxLoggedVersions = 20;
// Times at which a snapshot became the current one, that the metadata lists.
inline constexpr std::size_t kMaxLoggedSnapshots = 500;
// A file leaves the disk this long after the last snapshot or View that names it.
inline constexpr std::int64_t kKeepUnnamedUs = 3'600'000'000;
// Old versions of one table that wait for that; beyond, the oldest leave the disk early. No
// snapshot names a version, and readers open only the newest one.
inline constexpr std::size_t kMaxUnnamedVersions = 1'000;

// A data file that no commit names is removed when it is at least this old.
inline constexpr std::int64_t kOrphanAgeUs = 24LL * 3600 * 1'000'000;

// Checked files that may be remembered beside twice those of a table (lake/checked_files.h).
inline constexpr std::size_t kFewCheckedFiles = 1'000;

}  // namespace st::lake
