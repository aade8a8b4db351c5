#include "format/kafka/create_acls.h"

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
  const auto acls = DecodeCreateAcls(request);
  if (!acls) return std::nullopt;
  std::vector<std::string> shown;
  for (const auto& acl : *acls) shown.push_back(Shown(acl));
  return fmt::format("{}", fmt::join(shown, "; "));
}

TEST(CreateAcls, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kCreateAclsApi, Meaning);
}

TEST(CreateAcls, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kCreateAclsApi.key, Meaning);
}

TEST(CreateAcls, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kCreateAclsApi, [](const RequestHeader& request) {
    return EncodeCreateAcls(request, 2, ErrorCode::kSecurityDisabled, "no");
  });
}

}  // namespace
}  // namespace st::kafka
