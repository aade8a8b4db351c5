#include "format/kafka/create_topics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
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
  }
  return out;
}

TEST(CreateTopics, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kCreateTopicsApi, Meaning, {0});
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
  const auto answer = EncodeCreateTopics(
      {.key = 19, .version = 1}, {{"t", ErrorCode::kInvalidTopic, std::string(40'000, 'x')}});
  EXPECT_LT(answer.size(), kMaxMessageBytes + 100);
}

TEST(CreateTopics, AnAnswerNamesEachTopicWithItsError) {
  EXPECT_EQ(HexEncode(EncodeCreateTopics({.key = 19, .version = 4, .correlation_id = 7},
                                         {{"t", ErrorCode::kInvalidTopic, "no"}})),
            testing::Packed("00000007 00000000 00000001 000174 0011 00026e6f"));
}

}  // namespace
}  // namespace st::kafka
