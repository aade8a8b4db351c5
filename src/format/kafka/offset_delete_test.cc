#include "format/kafka/offset_delete.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto remove = DecodeOffsetDelete(request);
  if (!remove) return std::nullopt;
  std::string text(remove->group);
  for (const auto& offset : remove->offsets) {
    text += fmt::format(" {}/{}", offset.topic, offset.partition);
  }
  return text;
}

TEST(OffsetDelete, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kOffsetDeleteApi, Meaning);
}

TEST(OffsetDelete, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kOffsetDeleteApi.key, Meaning);
}

TEST(OffsetDelete, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kOffsetDeleteApi, [](const RequestHeader& request) {
    return EncodeOffsetDelete(
        request, ErrorCode::kNone,
        {{.topic = "t", .partition = 1},
         {.topic = "t", .partition = 2, .error = ErrorCode::kGroupSubscribedToTopic}});
  });
}

}  // namespace
}  // namespace st::kafka
