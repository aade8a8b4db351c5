#include "os/paths.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "os/file_system.h"
#include "os/process.h"

namespace st::os {
namespace {

class Paths : public ::testing::Test {
 protected:
  ~Paths() override { RemoveTree(dir_); }
  std::string Path(const std::string& name) const { return JoinPath(dir_, name); }

  const std::string dir_ = MakeTemporaryDir("st_paths").value();
  const std::unique_ptr<FileSystem> fs_ = MakePosixFileSystem();
};

TEST_F(Paths, KnowWhatTheyLeadTo) {
  ASSERT_TRUE(WriteNewFile(*fs_, Path("file"), "text"));
  ASSERT_TRUE(fs_->CreateDirs(Path("folder")));
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(KindOfPath(Path("file")), PathKind::kFile);
  EXPECT_EQ(KindOfPath(Path("folder")), PathKind::kFolder);
  EXPECT_EQ(KindOfPath(Path("pipe")), PathKind::kOther);
  EXPECT_EQ(KindOfPath(Path("nothing")), PathKind::kMissing);
  EXPECT_TRUE(MayUseFolder(Path("folder")));
  EXPECT_FALSE(MayUseFolder(Path("nothing")));
}

TEST_F(Paths, CanonicalOnesHaveNoDotsAndNeedNotExist) {
  const auto root = CanonicalPath(dir_).value();
  EXPECT_EQ(CanonicalPath(Path("a/../b")).value(), root + "/b");
  EXPECT_EQ(AbsolutePath("/a/../b"), "/a/../b");
  EXPECT_EQ(AbsolutePath("x"), JoinPath(WorkingDir().value(), "x"));
}

TEST_F(Paths, AFileIsTheSameUnderTwoNames) {
  ASSERT_TRUE(WriteNewFile(*fs_, Path("one"), ""));
  ASSERT_TRUE(WriteNewFile(*fs_, Path("other"), ""));
  ASSERT_TRUE(fs_->Link(Path("one"), Path("two")));
  EXPECT_TRUE(IsSameFile(Path("one"), Path("two")));
  EXPECT_FALSE(IsSameFile(Path("one"), Path("other")));
  EXPECT_FALSE(IsSameFile(Path("one"), Path("nothing")));
}

TEST_F(Paths, AnEmptyFolderIsRemovedAndAFullOneIsKept) {
  ASSERT_TRUE(fs_->CreateDirs(Path("full/empty")));
  EXPECT_FALSE(RemoveEmptyDir(Path("full")));
  EXPECT_TRUE(RemoveEmptyDir(Path("full/empty")));
  EXPECT_EQ(KindOfPath(Path("full/empty")), PathKind::kMissing);
  RemoveTree(Path("full"));
  EXPECT_EQ(KindOfPath(Path("full")), PathKind::kMissing);
}

TEST_F(Paths, AStreamIsReadOrRefused) {
  ASSERT_TRUE(WriteNewFile(*fs_, Path("text"), "x"));
  const auto stream = OpenStream(Path("text"));
  ASSERT_TRUE(stream) << stream.error().message();
  EXPECT_EQ(std::fgetc(stream->get()), 'x');
  EXPECT_EQ(OpenStream(Path("nothing")).error().code(), ErrorCode::kNotFound);
}

TEST(Process, TheExecutableIsInItsFolder) {
  const auto path = ExecutablePath().value();
  EXPECT_TRUE(IsExecutable(path));
  EXPECT_EQ(DirName(path), ExecutableDir().value());
  EXPECT_FALSE(IsExecutable(ExecutableDir().value())) << "a folder is no program";
}

}  // namespace
}  // namespace st::os
