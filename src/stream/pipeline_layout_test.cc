// Tests a pipeline whose table has partitions: several files a step, and changes of the layout.
#include "lake/partition.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using testing::FlakyLake;
using testing::PipelineTest;

class PipelineLayoutTest : public PipelineTest {
 protected:
  PipelineLayoutTest() {
    definition_.layout = {.partition = {{"v", {}}}, .sort = {{"v"}}};
    Restart();
  }
  std::shared_ptr<const lake::View> View() { return lake_->Load({"default", "t"}).value(); }
  std::vector<std::string> Partitions() {
    std::vector<std::string> partitions;
    const auto view = View();
    for (const auto& file : view->files) {
      partitions.push_back(lake::DescribePartition(*view, file));
    }
    return partitions;
  }
};

TEST_F(PipelineLayoutTest, AStepWritesAFileForEachPartitionInOneCommit) {
  Produce({"b", "a", "b", "bad", "skip"});
  const auto total = Drain();
  EXPECT_EQ(total.rows, 3);
  EXPECT_EQ(total.dead_letters, 1);
  EXPECT_THAT(Partitions(), ElementsAre("v=a", "v=b"));
  EXPECT_THAT(RowsInOrder(), ElementsAre("0/1 a", "0/0 b", "0/2 b"));
  EXPECT_EQ(View()->snapshot_count, 1);
  EXPECT_EQ(View()->files.begin()->sort_order_id, View()->sort_order_id);
  EXPECT_NE(View()->sort_order_id, 0);
}

TEST_F(PipelineLayoutTest, AStepOfTooManyPartitionsIsCut) {
  std::vector<std::string> values;
  for (int i = 0; i < 50; ++i) values.push_back(fmt::format("v{:02}", i));
  Produce(values);
  worker_->max_partitions = 6;
  const auto total = Drain();
  EXPECT_EQ(total.rows, 50);
  EXPECT_EQ(Rows().size(), 50U);
  EXPECT_EQ(DataFiles(), 50U);
  EXPECT_GE(View()->snapshot_count, 50 / 6);
  worker_->max_partitions = 1;
  Produce(values);
  EXPECT_EQ(Drain().rows, 50);
}

TEST_F(PipelineLayoutTest, ARecordThatFailsIsFoundAmongPartitions) {
  Produce({"a", "poison", "b", "killer", "a"});
  const auto total = Drain();
  EXPECT_EQ(total.rows, 3);
  EXPECT_EQ(total.dead_letters, 2);
  EXPECT_THAT(Partitions(), ElementsAre("v=a", "v=b"));
  EXPECT_EQ(DataFiles(), 3U) << "with the dead letters";
}

TEST_F(PipelineLayoutTest, TheTablesCommentFollowsTheDefinition) {
  definition_.properties = {{"comment", "first"}};
  Restart();
  Produce({"a"});
  Drain();
  EXPECT_EQ(View()->properties.at("comment"), "first");
  definition_.properties = {{"comment", "second"}, {"team", "games"}};
  Restart();
  Drain();
  EXPECT_EQ(View()->properties.at("comment"), "second");
  EXPECT_EQ(View()->properties.at("team"), "games");
  const auto version = View()->version;
  Restart();
  Drain();
  EXPECT_EQ(View()->version, version) << "nothing is left to change";
  definition_.properties.clear();
  Restart();
  Drain();
  EXPECT_FALSE(View()->properties.contains("comment"));
  EXPECT_EQ(View()->properties.at("team"), "games");
}

TEST_F(PipelineLayoutTest, AChangedLayoutHoldsForNewFiles) {
  Produce({"a"});
  Drain();
  const auto snapshot = View()->snapshot;
  definition_.layout = {};
  Restart();
  EXPECT_EQ(Drain().rows, 0);
  EXPECT_EQ(View()->snapshot, snapshot) << "the change is of metadata alone";
  EXPECT_TRUE(View()->layout.partition.empty());
  Produce({"b", "c"});
  Drain();
  EXPECT_THAT(Partitions(), ElementsAre("v=a", ""));
  definition_.layout.partition = {{"v", {}}};
  Restart();
  Produce({"d"});
  Drain();
  EXPECT_THAT(Partitions(), ElementsAre("v=a", "", "v=d"));
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 b", "0/2 c", "0/3 d"));
}

TEST_F(PipelineLayoutTest, AChangeOfUnknownOutcomeIsReadAgain) {
  ASSERT_TRUE(Step());
  for (const auto outcome : {FlakyLake::Outcome::kLandsUnknown, FlakyLake::Outcome::kLostUnknown}) {
    definition_.layout.sort =
        definition_.layout.sort.empty() ? std::vector<SortBy>{{"v"}} : std::vector<SortBy>();
    Restart();
    flaky_->outcomes = {outcome};
    if (!Step()) ASSERT_TRUE(Step());
    EXPECT_EQ(View()->layout, definition_.layout);
  }
}

// Each step of the commits of several files fails once, and the pipeline continues by itself (I6).
TEST_F(PipelineLayoutTest, OneFailureOfTheDiskLosesNoRow) {
  ASSERT_TRUE(Step());
  std::size_t batches = 0;
  bool is_past_last_step = false;
  for (int fail_at = 0; !is_past_last_step; ++fail_at) {
    Produce({"a", "bad", "b"});
    ++batches;
    int at = 0;
    fs_->SetHook([&](const std::string& step, const std::string& path) -> Status {
      if (at++ == fail_at) return Fail(ErrorCode::kIo, "{} {}: Input/output error", step, path);
      return {};
    });
    for (int i = 0; i < 3; ++i) Ignore(Step(), "the next one reads and goes on");
    is_past_last_step = at <= fail_at;
    fs_->SetHook({});
    Drain();
    ASSERT_EQ(Rows().size(), 2 * batches) << fail_at;
    ASSERT_EQ(Dead().size(), batches) << fail_at;
  }
}

// Power is lost at each step of a commit of several files: each record is in the table once.
TEST_F(PipelineLayoutTest, APowerLossLosesNoRow) {
  ASSERT_TRUE(Step());
  Produce({"a", "bad", "b", "c"});
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> images;
  fs_->SetHook([&](const std::string&, const std::string&) -> Status {
    images.push_back(fs_->Crash(*random_));
    return {};
  });
  Drain();
  fs_->SetHook({});
  EXPECT_GT(images.size(), 20U);
  for (auto& image : images) {
    pipeline_.reset();
    flaky_.reset();
    lake_.reset();
    fs_ = std::move(image);
    OpenLake();
    Restart();
    Drain();
    ASSERT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b", "0/3 c"));
    ASSERT_THAT(Dead(), ElementsAre("0/1 not_json"));
  }
}

}  // namespace
}  // namespace st::stream
