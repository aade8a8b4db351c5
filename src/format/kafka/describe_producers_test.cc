#include "format/kafka/describe_producers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::string Lists(const std::vector<TopicWith<std::int32_t>>& topics) {
  std::vector<std::string> shown;
  for (const auto& topic : topics) {
    shown.push_back(fmt::format("{}:{}", topic.name, fmt::join(topic.partitions, ",")));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto topics = DecodeDescribeProducers(request);
  if (!topics) return std::nullopt;
  return Lists(*topics);
}

TEST(DescribeProducers, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeProducersApi, Meaning);
}

TEST(DescribeProducers, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeProducersApi.key, Meaning);
}

TEST(DescribeProducers, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDescribeProducersApi, [](const RequestHeader& request) {
    return EncodeDescribeProducers(
        request,
        {{"t",
          {{.partition = 1,
            .message = {},
            .producers = {{.id = 7, .epoch = 2, .last_sequence = 5, .last_time_ms = 1000}}},
           {.partition = 2,
            .error = ErrorCode::kUnknownTopicOrPartition,
            .message = "no",
            .producers = {}}}}});
  });
}

}  // namespace
}  // namespace st::kafka
