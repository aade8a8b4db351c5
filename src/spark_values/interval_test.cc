#include "spark_values/interval.h"

#include <gtest/gtest.h>

namespace st::spark_values {
namespace {

using enum IntervalField;

constexpr IntervalRange kDays{.first = kDay, .last = kSecond};
constexpr IntervalRange kYears{.first = kYear, .last = kMonth};

std::string Again(std::string_view text, IntervalRange range) {
  const auto micros = DayTimeOfText(text, range);
  return micros ? DayTimeText(*micros, range) : micros.error().message();
}

TEST(Interval, OfDaysIsWrittenAsItIsRead) {
  EXPECT_EQ(Again("1 02:03:04.5", kDays), "INTERVAL '1 02:03:04.5' DAY TO SECOND");
  EXPECT_EQ(Again("-0 00:00:00.000001", kDays), "INTERVAL '-0 00:00:00.000001' DAY TO SECOND");
  EXPECT_EQ(Again("100", {.first = kHour, .last = kHour}), "INTERVAL '100' HOUR");
  EXPECT_EQ(Again("3:4", {.first = kHour, .last = kMinute}), "INTERVAL '03:04' HOUR TO MINUTE");
  EXPECT_EQ(DayTimeText(INT64_MIN, kDays), "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND");
}

TEST(Interval, RefusesTextsOfOtherFields) {
  for (const auto* text :
       {"", "1", "1 24:00:00", "1 02:60:00", "1 02:03", "1 02:03:04.", "x", "106751992 00:00:00"}) {
    EXPECT_FALSE(DayTimeOfText(text, kDays)) << text;
  }
  for (const auto* text : {"", "1", "1-12", "1-", "-", "1-2-3", "178956971-0"}) {
    EXPECT_FALSE(YearMonthOfText(text, kYears)) << text;
  }
  EXPECT_EQ(YearMonthOfText("-1-2", kYears).value(), -14);
}

TEST(Interval, SumsUnitsOfOneKind) {
  const auto made = IntervalOfText("interval 2 weeks 1.5 seconds");
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->value.micros, 14 * 86'400'000'000 + 1'500'000);
  EXPECT_EQ(made->range, kDays);
  EXPECT_FALSE(IntervalOfText("1 month 1 day"));
  EXPECT_FALSE(IntervalOfText("1.5 days"));
  EXPECT_FALSE(IntervalOfText("1 quarter"));
  EXPECT_FALSE(IntervalOfText("1"));
  EXPECT_FALSE(IntervalOfText(""));
}

TEST(Interval, OfALiteralIsWhatStandsInQuotes) {
  EXPECT_EQ(InsideLiteral("INTERVAL '1 02:03:04' DAY TO SECOND", kDays), "1 02:03:04");
  EXPECT_EQ(InsideLiteral("INTERVAL '1' DAY", kDays), "INTERVAL '1' DAY");
}

TEST(Interval, DividesHalfAwayFromZero) {
  EXPECT_EQ(DividedBy(std::int64_t{7}, std::int64_t{2}).value(), 4);
  EXPECT_EQ(DividedBy(std::int64_t{-7}, std::int64_t{2}).value(), -4);
  EXPECT_EQ(DividedBy(std::int64_t{7}, std::int64_t{-3}).value(), -2);
  EXPECT_FALSE(DividedBy(INT64_MIN, std::int64_t{-1}));
  EXPECT_FALSE(DividedBy(std::int64_t{1}, std::int64_t{0}));
  EXPECT_FALSE(TimesDouble(INT64_MAX, 2));
  EXPECT_FALSE(DividedByDouble(1, 0));
}

TEST(Interval, OfMakeIntervalHasThreeParts) {
  const auto made = MakeInterval({.years = 1, .months = 2, .weeks = 3, .days = 4, .hours = -5});
  EXPECT_EQ(CalendarText(made.value()), "1 years 2 months 25 days -5 hours");
  EXPECT_EQ(CalendarText({}), "0 seconds");
  EXPECT_EQ(CalendarText({.micros = -500'000}), "-0.5 seconds");
  EXPECT_EQ(CalendarText(DividedBy(CalendarInterval{.months = 14, .days = 3}, 2).value()),
            "7 months 1 days 12 hours");
  EXPECT_FALSE(MakeInterval({.years = INT32_MAX}));
}

}  // namespace
}  // namespace st::spark_values
