#include "cli/counted.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

TEST(Counted, HasTheFormOfItsNumber) {
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(0, "row"), "0 rows");
  EXPECT_EQ(Counted(2, "dead letter"), "2 dead letters");
  EXPECT_EQ(Counted(2, "entry"), "2 entries");
  EXPECT_EQ(Counted(3, "batch"), "3 batches");
}

TEST(Mebibytes, HaveOneDigit) {
  EXPECT_EQ(Mebibytes(0), "0.0 MiB");
  EXPECT_EQ(Mebibytes(1'258'291), "1.2 MiB");
}

}  // namespace
}  // namespace st::cli
