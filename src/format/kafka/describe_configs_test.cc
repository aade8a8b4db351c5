#include "format/kafka/describe_configs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto resources = DecodeDescribeConfigs(request);
  if (!resources) return std::nullopt;
  std::string out;
  for (const auto& resource : *resources) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}:{}={}", resource.type, resource.name,
                       resource.wanted ? fmt::format("{}", fmt::join(*resource.wanted, ",")) : "*");
  }
  return out;
}

TEST(DescribeConfigs, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeConfigsApi, Meaning, {0});
}

TEST(DescribeConfigs, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeConfigsApi.key, Meaning);
}

TEST(DescribeConfigs, AResourceIsDescribedOnce) {
  Writer resources;
  resources.Int(std::int32_t{3});
  for (int i = 0; i < 3; ++i) resources.Int(std::int8_t{2}).String("t").Int(std::int32_t{-1});
  const auto bytes = resources.Take();
  EXPECT_EQ(DecodeDescribeConfigs({.key = 32, .version = 0, .body = bytes})->size(), 1U);
}

TEST(DescribeConfigs, ASettingIsADefaultThatCannotBeChanged) {
  const std::vector<DescribedResource> resources = {{.type = kTopicResource,
                                                     .name = "t",
                                                     .wanted = {},
                                                     .message = {},
                                                     .settings = {{"s", "1", true}}}};
  const auto encode = [&](std::int16_t version) {
    return HexEncode(
        EncodeDescribeConfigs({.key = 32, .version = version, .correlation_id = 7}, resources));
  };
  const std::string head = testing::Packed(
      "00000007 00000000 00000001 0000 ffff 02 000174"
      "00000001 000173 000131 01");
  EXPECT_EQ(encode(0), head + "0100") << "a default, not secret";
  EXPECT_EQ(encode(1), head + "050000000000") << "not secret, without synonyms";
  EXPECT_EQ(encode(3), head + "05000000000005ffff") << "a long, without a text";
}

}  // namespace
}  // namespace st::kafka
