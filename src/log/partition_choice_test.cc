#include "log/partition_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::log {
namespace {

TopicInfo Topic(std::int32_t partitions) {
  return {.id = TopicId({1}), .name = "events", .partitions = partitions};
}

TEST(PartitionChoice, AnEventsKeyChoosesAsKafkasClientsDo) {
  const auto of = [](std::int32_t partitions, std::string_view key) {
    return PartitionOfEvent(Topic(partitions), key).partition.value();
  };
  EXPECT_EQ(of(4, "abc"), 479470107 % 4);
  EXPECT_EQ(of(1024, "abc"), 479470107 % 1024);
  EXPECT_EQ(of(1, "abc"), 0);
}

TEST(PartitionChoice, EventsWithoutAKeyAndTheServersSequencesAreInTheFirst) {
  const TopicPartition first{.topic = TopicId({1}), .partition = PartitionId(0)};
  EXPECT_EQ(PartitionOfEvent(Topic(4), std::nullopt), first);
  EXPECT_EQ(PartitionOfSequence(Topic(4)), first);
}

TEST(PartitionChoice, ListsEachPartition) {
  const TopicPartition first{.topic = TopicId({1}), .partition = PartitionId(0)};
  const TopicPartition second{.topic = TopicId({1}), .partition = PartitionId(1)};
  EXPECT_THAT(PartitionsOf(Topic(2)), ::testing::ElementsAre(first, second));
}

}  // namespace
}  // namespace st::log
