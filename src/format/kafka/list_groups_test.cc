#include "format/kafka/list_groups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto list = DecodeListGroups(request);
  if (!list) return std::nullopt;
  return fmt::format("states={} types={}", fmt::join(list->states, ","),
                     fmt::join(list->types, ","));
}

TEST(ListGroups, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kListGroupsApi, Meaning);
}

TEST(ListGroups, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kListGroupsApi.key, Meaning);
}

TEST(ListGroups, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kListGroupsApi, [](const RequestHeader& request) {
    return EncodeListGroups(
        request, ErrorCode::kNone,
        {{.group = "g", .protocol_type = "consumer", .state = "Stable", .type = "classic"}});
  });
}

}  // namespace
}  // namespace st::kafka
