#include "event/value.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <random>

#include "event/python_json.h"
#include "event/timestamp.h"

namespace st::event {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

std::string Why(std::string_view text) {
  const auto us = ParseTimestamp(text);
  return us ? "taken" : "refused: " + us.error();
}

TEST(Timestamp, IsRfc3339) {
  for (const auto* good :
       {"2026-11-27T10:00:00Z", "2024-02-29t23:59:59.123456+05:30", "0001-01-01 00:00:00z",
        "2026-11-28t12:00:00z", "2026-11-28T12:00:00+18:01", "2026-11-28T12:00:00-23:59",
        "2026-11-28T12:00:00-00:00", "2026-11-28T12:00:00.0123456789Z"}) {
    EXPECT_EQ(Why(good), "taken") << good;
  }
  for (const auto* bad :
       {"", "2026-11-27", "2026-02-29T00:00:00Z", "2026-11-27T24:00:00Z", "2026-11-27T10:00:00",
        "2026-11-27T10:00:00.Z", "-001-01-01T00:00:00Z", "2026-11-27T10:00:00Zx",
        "2026-11-27T10:00:00+5", "2026-11-27T10:00:00+24:00", "2026-11-27T10:00:00+00:60",
        "2026-11-27T10:00:61Z", "02026-11-27T10:00:00Z", "2026-1-27T10:00:00Z",
        " 2026-11-27T10:00:00Z", "2026-11-27T10:00:00 +01:00", "2026-13-01T00:00:00Z", "infinity",
        "2026-11-27T10:00:00\0Z"}) {
    EXPECT_EQ(Why(bad), "refused: ") << bad;
  }
}

TEST(Timestamp, IsAnInstantInTheYears1To9999) {
  EXPECT_EQ(ParseTimestamp("0001-01-01T00:00:00Z"), kMinTimestampUs);
  EXPECT_EQ(ParseTimestamp("0001-01-01T14:00:00+14:00"), kMinTimestampUs);
  EXPECT_EQ(ParseTimestamp("9999-12-31T23:59:59.9999999Z"), kMaxTimestampUs);
  EXPECT_EQ(ParseTimestamp("9999-12-31T00:00:00-23:59"), kMaxTimestampUs + 1 - 60 * kSecondUs);
  const std::string beyond = "refused: in UTC it is outside the years 0001 to 9999";
  EXPECT_EQ(Why("9999-12-31T23:59:59-14:00"), beyond);
  EXPECT_EQ(Why("9999-12-31T23:59:59-00:01"), beyond);
  EXPECT_EQ(Why("0001-01-01T00:00:00+00:01"), beyond);
  EXPECT_EQ(Why("9999-12-31T23:59:60Z"), beyond);
  EXPECT_EQ(Why("0000-12-31T23:59:59Z"), beyond);
  EXPECT_EQ(ParseTimestamp("0000-12-31T23:59:59-00:01"), kMinTimestampUs + 59 * kSecondUs);
}

TEST(Timestamp, TruncatesAFractionAndMovesALeapSecond) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00.1234569999Z"), 123'456);
  EXPECT_EQ(ParseTimestamp("1969-12-31T23:59:59.0000019Z"), -kSecondUs + 1);
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00." + std::string(1000, '9') + "Z"), 999'999);
  EXPECT_EQ(ParseTimestamp("2016-12-31T23:59:60Z"), ParseTimestamp("2017-01-01T00:00:00Z"));
  EXPECT_EQ(ParseTimestamp("2016-12-31T23:59:60.5Z"), ParseTimestamp("2017-01-01T00:00:00.5Z"));
  EXPECT_EQ(ParseTimestamp("1990-12-31T15:59:60-08:00"), ParseTimestamp("1991-01-01T00:00:00Z"));
  EXPECT_EQ(ParseTimestamp("1969-06-30T23:59:60Z"), ParseTimestamp("1969-07-01T00:00:00Z"));
  for (const auto* bad : {"2016-12-31T12:00:60Z", "2016-12-30T23:59:60Z",
                          "2016-12-31T23:59:60+01:00", "2016-12-31T23:58:60Z"}) {
    EXPECT_EQ(Why(bad),
              "refused: second 60 is a leap second, which is 23:59:60 UTC on the last day of a "
              "month")
        << bad;
  }
}

TEST(Timestamp, IsWrittenWithMilliseconds) {
  EXPECT_EQ(TimestampText(1'764'237'600'123), "2025-11-27T10:00:00.123Z");
  EXPECT_EQ(TimestampText(-1), "1969-12-31T23:59:59.999Z");
}

// CPython 3.11 wrote these texts; tests/cases compares many more with the Python that runs it.
TEST(DoubleJson, EqualsPythonsRepr) {
  const std::pair<double, const char*> rows[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1, "1.0"},
      {-2.5, "-2.5"},
      {100, "100.0"},
      {1e15, "1000000000000000.0"},
      {9999999999999998.0, "9999999999999998.0"},
      {1e16, "1e+16"},
      {1.5e16, "1.5e+16"},
      {5.299064834871378e+16, "5.299064834871378e+16"},
      {1e23, "1e+23"},
      {123456789.125, "123456789.125"},
      {0.1, "0.1"},
      {1e-4, "0.0001"},
      {1.25e-4, "0.000125"},
      {1e-5, "1e-05"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {5e-324, "5e-324"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"}};
  for (const auto& [value, text] : rows) EXPECT_EQ(DoubleJson(value), text);
}

TEST(DoubleJson, ReadsBackAsTheSameNumber) {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 50'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const auto text = DoubleJson(value);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(back, value) << text << " seed " << seed;
    ASSERT_NE(text.find_first_of(".e"), std::string::npos) << text;
  }
}

Field FieldOf(const std::string& rules) {
  const auto event = ParseDeclaration(
      "name = \"a\"\nroute = \"POST /a\"\nreply = \"\"\n[fields]\nf = { " + rules + " }\n",
      "a.toml");
  EXPECT_TRUE(event) << event.error().message();
  return event ? event->fields.at(0) : Field();
}

std::string Json(const std::string& rules, std::string_view json) {
  const auto value = FieldReader(FieldOf(rules)).ReadJson(json);
  return value ? value->json : value.error();
}

std::string Text(const std::string& rules, std::string_view text) {
  const auto value = FieldReader(FieldOf(rules)).ReadText(text);
  return value ? value->json : value.error();
}

TEST(Bounds, AreExact) {
  const std::string most = "type = \"long\", max = 9007199254740992";
  EXPECT_EQ(Json(most, "9007199254740992"), "9007199254740992");
  EXPECT_EQ(Json(most, "9007199254740993"),
            "want a whole number of 64 bits of at most 9007199254740992");
  EXPECT_EQ(Text(most, "9007199254740993"),
            "want a whole number of 64 bits of at most 9007199254740992");
  const std::string odd = "type = \"long\", min = 9007199254740993";
  EXPECT_EQ(Json(odd, "9007199254740993"), "9007199254740993");
  EXPECT_EQ(Json(odd, "9007199254740992"),
            "want a whole number of 64 bits of at least 9007199254740993");
  const std::string whole = "type = \"long\", max = 9223372036854775807";
  EXPECT_EQ(Json(whole, "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(Json("type = \"int\", min = 1.5, max = 3", "1"), "want a whole number from 1.5 to 3");
  EXPECT_EQ(Json("type = \"int\", min = 1.5, max = 3", "2"), "2");
  EXPECT_EQ(Json("type = \"double\", max = 0.1", "0.1"), "0.1");
  EXPECT_EQ(Json("type = \"double\", max = 0.1", "0.10000000000000001"), "0.1");
  EXPECT_EQ(Json("type = \"double\", max = 0.1", "0.10000000000000002"),
            "want a number of at most 0.1");
}

TEST(Bounds, CompareWholeNumbersWithReals) {
  using Whole = std::int64_t;
  EXPECT_EQ(CompareBounds(Whole{1}, 1.0), 0);
  EXPECT_EQ(CompareBounds(Whole{9007199254740993}, 9007199254740992.0), 1);
  EXPECT_EQ(CompareBounds(9007199254740992.0, Whole{9007199254740993}), -1);
  EXPECT_EQ(CompareBounds(Whole{INT64_MAX}, 9223372036854775808.0), -1);
  EXPECT_EQ(CompareBounds(Whole{INT64_MIN}, -9223372036854775808.0), 0);
  EXPECT_EQ(CompareBounds(Whole{INT64_MIN}, -1e300), 1);
  EXPECT_EQ(CompareBounds(Whole{-1}, -1.5), 1);
  EXPECT_EQ(CompareBounds(Whole{-2}, -1.5), -1);
  EXPECT_EQ(CompareBounds(1e300, -1e300), 1);
}

TEST(FieldReader, TakesValuesOfItsType) {
  EXPECT_EQ(Json("", R"("\u00e9\n")"), R"("\u00e9\n")");
  EXPECT_EQ(Json("", "\"\xC3\xA9\""), R"("\u00e9")");
  EXPECT_EQ(Json("", R"({"a":1})"), "want text");
  EXPECT_EQ(Json("", "5"), "want text");
  EXPECT_EQ(Json("", "null"), "want text");
  EXPECT_EQ(Json("type = \"int\"", "-0"), "0");
  EXPECT_EQ(
      Json("type = \"int\"", "2147483648"),
      "want a whole number: 2147483648 is outside -2147483648 to 2147483647, the range of type "
      "int");
  EXPECT_EQ(Json("type = \"int\"", "1.0"), "want a whole number: 1.0 has a point or an exponent");
  EXPECT_EQ(Json("type = \"int\"", "\"1\""), "want a whole number");
  EXPECT_EQ(
      Json("type = \"long\"", "9223372036854775808"),
      "want a whole number of 64 bits: 9223372036854775808 is outside -9223372036854775808 to "
      "9223372036854775807, the range of type long");
  EXPECT_EQ(Text("type = \"int\"", "-" + std::string(100, '9')),
            "want a whole number: -9999999999999999999999999999999… is outside -2147483648 to "
            "2147483647, the range of type int");
  for (const auto* none : {"", "-", "+1", " 1", "1.0", "0x1"}) {
    EXPECT_EQ(Text("type = \"int\"", none), "want a whole number") << none;
  }
  EXPECT_EQ(Json("type = \"long\"", "1e3"),
            "want a whole number of 64 bits: 1e3 has a point or an exponent");
  EXPECT_EQ(Json("type = \"double\"", "5"), "5");
  EXPECT_EQ(Json("type = \"double\"", "5e0"), "5.0");
  EXPECT_EQ(Json("type = \"double\"", "10000000000000000000000"), "10000000000000000000000");
  EXPECT_EQ(Json("type = \"double\"", "1e400"),
            "want a number: 1e400 is beyond the largest double, 1.7976931348623157e+308");
  EXPECT_EQ(Json("type = \"double\"", "-1e-400"), "-0.0");
  EXPECT_EQ(Json("type = \"double\"", "\"1d\""), "want a number");
  EXPECT_EQ(Json("type = \"boolean\"", "true"), "true");
  EXPECT_EQ(Json("type = \"boolean\"", "\"yes\""), "want true or false");
  EXPECT_EQ(Json("type = \"boolean\"", "1"), "want true or false");
  EXPECT_EQ(Json("type = \"timestamp\"", "\"2026-11-28\""),
            "want a time as in 2026-11-27T10:00:00Z");
  EXPECT_EQ(Json("type = \"timestamp\"", "\"9999-12-31T23:59:59-14:00\""),
            "want a time as in 2026-11-27T10:00:00Z: in UTC it is outside the years 0001 to 9999");
  EXPECT_EQ(Json("type = \"timestamp\"", "\"2026-11-28t12:00:00z\""), "\"2026-11-28t12:00:00z\"");
  for (const auto* none : {"nan", "inf", "-infinity", "NaN", "", " 1", "0x1"}) {
    EXPECT_EQ(Text("type = \"double\"", none), "want a number") << none;
  }
  EXPECT_EQ(Text("max = 9", "\xFF"), "want text of at most 9 characters: it is not UTF-8");
}

TEST(FieldReader, TakesOneOfItsValues) {
  EXPECT_EQ(Json("type = \"double\", one_of = [1.0, 2.5]", "1"), "1");
  EXPECT_EQ(Json("type = \"long\", one_of = [9007199254740992]", "9007199254740993"),
            "want one of 9007199254740992");
  EXPECT_EQ(Json("one_of = [\"a\"]", R"("\u0061")"), "\"a\"");
  const std::string time = "type = \"timestamp\", one_of = [\"2026-11-28T12:00:00Z\"]";
  EXPECT_EQ(Json(time, "\"2026-11-28t13:00:00+01:00\""), "\"2026-11-28t13:00:00+01:00\"");
}

}  // namespace
}  // namespace st::event
