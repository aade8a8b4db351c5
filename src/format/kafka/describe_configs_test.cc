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

TEST(DescribeConfigs, ASettingMayHaveNoValueBeSecretAndBeExplained) {
  const auto answer = [](const DescribedSetting& setting, bool with_documentation) {
    return EncodeDescribeConfigs({.key = 32, .version = 4},
                                 {.resources = {{.type = kBrokerResource,
                                                 .name = "1",
                                                 .wanted = {},
                                                 .message = {},
                                                 .settings = {setting}}},
                                  .with_documentation = with_documentation});
  };
  DescribedSetting setting{.name = "s", .value = "12", .documentation = "text"};
  const auto plain = answer(setting, false);
  EXPECT_EQ(answer(setting, true).size(), plain.size() + 4);
  EXPECT_TRUE(answer(setting, true).contains("text"));
  EXPECT_FALSE(plain.contains("text"));
  setting.is_sensitive = true;
  EXPECT_EQ(answer(setting, false).size(), plain.size());
  EXPECT_NE(answer(setting, false), plain);
  setting.value = "";
  const auto empty = answer(setting, false);
  setting.is_null = true;
  EXPECT_EQ(answer(setting, false).size(), empty.size());
  EXPECT_NE(answer(setting, false), empty) << "null is not the empty text";
}

}  // namespace
}  // namespace st::kafka
