// Tests from which number of small files on commits slow down, and how far.
#include "stream/crowding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace st::stream
