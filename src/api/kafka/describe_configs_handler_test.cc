#include "api/kafka/describe_configs_handler.h"

#include <vector>

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class DescribeConfigsHandlerTest : public KafkaApiTest {};

// DescribeConfigs version 1 of one resource, two settings asked for: error and "name=value".
std::pair<std::int16_t, std::vector<std::string>> Describe(Client& client, std::int8_t type,
                                                           const std::string& name) {
  Writer body;
  body.Int(std::int32_t{1}).Int(type).String(name);
  body.Int(std::int32_t{2}).String("retention.ms").String("num.partitions").Bool(false);
  const std::string answer = client.Call(32, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int32_t>(), 1);
  const auto error = in.Int<std::int16_t>();
  in.NullableString();
  EXPECT_EQ(in.Int<std::int8_t>(), type);
  EXPECT_EQ(in.String(), name);
  std::vector<std::string> settings;
  for (auto n = in.Int<std::int32_t>(); n > 0 && in.ok(); --n) {
    settings.emplace_back(in.String());
    settings.back() += "=" + std::string(in.String());
    in.Bool();
    in.Int<std::int8_t>();
    in.Bool();
    EXPECT_EQ(in.Int<std::int32_t>(), 0) << "synonyms were not asked for";
  }
  EXPECT_TRUE(in.ok());
  return {error, settings};
}

TEST_F(DescribeConfigsHandlerTest, SettingsOfATopicAndOfTheBrokerAreDescribed) {
  using Settings = std::vector<std::string>;
  EXPECT_EQ(Describe(*client_, 2, "events"),
            std::pair(std::int16_t{0}, Settings{"retention.ms=-1"}));
  EXPECT_EQ(Describe(*client_, 4, "1"), std::pair(std::int16_t{0}, Settings{"num.partitions=1"}));
  EXPECT_EQ(Describe(*client_, 2, "nowhere"), std::pair(std::int16_t{3}, Settings{}));
  EXPECT_EQ(Describe(*client_, 4, "2"), std::pair(std::int16_t{42}, Settings{}));
  EXPECT_EQ(Describe(*client_, 7, "events"), std::pair(std::int16_t{42}, Settings{}));
}

}  // namespace
}  // namespace st::api
