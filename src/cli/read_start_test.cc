#include "cli/read_start.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

constexpr PartitionOffsets kPartition{.start = 10, .end = 20, .at_time = 15};

std::int64_t At(const std::string& text) {
  return StartIn(kPartition, ParseReadStart(text).value());
}

TEST(ReadStart, TakesKcatsWords) {
  EXPECT_EQ(At("beginning"), 10);
  EXPECT_EQ(At("end"), 20);
  EXPECT_EQ(At("12"), 12);
  EXPECT_EQ(At("0"), 0) << "the caller says that it is below the start";
  EXPECT_EQ(At("-0"), 0);
  EXPECT_EQ(At("-3"), 17);
  EXPECT_EQ(At("-11"), 10) << "there are ten records";
  EXPECT_EQ(At("-9223372036854775807"), 10);
  EXPECT_EQ(At("s@1700000000000"), 15);
}

TEST(ReadStart, TakesATimeAsTextToo) {
  EXPECT_EQ(ParseReadStart("s@2023-11-14T22:13:20Z")->value, 1'700'000'000'000);
  EXPECT_EQ(ParseReadStart("s@2023-11-14T22:13:20.0001Z")->value, 1'700'000'000'001)
      << "the first millisecond that is not before it";
}

TEST(ReadStart, RefusesWhatIsNone) {
  for (const auto* text : {"", "stored", "s@", "s@soon", "s@-1", "s@1960-01-01T00:00:00Z", "1.5",
                           "e@1700000000000", "-9223372036854775808", "9223372036854775808"}) {
    EXPECT_EQ(ParseReadStart(text).error().code(), ErrorCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace st::cli
