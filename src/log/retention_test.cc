#include "log/retention.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "log/limits.h"
#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;

class RetentionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_ = LocalLog::Open(
               {fs_, clock_, *random_},
               {.dir = "/log", .segment_bytes = kMinSegmentBytes, .allocate_chunk_bytes = 64 << 10})
               .value();
    tp_ = {log_->CreateTopic("events", 1).value().id, PartitionId(0)};
    retention_.emplace(*log_, [this](const TopicInfo&) { return policy_; }, &metrics_);
  }
  // One record of so many bytes and this time.
  void Append(std::int64_t time_ms, std::size_t bytes = 100) {
    const std::string value(bytes, 'x');
    ASSERT_TRUE(AppendAndWait(
        *log_, tp_,
        record::BuildBatch(
            {{.key = std::nullopt, .value = value, .timestamp_ms = time_ms, .headers = {}}})));
  }
  Offset StepAt(std::int64_t now_ms) {
    const auto step = retention_->Step(now_ms);
    EXPECT_TRUE(step) << step.error().message();
    return log_->StartOffset(tp_);
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  MetricRegistry metrics_;
  std::unique_ptr<LocalLog> log_;
  TopicPartition tp_;
  RetentionPolicy policy_;
  std::optional<Retention> retention_;
};

TEST_F(RetentionTest, ByDefaultEverythingStays) {
  Append(0);
  EXPECT_EQ(StepAt(1LL << 50), Offset(0));
}

TEST_F(RetentionTest, ByTimeOldRecordsGoUntilOneThatIsYoung) {
  policy_.max_age_ms = 100;
  for (const std::int64_t time_ms : {0, 50, 40, 200, 10}) Append(time_ms);
  EXPECT_EQ(StepAt(100), Offset(0)) << "as old as allowed";
  EXPECT_EQ(StepAt(120), Offset(1));
  EXPECT_EQ(StepAt(160), Offset(3));
  EXPECT_EQ(StepAt(300), Offset(3)) << "an old record behind a young one stays";
  EXPECT_EQ(StepAt(301), Offset(5));
  Append(300);
  EXPECT_EQ(StepAt(301), Offset(5));
}

TEST_F(RetentionTest, BySizeTheNewestRecordsStay) {
  for (int i = 0; i < 5; ++i) Append(1, 1'000);
  policy_.max_bytes = 3'300;  // each batch has 61 bytes and its record's
  EXPECT_EQ(StepAt(0), Offset(1)) << "at least so many bytes stay, as with Kafka";
  Append(1, 1'000);
  EXPECT_EQ(StepAt(0), Offset(2));
  policy_.max_bytes = 0;
  EXPECT_EQ(StepAt(0), Offset(6));
}

TEST_F(RetentionTest, AHoldWinsAndIsNamedWithWhatItKeeps) {
  policy_.max_age_ms = 10;
  for (int i = 0; i < 4; ++i) Append(0);
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {{tp_, Offset(1)}}}));
  EXPECT_EQ(StepAt(1'000), Offset(1));
  const auto held = retention_->held();
  ASSERT_TRUE(held.contains("events"));
  EXPECT_EQ(held.at("events").hold, "pipeline p");
  EXPECT_EQ(held.at("events").bytes, RemovalOf(*log_).BytesBetween(tp_, Offset(1), Offset(4)));
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {}}));
  EXPECT_EQ(StepAt(1'000), Offset(4));
  EXPECT_TRUE(retention_->held().empty());
}

TEST_F(RetentionTest, AFullDiskNamesTheHold) {
  policy_.max_age_ms = 10;
  for (int i = 0; i < 4; ++i) Append(0);
  const auto refusal = [&] {
    fs_.SetFreeBytes(0);
    const auto refused = AppendAndWait(*log_, tp_,
                                       record::BuildBatch({{.key = std::nullopt,
                                                            .value = std::string(200'000, 'x'),
                                                            .timestamp_ms = 1'000,
                                                            .headers = {}}}));
    fs_.SetFreeBytes(1ULL << 40);
    EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
    return refused.error().message();
  };
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {{tp_, Offset(1)}}}));
  EXPECT_EQ(StepAt(1'000), Offset(1));
  const auto named = fmt::format(
      "; hold \"pipeline p\" keeps {} bytes of topic events that its retention "
      "would remove",
      retention_->held().at("events").bytes);
  EXPECT_TRUE(refusal().ends_with(named));
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {}}));
  EXPECT_EQ(StepAt(1'000), Offset(4));
  EXPECT_TRUE(refusal().ends_with("lower log.reserve_bytes")) << "nothing is kept any more";
}

TEST_F(RetentionTest, TheDiskIsFreedAndCounted) {
  policy_.max_bytes = 500'000;
  while (log_->durable_end().segment < 4) Append(0, 300'000);
  const auto step = retention_->Step(0);
  ASSERT_TRUE(step) << step.error().message();
  EXPECT_EQ(step->moved, 1U);
  EXPECT_GE(step->removed.segments, 2U);
  EXPECT_FALSE(step->has_more);
  EXPECT_EQ(retention_->removed().bytes, step->removed.bytes);
  EXPECT_EQ(retention_->Step(0)->removed.segments, 0U);
  EXPECT_FALSE(fs_.Exists("/log/00000000000000000001.log").value());
}

}  // namespace
}  // namespace st::log
