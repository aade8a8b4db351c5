// Tests from which number of small files on commits slow down, and how far.
#include "stream/crowding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stream/limits.h"

namespace st::stream {
namespace {

lake::FileTotals Small(std::int64_t files) {
  return {.files = files, .records = files, .bytes = files * 1000};
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
  const lake::FileTotals large{
      .files = 5000, .records = 5000, .bytes = 5000 * (kUpkeptFileBytes + 1)};
  EXPECT_EQ(0, SmallFilesAtLeast(large));
  EXPECT_EQ(0, CrowdedDelayUs(large));
}

}  // namespace
}  // namespace st::stream
