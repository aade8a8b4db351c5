#include "format/kafka/delete_topics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

TopicId Sevens() {
  std::array<std::uint8_t, 16> id{};
  id.fill(7);
  return TopicId(id);
}

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto topics = DecodeDeleteTopics(request);
  if (!topics) return std::nullopt;
  std::string out;
  for (const auto& topic : *topics) {
    if (!out.empty()) out += ' ';
    out += topic.name ? std::string(*topic.name) : topic.id == Sevens() ? "sevens" : "other";
  }
  return out;
}

TEST(DeleteTopics, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDeleteTopicsApi, Meaning);
}

TEST(DeleteTopics, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDeleteTopicsApi.key, Meaning);
}

TEST(DeleteTopics, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDeleteTopicsApi, [](const RequestHeader& request) {
    return EncodeDeleteTopics(
        request, {{.name = "t", .id = Sevens(), .message = {}},
                  {.name = "u", .id = {}, .error = ErrorCode::kPolicyViolation, .message = "no"}});
  });
}

TEST(DeleteTopics, ATopicThatIsNamedTwiceSaysSo) {
  const auto bytes =
      Writer().Int(std::int32_t{2}).String("t").String("t").Int(std::int32_t{1}).Take();
  const auto topics = DecodeDeleteTopics({.key = 20, .version = 0, .body = bytes});
  ASSERT_TRUE(topics);
  ASSERT_EQ(topics->size(), 1U);
  EXPECT_TRUE(topics->front().is_repeated);
}

}  // namespace
}  // namespace st::kafka
