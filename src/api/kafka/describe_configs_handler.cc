#include "api/kafka/describe_configs_handler.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/kafka/topic_settings.h"
#include "base/text.h"
#include "format/kafka/metadata.h"
#include "log/topics.h"

namespace st::api {

using kafka::ErrorCode;

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

void DescribeConfigsHandler::DescribeOneBroker(kafka::DescribedResource& resource) const {
  const auto id = ParseInt64(resource.name);
  if (id == kafka::kNodeId) {
    resource.settings = of_broker_;
  } else if (resource.name.empty()) {
    resource.settings = SettingsOfEveryBroker(of_broker_);
  } else {
    resource.error = ErrorCode::kInvalidRequest;
    const auto name = resource.name.substr(0, kafka::kMaxTopicNameBytes);
    resource.message =
        id ? fmt::format("Unexpected broker id, expected {} or empty string, but received {}",
                         kafka::kNodeId, name)
           : fmt::format("Broker id must be an integer, but it is: {}", name);
  }
}

void DescribeConfigsHandler::Describe(kafka::DescribedResource& resource) const {
  if (resource.type == kafka::kTopicResource) {
    DescribeTopic(resource);
  } else if (resource.type == kafka::kBrokerResource) {
    DescribeOneBroker(resource);
  } else {
    resource.error = ErrorCode::kInvalidRequest;
    resource.message = "only topics and brokers have settings here";
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
