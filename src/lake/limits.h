// The lake's named limits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::lake {

inline constexpr std::size_t kMaxNameBytes = 128;
inline constexpr std::size_t kMaxColumns = 1000;
inline constexpr std::uint64_t kMaxMetadataBytes = 256ULL << 20;  // of one file of metadata

// A list of this many manifests is merged: those below kLargeManifestBytes become one.
inline constexpr std::size_t kMaxManifests = 100;
inline constexpr std::int64_t kLargeManifestBytes = 8LL << 20;

// Snapshots stay in the metadata for an hour and at least the newest hundred do, but never more
// than a thousand. Their data files stay live: tables are only appended to.
inline constexpr std::int64_t kKeepSnapshotsMs = 3'600'000;
inline constexpr std::size_t kMinSnapshots = 100;
inline constexpr std::size_t kMaxSnapshots = 1000;
// Old versions of the metadata file likewise.
inline constexpr std::int64_t kKeepVersionsMs = 3'600'000;
inline constexpr std::size_t kMinVersions = 10;
inline constexpr std::size_t kMaxVersions = 1000;
// Metadata files that nothing refers to are looked for after this many commits.
inline constexpr std::int64_t kSweepEvery = 100;

// A data file that no commit names is removed at opening once it is this old.
inline constexpr std::int64_t kOrphanAgeUs = 24LL * 3600 * 1'000'000;

}  // namespace st::lake
