#include "format/statement/error_kind.h"

#include <gtest/gtest.h>

namespace st::statement {
namespace {

TEST(Errors, HaveTrinosNumbersAndTypes) {
  EXPECT_EQ(KindOf("SYNTAX_ERROR").code, 1);
  EXPECT_EQ(KindOf("COLUMN_NOT_FOUND").code, 47);
  EXPECT_EQ(KindOf("COLUMN_NOT_FOUND").type, "USER_ERROR");
  EXPECT_EQ(KindOf("EXCEEDED_TIME_LIMIT").code, 131075);
  EXPECT_EQ(KindOf("EXCEEDED_TIME_LIMIT").type, "INSUFFICIENT_RESOURCES");
  EXPECT_EQ(KindOf("WHAT_IS_THIS").code, 65536);
  EXPECT_EQ(KindOf("WHAT_IS_THIS").type, "INTERNAL_ERROR");
}

}  // namespace
}  // namespace st::statement
