#include "format/kafka/alter_configs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "format/kafka/limits.h"
#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto alter = DecodeAlterConfigs(request);
  if (!alter) return std::nullopt;
  std::string out = fmt::format("dry={}", alter->validate_only ? 1 : 0);
  for (const auto& resource : alter->resources) {
    out += fmt::format(" {}:{}", resource.type, resource.name);
    for (const auto& setting : resource.settings) {
      out += fmt::format(" {}{}={}", setting.name, static_cast<int>(setting.operation),
                         setting.value.value_or("-"));
    }
  }
  return out;
}

std::string Answer(const RequestHeader& request) {
  return EncodeAlterConfigs(request, {{.type = 2, .name = "t", .settings = {}, .message = {}},
                                      {.type = 4,
                                       .name = "1",
                                       .settings = {},
                                       .error = ErrorCode::kInvalidConfig,
                                       .message = "no"}});
}

TEST(AlterConfigs, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kAlterConfigsApi, Meaning);
  testing::ExpectMeanings(kIncrementalAlterConfigsApi, Meaning);
}

TEST(AlterConfigs, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kAlterConfigsApi.key, Meaning);
  testing::ExpectDamageIsHarmless(kIncrementalAlterConfigsApi.key, Meaning);
}

TEST(AlterConfigs, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kAlterConfigsApi, Answer);
  testing::ExpectAnswers(kIncrementalAlterConfigsApi, Answer);
}

TEST(AlterConfigs, TheSettingsOfARequestHaveALimit) {
  const auto decode = [](std::int32_t settings) {
    Writer body;
    body.Int(std::int32_t{1}).Int(std::int8_t{2}).String("t").Int(settings);
    for (std::int32_t n = 0; n < settings; ++n) body.String("s").String("1");
    const auto bytes = body.Bool(false).Take();
    return DecodeAlterConfigs({.key = 33, .version = 0, .body = bytes}).has_value();
  };
  EXPECT_TRUE(decode(kMaxRequestSettings));
  EXPECT_FALSE(decode(kMaxRequestSettings + 1));
}

}  // namespace
}  // namespace st::kafka
