#include "os/text_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "os/private_files.h"

namespace st::os {
namespace {

TEST(TextOfEditor, DropsAMarkAndCarriageReturnsOfLineEnds) {
  EXPECT_EQ(TextOfEditor("\xEF\xBB\xBF"
                         "a\r\nb\r\n",
                         "f")
                .value(),
            "a\nb\n");
  EXPECT_EQ(TextOfEditor("a\rb\r", "f").value(), "a\rb\r");
  EXPECT_EQ(TextOfEditor("a\r\r\nb", "f").value(), "a\r\nb");
  EXPECT_EQ(TextOfEditor("\xEF\xBB\xBF", "f").value(), "");
  EXPECT_EQ(TextOfEditor("", "f").value(), "");
}

TEST(TextOfEditor, RefusesOtherEncodingsByName) {
  for (const std::string start : {"\xFF\xFE", "\xFE\xFF"}) {
    EXPECT_EQ(TextOfEditor(start + std::string("a\0", 2), "f").error().message(),
              "f:1:1: the file is UTF-16; save it as UTF-8");
  }
  EXPECT_EQ(TextOfEditor(std::string("ab\0", 3), "f").error().message(),
            "f: byte 2 is NUL: the file is no text, or UTF-16; save it as UTF-8");
}

TEST(MakePrivate, TakesTheAccessOfOthers) {
  char pattern[] = "/tmp/st_private_XXXXXX";
  const std::string folder = ::mkdtemp(pattern);
  ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
  ASSERT_TRUE(MakePrivate(folder));
  struct stat info{};
  ASSERT_EQ(::stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(MakePrivate(folder)) << "a folder that is not there";
}

}  // namespace
}  // namespace st::os
