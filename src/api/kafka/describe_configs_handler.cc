#include "api/kafka/describe_configs_handler.h"

#include <algorithm>
#include <string>

#include "api/kafka/topic_settings.h"
#include "base/text.h"
#include "format/kafka/metadata.h"
#include "log/topics.h"

namespace st::api {

using kafka::ErrorCode;
using kafka::SettingSource;
using kafka::SettingType;

std::vector<kafka::DescribedSetting> DescribeConfigsHandler::SettingsOfBroker() const {
  std::vector<kafka::DescribedSetting> settings;
  const auto add = [&](std::string name, std::string value, SettingType type) {
    settings.push_back({.name = std::move(name),
                        .value = std::move(value),
                        .type = type,
                        .source = SettingSource::kBroker,
                        .is_read_only = true});
  };
  add("auto.create.topics.enable", options_.auto_create_topics ? "true" : "false",
      SettingType::kBoolean);
  add("default.replication.factor", "1", SettingType::kInt);
  add("log.retention.ms", "-1", SettingType::kLong);
  add("message.max.bytes", std::to_string(kDefaultMaxMessageBytes), SettingType::kInt);
  add("num.partitions", std::to_string(options_.num_partitions), SettingType::kInt);
  return settings;
}

void DescribeConfigsHandler::DescribeTopic(kafka::DescribedResource& resource) const {
  if (resource.name.size() > kafka::kMaxTopicNameBytes) {
    resource.error = ErrorCode::kInvalidTopic;
    resource.message = "no topic has such a long name";
    return;
  }
  if (const auto legal = log::CheckTopicName(resource.name); !legal) {
    resource.error = ErrorCode::kInvalidTopic;
    resource.message = legal.error().message();
    return;
  }
  const auto topic = FindTopic(log_, resource.name);
  if (!topic) {
    resource.error = ErrorCode::kUnknownTopicOrPartition;
    return;
  }
  resource.settings = DescribeSettings(topic->settings.get());
}

void DescribeConfigsHandler::Describe(kafka::DescribedResource& resource) const {
  const bool is_this_node =
      resource.type == kafka::kBrokerResource && ParseInt64(resource.name) == kafka::kNodeId;
  if (resource.type == kafka::kTopicResource) {
    DescribeTopic(resource);
  } else if (is_this_node) {
    resource.settings = SettingsOfBroker();
  } else {
    resource.error = ErrorCode::kInvalidRequest;
    resource.message = "only topics and broker 1 have settings here";
  }
  const auto& wanted = resource.wanted;
  if (!wanted || wanted->empty()) return;
  std::erase_if(resource.settings, [&](const kafka::DescribedSetting& setting) {
    return std::ranges::count(*wanted, setting.name) == 0;
  });
}

bool DescribeConfigsHandler::Handle(const net::FrameSession& /*session*/,
                                    const std::shared_ptr<Request>& request,
                                    const Responder& responder) {
  auto describe = kafka::DecodeDescribeConfigs(request->header);
  if (!describe) return false;
  for (auto& resource : describe->resources) Describe(resource);
  responder->Send(kafka::EncodeDescribeConfigs(request->header, *describe));
  return true;
}

}  // namespace st::api
