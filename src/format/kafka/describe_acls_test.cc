#include "format/kafka/describe_acls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::string Shown(const Acl& acl) {
  return fmt::format("{} {} {} {} {} {} {}", acl.resource_type, acl.resource.value_or("-"),
                     acl.pattern, acl.principal.value_or("-"), acl.host.value_or("-"),
                     acl.operation, acl.permission);
}

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto filter = DecodeDescribeAcls(request);
  if (!filter) return std::nullopt;
  return Shown(*filter);
}

TEST(DescribeAcls, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeAclsApi, Meaning);
}

TEST(DescribeAcls, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeAclsApi.key, Meaning);
}

TEST(DescribeAcls, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDescribeAclsApi, [](const RequestHeader& request) {
    return EncodeDescribeAcls(request, ErrorCode::kSecurityDisabled, "no");
  });
}

}  // namespace
}  // namespace st::kafka
