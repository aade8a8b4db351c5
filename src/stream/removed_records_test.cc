// Pipelines over a log whose records are removed.
#include <future>

#include "log/record_removal.h"
#include "stream/losses.h"
#include "stream/table_reset.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const lake::TableName kTable{.schema = "default", .name = "t"};

class RemovedRecords : public testing::PipelineTest {
 protected:
  Dependencies To() { return {.log = *log_, .lake = *flaky_, .env = {*fs_, clock_, *random_}}; }
  SnapshotId Snapshot() { return lake_->Load(kTable).value()->snapshot.value(); }
  Result<RollbackReport> RollBackTo(SnapshotId snapshot) {
    return RollBack(To(), {.table = kTable, .snapshot = snapshot, .reason = "for a test"});
  }
  TopicPartition Partition() const {
    return {.topic = log_->FindTopic("events")->id, .partition = PartitionId(0)};
  }
  // Sets the hold of the pipeline, as a server does before it removes records.
  void HoldFrom(std::int64_t offset) {
    ASSERT_TRUE(log_->SetHold(
        {.name = HoldNameOf(definition_.name), .from = {{Partition(), Offset(offset)}}}));
  }
  // Moves the start of partition 0 over what a hold keeps.
  void RemoveBefore(std::int64_t offset) {
    std::promise<Result<Offset>> moved;
    log::RemovalOf(*log_).MoveStart({.tp = Partition(), .to = Offset(offset), .is_forced = true},
                                    [&](Result<Offset> at) { moved.set_value(std::move(at)); });
    ASSERT_EQ(moved.get_future().get(), Offset(offset));
  }
};

TEST_F(RemovedRecords, WhatIsReadMayGoAlsoWhereBadRowsStandsBehind) {
  Produce({"a", "bad one"});
  Drain();
  Produce({"b", "c"});  // moves the table alone
  Drain();
  RemoveBefore(4);
  Restart();
  EXPECT_EQ(Drain().records, 0);
  Produce({"d", "bad two"});
  EXPECT_EQ(Drain().dead_letters, 1);
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b", "0/3 c", "0/4 d"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json", "0/5 not_json"));
}

TEST_F(RemovedRecords, APipelineNeverPassesOverRecordsThatItHasNotRead) {
  Produce({"a"});
  Drain();
  Produce({"b", "c"});
  RemoveBefore(2);
  for (int opened = 0; opened < 2; ++opened) {
    const auto step = Step();
    ASSERT_FALSE(step);
    EXPECT_TRUE(NeedsPerson(step.error()));
    EXPECT_THAT(step.error().message(),
                HasSubstr("events/0 up to offset 1, and the log has offsets 2 to 3: records were "
                          "removed before they were read"));
    EXPECT_THAT(step.error().message(), HasSubstr("`steelthread pipeline accept t`"));
    Restart();
  }
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  EXPECT_THAT(AcceptLosses(To(), definition_).value(), ElementsAre("events/0 offset 1 (1 record)"));
  EXPECT_THAT(AcceptLosses(To(), definition_).value(), IsEmpty());
  Restart();
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 c"));
}

TEST_F(RemovedRecords, AForcedGapStopsAPipelineThatHasReadNothingUntilAPersonAcceptsIt) {
  Produce({"a", "b", "c"});
  HoldFrom(0);
  RemoveBefore(2);
  for (int opened = 0; opened < 2; ++opened) {
    const auto step = Step();
    ASSERT_FALSE(step);
    EXPECT_TRUE(NeedsPerson(step.error()));
    EXPECT_THAT(
        step.error().message(),
        HasSubstr("records were removed by force before they were read: events/0 offsets 0 "
                  "to 1 (2 records); go on without them by `steelthread pipeline accept t`"));
    Restart();
  }
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_THAT(AcceptLosses(To(), definition_).value(),
              ElementsAre("events/0 offsets 0 to 1 (2 records)"));
  EXPECT_THAT(AcceptLosses(To(), definition_).value(), IsEmpty());
  Restart();
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/2 c"));
  ASSERT_TRUE(Reset(To(), definition_));
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/2 c")) << "what was accepted stays accepted";
}

TEST_F(RemovedRecords, AnotherPipelinesGapStopsNothing) {
  Produce({"a", "b", "c"});
  ASSERT_TRUE(log_->SetHold({.name = "pipeline other", .from = {{Partition(), Offset(0)}}}));
  RemoveBefore(2);
  EXPECT_THAT(AcceptLosses(To(), definition_).value(), IsEmpty());
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/2 c"));
}

TEST_F(RemovedRecords, DeadLettersGoOnBehindAnAcceptedGap) {
  Produce({"a", "bad one"});
  Drain();
  Produce({"b", "bad two", "c", "bad three"});
  HoldFrom(2);
  RemoveBefore(4);
  ASSERT_FALSE(Step());
  EXPECT_THAT(AcceptLosses(To(), definition_).value(),
              ElementsAre("events/0 offsets 2 to 3 (2 records)"));
  Restart();
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/4 c"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json", "0/5 not_json"));
}

TEST_F(RemovedRecords, ARollbackIsRefusedWhereTheLogBeginsLater) {
  Produce({"a"});
  Drain();
  const auto early = Snapshot();
  Produce({"b", "c"});
  Drain();
  const auto late = Snapshot();
  Produce({"d"});
  Drain();
  RemoveBefore(2);
  const auto refused = RollBackTo(early);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("ends before offset 1 of events/0, and the log begins at offset 2: the "
                        "records between were removed; choose a later snapshot"));
  EXPECT_EQ(Step()->paused, "") << "nothing was changed";
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 b", "0/2 c", "0/3 d"));
  const auto done = RollBackTo(late);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 b", "0/2 c"));
}

TEST_F(RemovedRecords, APlannedResetNamesTheRecordsWhoseRowsCannotComeBack) {
  Produce({"a", "bad", "b"});
  Produce({"c"}, 1);
  Drain();
  EXPECT_THAT(PlanReset(To(), definition_)->removed, IsEmpty());
  RemoveBefore(2);
  const auto plan = PlanReset(To(), definition_).value();
  ASSERT_EQ(plan.removed.size(), 1U);
  const auto& removed = plan.removed.front();
  EXPECT_EQ(removed.topic, "events");
  EXPECT_EQ(removed.partition, 0);
  EXPECT_EQ(removed.end, 2);
  const TopicPartition tp{.topic = log_->FindTopic("events")->id, .partition = PartitionId(0)};
  EXPECT_EQ(removed.later_ms, log_->BatchTimeMs(tp, Offset(2)).value());
  EXPECT_EQ(plan.partitions.at(0).next, 2);
  EXPECT_EQ(Reset(To(), definition_)->removed.size(), 1U);
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/2 b", "1/0 c"));
  EXPECT_THAT(Dead(), IsEmpty());
}

TEST_F(RemovedRecords, APlannedResetCountsAllRecordsWhereNoneIsLeft) {
  Produce({"a", "b"});
  Drain();
  RemoveBefore(2);
  const auto removed = PlanReset(To(), definition_)->removed;
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed.front().end, 2);
  EXPECT_EQ(removed.front().later_ms, std::nullopt);
}

TEST_F(RemovedRecords, APlannedResetCountsTheRecordsOfADeletedTopic) {
  Produce({"a", "b"});
  Drain();
  std::promise<Status> deleted;
  log_->DeleteTopic(log_->FindTopic("events")->id,
                    [&](Status done) { deleted.set_value(std::move(done)); });
  ASSERT_TRUE(deleted.get_future().get());
  Produce({"c"});  // into another topic of this name
  const auto removed = PlanReset(To(), definition_)->removed;
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed.front().topic, "");
  EXPECT_EQ(removed.front().end, 2);
  ASSERT_TRUE(Reset(To(), definition_));
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 c"));
}

TEST_F(RemovedRecords, AnEmptyTableLosesNothingByAReset) {
  Produce({"skip", "skip"});
  Drain();
  RemoveBefore(2);
  EXPECT_THAT(PlanReset(To(), definition_)->removed, IsEmpty());
}

}  // namespace
}  // namespace st::stream
