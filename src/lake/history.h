// Decides which snapshots a table keeps. The newest stay, and so that there is a way back further,
// tags keep the last one of each hour for a day and of each day for a month (all UTC). What holds
// keep (lake/holds.h) stays, whoever asks for the rest to go.
//
// Limits: kMaxSnapshots, kKeepHoursMs, kKeepDaysMs, kMaxLoggedSnapshots.
// Format: Iceberg spec, Snapshot Retention Policy; docs/formats/lake.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/iceberg/table_metadata.h"
#include "lake/hold.h"

namespace st::lake {

// Tags the current snapshot as the last of its hour, and of its day, if `now_ms` lies in a later
// one. Call it before the snapshot of `now_ms` is added.
void TagFinishedPeriods(std::int64_t now_ms, iceberg::TableMetadata& metadata);

// Removes tags that are over their age, and snapshots that no tag names and that are not among the
// newest; returns these snapshots, oldest first. The current snapshot and the held ones stay, here
// as in the functions below. Of the log of current snapshots the newest kMaxLoggedSnapshots entries
// stay.
std::vector<iceberg::Snapshot> ExpireSnapshots(std::int64_t now_ms,
                                               iceberg::TableMetadata& metadata);

// Removes snapshots before `older_than_ms`, and the tags that name them, but for the `keep` newest;
// returns them, oldest first.
std::vector<iceberg::Snapshot> ExpireOlder(std::int64_t older_than_ms, std::int64_t keep,
                                           iceberg::TableMetadata& metadata);

// Removes the `count` oldest snapshots that may go, and the tags that name them; returns them,
// oldest first.
std::vector<iceberg::Snapshot> ExpireOldest(std::size_t count, iceberg::TableMetadata& metadata);

// Removes the snapshots that are not tagged; returns them, oldest first.
std::vector<iceberg::Snapshot> ExpireUntagged(iceberg::TableMetadata& metadata);

// The holds of the table, with the snapshots that ExpireSnapshots leaves for each.
std::vector<HeldSnapshots> CountHeld(const iceberg::TableMetadata& metadata);

}  // namespace st::lake
