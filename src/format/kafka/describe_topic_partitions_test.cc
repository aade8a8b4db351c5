#include "format/kafka/describe_topic_partitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto wanted = DecodeDescribeTopicPartitions(request);
  if (!wanted) return std::nullopt;
  const auto from =
      wanted->cursor ? fmt::format(" {}/{}", wanted->cursor->topic, wanted->cursor->partition) : "";
  return fmt::format("{} most={}{}", fmt::join(wanted->topics, ","), wanted->most_partitions, from);
}

TEST(DescribeTopicPartitions, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeTopicPartitionsApi, Meaning);
}

TEST(DescribeTopicPartitions, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeTopicPartitionsApi.key, Meaning);
}

TEST(DescribeTopicPartitions, AnswersHaveTheBytesOfKafkaPythons) {
  testing::ExpectAnswers(kDescribeTopicPartitionsApi, [](const RequestHeader& request) {
    return EncodeDescribeTopicPartitions(
        request, {.topics = {{.error = ErrorCode::kNone,
                              .name = "t",
                              .id = TopicId(LoadUuid(std::string(16, '\7'))),
                              .first = 1,
                              .count = 2},
                             {.error = ErrorCode::kInvalidTopic, .name = "u", .id = {}}},
                  .next = PartitionCursor{.topic = "t", .partition = 3}});
  });
}

TEST(DescribeTopicPartitions, TheSizeOfAnAnswerIsNotBelowWhatItHas) {
  const std::string name(249, 'n');
  const DescribedTopics answer{
      .topics = {{.error = ErrorCode::kNone, .name = name, .id = {}, .count = 100}},
      .next = PartitionCursor{.topic = name, .partition = 100}};
  const auto bytes = EncodeDescribeTopicPartitions({.key = 75, .version = 0}, answer).size();
  EXPECT_GE(DescribedTopicsBytes(answer), bytes);
  EXPECT_LE(DescribedTopicsBytes(answer), bytes + 200);
}

}  // namespace
}  // namespace st::kafka
