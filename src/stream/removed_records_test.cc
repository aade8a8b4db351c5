// Pipelines over a log whose records are removed.
#include <future>

#include "log/record_removal.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RemovedRecords : public testing::PipelineTest {
 protected:
  // Moves the start of partition 0, which no hold keeps.
  void RemoveBefore(std::int64_t offset) {
    const TopicPartition tp{.topic = log_->FindTopic("events")->id, .partition = PartitionId(0)};
    std::promise<Result<Offset>> moved;
    log::RemovalOf(*log_).MoveStart({.tp = tp, .to = Offset(offset)},
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
    Restart();
  }
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
}

}  // namespace
}  // namespace st::stream
