#include "api/kafka/list_config_resources_handler.h"

#include <algorithm>
#include <array>
#include <string>

#include "format/kafka/describe_configs.h"
#include "format/kafka/list_config_resources.h"
#include "format/kafka/metadata.h"

namespace st::api {

using kafka::ErrorCode;

bool ListConfigResourcesHandler::Handle(const net::FrameSession& /*session*/,
                                        const std::shared_ptr<Request>& request,
                                        const Responder& responder) {
  // Those of Kafka. Nothing here has settings of the last three.
  constexpr std::array kKnown = {kafka::kTopicResource, kafka::kBrokerResource,
                                 kafka::kBrokerLoggerResource, kafka::kClientMetricsResource,
                                 kafka::kGroupResource};
  const auto types = kafka::DecodeListConfigResources(request->header);
  if (!types) return false;
  const auto is_known = [&](std::int8_t type) { return std::ranges::count(kKnown, type) > 0; };
  std::vector<kafka::ConfigResource> resources;
  if (!std::ranges::all_of(*types, is_known)) {
    responder->Send(kafka::EncodeListConfigResources(request->header,
                                                     ErrorCode::kUnsupportedVersion, resources));
    return true;
  }
  const auto wants = [&](std::int8_t type) {
    return types->empty() || std::ranges::count(*types, type) > 0;
  };
  if (wants(kafka::kTopicResource)) {
    for (const auto& topic : log_.Topics()) {
      resources.push_back({.type = kafka::kTopicResource, .name = topic.name});
    }
  }
  for (const auto type : {kafka::kBrokerResource, kafka::kBrokerLoggerResource}) {
    if (wants(type)) resources.push_back({.type = type, .name = std::to_string(kafka::kNodeId)});
  }
  responder->Send(kafka::EncodeListConfigResources(request->header, ErrorCode::kNone, resources));
  return true;
}

}  // namespace st::api
