#include "lake/retired_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake/limits.h"

namespace st::lake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RetiredFiles, StayAnHourAfterTheLastSnapshotThatNamesThem) {
  RetiredFiles files("/t/data");
  files.Add("/t/data/data", {3, 7});
  files.Add("/t/data/version", {0, 0});
  EXPECT_THAT(files.TakeUnnamed(100, {5, 9}), IsEmpty());
  EXPECT_TRUE(files.Contains("/t/data/data"));
  EXPECT_THAT(files.TakeUnnamed(100 + kKeepUnnamedUs, {6, 9}), ElementsAre("/t/data/version"));
  EXPECT_FALSE(files.Contains("/t/data/version"));
  const auto gone_us = 200 + kKeepUnnamedUs;
  EXPECT_THAT(files.TakeUnnamed(gone_us, {2, 7, 9}), IsEmpty());
  EXPECT_THAT(files.TakeUnnamed(gone_us + kKeepUnnamedUs - 1, {9}), IsEmpty());
  EXPECT_THAT(files.TakeUnnamed(gone_us + kKeepUnnamedUs, {9}), ElementsAre("/t/data/data"));
  EXPECT_THAT(files.TakeUnnamed(gone_us + 2 * kKeepUnnamedUs, {}), IsEmpty());
}

TEST(RetiredFiles, TheFirstNumberNamesAFileAndTheEndDoesNot) {
  for (const auto& [number, is_named] : {std::pair(2, false), {3, true}, {4, true}, {5, false}}) {
    RetiredFiles files("/t/data");
    files.Add("/t/data/data", {3, 5});
    files.TakeUnnamed(0, {number});
    EXPECT_EQ(files.TakeUnnamed(kKeepUnnamedUs, {number}).empty(), is_named) << number;
  }
}

TEST(RetiredFiles, ASnapshotThatNamesOthersKeepsThemNoLongerButAViewDoes) {
  RetiredFiles files("/t/data");
  files.Add("/t/data/a", {3, 9});
  files.Add("/t/data/b", {3, 9});
  files.Unname({"/t/data/a"}, {5});
  files.Unname({"/t/data/a"}, {4});
  EXPECT_THAT(files.TakeUnnamed(1, {4, 5, 6}), IsEmpty());
  EXPECT_THAT(files.TakeUnnamed(1 + kKeepUnnamedUs, {4, 5, 6}), IsEmpty()) << "6 names both";
  EXPECT_THAT(files.TakeUnnamed(2 + kKeepUnnamedUs, {4, 5}, {5}), IsEmpty());
  EXPECT_THAT(files.TakeUnnamed(3 + 2 * kKeepUnnamedUs, {4, 5}, {5}), IsEmpty());
  files.TakeUnnamed(4 + 2 * kKeepUnnamedUs, {4, 5}, {2, 9});
  EXPECT_THAT(files.TakeUnnamed(4 + 3 * kKeepUnnamedUs, {4, 5}), ElementsAre("/t/data/a"));
  EXPECT_TRUE(files.Contains("/t/data/b"));
}

TEST(RetiredFiles, BeyondTheirNumberTheOldestGoEarly) {
  RetiredFiles files("/t/data", 2);
  for (const char* name : {"a", "b", "c"}) {
    files.Add(fmt::format("/t/data/{}", name), {});
    files.TakeUnnamed(1, {});
  }
  EXPECT_FALSE(files.Contains("/t/data/a"));
  EXPECT_TRUE(files.Contains("/t/data/b"));
  files.Add("/t/data/named", {1, 2});
  EXPECT_THAT(files.TakeUnnamed(2, {1}), IsEmpty()) << "what is named never goes";
}

}  // namespace
}  // namespace st::lake
