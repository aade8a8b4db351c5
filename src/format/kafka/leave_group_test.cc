#include "format/kafka/leave_group.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto leave = DecodeLeaveGroup(request);
  if (!leave) return std::nullopt;
  std::string text(leave->group);
  for (const auto& member : leave->members) {
    text += fmt::format(" {}:{}", member.member, member.instance.value_or("-"));
  }
  return text;
}

TEST(LeaveGroup, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kLeaveGroupApi, Meaning);
}

TEST(LeaveGroup, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kLeaveGroupApi.key, Meaning);
}

TEST(LeaveGroup, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kLeaveGroupApi, [](const RequestHeader& request) {
    return EncodeLeaveGroup(request, ErrorCode::kNone, {{"m", "i", ErrorCode::kUnknownMemberId}});
  });
}

}  // namespace
}  // namespace st::kafka
