#include "format/kafka/elect_leaders.h"

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
  const auto elect = DecodeElectLeaders(request);
  if (!elect) return std::nullopt;
  return fmt::format("type={} {}", elect->type, elect->topics ? Lists(*elect->topics) : "*");
}

TEST(ElectLeaders, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kElectLeadersApi, Meaning);
}

TEST(ElectLeaders, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kElectLeadersApi.key, Meaning);
}

TEST(ElectLeaders, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kElectLeadersApi, [](const RequestHeader& request) {
    return EncodeElectLeaders(
        request, ErrorCode::kNone,
        {{"t",
          {{.partition = 1, .error = ErrorCode::kElectionNotNeeded, .message = "no"},
           {.partition = 2, .message = {}}}}});
  });
}

}  // namespace
}  // namespace st::kafka
