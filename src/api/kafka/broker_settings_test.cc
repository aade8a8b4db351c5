#include "api/kafka/broker_settings.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace st::api {
namespace {

using kafka::DescribedSetting;
using kafka::SettingSource;
using kafka::SettingType;

DescribedSetting Described(const OwnSettings& own, std::string_view name) {
  const auto settings = DescribeBroker(own);
  const auto found = std::ranges::find(settings, name, &DescribedSetting::name);
  EXPECT_NE(found, settings.end()) << name;
  return found == settings.end() ? DescribedSetting() : *found;
}

TEST(BrokerSettings, AreKafkasWithItsDefaults) {
  const auto settings = DescribeBroker({});
  EXPECT_EQ(settings.size(), 316U) << "of Apache Kafka 4.1.1";
  EXPECT_TRUE(std::ranges::is_sorted(settings, {}, &DescribedSetting::name));
  const auto threads = Described({}, "num.io.threads");
  EXPECT_EQ(threads.value, "8");
  EXPECT_EQ(threads.type, SettingType::kInt);
  EXPECT_EQ(threads.source, SettingSource::kDefault);
  EXPECT_FALSE(threads.is_read_only) << "Kafka's brokers change it while they run";
  ASSERT_EQ(threads.synonyms.size(), 1U);
}

TEST(BrokerSettings, TellNoSecretAndNoValueWhereThereIsNone) {
  const auto secret = Described({}, "ssl.key.password");
  EXPECT_TRUE(secret.is_null && secret.is_sensitive);
  EXPECT_EQ(secret.type, SettingType::kPassword);
  EXPECT_TRUE(secret.synonyms.empty());
  const auto empty = Described({}, "controller.quorum.voters");
  EXPECT_FALSE(empty.is_null) << "its default is an empty list";
  EXPECT_EQ(empty.synonyms.size(), 1U);
}

TEST(BrokerSettings, TellOurValuesAsTheBrokersOwn) {
  const OwnSettings own{{"log.retention.ms", "-1"}, {"num.partitions", "4"}};
  const auto partitions = Described(own, "num.partitions");
  EXPECT_EQ(partitions.value, "4");
  EXPECT_EQ(partitions.source, SettingSource::kBroker);
  EXPECT_TRUE(partitions.is_read_only);
  ASSERT_EQ(partitions.synonyms.size(), 2U);
  EXPECT_EQ(partitions.synonyms[0].value, "4");
  EXPECT_EQ(partitions.synonyms[1].value, "1");
  EXPECT_EQ(partitions.synonyms[1].source, SettingSource::kDefault);
  const auto retention = Described(own, "log.retention.ms");
  EXPECT_EQ(retention.value, "-1");
  EXPECT_FALSE(retention.is_null);
  EXPECT_EQ(retention.synonyms.size(), 1U) << "Kafka's default is none";
  const auto same = Described({{"num.partitions", "1"}}, "num.partitions");
  EXPECT_EQ(same.source, SettingSource::kDefault) << "a value that is Kafka's default";
}

TEST(BrokerSettings, OfEveryBrokerAreThoseOfTheCluster) {
  const auto settings = SettingsOfEveryBroker(DescribeBroker({}));
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_EQ(settings[0].name, "min.insync.replicas");
  EXPECT_EQ(settings[0].source, SettingSource::kDefaultBroker);
  EXPECT_EQ(settings[0].synonyms.size(), 1U);
}

}  // namespace
}  // namespace st::api
