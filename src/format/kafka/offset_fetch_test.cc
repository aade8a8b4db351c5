#include "format/kafka/offset_fetch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto groups = DecodeOffsetFetch(request);
  if (!groups) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& group : *groups) {
    std::vector<std::string> parts;
    for (const auto& part : group.partitions) {
      parts.push_back(fmt::format("{}/{}", part.topic, part.partition));
    }
    texts.push_back(fmt::format("{}:{}", group.group,
                                group.is_all ? "*" : fmt::format("{}", fmt::join(parts, ","))));
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

TEST(OffsetFetch, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kOffsetFetchApi, Meaning);
}

TEST(OffsetFetch, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kOffsetFetchApi.key, Meaning);
}

TEST(OffsetFetch, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kOffsetFetchApi, [](const RequestHeader& request) {
    return EncodeOffsetFetch(
        request,
        {{.group = "g",
          .offsets = {
              {.topic = "t", .partition = 1, .offset = 7, .leader_epoch = 5, .metadata = "x"},
              {.topic = "t", .partition = 2, .metadata = ""}}}});
  });
}

}  // namespace
}  // namespace st::kafka
