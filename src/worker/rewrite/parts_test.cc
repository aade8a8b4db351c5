// Tests which files of a rewrite are copied, and that a result can be copied in its turn.
#include "worker/rewrite/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::worker::rewrite {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

InputFile Alike(std::int64_t rows, std::int64_t row_groups = 1) {
  return {.rows = rows, .row_groups = row_groups, .is_alike = true};
}
constexpr std::int64_t kMany = kMinCopiedRows;

TEST(Parts, LargeFilesAreCopiedAndSmallOnesGoTogether) {
  EXPECT_THAT(PartsOf({}), IsEmpty());
  EXPECT_THAT(PartsOf({Alike(kMany), Alike(3 * kMany, 3)}),
              ElementsAre(Part{0, 1, true}, Part{1, 2, true}));
  EXPECT_THAT(PartsOf({Alike(5), Alike(7)}), ElementsAre(Part{0, 2, false}));
  EXPECT_THAT(PartsOf({Alike(kMany), Alike(kMany - 1), Alike(1), Alike(kMany)}),
              ElementsAre(Part{0, 1, true}, Part{1, 3, false}, Part{3, 4, true}));
}

TEST(Parts, AFileOfSmallRowGroupsOrOfAnotherSchemaIsWrittenAgain) {
  EXPECT_THAT(PartsOf({Alike(kMany), Alike(3 * kMany - 1, 3)}),
              ElementsAre(Part{0, 1, true}, Part{1, 2, false}));
  EXPECT_THAT(PartsOf({{.rows = kMany, .row_groups = 1, .is_alike = false}, Alike(kMany)}),
              ElementsAre(Part{0, 1, false}, Part{1, 2, true}));
  EXPECT_THAT(PartsOf({Alike(0, 0)}), ElementsAre(Part{0, 1, false}));
}

TEST(Parts, FewRowsTakeANeighbourAlong) {
  EXPECT_THAT(PartsOf({Alike(1), Alike(kMany), Alike(kMany)}),
              ElementsAre(Part{0, 2, false}, Part{2, 3, true}));
  EXPECT_THAT(PartsOf({Alike(kMany), Alike(kMany), Alike(1)}),
              ElementsAre(Part{0, 1, true}, Part{1, 3, false}));
  EXPECT_THAT(PartsOf({Alike(1), Alike(kMany), Alike(kMany), Alike(1)}),
              ElementsAre(Part{0, 4, false}));
  EXPECT_THAT(PartsOf({Alike(kMany), Alike(1), Alike(kMany), Alike(1)}),
              ElementsAre(Part{0, 1, true}, Part{1, 4, false}));
}

// Of all lists of five files of three sizes.
TEST(Parts, EveryFileIsInOnePartAndEachPartHasARowGroupsRows) {
  constexpr std::int64_t kSizes[] = {1, kMany / 2, kMany};
  for (int code = 0; code < 243; ++code) {
    std::vector<InputFile> files;
    std::int64_t rows = 0;
    for (int i = 0, rest = code; i < 5; ++i, rest /= 3) {
      files.push_back(Alike(kSizes[rest % 3]));
      rows += kSizes[rest % 3];
    }
    std::size_t next = 0;
    for (const auto& part : PartsOf(files)) {
      EXPECT_EQ(part.first, next) << code;
      next = part.end;
      std::int64_t of_part = 0;
      for (auto i = part.first; i < part.end; ++i) of_part += files[i].rows;
      EXPECT_TRUE(of_part >= kMany || of_part == rows) << code;
    }
    EXPECT_EQ(next, files.size()) << code;
  }
}

}  // namespace
}  // namespace st::worker::rewrite
