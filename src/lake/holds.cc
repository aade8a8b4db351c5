#include "lake/holds.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "lake/history.h"
#include "lake/limits.h"
#include "lake/names.h"

namespace st::lake {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTagPrefix = "hold-";

// "2026-12-02T09:00:00Z".
std::string TimeText(std::int64_t time_ms) {
  const std::chrono::sys_seconds time{
      std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(time_ms))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::int64_t> NumberAt(const Json& item, const char* key) {
  const auto found = item.find(key);
  if (found == item.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

std::optional<Hold> HoldFrom(const Json& item) {
  if (!item.is_object()) return std::nullopt;
  const auto name = item.find("name");
  const auto first = NumberAt(item, "first-snapshot");
  const auto set_ms = NumberAt(item, "set-ms");
  const auto until_ms = NumberAt(item, "until-ms");
  if (name == item.end() || !name->is_string() || !first || !set_ms || !until_ms) {
    return std::nullopt;
  }
  return Hold{.name = name->get<std::string>(),
              .first = SnapshotId(*first),
              .set_ms = *set_ms,
              .until_ms = *until_ms};
}

Result<std::vector<Hold>> ReadHolds(const iceberg::TableMetadata& metadata) {
  const auto property = metadata.properties.find(kHoldsProperty);
  if (property == metadata.properties.end()) return std::vector<Hold>();
  const auto wrong = [] {
    return Fail(ErrorCode::kCorruption, "the property {} is no list of holds", kHoldsProperty);
  };
  const auto list = Json::parse(property->second, nullptr, false);
  if (!list.is_array()) return wrong();
  std::vector<Hold> holds;
  for (const auto& item : list) {
    auto hold = HoldFrom(item);
    if (!hold) return wrong();
    holds.push_back(*std::move(hold));
  }
  return holds;
}

// Makes the property, the tags and the branch main say that the table has these holds.
void WriteHolds(const std::vector<Hold>& holds, iceberg::TableMetadata& metadata) {
  std::erase_if(metadata.tags, IsTagOfHold);
  metadata.properties.erase(kHoldsProperty);
  metadata.max_snapshot_age_ms.reset();
  if (holds.empty()) return;
  auto list = Json::array();
  for (const auto& hold : holds) {
    list.push_back({{"name", hold.name},
                    {"first-snapshot", hold.first.value()},
                    {"set-ms", hold.set_ms},
                    {"until-ms", hold.until_ms}});
    const auto* first = metadata.FindSnapshot(hold.first.value());
    if (first == nullptr) continue;
    // Their age at the end of the hold: a snapshot's age counts from its commit.
    const auto age_ms = std::max<std::int64_t>(hold.until_ms - first->timestamp_ms, 1);
    metadata.tags.push_back({.name = std::string(kTagPrefix) + hold.name,
                             .snapshot_id = first->id,
                             .max_age_ms = age_ms});
    metadata.max_snapshot_age_ms = std::max(metadata.max_snapshot_age_ms.value_or(0), age_ms);
  }
  std::ranges::sort(metadata.tags, {}, &iceberg::Tag::name);
  metadata.properties[kHoldsProperty] = list.dump();
}

Status CheckRequest(const HoldRequest& request) {
  const bool is_good = !request.name.empty() && request.name.size() <= kMaxHoldNameBytes &&
                       ConsistsOf(request.name, "_-");
  if (!is_good) {
    return Fail(ErrorCode::kInvalidArgument,
                "\"{}\" is no name for a hold: take 1 to {} letters, digits, _ and -", request.name,
                kMaxHoldNameBytes);
  }
  if (request.for_ms >= 1 && request.for_ms <= kMaxHoldMs) return {};
  constexpr std::int64_t kMsPerDay = 86'400'000;
  return Fail(ErrorCode::kInvalidArgument,
              "a hold lasts at least 1 ms and at most {} days, not {} ms; where that is too short, "
              "set it again before it ends",
              kMaxHoldMs / kMsPerDay, request.for_ms);
}

// The snapshot from which the request holds; that of the table as it is now where it names none.
Result<const iceberg::Snapshot*> FirstOf(const HoldRequest& request,
                                         const iceberg::TableMetadata& metadata) {
  if (!request.first) {
    if (const auto* current = metadata.CurrentSnapshot()) return current;
    return Fail(ErrorCode::kInvalidArgument,
                "{} has no snapshot yet, so there is nothing to hold: hold it behind its first "
                "commit",
                FullName(request.table));
  }
  if (const auto* first = metadata.FindSnapshot(request.first->value())) return first;
  return Fail(
      ErrorCode::kNotFound,
      "{} has no snapshot {}, or has it no more: `steelthread table history {}` lists those "
      "that can be held",
      FullName(request.table), *request.first, FullName(request.table));
}

// The one that keeps the most snapshots.
const Hold* LargestHold(const std::vector<Hold>& holds, const iceberg::TableMetadata& metadata) {
  const Hold* largest = nullptr;
  std::int64_t least = 0;
  for (const auto& hold : holds) {
    const auto* first = metadata.FindSnapshot(hold.first.value());
    if (first == nullptr || (largest != nullptr && first->sequence_number >= least)) continue;
    largest = &hold;
    least = first->sequence_number;
  }
  return largest;
}

}  // namespace

Status CheckHolds(const iceberg::TableMetadata& metadata) {
  ST_TRY_STATUS(ReadHolds(metadata));
  return {};
}

std::vector<Hold> HoldsOf(const iceberg::TableMetadata& metadata) {
  auto holds = ReadHolds(metadata);
  ST_CHECK(holds);
  return *std::move(holds);
}

Result<Hold> AddHold(const HoldRequest& request, iceberg::TableMetadata& metadata) {
  ST_TRY_STATUS(CheckRequest(request));
  ST_TRY(const auto* first, FirstOf(request, metadata));
  Hold hold{.name = request.name,
            .first = SnapshotId(first->id),
            .set_ms = metadata.last_updated_ms,
            .until_ms = metadata.last_updated_ms + request.for_ms};
  auto holds = HoldsOf(metadata);
  const auto at = std::ranges::lower_bound(holds, hold.name, {}, &Hold::name);
  if (at != holds.end() && at->name == hold.name) {
    *at = hold;
  } else if (holds.size() < kMaxHolds) {
    holds.insert(at, hold);
  } else {
    return Fail(ErrorCode::kUnavailable, "{} has {} holds, the most: {} ends one",
                FullName(request.table), holds.size(),
                ReleaseCommand(request.table, holds.front()));
  }
  WriteHolds(holds, metadata);
  return hold;
}

Status RemoveHold(const TableName& table, std::string_view name, iceberg::TableMetadata& metadata) {
  auto holds = HoldsOf(metadata);
  const auto at = std::ranges::find(holds, name, &Hold::name);
  if (at == holds.end()) {
    std::string names;
    for (const auto& hold : holds) names += (names.empty() ? "" : ", ") + hold.name;
    return Fail(ErrorCode::kNotFound, "{} has no hold \"{}\"; it has {}", FullName(table), name,
                names.empty() ? "none" : names);
  }
  holds.erase(at);
  WriteHolds(holds, metadata);
  return {};
}

bool HasEndedHold(std::int64_t now_ms, const iceberg::TableMetadata& metadata) {
  return std::ranges::any_of(HoldsOf(metadata),
                             [&](const Hold& hold) { return hold.until_ms <= now_ms; });
}

void RemoveEndedHolds(std::int64_t now_ms, iceberg::TableMetadata& metadata) {
  if (!HasEndedHold(now_ms, metadata)) return;
  auto holds = HoldsOf(metadata);
  std::erase_if(holds, [&](const Hold& hold) { return hold.until_ms <= now_ms; });
  WriteHolds(holds, metadata);
}

bool IsTagOfHold(const iceberg::Tag& tag) { return tag.name.starts_with(kTagPrefix); }

std::optional<std::int64_t> FirstHeldSequence(const iceberg::TableMetadata& metadata) {
  const auto holds = HoldsOf(metadata);
  const auto* largest = LargestHold(holds, metadata);
  if (largest == nullptr) return std::nullopt;
  return metadata.FindSnapshot(largest->first.value())->sequence_number;
}

std::string DescribeHold(const Hold& hold) {
  return fmt::format("hold \"{}\" until {}", hold.name, TimeText(hold.until_ms));
}

std::string ReleaseCommand(const TableName& table, const Hold& hold) {
  return fmt::format("`steelthread table release {} {}`", FullName(table), hold.name);
}

Status CheckIsNotHeld(const TableName& table, const std::vector<Hold>& holds,
                      std::string_view what) {
  if (holds.empty()) return {};
  std::string names;
  std::string commands;
  for (const auto& hold : holds) {
    names += (names.empty() ? "" : ", ") + DescribeHold(hold);
    commands += (commands.empty() ? "" : ", ") + ReleaseCommand(table, hold);
  }
  return Fail(ErrorCode::kInvalidArgument,
              "{} cannot be {}: its snapshots are kept by {}; wait, or end it: {}", FullName(table),
              what, names, commands);
}

Status CheckRollback(const TableName& table, const iceberg::Snapshot& snapshot,
                     const iceberg::TableMetadata& metadata) {
  std::vector<Hold> later;
  for (const auto& hold : HoldsOf(metadata)) {
    const auto* first = metadata.FindSnapshot(hold.first.value());
    if (first != nullptr && first->sequence_number > snapshot.sequence_number) {
      later.push_back(hold);
    }
  }
  return CheckIsNotHeld(table, later, fmt::format("rolled back to snapshot {}", snapshot.id));
}

Status CheckRoomForSnapshot(const TableName& table, const iceberg::TableMetadata& metadata) {
  if (metadata.snapshots.size() < kMaxHeldSnapshots) return {};
  const auto holds = HoldsOf(metadata);
  const auto* largest = LargestHold(holds, metadata);
  if (largest == nullptr) return {};
  auto expired = metadata;
  ExpireSnapshots(metadata.last_updated_ms, expired);
  if (expired.snapshots.size() < kMaxHeldSnapshots) return {};
  return Fail(
      ErrorCode::kUnavailable,
      "{} keeps {} snapshots, the most, for {}, so it takes no more: wait, or end the hold: "
      "{}",
      FullName(table), expired.snapshots.size(), DescribeHold(*largest),
      ReleaseCommand(table, *largest));
}

}  // namespace st::lake
