#include "cli/duration.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

TEST(ParseDuration, TakesEachUnit) {
  EXPECT_EQ(ParseDuration("--for", "500ms"), 500'000);
  EXPECT_EQ(ParseDuration("--for", "60s"), 60'000'000);
  EXPECT_EQ(ParseDuration("--for", "5m"), 300'000'000);
  EXPECT_EQ(ParseDuration("--for", "1h"), 3'600'000'000);
  EXPECT_EQ(ParseDuration("--for", "7d"), 604'800'000'000);
}

TEST(ParseDuration, RefusesOtherTexts) {
  for (const auto* text :
       {"", "d", "60", "2x", "-1s", "1.5h", "1 s", "99999999999999999999s", "20000d"}) {
    const auto duration = ParseDuration("--for", text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code(), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(ParseDuration("--for", "2x").error().message(),
            "--for: '2x' is no duration such as 500ms, 60s, 5m, 1h or 7d");
}

}  // namespace
}  // namespace st::cli
