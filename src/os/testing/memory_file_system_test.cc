#include "os/testing/memory_file_system.h"

#include <gtest/gtest.h>

namespace st::os::testing {
namespace {

TEST(MemoryFileSystem, SyncedDataSurvivesACrashAndTheRestMayNot) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.CreateDirs("/d"));
  auto file = fs.Open("/d/a", OpenMode::kCreateNew).value();
  ASSERT_TRUE(file->WriteAt(0, "durable"));
  ASSERT_TRUE(file->Sync());
  ASSERT_TRUE(fs.SyncDir("/d"));
  ASSERT_TRUE(file->WriteAt(7, "-pending"));
  bool lost = false;
  bool kept = false;
  for (std::uint64_t seed = 1; seed < 40; ++seed) {
    auto random = MakeSeededRandom(seed);
    const std::string after = fs.Crash(*random)->Contents("/d/a");
    EXPECT_TRUE(after.starts_with("durable"));
    lost |= after == "durable";
    kept |= after == "durable-pending";
  }
  EXPECT_TRUE(lost && kept);
}

TEST(MemoryFileSystem, AnUnsyncedNameMayVanish) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.CreateDirs("/d"));
  ASSERT_TRUE(WriteNewFile(fs, "/d/a", "x"));
  bool gone = false;
  for (std::uint64_t seed = 1; seed < 40; ++seed) {
    auto random = MakeSeededRandom(seed);
    gone |= !fs.Crash(*random)->Exists("/d/a").value();
  }
  EXPECT_TRUE(gone);
}

TEST(MemoryFileSystem, TheHookFailsAStepBeforeItHappens) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.CreateDirs("/d"));
  fs.SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "link") return Fail(ErrorCode::kIo, "no");
    return {};
  });
  ASSERT_TRUE(WriteNewFile(fs, "/d/a", "x"));
  EXPECT_FALSE(fs.Link("/d/a", "/d/b"));
  EXPECT_FALSE(fs.Exists("/d/b").value());
}

}  // namespace
}  // namespace st::os::testing
