#include "cli/status_text.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

using Json = nlohmann::json;

Json StatusWith(const Json& holds, const Json& held_back) {
  return {{"retention", {{"holds", holds}, {"held_back", held_back}}}};
}

TEST(StatusText, ShowsWhatIsHeldBackAndAllHoldsOnDemand) {
  const auto status =
      StatusWith({{{"name", "the game"}, {"partitions", 1}, {"kept_bytes", 0}},
                  {{"name", "pipeline clicks"}, {"partitions", 2}, {"kept_bytes", 4096}}},
                 {{{"topic", "taps"}, {"hold", "pipeline clicks"}, {"bytes", 512}}});
  const std::string held_back =
      "  hold \"pipeline clicks\" keeps 512 bytes of topic taps that its retention would remove\n";
  const auto text = RenderStatus(status, /*all=*/false);
  EXPECT_TRUE(text.contains("holds on the log\n" + held_back)) << text;
  const auto all = RenderStatus(status, /*all=*/true);
  EXPECT_TRUE(
      all.contains("holds on the log\n"
                   "  name              partitions   kept bytes\n"
                   "  the game                   1            0\n"
                   "  pipeline clicks            2         4096\n" +
                   held_back))
      << all;
}

TEST(StatusText, IsSilentAboutHoldsThatHoldNothingBack) {
  EXPECT_FALSE(RenderStatus(Json::object(), /*all=*/true).contains("holds"));
  const auto status =
      StatusWith({{{"name", "the game"}, {"partitions", 1}, {"kept_bytes", 99}}}, Json::array());
  EXPECT_FALSE(RenderStatus(status, /*all=*/false).contains("holds"));
}

TEST(StatusText, TellsOfTheTopicsOfAPipelineThatHasSeveral) {
  Json pipeline = {{"name", "activity"},
                   {"topic", "clicks, taps, visits"},
                   {"state", "idle"},
                   {"lag", 7},
                   {"rows", 5},
                   {"dead_letters", 0},
                   {"lags", {{{"topic", "clicks"}, {"lag", 7}}, {{"topic", "visits"}, {"lag", 0}}}},
                   {"missing_topics", {"taps"}}};
  const auto shown = [&](bool all) { return RenderStatus({{"pipelines", {pipeline}}}, all); };
  EXPECT_TRUE(shown(false).contains("  activity: topic taps does not exist yet\n")) << shown(false);
  EXPECT_TRUE(shown(true).contains(
      "  activity: lag of clicks 7, lag of visits 0, topic taps does not exist yet\n"))
      << shown(true);
  pipeline["lags"] = {{{"topic", "clicks"}, {"lag", 7}}};
  pipeline["missing_topics"] = Json::array();
  EXPECT_FALSE(shown(true).contains("activity:")) << "its one topic has the lag of the line";
}

}  // namespace
}  // namespace st::cli
