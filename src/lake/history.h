// Decides which snapshots a table keeps. The newest stay, and so that there is a way back further,
// tags keep the last one of each hour for a day and of each day for a month (all UTC).
//
// Limits: kMaxSnapshots, kKeepHoursMs, kKeepDaysMs, kMaxLoggedSnapshots.
// Format: Iceberg spec, Snapshot Retention Policy; docs/formats/lake.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/iceberg/table_metadata.h"

namespace st::lake {

// Tags the current snapshot as the last of its hour, and of its day, if `now_ms` lies in a later
// one. Call it before the snapshot of `now_ms` is added.
void TagFinishedPeriods(std::int64_t now_ms, iceberg::TableMetadata& metadata);

// Removes tags that are over their age, and snapshots that no tag names and that are not among the
// newest; returns these snapshots, oldest first. The current snapshot always stays. Of the log of
// current snapshots the newest kMaxLoggedSnapshots entries stay.
std::vector<iceberg::Snapshot> ExpireSnapshots(std::int64_t now_ms,
                                               iceberg::TableMetadata& metadata);

// Removes snapshots before `older_than_ms`, and the tags that name them, but for the current one
// and the `keep` newest; returns them, oldest first.
std::vector<iceberg::Snapshot> ExpireOlder(std::int64_t older_than_ms, std::int64_t keep,
                                           iceberg::TableMetadata& metadata);

// Removes the `count` oldest snapshots, and the tags that name them, but for the current one;
// returns them, oldest first.
std::vector<iceberg::Snapshot> ExpireOldest(std::size_t count, iceberg::TableMetadata& metadata);

// Removes the snapshots that are neither the current one nor tagged; returns them, oldest first.
std::vector<iceberg::Snapshot> ExpireUntagged(iceberg::TableMetadata& metadata);

}  // namespace st::lake
