#include "lake/checked_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "lake/limits.h"
#include "lake/local_storage.h"
#include "os/random.h"

namespace st::lake {
namespace {

using ::testing::HasSubstr;

class CheckedFilesTest : public ::testing::Test {
 protected:
  CheckedFilesTest() { EXPECT_TRUE(fs_->CreateDirs(folder_)); }
  ~CheckedFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string At(const std::string& name) const { return folder_ + "/" + name; }
  // Each time a second later, since a file's time is coarse.
  void Write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(os::WriteFileAtomically(*fs_, At(name), bytes));
    std::filesystem::last_write_time(At(name), now_ += std::chrono::seconds(1));
  }
  // A file as its commit knows it.
  DataFile Committed(const std::string& name, const std::string& bytes) {
    Write(name, bytes);
    DataFile file{.location = At(name), .file_size_bytes = std::ssize(bytes)};
    const auto crc = checked_.ChecksumOfNew(file.location, bytes.size());
    EXPECT_TRUE(crc);
    file.crc32c = *crc;
    return file;
  }

  const std::string folder_ =
      ::testing::TempDir() + "checked_" + os::MakeSystemRandom()->NewUuid().ToString();
  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  std::filesystem::file_time_type now_ = std::filesystem::file_time_type::clock::now();
  std::unique_ptr<Storage> storage_ = MakeLocalStorage(*fs_, folder_);
  CheckedFiles checked_{*storage_};
};

TEST_F(CheckedFilesTest, FindsWhatAnotherProcessLeftDamaged) {
  auto file = Committed("a", "four");
  EXPECT_TRUE(checked_.Check(file));
  CheckedFiles later(*storage_);
  EXPECT_TRUE(later.Check(file));
  *file.crc32c ^= 1;
  CheckedFiles last(*storage_);
  EXPECT_THAT(last.Check(file).error().message(), HasSubstr("/a: its bytes have the checksum"));
}

TEST_F(CheckedFilesTest, ReadsAFileAgainOnceItWasWritten) {
  const auto file = Committed("a", "four");
  EXPECT_TRUE(checked_.Check(file));
  Write("a", "fou4");
  EXPECT_EQ(checked_.Check(file).error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(checked_.Check(file).error().code(), ErrorCode::kCorruption);
  Write("a", "four");
  EXPECT_TRUE(checked_.Check(file));
  EXPECT_TRUE(fs_->Remove(At("a")));
  EXPECT_THAT(checked_.Check(file).error().message(), HasSubstr("missing"));
}

// As `rsync -t` does.
TEST_F(CheckedFilesTest, ReadsAFileAgainThatWasSwappedForOneOfItsTime) {
  const auto file = Committed("a", "four");
  const auto time = std::filesystem::last_write_time(At("a"));
  ASSERT_TRUE(checked_.Check(file));
  Write("b", "fou4");
  std::filesystem::last_write_time(At("b"), time);
  std::filesystem::rename(At("b"), At("a"));
  ASSERT_EQ(std::filesystem::last_write_time(At("a")), time);
  EXPECT_EQ(checked_.Check(file).error().code(), ErrorCode::kCorruption);
}

// As `cp -p` does over a file: inode, size and time of modification stay.
TEST_F(CheckedFilesTest, ReadsAFileAgainThatWasWrittenInPlaceWithItsTime) {
  const auto file = Committed("a", "four");
  const auto time = std::filesystem::last_write_time(At("a"));
  ASSERT_TRUE(checked_.Check(file));
  const auto before = *storage_->Identity(At("a"));
  auto after = before;
  while (after.changed_ns == before.changed_ns) {  // until the kernel's clock ticks
    std::ofstream(At("a"), std::ios::in | std::ios::out) << "fou4";
    std::filesystem::last_write_time(At("a"), time);
    after = *storage_->Identity(At("a"));
  }
  after.changed_ns = before.changed_ns;
  ASSERT_EQ(after, before);
  EXPECT_EQ(checked_.Check(file).error().code(), ErrorCode::kCorruption);
}

TEST_F(CheckedFilesTest, ForgetsFilesThatLeftTheTable) {
  const auto kept = Committed("kept", "kept");
  auto left = Committed("left", "left");
  View view;
  view.files = FileList({kept});
  *left.crc32c ^= 1;
  checked_.Forget(view);
  EXPECT_TRUE(checked_.Check(left)) << "few files are remembered";
  for (std::size_t i = 0; i < kFewCheckedFiles; ++i) Committed(std::to_string(i), "x");
  checked_.Forget(view);
  EXPECT_EQ(checked_.Check(left).error().code(), ErrorCode::kCorruption);
}

}  // namespace
}  // namespace st::lake
