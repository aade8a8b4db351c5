#include "api/kafka/topic_settings.h"

#include <gtest/gtest.h>

#include "log/limits.h"

namespace st::api {
namespace {

using kafka::AlteredSetting;
using kafka::ErrorCode;
using kafka::SettingOperation;

std::string Check(std::string_view name, std::string_view value) {
  const auto checked = CheckSetting(name, value);
  return checked ? *checked : "refused: " + checked.error().message;
}

TEST(TopicSettings, ValuesAreKeptAsTheyAreTold) {
  EXPECT_EQ(Check("max.message.bytes", " +12 "), "12");
  EXPECT_EQ(Check("preallocate", "TRUE"), "true");
  EXPECT_EQ(Check("min.cleanable.dirty.ratio", "1"), "1.0");
  EXPECT_EQ(Check("min.cleanable.dirty.ratio", "0.25"), "0.25");
  EXPECT_EQ(Check("leader.replication.throttled.replicas", "0:1, 1:1"), "0:1,1:1");
  EXPECT_EQ(Check("leader.replication.throttled.replicas", "*"), "*");
  EXPECT_EQ(Check("message.timestamp.type", "LogAppendTime"), "LogAppendTime");
}

TEST(TopicSettings, WhatIsNotDoneHereIsRefusedWithItsReason) {
  const auto refused = [](std::string_view name, std::string_view value, const std::string& why) {
    EXPECT_EQ(Check(name, value),
              fmt::format("refused: Invalid value {} for configuration {}: {}", value, name, why));
  };
  refused("cleanup.policy", "compact", "only \"delete\": nothing is compacted");
  refused("compression.type", "zstd", "only \"producer\": batches are kept as they are sent");
  refused("min.insync.replicas", "2", "only 1: there is one node");
  refused("remote.storage.enable", "true", "only \"false\": there is no remote storage");
  refused("max.message.bytes", std::to_string(log::kMaxBatchBytes + 1),
          "at most 16777216: no batch is larger here");
  EXPECT_EQ(Check("max.message.bytes", std::to_string(log::kMaxBatchBytes)), "16777216");
  EXPECT_EQ(Check("follower.replication.throttled.replicas",
                  std::string(log::kMaxTopicSettingsBytes + 1, '1')),
            "refused: follower.replication.throttled.replicas: a value of 4097 bytes; the settings "
            "of a topic have at most 4096");
}

TEST(TopicSettings, RetentionIsByTimeBySizeOrNone) {
  EXPECT_EQ(Check("retention.ms", "-2"),
            "refused: Invalid value -2 for configuration retention.ms: Value must be at least -1");
  EXPECT_EQ(Check("retention.bytes", "-5"), "-5") << "as Kafka: any";
  const auto retention = [](log::TopicSettings settings) {
    return RetentionOf(
        {.id = {}, .name = "t", .settings = std::make_shared<log::TopicSettings>(settings)});
  };
  EXPECT_TRUE(RetentionOf({.id = {}, .name = "t"}).keeps_all());
  EXPECT_TRUE(retention({{"retention.ms", "-1"}, {"retention.bytes", "-5"}}).keeps_all());
  EXPECT_EQ(retention({{"retention.ms", "0"}}).max_age_ms, 0);
  EXPECT_EQ(retention({{"retention.bytes", "0"}}).max_bytes, 0U);
  EXPECT_FALSE(retention({{"retention.bytes", "7"}}).max_age_ms);
}

TEST(TopicSettings, WhatHoldsByItselfCanBeSet) {
  for (const auto& setting : DescribeSettings(nullptr)) {
    EXPECT_EQ(Check(setting.name, setting.value), setting.value) << setting.name;
  }
}

TEST(TopicSettings, AListIsAddedToAndTakenFrom) {
  constexpr std::string_view kName = "leader.replication.throttled.replicas";
  const auto alter = [&](const log::TopicSettings& now, SettingOperation operation,
                         std::string_view value) {
    return AlterSettings(now, {{.name = kName, .operation = operation, .value = value}}, true);
  };
  const auto one = alter({}, SettingOperation::kAppend, "0:1").value();
  EXPECT_EQ(one.at(std::string(kName)), "0:1");
  const auto two = alter(one, SettingOperation::kAppend, "0:1,1:1").value();
  EXPECT_EQ(two.at(std::string(kName)), "0:1,1:1");
  EXPECT_EQ(alter(two, SettingOperation::kSubtract, "0:1").value().at(std::string(kName)), "1:1");
  EXPECT_TRUE(alter(two, SettingOperation::kDelete, "").value().empty());
  const auto compacted = AlterSettings(
      {}, {{.name = "cleanup.policy", .operation = SettingOperation::kAppend, .value = "compact"}},
      true);
  ASSERT_FALSE(compacted);
  EXPECT_EQ(compacted.error().error, ErrorCode::kInvalidConfig);
}

TEST(TopicSettings, APolicyHasWhatIsSetAndElseKafkasDefaults) {
  const auto plain = PolicyOf({.id = {}, .name = "t"});
  EXPECT_EQ(plain.max_message_bytes, 1'048'588);
  EXPECT_EQ(plain.timestamp_after_max_ms, 3'600'000);
  EXPECT_FALSE(plain.is_log_append_time);
  const auto set = std::make_shared<const log::TopicSettings>(
      log::TopicSettings{{"max.message.bytes", "9"},
                         {"message.timestamp.type", "LogAppendTime"},
                         {"message.timestamp.before.max.ms", "1"},
                         {"message.timestamp.after.max.ms", "2"}});
  const auto policy = PolicyOf({.id = {}, .name = "t", .settings = set});
  EXPECT_EQ(policy.max_message_bytes, 9);
  EXPECT_TRUE(policy.is_log_append_time);
  EXPECT_EQ(policy.timestamp_before_max_ms, 1);
  EXPECT_EQ(policy.timestamp_after_max_ms, 2);
}

}  // namespace
}  // namespace st::api
