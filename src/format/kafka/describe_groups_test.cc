#include "format/kafka/describe_groups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto describe = DecodeDescribeGroups(request);
  if (!describe) return std::nullopt;
  return fmt::format("{} {:d}", fmt::join(describe->groups, ","), describe->wants_operations);
}

TEST(DescribeGroups, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeGroupsApi, Meaning);
}

TEST(DescribeGroups, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeGroupsApi.key, Meaning);
}

TEST(DescribeGroups, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDescribeGroupsApi, [](const RequestHeader& request) {
    const bool is_error = request.version >= kFirstWithGroupNotFound;
    return EncodeDescribeGroups(
        request, true,
        {{.message = {},
          .group = "g",
          .state = "Stable",
          .protocol_type = "consumer",
          .protocol = "range",
          .members = {{.id = "m",
                       .instance = "i",
                       .client_id = "c",
                       .client_host = "/h",
                       .metadata = "one",
                       .assignment = "all"}}},
         {.error = is_error ? ErrorCode::kGroupIdNotFound : ErrorCode::kNone,
          .message = "no",
          .group = "h",
          .state = "Dead",
          .members = {}}});
  });
}

}  // namespace
}  // namespace st::kafka
