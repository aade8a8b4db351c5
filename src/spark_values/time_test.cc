#include "spark_values/time.h"

#include <gtest/gtest.h>

#include "spark_values/calendar.h"
#include "spark_values/time_format.h"
#include "spark_values/time_text.h"

namespace st::spark_values {
namespace {

Date Day(std::int64_t year, int month, int day) { return DateOf(year, month, day).value(); }
Timestamp At(std::string_view text) { return TimestampOfText(text).value(); }

std::string Written(std::string_view pattern, std::string_view time) {
  const auto format = TimeFormat::ForWriting(pattern);
  return format ? format->Write(At(time)) : "refused";
}

bool IsRead(std::string_view pattern, std::string_view text, std::string_view time) {
  const auto format = TimeFormat::ForReading(pattern);
  const auto read = format ? format->Read(text) : std::unexpected(format.error());
  return time.empty() ? !read : read && *read == At(time);
}

TEST(SparkCalendar, GoesFromDaysToDatesAndBack) {
  for (std::int32_t days = -800'000; days < 3'000'000; days += 997) {
    const LocalTime time = LocalTimeOf(Date{days});
    EXPECT_EQ(Day(time.year, time.month, time.day).days, days);
  }
  EXPECT_EQ(Day(1, 1, 1).days, -719162);
  EXPECT_FALSE(DateOf(2023, 2, 29));
  EXPECT_EQ(DayOfWeek(Day(2024, 2, 29)), 4);
  EXPECT_EQ(DayOfYear(LocalTimeOf(Day(2024, 12, 31))), 366);
}

TEST(SparkTime, CountsMonths) {
  EXPECT_EQ(AddMonths(Day(2024, 1, 31), 1).value(), Day(2024, 2, 29));
  EXPECT_EQ(AddMonths(Day(2024, 2, 29), -12).value(), Day(2023, 2, 28));
  EXPECT_EQ(MonthsBetween(At("1997-02-28 10:30:00"), At("1996-10-30"), true), 3.94959677);
  EXPECT_EQ(MonthsBetween(At("2024-03-31"), At("2024-02-29"), true), 1);
  EXPECT_EQ(TimestampDiff(TimeUnit::kMonth, At("2024-01-31 10:00:00"), At("2024-02-29 09:00:00")),
            0);
  EXPECT_EQ(TimestampDiff(TimeUnit::kYear, At("2024-02-29"), At("2023-02-28")), -1);
  EXPECT_EQ(TimestampAdd(TimeUnit::kQuarter, 1, At("2023-11-30")).value(), At("2024-02-29"));
  EXPECT_FALSE(TimestampAdd(TimeUnit::kYear, INT64_MAX, At("2023-11-30")));
}

TEST(SparkTime, KnowsDaysAndUnits) {
  EXPECT_EQ(LastDay(Day(2024, 2, 1)), Day(2024, 2, 29));
  EXPECT_EQ(NextDay(Day(2024, 2, 29), "TH").value(), Day(2024, 3, 7));
  EXPECT_FALSE(NextDay(Day(2024, 2, 29), "xx"));
  EXPECT_EQ(TruncDate(Day(2024, 5, 17), TimeUnit::kQuarter), Day(2024, 4, 1));
  EXPECT_FALSE(TruncDate(Day(2024, 5, 17), TimeUnit::kDay));
  EXPECT_EQ(TruncTime(At("1969-12-31 23:59:59.5"), TimeUnit::kSecond), At("1969-12-31 23:59:59"));
  EXPECT_FALSE(MakeTimestamp({2024, 1, 1, 24, 0, 0}));
  EXPECT_EQ(MakeTimestamp({2024, 2, 29, 23, 59, 60'000'000}).value(), At("2024-03-01"));
}

TEST(SparkTimeText, ReadsPartialDatesAndOffsets) {
  EXPECT_EQ(DateOfText(" 2026-1"), Day(2026, 1, 1));
  EXPECT_EQ(DateOfText("2026-01-02Tjunk"), Day(2026, 1, 2));
  EXPECT_FALSE(DateOfText("2026-01 x"));
  EXPECT_EQ(At("2026-1-31 10:15"), At("2026-01-31T10:15:00Z"));
  EXPECT_EQ(At("2026-01-31 10:15:00+1:30"), At("2026-01-31 08:45:00"));
  EXPECT_EQ(At("2026-01-31 10:15:00 UTC-2"), At("2026-01-31 12:15:00"));
  EXPECT_EQ(At("2026-01-31 10:15:00.1234567"), At("2026-01-31 10:15:00.123456"));
  for (const auto* text : {"T10:00", "10:00", "2026-01-31 10:15:00+18:01", "2026-01-31 24:00:00",
                           "2026-01-31 10:15:00 Nowhere", "2026-02-30", "now"}) {
    EXPECT_FALSE(TimestampOfText(text)) << text;
  }
}

TEST(SparkTimeText, KnowsWhatItCannotRead) {
  for (const auto* text :
       {"T10:00", "10:00", "2026-01-31 10:15:00 Europe/Paris", "2026-01-31 10:15:00PST"}) {
    EXPECT_TRUE(NeedsClockOrZones(text)) << text;
  }
  for (const auto* text : {"", "Tuesday", "2026-01-31 10:15:00 UTC", "2026-02-30 10:00:00 PST"}) {
    EXPECT_FALSE(NeedsClockOrZones(text)) << text;
  }
  EXPECT_EQ(TextOf(At("2026-01-31 10:15:00.120")), "2026-01-31 10:15:00.12");
}

TEST(SparkTimeFormat, WritesFields) {
  EXPECT_EQ(Written("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2024-02-29 12:34:56.789"),
            "2024-02-29T12:34:56.789Z");
  EXPECT_EQ(Written("EEE, d MMMM yy h:m a Q D", "2024-02-29 00:05:00"),
            "Thu, 29 February 24 12:5 AM 1 60");
  EXPECT_EQ(Written("''yyyy[-MM]", "2024-02-29"), "'2024-02");
  for (const auto* pattern : {"u", "w", "Y", "e", "p", "MMMMM", "'a", "[", "]", "{", "b"}) {
    EXPECT_EQ(Written(pattern, "2024-02-29"), "refused") << pattern;
  }
}

TEST(SparkTimeFormat, ReadsWhatItDescribes) {
  EXPECT_TRUE(IsRead("yyyy-MM-dd HH:mm:ss", "2024-02-29 12:34:56", "2024-02-29 12:34:56"));
  EXPECT_TRUE(IsRead("yyyyMMdd", "20240229", "2024-02-29"));
  EXPECT_TRUE(IsRead("d MMM yyyy h:mm a", "9 feb 2024 12:05 am", "2024-02-09 00:05:00"));
  EXPECT_TRUE(
      IsRead("yyyy-MM-dd HH:mm:ss[.SSS]X", "2024-02-29 12:34:56+01", "2024-02-29 11:34:56"));
  EXPECT_TRUE(IsRead("yy", "69", "2069-01-01"));
  for (const auto* text : {"2024-2-29", "2024-02-30", "2024-02-29 ", "12024-02-29", ""}) {
    EXPECT_TRUE(IsRead("yyyy-MM-dd", text, "")) << text;
  }
  for (const auto* pattern : {"E", "yyyy D", "hh", "HH a", "yyyyd", "yyyy yyyy"}) {
    EXPECT_FALSE(TimeFormat::ForReading(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace st::spark_values
