#include "api/kafka/describe_configs_handler.h"

#include <algorithm>
#include <string>

#include "format/kafka/limits.h"
#include "log/limits.h"

namespace st::api {

using kafka::ErrorCode;

std::vector<kafka::DescribedSetting> DescribeConfigsHandler::SettingsOf(std::int8_t type) const {
  const auto largest = std::to_string(log::kMaxBatchBytes);
  if (type == kafka::kTopicResource) {
    return {{"cleanup.policy", "delete"},         {"compression.type", "producer"},
            {"max.message.bytes", largest, true}, {"message.timestamp.type", "CreateTime"},
            {"min.insync.replicas", "1", true},   {"retention.bytes", "-1", true},
            {"retention.ms", "-1", true}};
  }
  return {{"auto.create.topics.enable", options_.auto_create_topics ? "true" : "false"},
          {"default.replication.factor", "1", true},
          {"log.retention.ms", "-1", true},
          {"message.max.bytes", largest, true},
          {"num.partitions", std::to_string(options_.num_partitions), true}};
}

bool DescribeConfigsHandler::Handle(const net::FrameSession& /*session*/,
                                    const std::shared_ptr<Request>& request,
                                    const Responder& responder) {
  auto resources = kafka::DecodeDescribeConfigs(request->header);
  if (!resources) return false;
  for (auto& resource : *resources) {
    const bool is_topic = resource.type == kafka::kTopicResource;
    if (is_topic && !FindTopic(log_, resource.name)) {
      resource.error = ErrorCode::kUnknownTopicOrPartition;
      resource.message = "no such topic";
    } else if (!is_topic && (resource.type != kafka::kBrokerResource || resource.name != "1")) {
      resource.error = ErrorCode::kInvalidRequest;
      resource.message = "only topics and broker 1 have settings here";
    } else {
      resource.settings = SettingsOf(resource.type);
      std::erase_if(resource.settings, [&](const kafka::DescribedSetting& setting) {
        return resource.wanted && std::ranges::count(*resource.wanted, setting.name) == 0;
      });
    }
  }
  responder->Send(kafka::EncodeDescribeConfigs(request->header, *resources));
  return true;
}

}  // namespace st::api
