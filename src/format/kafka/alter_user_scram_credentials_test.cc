#include "format/kafka/alter_user_scram_credentials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto alter = DecodeAlterUserScramCredentials(request);
  if (!alter) return std::nullopt;
  std::vector<std::string> shown;
  for (const auto& one : alter->deleted) {
    shown.push_back(fmt::format("-{}:{}", one.user, one.mechanism));
  }
  for (const auto& one : alter->made) {
    shown.push_back(fmt::format("+{}:{}x{}", one.user, one.mechanism, one.iterations));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

TEST(AlterUserScramCredentials, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kAlterUserScramCredentialsApi, Meaning);
}

TEST(AlterUserScramCredentials, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kAlterUserScramCredentialsApi.key, Meaning);
}

TEST(AlterUserScramCredentials, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kAlterUserScramCredentialsApi, [](const RequestHeader& request) {
    return EncodeAlterUserScramCredentials(
        request, {{.name = "ada", .error = ErrorCode::kResourceNotFound, .message = "no"},
                  {.name = "bob", .message = {}}});
  });
}

}  // namespace
}  // namespace st::kafka
