#include "format/kafka/join_group.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto join = DecodeJoinGroup(request);
  if (!join) return std::nullopt;
  auto text = fmt::format("{} {} {} {} {} {}", join->group, join->session_timeout_ms,
                          join->rebalance_timeout_ms, join->member, join->instance.value_or("-"),
                          join->protocol_type);
  for (const auto& [name, metadata] : join->protocols) {
    text += fmt::format(" {}={}", name, metadata);
  }
  return text;
}

TEST(JoinGroup, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kJoinGroupApi, Meaning);
}

TEST(JoinGroup, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kJoinGroupApi.key, Meaning);
}

TEST(JoinGroup, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kJoinGroupApi, [](const RequestHeader& request) {
    return EncodeJoinGroup(request, {.generation = 3,
                                     .protocol_type = "consumer",
                                     .protocol = "range",
                                     .leader = "m",
                                     .skips_assignment = true,
                                     .member = "m",
                                     .members = {{"m", "i", "one"}, {"n", std::nullopt, ""}}});
  });
}

}  // namespace
}  // namespace st::kafka
