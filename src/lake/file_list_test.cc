// Tests lists of data files: order, totals, sharing and look-up.
#include "lake/file_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace st::lake {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const FileChunk> Chunk(const std::vector<std::string>& locations) {
  std::vector<DataFile> files;
  for (const auto& location : locations) {
    files.push_back({.location = location, .record_count = 10, .file_size_bytes = 100});
  }
  return std::make_shared<const FileChunk>(std::move(files));
}

std::vector<std::string> LocationsOf(const FileList& list) {
  std::vector<std::string> locations;
  for (const auto& file : list) locations.push_back(file.location);
  return locations;
}

TEST(FileList, AnEmptyListHasNoFiles) {
  FileList list;
  EXPECT_TRUE(list.empty());
  EXPECT_TRUE(list.begin() == list.end());
  EXPECT_FALSE(list.Contains("a"));
  list.Append(Chunk({}));
  EXPECT_TRUE(list.empty());
  EXPECT_TRUE(list.begin() == list.end());
}

TEST(FileList, KeepsTheOrderOfChunksAndFiles) {
  FileList list;
  list.Append(Chunk({"d", "b"}));
  list.Append(Chunk({}));
  list.Append(Chunk({"c"}));
  list.Append(Chunk({"a", "e", "f"}));
  EXPECT_THAT(LocationsOf(list), ElementsAre("d", "b", "c", "a", "e", "f"));
  EXPECT_EQ(list.size(), 6U);
  EXPECT_EQ(std::ranges::distance(list.begin(), list.end()), 6);
}

TEST(FileList, KnowsItsTotals) {
  FileList list;
  list.Append(Chunk({"a", "b"}));
  list.Append(Chunk({"c"}));
  EXPECT_EQ(list.totals().files, 3);
  EXPECT_EQ(list.totals().records, 30);
  EXPECT_EQ(list.totals().bytes, 300);
}

TEST(FileList, FindsEachFileAndNoOther) {
  FileList list;
  list.Append(Chunk({"m", "b", "x"}));
  list.Append(Chunk({"c"}));
  for (const auto* location : {"m", "b", "x", "c"}) EXPECT_TRUE(list.Contains(location));
  for (const auto* location : {"", "a", "bb", "n", "z"}) EXPECT_FALSE(list.Contains(location));
}

TEST(FileList, ACopySharesTheFilesAndGrowsAlone) {
  const FileList before(std::vector<DataFile>{{.location = "a", .record_count = 1}});
  FileList after = before;
  after.Append(Chunk({"b"}));
  EXPECT_THAT(LocationsOf(before), ElementsAre("a"));
  EXPECT_THAT(LocationsOf(after), ElementsAre("a", "b"));
  EXPECT_EQ(&*before.begin(), &*after.begin());
}

}  // namespace
}  // namespace st::lake
