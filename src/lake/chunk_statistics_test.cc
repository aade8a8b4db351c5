// Tests the arrays that hold the statistics of many data files.
#include "lake/chunk_statistics.h"

#include <gtest/gtest.h>

namespace st::lake {
namespace {

// The bytes of one value as the column gives them: "first|rest", "-" for none.
std::string Shown(const ByteColumn& column, std::size_t i) {
  if (!column.Has(i)) return "-";
  std::string first;
  for (std::size_t at = 0; at < std::min(column.length(i), ByteColumn::kFirstBytes); ++at) {
    first.push_back(static_cast<char>(column.first(i) >> (8 * at) & 0xff));
  }
  return first + "|" + std::string(column.rest(i));
}

TEST(ByteColumn, GivesEachValueBack) {
  ByteColumn column;
  const std::vector<std::optional<std::string>> values = {
      "", std::nullopt, "abc", "12345678", "123456789", std::nullopt, "x", "a longer one of these"};
  for (const auto& value : values) column.Add(value);
  ASSERT_EQ(column.size(), values.size());
  std::string all;
  for (std::size_t i = 0; i < values.size(); ++i) all += Shown(column, i) + " ";
  EXPECT_EQ(all, "| - abc| 12345678| 12345678|9 - x| a longer| one of these ");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) EXPECT_EQ(column.At(i), *values[i]);
  }
  EXPECT_EQ(column.length(0), 0U);
  EXPECT_EQ(column.length(2), 3U);
  EXPECT_EQ(column.length(4), 9U);
  EXPECT_EQ(column.length(7), 9U);
}

TEST(ByteColumn, GivesALongFirstValueBack) {
  ByteColumn column;
  column.Add("123456789 and more");
  column.Add("b");
  EXPECT_EQ(Shown(column, 0), "12345678|9 and more");
  EXPECT_EQ(Shown(column, 1), "b|");
}

DataFile FileWith(int column, DataFile::ColumnStats stats) {
  DataFile file{.location = "a"};
  file.columns[column] = std::move(stats);
  return file;
}

TEST(ChunkStatistics, AFileThatSaysNothingMayHaveEverything) {
  const ChunkStatistics statistics({FileWith(2, {.value_count = 4, .null_count = 0}),
                                    FileWith(1, {.value_count = 4, .null_count = 4}), DataFile(),
                                    FileWith(2, {.null_count = 1, .nan_count = 0})});
  EXPECT_EQ(statistics.Find(3), nullptr);
  const auto* one = statistics.Find(1);
  const auto* two = statistics.Find(2);
  ASSERT_TRUE(one != nullptr && two != nullptr);
  constexpr auto kAll = ColumnBounds::kMayHaveAll;
  EXPECT_EQ(one->facts,
            (std::vector<std::uint8_t>{
                kAll, ColumnBounds::kMayHaveNulls | ColumnBounds::kMayHaveNaN, kAll, kAll}));
  EXPECT_EQ(two->facts, (std::vector<std::uint8_t>{
                            ColumnBounds::kMayHaveValues | ColumnBounds::kMayHaveNaN, kAll, kAll,
                            ColumnBounds::kMayHaveNulls | ColumnBounds::kMayHaveValues}));
}

TEST(ChunkStatistics, KeepsTheBoundsOfEachFile) {
  const ChunkStatistics statistics({FileWith(1, {.lower = "a", .upper = "a bound like this"}),
                                    DataFile(), FileWith(1, {.lower = "c", .upper = std::nullopt}),
                                    FileWith(1, {.lower = "d", .upper = "e"})});
  const auto* column = statistics.Find(1);
  ASSERT_NE(column, nullptr);
  std::string all;
  for (std::size_t i = 0; i < 4; ++i) {
    all += Shown(column->lower, i) + " " + Shown(column->upper, i) + "; ";
  }
  EXPECT_EQ(all, "a| a bound |like this; - -; c| -; d| e|; ");
}

TEST(ChunkStatistics, KeepsPartitionsOfOneSpec) {
  const DataFile of_a{.location = "a", .spec_id = 1, .partition = {{1000, "x"}}};
  const DataFile of_null{.location = "b", .spec_id = 1};
  const DataFile of_both{.location = "c", .spec_id = 1, .partition = {{1000, "y"}, {1001, "z"}}};
  const ChunkStatistics statistics({of_a, of_null, of_both});
  EXPECT_EQ(statistics.spec_id(), 1);
  const auto* first = statistics.FindPartition(1000);
  const auto* second = statistics.FindPartition(1001);
  ASSERT_TRUE(first != nullptr && second != nullptr);
  std::string all;
  for (std::size_t i = 0; i < 3; ++i) all += Shown(*first, i) + " " + Shown(*second, i) + "; ";
  EXPECT_EQ(all, "x| -; - -; y| z|; ");
  EXPECT_EQ(statistics.FindPartition(1002), nullptr);
  EXPECT_EQ(ChunkStatistics({of_a, DataFile{.location = "d"}}).spec_id(), std::nullopt);
  EXPECT_EQ(ChunkStatistics({}).spec_id(), std::nullopt);
}

}  // namespace
}  // namespace st::lake
