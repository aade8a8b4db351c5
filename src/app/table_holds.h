// Holds of tables (lake/hold.h): set and released by a person, and shown by status and metrics.
//
// Threads: safe from any thread; a change blocks until its commit is durable.
// Errors:  those of Lake::HoldSnapshots and Lake::ReleaseHold; kInvalidArgument names the argument
//          that is wrong.
// Metrics: steelthread_table_held_snapshots.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/metrics.h"
#include "base/result.h"
#include "lake/lake.h"

namespace st::app {

// Sets the hold "hold" from the snapshot on, the current one if none is given, for the microseconds
// "for_us". {"table", "hold", "snapshot", "set_ms", "until_ms", "kept"}
Result<nlohmann::json> SetTableHold(lake::Lake& lake, const lake::TableName& table,
                                    std::optional<SnapshotId> first,
                                    const nlohmann::json& arguments);
// Releases the hold "hold". {"table", "hold"}
Result<nlohmann::json> ReleaseTableHold(lake::Lake& lake, const lake::TableName& table,
                                        const nlohmann::json& arguments);

// The holds of a table that have not ended at the time `now_us`.
std::vector<lake::Hold> LivingHolds(const lake::View& view, std::int64_t now_us);
// [{"hold", "snapshot", "set_ms", "until_ms", "kept"}], by name: the hold, its first snapshot, its
// begin and end, and the snapshots that the table would keep if it were the only one.
nlohmann::json TableHoldsStatus(const lake::View& view);
// Registers a gauge of each hold. `lake` must outlive the last time that it is read.
void CollectTableHolds(const lake::Lake& lake, MetricRegistry& metrics);

}  // namespace st::app
