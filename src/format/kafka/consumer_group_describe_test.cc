#include "format/kafka/consumer_group_describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto describe = DecodeConsumerGroupDescribe(request);
  if (!describe) return std::nullopt;
  return fmt::format("{} {}", fmt::join(describe->groups, ","), int{describe->wants_operations});
}

TEST(ConsumerGroupDescribe, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kConsumerGroupDescribeApi, Meaning);
}

TEST(ConsumerGroupDescribe, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kConsumerGroupDescribeApi.key, Meaning);
}

TEST(ConsumerGroupDescribe, AnswersAreThoseOfAnotherEncoder) {
  std::array<std::uint8_t, 16> five{};
  five.back() = 5;
  testing::ExpectAnswers(kConsumerGroupDescribeApi, [&](const RequestHeader& request) {
    return EncodeConsumerGroupDescribe(
        request, true,
        {{.message = {},
          .group = "g",
          .state = "Stable",
          .epoch = 3,
          .assignment_epoch = 2,
          .assignor = "range",
          .members =
              {{.id = "m",
                .instance = "i",
                .rack = "r",
                .epoch = 2,
                .client_id = "c",
                .client_host = "/h",
                .topics = {"t"},
                .pattern = "p",
                .assignment = {{.topic = TopicId(Uuid(five)), .name = "t", .partitions = {1, 2}}},
                .target = {}}}},
         {.error = ErrorCode::kGroupIdNotFound, .message = "no", .group = "h", .members = {}}});
  });
}

}  // namespace
}  // namespace st::kafka
