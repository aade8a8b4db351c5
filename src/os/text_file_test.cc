#include "os/text_file.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace st::os
