#include "cli/table_orphans_command.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kHourUs = 3'600'000'000;

Json Orphan(std::int64_t bytes, std::int64_t removable_us, bool is_leaving = false) {
  return {{"file", "f"},
          {"bytes", bytes},
          {"modified_us", 0},
          {"removable_us", removable_us},
          {"is_leaving", is_leaving}};
}

Json Answer(const Json& orphans, const Json& next_look_us) {
  return {{"table", "default.t"},
          {"now_us", 10 * kHourUs},
          {"orphans", orphans},
          {"next_look_us", next_look_us},
          {"look_every_us", 24 * kHourUs}};
}

TEST(Orphans, UpkeepRemovesAFileAtItsFirstLookAfterTheFileMayGo) {
  const auto answer = Answer(Json::array(), 12 * kHourUs);
  EXPECT_EQ(UpkeepRemovesUs(answer, 9 * kHourUs), 12 * kHourUs);
  EXPECT_EQ(UpkeepRemovesUs(answer, 12 * kHourUs), 12 * kHourUs);
  EXPECT_EQ(UpkeepRemovesUs(answer, 12 * kHourUs + 1), 36 * kHourUs);
  EXPECT_EQ(UpkeepRemovesUs(answer, 60 * kHourUs), 60 * kHourUs);
  EXPECT_EQ(UpkeepRemovesUs(Answer(Json::array(), nullptr), 0), std::nullopt);
}

TEST(Orphans, AnAgeIsReadable) {
  EXPECT_EQ(AgeText(0), "0 s");
  EXPECT_EQ(AgeText(119'000'000), "119 s");
  EXPECT_EQ(AgeText(120'000'000), "2 min");
  EXPECT_EQ(AgeText(47 * kHourUs), "47 h");
  EXPECT_EQ(AgeText(50 * kHourUs), "2 d");
}

TEST(Orphans, TheSummarySaysWhatGoesNowAndWhatByItself) {
  const Json look = 12 * kHourUs;
  const auto old = Orphan(1 << 20, 9 * kHourUs);
  const auto young = Orphan(1 << 20, 11 * kHourUs);
  EXPECT_EQ(OrphansSummary({Answer(Json::array(), look)}, false),
            "no orphans: a snapshot names every file\n");
  EXPECT_EQ(OrphansSummary({Answer(Json::array({old, young}), look)}, false),
            "2 files, 2.0 MiB that no snapshot names; 1 file, 1.0 MiB may go now, by --remove "
            "--yes; upkeep removes each by itself at the time shown\n");
  EXPECT_EQ(OrphansSummary({Answer(Json::array({young}), nullptr)}, false),
            "1 file, 1.0 MiB that no snapshot names; none of them may go now, since a commit that "
            "runs may need them; upkeep is switched off, so nothing removes them by itself\n");
  const auto gone = Orphan(1 << 20, 9 * kHourUs, true);
  EXPECT_EQ(OrphansSummary({Answer(Json::array({gone, young}), look)}, true),
            "1 file, 1.0 MiB will leave the disk in an hour; 1 orphan left, which a commit that "
            "runs may need\n");
  EXPECT_EQ(OrphansSummary({Answer(Json::array({gone}), look)}, true),
            "1 file, 1.0 MiB will leave the disk in an hour; no orphan is left\n");
}

}  // namespace
}  // namespace st::cli
