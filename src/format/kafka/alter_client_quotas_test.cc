#include "format/kafka/alter_client_quotas.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto quotas = DecodeAlterClientQuotas(request);
  if (!quotas) return std::nullopt;
  std::vector<std::string> shown;
  for (const auto& quota : *quotas) {
    std::vector<std::string> parts;
    for (const auto& part : quota.entity) {
      parts.push_back(fmt::format("{}={}", part.type, part.name.value_or("-")));
    }
    shown.push_back(fmt::format("{}:{}", fmt::join(parts, ","), quota.set_key.value_or("-")));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

TEST(AlterClientQuotas, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kAlterClientQuotasApi, Meaning);
}

TEST(AlterClientQuotas, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kAlterClientQuotasApi.key, Meaning);
}

TEST(AlterClientQuotas, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kAlterClientQuotasApi, [](const RequestHeader& request) {
    return EncodeAlterClientQuotas(
        request, {{.entity = {{.type = "user", .name = "ada"}, {.type = "client-id", .name = {}}},
                   .error = ErrorCode::kUnsupportedVersion,
                   .message = "no"},
                  {.entity = {}}});
  });
}

}  // namespace
}  // namespace st::kafka
