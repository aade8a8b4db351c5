#include "format/kafka/describe_user_scram_credentials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto users = DecodeDescribeUserScramCredentials(request);
  if (!users) return std::nullopt;
  return fmt::format("{}", fmt::join(*users, ","));
}

TEST(DescribeUserScramCredentials, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeUserScramCredentialsApi, Meaning);
}

TEST(DescribeUserScramCredentials, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeUserScramCredentialsApi.key, Meaning);
}

TEST(DescribeUserScramCredentials, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDescribeUserScramCredentialsApi, [](const RequestHeader& request) {
    return EncodeDescribeUserScramCredentials(
        request, {{.name = "ada", .error = ErrorCode::kResourceNotFound, .message = "no"}});
  });
}

}  // namespace
}  // namespace st::kafka
