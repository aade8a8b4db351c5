// Tests what status and metrics make of upkeep and of damaged files.
#include "app/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace st::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FakeUpkeep final : public upkeep::Upkeep {
 public:
  std::vector<upkeep::TableUpkeep> tables;
  std::vector<jobs::DamagedFile> damage;

  void Start() override {}
  StepReport Step(std::int64_t now_us) override { return {.next_us = now_us}; }
  std::vector<upkeep::TableUpkeep> Status() const override { return tables; }
  std::vector<jobs::DamagedFile> Damage() const override { return damage; }
  Result<upkeep::Compaction> Compact(const lake::TableName&) override {
    return Fail(ErrorCode::kUnsupported, "nobody compacts here");
  }
  void Stop() override {}
};

std::vector<std::string> TextsOf(const FakeUpkeep& upkeep) {
  std::vector<std::string> texts;
  for (auto& trouble : UpkeepTroubles(upkeep)) {
    EXPECT_FALSE(trouble.is_unready);
    texts.push_back(std::move(trouble.text));
  }
  return texts;
}

TEST(UpkeepTroubles, TellsOfATableThatIsBehindUntilItIsNot) {
  FakeUpkeep upkeep;
  upkeep.tables = {{.table = {"default", "purchases"}, .small_files = 501, .is_behind = true}};
  EXPECT_THAT(TextsOf(upkeep),
              ::testing::ElementsAre("table default.purchases: 501 small files; upkeep puts them "
                                     "together and is behind"));
  upkeep.tables[0].failures = 3;
  upkeep.tables[0].last_error = "no worker starts";
  EXPECT_THAT(TextsOf(upkeep), ::testing::ElementsAre(HasSubstr("3 times: no worker starts")));
  upkeep.tables[0] = {.table = {"default", "purchases"}, .small_files = 500};
  EXPECT_THAT(TextsOf(upkeep), ::testing::IsEmpty());
}

TEST(DamagedFiles, AreCountedOnceByTable) {
  MetricRegistry metrics;
  std::vector<jobs::DamagedFile> found;
  CollectDamage([&] { return found; }, metrics);
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("steelthread_table_damaged_files{")));
  found = {{"default.purchases", "/w/a.parquet", "the daily reading found it"},
           {"bad.rows", "/w/b.parquet", "a rewrite found it"},
           {"default.purchases", "/w/c.parquet", "a statement found it"},
           {"default.purchases", "/w/a.parquet", "a statement found it too"}};
  const auto text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("steelthread_table_damaged_files{table=\"default.purchases\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("steelthread_table_damaged_files{table=\"bad.rows\"} 1\n"));
}

}  // namespace
}  // namespace st::app
