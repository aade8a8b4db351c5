#include "format/kafka/offset_commit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto commit = DecodeOffsetCommit(request);
  if (!commit) return std::nullopt;
  auto text = fmt::format("{} {} {} {} {}", commit->group, commit->generation, commit->member,
                          commit->instance.value_or("-"), commit->retention_ms);
  for (const auto& offset : commit->offsets) {
    text += fmt::format(" {}/{}@{}:{}={}", offset.topic, offset.partition, offset.offset,
                        offset.leader_epoch, offset.metadata);
  }
  return text;
}

TEST(OffsetCommit, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kOffsetCommitApi, Meaning);
}

TEST(OffsetCommit, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kOffsetCommitApi.key, Meaning);
}

TEST(OffsetCommit, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kOffsetCommitApi, [](const RequestHeader& request) {
    return EncodeOffsetCommit(
        request, {{.topic = "t", .partition = 1},
                  {.topic = "t", .partition = 2, .error = ErrorCode::kUnknownTopicOrPartition},
                  {.topic = "u", .partition = 0, .error = ErrorCode::kOffsetMetadataTooLarge}});
  });
}

}  // namespace
}  // namespace st::kafka
