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

// Snapshots stay in the metadata for an hour, at least the newest hundred and at most a thousand.
// Their data files stay live, since tables are append-only.
inline constexpr std::int64_t kKeepSnapshotsMs = 3'600'000;
inline constexpr std::size_t kMinSnapshots = 100;
inline constexpr std::size_t kMaxSnapshots = 1000;
// The same rule for old versions of the metadata file.
inline constexpr std::int64_t kKeepVersionsMs = 3'600'000;
inline constexpr std::size_t kMinVersions = 10;
inline constexpr std::size_t kMaxVersions = 1000;
// Number of commits between two searches for metadata files that nothing refers to.
inline constexpr std::int64_t kSweepEvery = 100;

// Opening removes a data file that no commit names and that is at least this old.
inline constexpr std::int64_t kOrphanAgeUs = 24LL * 3600 * 1'000'000;

}  // namespace st::lake
