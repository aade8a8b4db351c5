#include "format/kafka/delete_acls.h"

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
  const auto acls = DecodeDeleteAcls(request);
  if (!acls) return std::nullopt;
  std::vector<std::string> shown;
  for (const auto& acl : *acls) shown.push_back(Shown(acl));
  return fmt::format("{}", fmt::join(shown, "; "));
}

TEST(DeleteAcls, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDeleteAclsApi, Meaning);
}

TEST(DeleteAcls, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDeleteAclsApi.key, Meaning);
}

TEST(DeleteAcls, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDeleteAclsApi, [](const RequestHeader& request) {
    return EncodeDeleteAcls(request, 2, ErrorCode::kSecurityDisabled, "no");
  });
}

}  // namespace
}  // namespace st::kafka
