// The holds of a table (lake/hold.h) in its metadata, and what they forbid.
//
// The property kHoldsProperty has them. For other engines each hold is a tag of its first snapshot
// too, and the branch main says for how long its snapshots stay, so an expiry by another engine
// keeps what is held.
//
// Limits: kMaxHolds, kMaxHoldNameBytes, kMaxHoldMs, kMaxHeldSnapshots.
// Format: docs/formats/lake.md; Iceberg spec, Snapshot Retention Policy
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/iceberg/table_metadata.h"
#include "lake/hold.h"
#include "lake/lake.h"

namespace st::lake {

// [{"name", "first-snapshot", "set-ms", "until-ms"}], by name.
inline constexpr const char* kHoldsProperty = "steelthread.holds";

// kCorruption: the property is not what we write.
Status CheckHolds(const iceberg::TableMetadata& metadata);
// By name; also those that have ended since the last commit. Requires: CheckHolds.
std::vector<Hold> HoldsOf(const iceberg::TableMetadata& metadata);

// Sets the hold, in place of one with its name. `metadata` is that of the next version, whose time
// is now.
// Errors: as Lake::HoldSnapshots.
Result<Hold> AddHold(const HoldRequest& request, iceberg::TableMetadata& metadata);
// Errors: as Lake::ReleaseHold.
Status RemoveHold(const TableName& table, std::string_view name, iceberg::TableMetadata& metadata);
bool HasEndedHold(std::int64_t now_ms, const iceberg::TableMetadata& metadata);
// Removes the holds that have ended.
void RemoveEndedHolds(std::int64_t now_ms, iceberg::TableMetadata& metadata);

// Whether the tag says to other engines what a hold keeps.
bool IsTagOfHold(const iceberg::Tag& tag);
// The least sequence number of a held snapshot: this one and all later ones stay as they are.
// nullopt: nothing is held.
std::optional<std::int64_t> FirstHeldSequence(const iceberg::TableMetadata& metadata);

// "hold \"nightly\" until 2026-12-02T09:00:00Z"; what ends it, as a command.
std::string DescribeHold(const Hold& hold);
std::string ReleaseCommand(const TableName& table, const Hold& hold);

// kInvalidArgument names the holds: the table cannot be `what` ("dropped") while one lasts.
Status CheckIsNotHeld(const TableName& table, const std::vector<Hold>& holds,
                      std::string_view what);
// kInvalidArgument: a hold begins behind `snapshot`, so its first snapshot would not be in the
// table's line of snapshots any more.
Status CheckRollback(const TableName& table, const iceberg::Snapshot& snapshot,
                     const iceberg::TableMetadata& metadata);
// kUnavailable: holds keep so many snapshots that the table takes no more.
Status CheckRoomForSnapshot(const TableName& table, const iceberg::TableMetadata& metadata);

}  // namespace st::lake
