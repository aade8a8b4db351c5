#include "api/kafka/create_topics_handler.h"

#include <algorithm>
#include <vector>

#include "api/kafka/limits.h"
#include "api/kafka/topic_settings.h"

namespace st::api {

bool CreateTopicsHandler::Handle(const net::FrameSession& /*session*/,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  const auto create = kafka::DecodeCreateTopics(request->header);
  if (!create) return false;
  auto gather = std::make_shared<Gather<kafka::CreatedTopic>>();
  gather->done = [request, responder](const std::vector<kafka::CreatedTopic>& topics) {
    auto answer = kafka::EncodeCreateTopics(request->header, topics);
    const bool is_over_rate = std::ranges::any_of(topics, [](const auto& topic) {
      return topic.error == kafka::ErrorCode::kThrottlingQuotaExceeded;
    });
    if (!is_over_rate) return responder->Send(std::move(answer));
    responder->RunAfter(kRateRefusalPauseUs, [responder, answer] { responder->Send(answer); });
  };
  for (const auto& topic : create->topics) {
    gather->parts.push_back({.name = topic.name, .message = {}});
  }
  gather->missing = gather->parts.size() + 1;
  for (std::size_t i = 0; i < gather->parts.size(); ++i) {
    topics_.Create(request->client, create->topics[i], create->validate_only,
                   [gather, i](const TopicCreator::Created& made) {
                     auto& part = gather->parts[i];
                     if (made) {
                       part.id = made->id;
                       part.partitions = made->partitions;
                       part.settings = DescribeSettings(made->settings.get());
                     } else {
                       part.error = made.error().error;
                       part.message = made.error().message;
                     }
                     gather->Arrived();
                   });
  }
  gather->Arrived();
  return true;
}

}  // namespace st::api
