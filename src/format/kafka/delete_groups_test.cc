#include "format/kafka/delete_groups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto groups = DecodeDeleteGroups(request);
  if (!groups) return std::nullopt;
  return fmt::format("{}", fmt::join(*groups, ","));
}

TEST(DeleteGroups, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDeleteGroupsApi, Meaning);
}

TEST(DeleteGroups, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDeleteGroupsApi.key, Meaning);
}

TEST(DeleteGroups, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDeleteGroupsApi, [](const RequestHeader& request) {
    return EncodeDeleteGroups(request,
                              {{.group = "g"}, {.group = "h", .error = ErrorCode::kNonEmptyGroup}});
  });
}

}  // namespace
}  // namespace st::kafka
