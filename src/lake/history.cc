#include "lake/history.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "lake/holds.h"
#include "lake/limits.h"

namespace st::lake {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

// "2026-11-29".
std::string DateOf(std::int64_t time_ms) {
  const std::chrono::sys_days day{
      std::chrono::floor<std::chrono::days>(std::chrono::milliseconds(time_ms))};
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

void AddTag(iceberg::Tag tag, iceberg::TableMetadata& metadata) {
  const auto at = std::ranges::lower_bound(metadata.tags, tag.name, {}, &iceberg::Tag::name);
  if (at != metadata.tags.end() && at->name == tag.name) return;
  metadata.tags.insert(at, std::move(tag));
}

// All entries up to one whose snapshot is gone leave the log (spec, Table Metadata Fields).
void ForgetLogBefore(const std::set<std::int64_t>& kept,
                     std::vector<iceberg::SnapshotLogEntry>& log) {
  const auto is_gone = [&kept](const auto& entry) { return !kept.contains(entry.snapshot_id); };
  const auto last_gone = std::find_if(log.rbegin(), log.rend(), is_gone);
  log.erase(log.begin(), last_gone.base());
}

// Removes the snapshots that are not in `kept`; returns them, oldest first.
std::vector<iceberg::Snapshot> KeepOnly(const std::set<std::int64_t>& kept,
                                        iceberg::TableMetadata& metadata) {
  std::vector<iceberg::Snapshot> stay;
  std::vector<iceberg::Snapshot> gone;
  for (auto& snapshot : metadata.snapshots) {
    (kept.contains(snapshot.id) ? stay : gone).push_back(std::move(snapshot));
  }
  metadata.snapshots = std::move(stay);
  if (!gone.empty()) ForgetLogBefore(kept, metadata.snapshot_log);
  return gone;
}

// The snapshots from that sequence number on.
void AddFrom(std::optional<std::int64_t> sequence_number, const iceberg::TableMetadata& metadata,
             std::set<std::int64_t>& kept) {
  if (!sequence_number) return;
  for (const auto& snapshot : metadata.snapshots) {
    if (snapshot.sequence_number >= *sequence_number) kept.insert(snapshot.id);
  }
}

// The current snapshot, those that tags of periods name, and what is held.
std::set<std::int64_t> NamedSnapshots(const iceberg::TableMetadata& metadata,
                                      std::optional<std::int64_t> first_held) {
  std::set<std::int64_t> named;
  for (const auto& tag : metadata.tags) {
    if (!IsTagOfHold(tag)) named.insert(tag.snapshot_id);
  }
  if (metadata.current_snapshot_id) named.insert(*metadata.current_snapshot_id);
  AddFrom(first_held, metadata, named);
  return named;
}

// Those that stay where nobody asks for fewer.
std::set<std::int64_t> UsualSnapshots(const iceberg::TableMetadata& metadata,
                                      std::optional<std::int64_t> first_held) {
  auto kept = NamedSnapshots(metadata, first_held);
  const auto& snapshots = metadata.snapshots;
  const auto newest = snapshots.size() - std::min(snapshots.size(), kMaxSnapshots);
  for (auto i = newest; i < snapshots.size(); ++i) kept.insert(snapshots[i].id);
  return kept;
}

}  // namespace

void TagFinishedPeriods(std::int64_t now_ms, iceberg::TableMetadata& metadata) {
  const auto* last = metadata.CurrentSnapshot();
  if (last == nullptr) return;
  const std::int64_t time_ms = last->timestamp_ms;
  const std::int64_t hour = time_ms / kHourMs;
  if (hour == now_ms / kHourMs) return;
  const auto date = DateOf(time_ms);
  AddTag({.name = fmt::format("hour-{}T{:02}", date, hour % 24),
          .snapshot_id = last->id,
          .max_age_ms = kKeepHoursMs},
         metadata);
  if (time_ms / kDayMs == now_ms / kDayMs) return;
  AddTag({.name = "day-" + date, .snapshot_id = last->id, .max_age_ms = kKeepDaysMs}, metadata);
}

std::vector<iceberg::Snapshot> ExpireSnapshots(std::int64_t now_ms,
                                               iceberg::TableMetadata& metadata) {
  std::erase_if(metadata.tags, [&](const iceberg::Tag& tag) {
    const auto* snapshot = metadata.FindSnapshot(tag.snapshot_id);
    return tag.max_age_ms && snapshot->timestamp_ms < now_ms - *tag.max_age_ms;
  });
  auto& log = metadata.snapshot_log;  // rollbacks make it longer without a snapshot
  if (log.size() > kMaxLoggedSnapshots) {
    log.erase(log.begin(), log.end() - static_cast<std::ptrdiff_t>(kMaxLoggedSnapshots));
  }
  if (metadata.snapshots.size() <= kMaxSnapshots) return {};
  return KeepOnly(UsualSnapshots(metadata, FirstHeldSequence(metadata)), metadata);
}

std::vector<iceberg::Snapshot> ExpireOlder(std::int64_t older_than_ms, std::int64_t keep,
                                           iceberg::TableMetadata& metadata) {
  std::set<std::int64_t> kept;
  if (metadata.current_snapshot_id) kept.insert(*metadata.current_snapshot_id);
  AddFrom(FirstHeldSequence(metadata), metadata, kept);
  std::int64_t left = std::ssize(metadata.snapshots);
  for (const auto& snapshot : metadata.snapshots) {
    if (left-- <= keep || snapshot.timestamp_ms >= older_than_ms) kept.insert(snapshot.id);
  }
  std::erase_if(metadata.tags,
                [&](const iceberg::Tag& tag) { return !kept.contains(tag.snapshot_id); });
  return KeepOnly(kept, metadata);
}

std::vector<iceberg::Snapshot> ExpireOldest(std::size_t count, iceberg::TableMetadata& metadata) {
  std::set<std::int64_t> kept;
  if (metadata.current_snapshot_id) kept.insert(*metadata.current_snapshot_id);
  AddFrom(FirstHeldSequence(metadata), metadata, kept);
  for (const auto& snapshot : metadata.snapshots) {
    if (kept.contains(snapshot.id)) continue;
    if (count == 0) {
      kept.insert(snapshot.id);
    } else {
      --count;
    }
  }
  std::erase_if(metadata.tags,
                [&](const iceberg::Tag& tag) { return !kept.contains(tag.snapshot_id); });
  return KeepOnly(kept, metadata);
}

std::vector<iceberg::Snapshot> ExpireUntagged(iceberg::TableMetadata& metadata) {
  return KeepOnly(NamedSnapshots(metadata, FirstHeldSequence(metadata)), metadata);
}

std::vector<HeldSnapshots> CountHeld(const iceberg::TableMetadata& metadata) {
  std::vector<HeldSnapshots> held;
  for (auto& hold : HoldsOf(metadata)) {
    const auto* first = metadata.FindSnapshot(hold.first.value());
    const auto from = first == nullptr ? std::nullopt : std::optional(first->sequence_number);
    held.push_back({.hold = std::move(hold), .kept = std::ssize(UsualSnapshots(metadata, from))});
  }
  return held;
}

}  // namespace st::lake
