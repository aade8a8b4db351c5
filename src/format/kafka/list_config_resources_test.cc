#include "format/kafka/list_config_resources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto types = DecodeListConfigResources(request);
  if (!types) return std::nullopt;
  return fmt::format("types={}", fmt::join(*types, ","));
}

TEST(ListConfigResources, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kListConfigResourcesApi, Meaning);
}

TEST(ListConfigResources, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kListConfigResourcesApi.key, Meaning);
}

TEST(ListConfigResources, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kListConfigResourcesApi, [](const RequestHeader& request) {
    return EncodeListConfigResources(request, ErrorCode::kNone,
                                     {{.type = 2, .name = "t"}, {.type = 4, .name = "1"}});
  });
}

}  // namespace
}  // namespace st::kafka
