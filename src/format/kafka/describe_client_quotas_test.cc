#include "format/kafka/describe_client_quotas.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto filters = DecodeDescribeClientQuotas(request);
  if (!filters) return std::nullopt;
  std::vector<std::string> shown;
  for (const auto& filter : *filters) {
    shown.push_back(
        fmt::format("{}:{}:{}", filter.entity, filter.match, filter.name.value_or("-")));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

TEST(DescribeClientQuotas, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeClientQuotasApi, Meaning);
}

TEST(DescribeClientQuotas, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeClientQuotasApi.key, Meaning);
}

TEST(DescribeClientQuotas, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDescribeClientQuotasApi, [](const RequestHeader& request) {
    return request.version == 0
               ? EncodeDescribeClientQuotas(request, ErrorCode::kInvalidRequest, "no")
               : EncodeDescribeClientQuotas(request, ErrorCode::kNone, "");
  });
}

}  // namespace
}  // namespace st::kafka
