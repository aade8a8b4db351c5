// Tests the statistics of a file that has the rows of others, by type.
#include "upkeep/merged_stats.h"

#include <gtest/gtest.h>

#include <bit>

#include "base/coding.h"

namespace st::upkeep {
namespace {

using Stats = lake::DataFile::ColumnStats;

template <typename T>
std::string Little(T value) {
  std::string bytes;
  AppendLittle(bytes, value);
  return bytes;
}
std::string Double(double value) { return Little(std::bit_cast<std::int64_t>(value)); }
std::string Float(float value) { return Little(std::bit_cast<std::int32_t>(value)); }

Stats Bounds(const std::string& lower, const std::string& upper) {
  return {.size_bytes = 10,
          .value_count = 4,
          .null_count = 1,
          .nan_count = 0,
          .lower = lower,
          .upper = upper};
}

Stats Merged(const std::string& type, const std::vector<Stats>& stats) {
  std::vector<lake::DataFile> files(stats.size());
  std::vector<const lake::DataFile*> pointers;
  for (std::size_t i = 0; i < stats.size(); ++i) {
    files[i].columns[7] = stats[i];
    pointers.push_back(&files[i]);
  }
  return MergedStats(pointers, {{7, "c", type}}).at(7);
}

void ExpectOrder(const std::string& type, const std::string& less, const std::string& more) {
  for (const bool is_swapped : {false, true}) {
    const auto merged = is_swapped ? Merged(type, {Bounds(more, more), Bounds(less, less)})
                                   : Merged(type, {Bounds(less, less), Bounds(more, more)});
    EXPECT_EQ(merged.lower, less) << type;
    EXPECT_EQ(merged.upper, more) << type;
  }
}

TEST(MergedStats, BoundsAreInTheOrderOfTheType) {
  ExpectOrder("int", Little<std::int32_t>(-300), Little<std::int32_t>(2));
  ExpectOrder("date", Little<std::int32_t>(255), Little<std::int32_t>(256));
  for (const auto* type : {"long", "time", "timestamp", "timestamptz"}) {
    ExpectOrder(type, Little<std::int64_t>(-1), Little<std::int64_t>(0));
    ExpectOrder(type, Little<std::int64_t>(255), Little<std::int64_t>(256));
  }
  ExpectOrder("double", Double(-2.5), Double(-1.5));
  ExpectOrder("double", Double(-0.0), Double(0.0));
  ExpectOrder("double", Double(1.5), Double(1e300));
  ExpectOrder("float", Float(-2.5F), Float(-0.0F));
  ExpectOrder("float", Float(0.0F), Float(0.5F));
  ExpectOrder("decimal(9, 2)", "\xff\x01", std::string(1, '\0'));
  ExpectOrder("decimal(38, 0)", "\x7f", std::string("\0\x80", 2));
  ExpectOrder("string", "a", "b");
  ExpectOrder("string", "z", "\xc3\xa4");
  ExpectOrder("binary", "\x01", "\xff");
  ExpectOrder("boolean", std::string(1, '\0'), "\x01");
  ExpectOrder("uuid", std::string(16, '\x01'), std::string(16, '\xfe'));
}

TEST(MergedStats, CountsAreSumsWhereAllAreKnown) {
  auto known = Bounds("a", "c");
  auto merged = Merged("string", {known, known, known});
  EXPECT_EQ(merged.size_bytes, 30);
  EXPECT_EQ(merged.value_count, 12);
  EXPECT_EQ(merged.null_count, 3);
  EXPECT_EQ(merged.nan_count, 0);
  auto unknown = known;
  unknown.size_bytes = unknown.null_count = unknown.nan_count = -1;
  merged = Merged("string", {known, unknown, known});
  EXPECT_EQ(merged.size_bytes, -1);
  EXPECT_EQ(merged.value_count, 12);
  EXPECT_EQ(merged.null_count, -1);
  EXPECT_EQ(merged.nan_count, -1);
}

TEST(MergedStats, AFileWithValuesButWithoutABoundTakesItAway) {
  auto half = Bounds("b", "d");
  half.upper.reset();
  for (const auto& stats :
       {std::vector{Bounds("a", "c"), half}, std::vector{half, Bounds("a", "c")}}) {
    const auto merged = Merged("string", stats);
    EXPECT_EQ(merged.lower, "a");
    EXPECT_EQ(merged.upper, std::nullopt);
  }
  const Stats nulls{.size_bytes = 1, .value_count = 4, .null_count = 4};
  const auto merged = Merged("string", {nulls, half, nulls});
  EXPECT_EQ(merged.lower, "b") << "NULL has no bound";
  EXPECT_EQ(Merged("string", {nulls, nulls}).lower, std::nullopt);
}

TEST(MergedStats, ABoundOfAnotherTypeIsLeftOut) {
  const auto merged = Merged("long", {Bounds(Little<std::int64_t>(1), Little<std::int64_t>(2)),
                                      Bounds(Little<std::int32_t>(1), Little<std::int64_t>(3))});
  EXPECT_EQ(merged.lower, std::nullopt);
  EXPECT_EQ(merged.upper, Little<std::int64_t>(3));
  EXPECT_EQ(Merged("long", {Bounds("x", "y")}).lower, std::nullopt);
  EXPECT_EQ(Merged("geometry", {Bounds("x", "y")}).lower, std::nullopt) << "an unknown type";
}

TEST(MergedStats, OnlyColumnsOfAllFilesHaveStatistics) {
  lake::DataFile a;
  a.columns[1] = Bounds("a", "b");
  a.columns[3] = Bounds("a", "b");
  lake::DataFile b;
  b.columns[3] = Bounds("c", "d");
  const auto merged = MergedStats(
      {&a, &b},
      {{1, "x", "string"},
       {2, "s",
        R"({"type":"struct","fields":[{"id":3,"name":"y","required":false,"type":"string"}]})"}});
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged.at(3).upper, "d") << "of a field of a struct";
  EXPECT_TRUE(MergedStats({}, {}).empty());
}

}  // namespace
}  // namespace st::upkeep
