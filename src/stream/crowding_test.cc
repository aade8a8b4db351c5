// Tests from which number of small files on commits slow down, and how far.
#include "stream/crowding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "lake/limits.h"
#include "stream/limits.h"

namespace st::stream {
namespace {

TableFiles Small(std::int64_t files) {
  return {.totals = {.files = files, .records = files, .bytes = files * 1000}};
}

TEST(Crowding, ATableThatUpkeepFollowsIsNotSlowed) {
  EXPECT_EQ(0, CrowdedDelayUs({}));
  EXPECT_EQ(0, CrowdedDelayUs(Small(kCrowdedFiles - 1)));
  EXPECT_EQ("", CrowdedReason(Small(kCrowdedFiles - 1)));
}

TEST(Crowding, TheDelayGrowsWithTheSmallFiles) {
  EXPECT_EQ(kCrowdedDelayUs, CrowdedDelayUs(Small(kCrowdedFiles)));
  EXPECT_EQ(3 * kCrowdedDelayUs, CrowdedDelayUs(Small(3 * kCrowdedFiles)));
  EXPECT_THAT(CrowdedReason(Small(3 * kCrowdedFiles)),
              ::testing::HasSubstr("has 3000 small files, so it commits every 3.0 s at most"));
}

TEST(Crowding, LargeFilesDoNotCount) {
  const TableFiles large{
      .totals = {.files = 5000, .records = 5000, .bytes = 5000 * (kUpkeptFileBytes + 1)}};
  EXPECT_EQ(0, SmallFilesAtLeast(large));
  EXPECT_EQ(0, CrowdedDelayUs(large));
}

TEST(Crowding, APartitionMayKeepSomeSmallFiles) {
  auto files = Small(300 * kFilesLeftInPartition);
  files.partitions = 301;
  EXPECT_EQ(0, SmallFilesAtLeast(files));
  files.partitions = 101;
  EXPECT_EQ(200 * kFilesLeftInPartition, SmallFilesAtLeast(files));
}

TEST(Crowding, PartitionsAreCountedWhereFilesAreMany) {
  lake::View view;
  view.layout.partition = {{"n", {}}};
  view.partition_specs = {{.id = 0, .fields = {{.id = 1000, .name = "n", .column = "n"}}}};
  std::vector<lake::DataFile> data(static_cast<std::size_t>(kCrowdedFiles));
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i].location = fmt::format("/{}", i);
    data[i].partition[1000] = fmt::format("{}", i % 7);
  }
  view.files = lake::FileList(data);
  EXPECT_EQ(7, FilesOf(view).partitions);
  data.resize(9);
  view.files = lake::FileList(data);
  EXPECT_EQ(1, FilesOf(view).partitions);
}

constexpr std::int64_t kNowUs = 1'700'000'000'000'000;
constexpr std::int64_t kDayUs = 86'400'000'000;

lake::HeldSnapshots Held(std::int64_t kept, std::int64_t left_us = kDayUs) {
  return {.hold = {.name = "report",
                   .first = SnapshotId(1),
                   .set_ms = kNowUs / 1000,
                   .until_ms = (kNowUs + left_us) / 1000},
          .kept = kept};
}

TEST(Crowding, AHoldOfFewSnapshotsDoesNotSlow) {
  EXPECT_EQ(0, HeldDelayUs(Held(kFreelyHeldSnapshots), kNowUs));
  EXPECT_EQ(0, HeldDelayUs(Held(lake::kMaxHeldSnapshots), kNowUs + kDayUs)) << "it has ended";
  EXPECT_LT(HeldDelayUs(Held(kFreelyHeldSnapshots + 25), kNowUs), 1'000'000);
}

TEST(Crowding, AHoldIsWaitedForWhereThereIsNoRoom) {
  EXPECT_EQ(kDayUs, HeldDelayUs(Held(lake::kMaxHeldSnapshots), kNowUs));
  EXPECT_EQ(kDayUs, HeldDelayUs(Held(lake::kMaxHeldSnapshots + 3), kNowUs));
}

TEST(Crowding, TheRoomForSnapshotsLastsAsLongAsTheHold) {
  for (const std::int64_t left_us : {600'000'000L, kDayUs, 31 * kDayUs}) {
    auto held = Held(kFreelyHeldSnapshots, left_us);
    std::int64_t now_us = kNowUs;
    std::int64_t last_delay_us = 0;
    // A pipeline that would commit each second.
    while (held.kept < std::int64_t{lake::kMaxHeldSnapshots}) {
      const auto delay_us = HeldDelayUs(held, now_us);
      EXPECT_GE(delay_us + delay_us / 8, last_delay_us) << held.kept;
      last_delay_us = delay_us;
      now_us += std::max<std::int64_t>(delay_us, 1'000'000);
      ++held.kept;
      if (now_us >= kNowUs + left_us) break;
    }
    EXPECT_GT(now_us, kNowUs + left_us - left_us / 10) << left_us;
  }
}

TEST(Crowding, TheReasonNamesTheHoldAndWhatEndsIt) {
  lake::View view;
  view.name = {"default", "sales"};
  view.holds = {Held(10), Held(400)};
  view.holds[1].hold.name = "audit";
  const auto slowdown = SlowdownOf(view, kNowUs);
  EXPECT_EQ(HeldDelayUs(Held(400), kNowUs), slowdown.held_delay_us);
  EXPECT_EQ(0, slowdown.crowded_delay_us);
  EXPECT_TRUE(slowdown.has_room);
  EXPECT_EQ(slowdown.reason,
            fmt::format("its table keeps 400 snapshots for hold \"audit\" until "
                        "2023-11-15T22:13:20Z, so it commits every {:.1f} s at most; `steelthread "
                        "table release default.sales audit` ends the hold",
                        static_cast<double>(slowdown.held_delay_us) / 1e6));
  view.holds[1].kept = lake::kMaxHeldSnapshots;
  EXPECT_FALSE(SlowdownOf(view, kNowUs).has_room);
  EXPECT_THAT(SlowdownOf(view, kNowUs).reason, ::testing::HasSubstr("so it waits; "));
  EXPECT_EQ("", SlowdownOf(view, kNowUs + kDayUs).reason);
}

}  // namespace
}  // namespace st::stream
