#include "dialect/spark/patterns.h"

#include <gtest/gtest.h>

namespace st::dialect::spark {
namespace {

TEST(LikePattern, HasABackslashBeforeItsOwnSignsOnly) {
  EXPECT_TRUE(CheckLikePattern("a\\%b\\_c\\\\%_"));
  EXPECT_FALSE(CheckLikePattern("a\\b"));
  EXPECT_FALSE(CheckLikePattern("a\\"));
}

}  // namespace
}  // namespace st::dialect::spark
