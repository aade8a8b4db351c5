#include "format/kafka/create_partitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/limits.h"
#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto create = DecodeCreatePartitions(request);
  if (!create) return std::nullopt;
  std::string out = fmt::format("dry={}", create->validate_only ? 1 : 0);
  for (const auto& topic : create->topics) {
    out += fmt::format(" {}:{}", topic.name, topic.partitions);
    if (!topic.assignments) continue;
    for (const auto& nodes : *topic.assignments) out += fmt::format("[{}]", fmt::join(nodes, ","));
  }
  return out;
}

TEST(CreatePartitions, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kCreatePartitionsApi, Meaning);
}

TEST(CreatePartitions, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kCreatePartitionsApi.key, Meaning);
}

TEST(CreatePartitions, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kCreatePartitionsApi, [](const RequestHeader& request) {
    return EncodeCreatePartitions(
        request, {{.name = "t", .message = {}},
                  {.name = "u", .error = ErrorCode::kInvalidPartitions, .message = "no"}});
  });
}

TEST(CreatePartitions, ATopicThatIsNamedTwiceSaysSoAndManyNodesAreRefused) {
  const auto decode = [](int topics, std::int32_t nodes) {
    Writer body;
    body.Int(std::int32_t{topics});
    for (int i = 0; i < topics; ++i) {
      body.String("t").Int(std::int32_t{2}).Int(std::int32_t{1}).Int(nodes);
      for (std::int32_t n = 0; n < nodes; ++n) body.Int(n);
    }
    const auto bytes = body.Int(std::int32_t{1}).Bool(false).Take();
    return DecodeCreatePartitions({.key = 37, .version = 0, .body = bytes});
  };
  const auto twice = decode(2, 1);
  ASSERT_TRUE(twice);
  ASSERT_EQ(twice->topics.size(), 1U);
  EXPECT_TRUE(twice->topics[0].is_repeated);
  EXPECT_TRUE(decode(1, kMaxRequestPartitions - 1));
  EXPECT_FALSE(decode(1, kMaxRequestPartitions));
}

}  // namespace
}  // namespace st::kafka
