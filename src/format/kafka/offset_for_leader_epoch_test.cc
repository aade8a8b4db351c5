#include "format/kafka/offset_for_leader_epoch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto topics = DecodeOffsetForLeaderEpoch(request);
  if (!topics) return std::nullopt;
  std::vector<std::string> shown;
  for (const auto& topic : *topics) {
    std::vector<std::string> parts;
    for (const auto& part : topic.partitions) {
      parts.push_back(fmt::format("{}@{}while{}", part.partition, part.epoch, part.current_epoch));
    }
    shown.push_back(fmt::format("{}:{}", topic.name, fmt::join(parts, ",")));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

TEST(OffsetForLeaderEpoch, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kOffsetForLeaderEpochApi, Meaning);
}

TEST(OffsetForLeaderEpoch, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kOffsetForLeaderEpochApi.key, Meaning);
}

TEST(OffsetForLeaderEpoch, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kOffsetForLeaderEpochApi, [](const RequestHeader& request) {
    return EncodeOffsetForLeaderEpoch(
        request, {{"t",
                   {{.partition = 1, .epoch = 0, .end_offset = 7},
                    {.error = ErrorCode::kUnknownLeaderEpoch, .partition = 2}}}});
  });
}

}  // namespace
}  // namespace st::kafka
