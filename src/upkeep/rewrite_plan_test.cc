#include "upkeep/rewrite_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <random>

#include "upkeep/limits.h"

namespace st::upkeep {
namespace {

// A table that upkeep keeps after each commit.
struct Table {
  void Commit(std::int64_t bytes) {
    sizes.push_back(bytes);
    committed += bytes;
    Keep();
  }
  void Keep() {
    KeepBy([](const auto& files) { return PlanRewrite(files); });
  }
  void Compact() {
    KeepBy([](const auto& files) { return PlanCompaction(files); });
  }
  template <typename Plan>
  void KeepBy(const Plan& plan) {
    while (const std::optional<FileRun> run = plan(sizes)) {
      ASSERT_GE(run->end - run->first, 2U);
      ASSERT_LE(run->end - run->first, kMaxInputs);
      const auto first = sizes.begin() + static_cast<std::ptrdiff_t>(run->first);
      const auto end = sizes.begin() + static_cast<std::ptrdiff_t>(run->end);
      const auto bytes = std::accumulate(first, end, std::int64_t{0});
      ASSERT_LE(bytes, kTargetFileBytes);
      rewritten += bytes;
      ++rewrites;
      *first = bytes;
      sizes.erase(first + 1, end);
    }
  }

  std::vector<std::int64_t> sizes;
  std::int64_t committed = 0;
  std::int64_t rewritten = 0;
  std::int64_t rewrites = 0;
};

TEST(RewritePlan, FewFilesStayAsTheyAre) {
  EXPECT_FALSE(PlanRewrite({}));
  EXPECT_FALSE(PlanRewrite({5000}));
  EXPECT_FALSE(PlanRewrite(std::vector<std::int64_t>(kMinInputs - 1, 5000)));
  EXPECT_FALSE(PlanRewrite(std::vector<std::int64_t>(400, kTargetFileBytes)));
}

TEST(RewritePlan, SmallFilesAtTheEndBecomeOne) {
  std::vector<std::int64_t> sizes = {kTargetFileBytes, 1'000'000};
  sizes.insert(sizes.end(), kMinInputs, 5000);
  EXPECT_EQ(PlanRewrite(sizes), (FileRun{2, 2 + kMinInputs})) << "the second is much larger";
  sizes[1] = 6000;
  EXPECT_EQ(PlanRewrite(sizes), (FileRun{1, 2 + kMinInputs}));
  sizes.pop_back();
  EXPECT_EQ(PlanRewrite(sizes), (FileRun{1, 1 + kMinInputs}));
  sizes.pop_back();
  EXPECT_FALSE(PlanRewrite(sizes));
}

TEST(RewritePlan, TwoFilesOfOneTagAreEnoughUnlessTheFirstIsLarger) {
  const auto plan = [](const std::vector<std::int64_t>& sizes) {
    return PlanRewrite(sizes, {.min_inputs = kMinTaggedInputs});
  };
  EXPECT_FALSE(plan({5000}));
  EXPECT_EQ(plan({5000, 5000}), (FileRun{0, 2}));
  EXPECT_FALSE(plan({5001, 5000})) << "that would rewrite its rows for too few others";
  EXPECT_EQ(plan({5000, 3000, 2000}), (FileRun{0, 3})) << "together they are as large";
  EXPECT_EQ(plan({50'000, 3000, 2000, 5000}), (FileRun{1, 4}));
}

TEST(RewritePlan, TwoFilesThatFillOneBecomeOne) {
  EXPECT_EQ(PlanRewrite({kTargetFileBytes / 2, kTargetFileBytes / 2}), (FileRun{0, 2}));
}

// 8,640 commits of 10 seconds.
TEST(RewritePlan, ADayOfCommitsLeavesFewFiles) {
  Table table;
  std::size_t most = 0;
  for (int i = 0; i < 8640; ++i) {
    table.Commit(4000 + i % 7);
    most = std::max(most, table.sizes.size());
  }
  EXPECT_LT(most, 48U);
  EXPECT_LT(table.rewritten, 4 * table.committed);
}

// Three million commits, which fill 100 files.
TEST(RewritePlan, AYearOfCommitsLeavesFewFiles) {
  Table table;
  std::size_t most = 0;
  for (int i = 0; i < 3'000'000; ++i) {
    table.Commit(4000 + i % 7);
    most = std::max(most, table.sizes.size());
  }
  EXPECT_LT(most, 100U + 70U);
  EXPECT_LT(table.rewritten, 6 * table.committed);
}

TEST(RewritePlan, FilesOfAllSizesAreBounded) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(3, 7.5);
  Table table;
  std::size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    table.Commit(static_cast<std::int64_t>(std::pow(10, exponent(random))));
    most = std::max(most, CountSmall(table.sizes));
  }
  EXPECT_LE(most, kMaxSmallFiles + 1);
  EXPECT_LT(table.rewritten, 8 * table.committed);
}

TEST(RewritePlan, LargeAndTinyFilesInTurnsAreBounded) {
  for (const std::int64_t large : {40'000'000, 47'000'000, 50'000'000, 60'000'000, 70'000'000}) {
    Table table;
    for (int i = 0; i < 5000; ++i) {
      table.Commit(i % 2 == 0 ? large : 1000);
      // Two neighbours that do not fit into one file stay; a small one may lie between two others.
      const auto filled = static_cast<std::size_t>(table.committed / (kTargetFileBytes / 2));
      ASSERT_LE(table.sizes.size(), kMaxSmallFiles + 1 + 2 * filled) << large;
    }
    EXPECT_LT(table.rewritten, 8 * table.committed) << large;
  }
}

// What an earlier version left: nobody rewrote anything.
TEST(RewritePlan, AnOldTableIsCaughtUpWithoutRewritingRowsAgainAndAgain) {
  Table table;
  for (int i = 0; i < 9000; ++i) {
    table.sizes.push_back(4000);
    table.committed += 4000;
  }
  table.Keep();
  EXPECT_LT(table.sizes.size(), 20U);
  EXPECT_LT(table.rewrites, 30);
  EXPECT_LE(table.rewritten, 3 * table.committed);
}

TEST(CompactionPlan, TwoSmallNeighboursAreEnough) {
  EXPECT_FALSE(PlanCompaction({}));
  EXPECT_FALSE(PlanCompaction({5000}));
  EXPECT_EQ(PlanCompaction({5000, 1}), (FileRun{0, 2}));
  EXPECT_EQ(PlanCompaction({kTargetFileBytes, 1, 5000, 7}), (FileRun{1, 4}))
      << "a file of the right size stays";
  EXPECT_FALSE(PlanCompaction({1, kTargetFileBytes / 4 * 3, 1, kTargetFileBytes, 1}));
}

TEST(CompactionPlan, AFileIsNeverLargerThanTheTarget) {
  constexpr auto kLarge = kTargetFileBytes / 4 * 3 - 1;
  EXPECT_FALSE(PlanCompaction({kLarge, kLarge}));
  EXPECT_EQ(PlanCompaction({kLarge, kLarge, 1}), (FileRun{1, 3}));
}

TEST(CompactionPlan, ManyFilesBecomeOneWithoutRewritingRowsAgainAndAgain) {
  Table table;
  for (int i = 0; i < 9000; ++i) {
    table.sizes.push_back(4000);
    table.committed += 4000;
  }
  table.Compact();
  EXPECT_EQ(table.sizes.size(), 1U);
  EXPECT_LE(table.rewrites, 9000 / static_cast<std::int64_t>(kMaxInputs) + 1);
  EXPECT_LE(table.rewritten, 2 * table.committed);
}

TEST(CompactionPlan, AnyTableEndsWithFewSmallFiles) {
  std::mt19937 random(7);  // NOLINT: the same table each time
  std::uniform_real_distribution<double> exponent(0, std::log(2.0 * kTargetFileBytes));
  Table table;
  for (int i = 0; i < 2000; ++i) {
    table.sizes.push_back(static_cast<std::int64_t>(std::exp(exponent(random))));
    table.committed += table.sizes.back();
  }
  table.Compact();
  for (std::size_t i = 1; i < table.sizes.size(); ++i) {
    const bool are_small = CountSmall({table.sizes[i - 1], table.sizes[i]}) == 2;
    EXPECT_FALSE(are_small && table.sizes[i - 1] + table.sizes[i] <= kTargetFileBytes);
  }
}

}  // namespace
}  // namespace st::upkeep
