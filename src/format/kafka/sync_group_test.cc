#include "format/kafka/sync_group.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto sync = DecodeSyncGroup(request);
  if (!sync) return std::nullopt;
  auto text = fmt::format("{} {} {} {} {} {}", sync->group, sync->generation, sync->member,
                          sync->instance.value_or("-"), sync->protocol_type.value_or("-"),
                          sync->protocol.value_or("-"));
  for (const auto& [member, assignment] : sync->assignments) {
    text += fmt::format(" {}={}", member, assignment);
  }
  return text;
}

TEST(SyncGroup, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kSyncGroupApi, Meaning);
}

TEST(SyncGroup, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kSyncGroupApi.key, Meaning);
}

TEST(SyncGroup, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kSyncGroupApi, [](const RequestHeader& request) {
    return EncodeSyncGroup(request, {.error = ErrorCode::kRebalanceInProgress,
                                     .protocol_type = "consumer",
                                     .protocol = std::nullopt,
                                     .assignment = "all"});
  });
}

}  // namespace
}  // namespace st::kafka
