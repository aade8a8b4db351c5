#include "format/kafka/create_topics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/limits.h"
#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto create = DecodeCreateTopics(request);
  if (!create) return std::nullopt;
  std::string out = fmt::format("dry={}", create->validate_only ? 1 : 0);
  for (const auto& topic : create->topics) {
    out += fmt::format(" {}:{}x{}", topic.name, topic.partitions, topic.replication);
    for (const auto& [partition, nodes] : topic.assignments) {
      out += fmt::format(" [{}:{}]", partition, fmt::join(nodes, ","));
    }
    for (const auto& [name, value] : topic.settings) {
      out += fmt::format(" {}={}", name, value.value_or("-"));
    }
  }
  return out;
}

TEST(CreateTopics, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kCreateTopicsApi, Meaning);
}

TEST(CreateTopics, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kCreateTopicsApi.key, Meaning);
}

TEST(CreateTopics, ATopicThatIsNamedTwiceSaysSo) {
  Writer topics;
  topics.Int(std::int32_t{2});
  for (int i = 0; i < 2; ++i) {
    topics.String("t").Int(std::int32_t{1}).Int(std::int16_t{1});
    topics.Int(std::int32_t{0}).Int(std::int32_t{0});
  }
  const auto bytes = topics.Int(std::int32_t{1}).Take();
  const auto made = DecodeCreateTopics({.key = 19, .version = 0, .body = bytes});
  ASSERT_EQ(made->topics.size(), 1U);
  EXPECT_TRUE(made->topics[0].is_repeated);
}

TEST(CreateTopics, AnErrorsTextIsNoLongerThanItsLength) {
  const auto answer =
      EncodeCreateTopics({.key = 19, .version = 1}, {{.name = "t",
                                                      .error = ErrorCode::kInvalidTopic,
                                                      .message = std::string(40'000, 'x'),
                                                      .settings = {}}});
  EXPECT_LT(answer.size(), kMaxMessageBytes + 100);
}

TEST(CreateTopics, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kCreateTopicsApi, [](const RequestHeader& request) {
    std::array<std::uint8_t, 16> id{};
    id.fill(7);
    return EncodeCreateTopics(
        request,
        {{.name = "t",
          .message = {},
          .id = TopicId(id),
          .partitions = 3,
          .settings = {{.name = "s", .value = "1", .source = SettingSource::kTopic}}},
         {.name = "u", .error = ErrorCode::kInvalidTopic, .message = "no", .settings = {}}});
  });
}

}  // namespace
}  // namespace st::kafka
