// Tests footers of files that DuckDB wrote, and files made of their row groups.
#include "worker/parquet/footer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "sql/database.h"

namespace st::worker::parquet {
namespace {

using ::testing::ElementsAre;

class FooterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "footer-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    auto database = sql::Database::Open({});
    ASSERT_TRUE(database) << database.error().message();
    database_ = std::make_unique<sql::Database>(*std::move(database));
  }
  void TearDown() override {
    if (!HasFailure()) std::filesystem::remove_all(dir_);
  }
  std::string Path(const std::string& name) const { return dir_ + "/" + name; }

  // Rows with numbers from `from`, a text of few values (with a dictionary and a Bloom filter) and
  // lists, in row groups of 2,048.
  std::unique_ptr<os::File> Write(const std::string& name, int from, int rows) {
    auto connection = database_->Connect().value();
    const auto done = connection.Run(fmt::format(
        "COPY (SELECT range AS n, 'name ' || range % 7 AS name, [range, range + 1] AS list "
        "FROM range({}, {})) TO '{}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)",
        from, from + rows, Path(name)));
    EXPECT_TRUE(done) << done.error().message();
    return Open(name);
  }
  std::unique_ptr<os::File> Open(const std::string& name) {
    return fs_->Open(Path(name), os::OpenMode::kReadWrite).value();
  }
  std::vector<std::string> Rows(const std::string& sql) {
    auto connection = database_->Connect().value();
    auto statement = connection.Prepare(sql);
    EXPECT_TRUE(statement) << statement.error().message();
    auto rows = statement->Execute().value();
    std::vector<std::string> texts;
    while (const auto chunk = rows.Next().value()) {
      for (std::uint64_t i = 0; i < chunk->rows(); ++i) {
        texts.emplace_back(chunk->Column(0).StringAt(i));
      }
    }
    return texts;
  }

  std::string dir_;
  std::unique_ptr<sql::Database> database_;
  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
};

TEST_F(FooterTest, IsWrittenAsItWasRead) {
  const auto file = Write("a.parquet", 0, 5'000);
  const auto bytes = os::ReadWholeFile(*fs_, Path("a.parquet")).value();
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + bytes.size() - 8, sizeof(size));
  const auto footer = bytes.substr(bytes.size() - 8 - size, size);
  EXPECT_EQ(ThriftBytes(ParseThrift(footer).value()), footer);
}

TEST_F(FooterTest, RowGroupsOfTwoFilesMakeOne) {
  const auto a = Write("a.parquet", 0, 5'000);
  const auto b = Write("b.parquet", 5'000, 3'000);
  const auto of_a = ReadFooter(*a);
  const auto of_b = ReadFooter(*b);
  ASSERT_TRUE(of_a && of_b);
  EXPECT_EQ(of_a->row_groups.size(), 3U);
  EXPECT_EQ(of_a->rows, 5'000);
  EXPECT_EQ(of_a->file, of_b->file);
  const auto to = fs_->Open(Path("to.parquet"), os::OpenMode::kCreateNew).value();
  RowGroupWriter writer(*to);
  for (const auto& group : of_a->row_groups) ASSERT_TRUE(writer.Copy(*a, group));
  for (const auto& group : of_b->row_groups) ASSERT_TRUE(writer.Copy(*b, group));
  const auto size = writer.Finish(of_a->file);
  ASSERT_TRUE(size) << size.error().message();
  EXPECT_EQ(*size, static_cast<std::int64_t>(std::filesystem::file_size(Path("to.parquet"))));
  EXPECT_EQ(writer.rows(), 8'000);

  const auto whole =
      fmt::format("FROM read_parquet('{}', file_row_number = true)", Path("to.parquet"));
  EXPECT_THAT(Rows("SELECT (count(*) FILTER (n = file_row_number AND name = 'name ' || n % 7 AND "
                   "list = [n, n + 1]))::VARCHAR " +
                   whole),
              ElementsAre("8000"));
  EXPECT_THAT(Rows("SELECT count(*)::VARCHAR " + whole + " WHERE n BETWEEN 4000 AND 6000"),
              ElementsAre("2001"))
      << "by the statistics of row groups";
  EXPECT_THAT(Rows("SELECT count(*)::VARCHAR " + whole + " WHERE name = 'name 3'"),
              ElementsAre("1143"))
      << "by Bloom filters";
  EXPECT_THAT(Rows(fmt::format("SELECT list(DISTINCT bloom_filter_excludes)::VARCHAR FROM "
                               "parquet_bloom_probe('{}', 'name', 'none')",
                               Path("to.parquet"))),
              ElementsAre("[true]"))
      << "each row group has its own still";
  const auto footer = ReadFooter(*to);
  ASSERT_TRUE(footer);
  EXPECT_EQ(footer->row_groups.size(), 5U);
  EXPECT_EQ(footer->file, of_a->file);
}

TEST_F(FooterTest, AFileWithoutRowsHasTheSameSchema) {
  const auto some = Write("some.parquet", 0, 10);
  const auto none = Write("none.parquet", 0, 0);
  EXPECT_EQ(ReadFooter(*some).value().file, ReadFooter(*none).value().file);
  auto connection = database_->Connect().value();
  ASSERT_TRUE(
      connection.Run(fmt::format("COPY (SELECT 1::INTEGER AS n, '' AS name, [1::BIGINT] AS "
                                 "list) TO '{}' (FORMAT parquet)",
                                 Path("other.parquet"))));
  EXPECT_NE(ReadFooter(*Open("other.parquet")).value().file, ReadFooter(*some).value().file);
}

TEST_F(FooterTest, RefusesWhatIsCutShortOrDamaged) {
  Write("a.parquet", 0, 100);
  const auto bytes = os::ReadWholeFile(*fs_, Path("a.parquet")).value();
  for (std::size_t end = 0; end < bytes.size(); end += 7) {
    const auto name = fmt::format("cut-{}.parquet", end);
    ASSERT_TRUE(os::WriteNewFile(*fs_, Path(name), bytes.substr(0, end)));
    const auto footer = ReadFooter(*Open(name));
    ASSERT_FALSE(footer) << end;
    EXPECT_EQ(footer.error().code(), ErrorCode::kCorruption) << end;
  }
  // A flipped byte of the footer is refused, or gives row groups that lie in the file.
  for (std::size_t i = bytes.size() - 700; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
    const auto name = fmt::format("flipped-{}.parquet", i);
    ASSERT_TRUE(os::WriteNewFile(*fs_, Path(name), flipped));
    const auto footer = ReadFooter(*Open(name));
    if (!footer) continue;
    for (const auto& group : footer->row_groups) {
      EXPECT_LE(group.begin, group.end) << i;
      EXPECT_LE(group.end, bytes.size()) << i;
    }
  }
}

}  // namespace
}  // namespace st::worker::parquet
