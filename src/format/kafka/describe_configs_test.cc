#include "format/kafka/describe_configs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto describe = DecodeDescribeConfigs(request);
  if (!describe) return std::nullopt;
  std::string out;
  for (const auto& resource : describe->resources) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}:{}={}", resource.type, resource.name,
                       resource.wanted ? fmt::format("{}", fmt::join(*resource.wanted, ",")) : "*");
  }
  return out;
}

TEST(DescribeConfigs, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeConfigsApi, Meaning);
}

TEST(DescribeConfigs, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeConfigsApi.key, Meaning);
}

TEST(DescribeConfigs, AResourceIsDescribedOnce) {
  Writer resources;
  resources.Int(std::int32_t{3});
  for (int i = 0; i < 3; ++i) resources.Int(std::int8_t{2}).String("t").Int(std::int32_t{-1});
  const auto bytes = resources.Take();
  EXPECT_EQ(DecodeDescribeConfigs({.key = 32, .version = 0, .body = bytes})->resources.size(), 1U);
}

TEST(DescribeConfigs, AnswersAreThoseOfAnotherEncoder) {
  const auto answer = [](bool with_synonyms) {
    const DescribedSetting setting{
        .name = "s",
        .value = "1",
        .type = SettingType::kLong,
        .source = SettingSource::kTopic,
        .synonyms = {{"s", "1", SettingSource::kTopic}, {"log.s", "2", SettingSource::kDefault}}};
    return DescribeConfigsRequest{.resources = {{.type = kTopicResource,
                                                 .name = "t",
                                                 .wanted = {},
                                                 .message = {},
                                                 .settings = {setting}},
                                                {.type = kBrokerResource,
                                                 .name = "9",
                                                 .wanted = {},
                                                 .error = ErrorCode::kInvalidRequest,
                                                 .message = "no",
                                                 .settings = {}}},
                                  .with_synonyms = with_synonyms};
  };
  testing::ExpectAnswers(kDescribeConfigsApi, [&](const RequestHeader& request) {
    return EncodeDescribeConfigs(request, answer(true));
  });
  const RequestHeader request{.key = 32, .version = 4, .correlation_id = 7};
  EXPECT_EQ(EncodeDescribeConfigs(request, answer(true)).size(),
            EncodeDescribeConfigs(request, answer(false)).size() + 6 + 10);
}

}  // namespace
}  // namespace st::kafka
