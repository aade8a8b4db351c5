#include "lake/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "lake/limits.h"

namespace st::lake {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kStartMs = 1'700'006'400'000;  // 2023-11-15T00:00:00Z

// A table whose commits are numbered by their snapshots' ids.
class Commits {
 public:
  // Returns how many snapshots expired.
  std::size_t Commit(std::int64_t now_ms) {
    TagFinishedPeriods(now_ms, metadata);
    ++metadata.last_sequence_number;
    metadata.snapshots.push_back({.id = metadata.last_sequence_number, .timestamp_ms = now_ms});
    metadata.current_snapshot_id = metadata.last_sequence_number;
    metadata.snapshot_log.push_back({now_ms, metadata.last_sequence_number});
    return ExpireSnapshots(now_ms, metadata).size();
  }
  std::vector<std::string> TagNames() const {
    std::vector<std::string> names;
    for (const auto& tag : metadata.tags) names.push_back(tag.name);
    return names;
  }

  iceberg::TableMetadata metadata;
};

TEST(History, TheLastSnapshotOfAnHourAndOfADayIsTagged) {
  Commits table;
  table.Commit(kStartMs + 23 * kHourMs);
  table.Commit(kStartMs + 23 * kHourMs + 59 * kMinuteMs);
  EXPECT_TRUE(table.metadata.tags.empty()) << "the hour goes on";
  table.Commit(kStartMs + kDayMs);
  EXPECT_THAT(table.TagNames(), ElementsAre("day-2023-11-15", "hour-2023-11-15T23"));
  EXPECT_EQ(table.metadata.tags[0].snapshot_id, 2);
  EXPECT_EQ(table.metadata.tags[1].snapshot_id, 2);
  EXPECT_EQ(table.metadata.tags[0].max_age_ms, kKeepDaysMs);
  EXPECT_EQ(table.metadata.tags[1].max_age_ms, kKeepHoursMs);
  table.Commit(kStartMs + kDayMs + kHourMs);
  EXPECT_THAT(table.TagNames(),
              ElementsAre("day-2023-11-15", "hour-2023-11-15T23", "hour-2023-11-16T00"));
}

TEST(History, HoldsAHundredSnapshotsADayOfHoursAndAMonthOfDays) {
  Commits table;
  std::size_t expired = 0;
  std::int64_t now_ms = kStartMs;
  for (; now_ms < kStartMs + 40 * kDayMs; now_ms += 20 * kMinuteMs) {
    expired += table.Commit(now_ms);
    ASSERT_LE(table.metadata.snapshots.size(), kMaxSnapshots + 25 + 32);
  }
  now_ms -= 20 * kMinuteMs;
  const auto& metadata = table.metadata;
  EXPECT_EQ(expired + metadata.snapshots.size(),
            static_cast<std::size_t>(metadata.last_sequence_number));
  EXPECT_TRUE(std::ranges::is_sorted(metadata.snapshots, {}, &iceberg::Snapshot::id));
  const auto hours = std::ranges::count_if(
      metadata.tags, [](const auto& tag) { return tag.name.starts_with("hour-"); });
  const auto days = std::ranges::count_if(
      metadata.tags, [](const auto& tag) { return tag.name.starts_with("day-"); });
  EXPECT_EQ(hours, 24);
  EXPECT_EQ(days, 31);
  // Each hour of the last day and each day of the last month has a snapshot to go back to.
  for (std::int64_t ago_ms = kHourMs; ago_ms < kDayMs - kHourMs; ago_ms += kHourMs) {
    EXPECT_TRUE(std::ranges::any_of(metadata.snapshots, [&](const auto& snapshot) {
      const auto age_ms = now_ms - snapshot.timestamp_ms;
      return age_ms >= ago_ms && age_ms < ago_ms + kHourMs;
    })) << ago_ms;
  }
  for (const auto& tag : metadata.tags) {
    EXPECT_NE(metadata.FindSnapshot(tag.snapshot_id), nullptr) << tag.name;
  }
  // The log of current snapshots has no hole (spec).
  const auto& log = metadata.snapshot_log;
  ASSERT_EQ(log.size(), kMaxSnapshots);
  EXPECT_EQ(log.front().snapshot_id, metadata.last_sequence_number - 99);
}

TEST(History, ATableAtRestKeepsItsCurrentSnapshot) {
  Commits table;
  for (std::size_t i = 0; i <= kMaxSnapshots; ++i) table.Commit(kStartMs);
  EXPECT_EQ(table.metadata.snapshots.size(), kMaxSnapshots);
  table.metadata.current_snapshot_id = table.metadata.snapshots.front().id;
  table.metadata.snapshots.push_back({.id = 1000, .timestamp_ms = kStartMs});
  EXPECT_TRUE(ExpireSnapshots(kStartMs + 400 * kDayMs, table.metadata).empty());
  EXPECT_NE(table.metadata.CurrentSnapshot(), nullptr);
}

}  // namespace
}  // namespace st::lake
