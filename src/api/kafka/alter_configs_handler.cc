#include "api/kafka/alter_configs_handler.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "api/kafka/errors.h"
#include "api/kafka/topic_settings.h"
#include "format/kafka/describe_configs.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

// Marks the resources that the request names more than once.
void RefuseRepeats(std::vector<kafka::AlteredResource>& resources) {
  std::set<std::pair<std::int8_t, std::string_view>> seen;
  std::set<std::pair<std::int8_t, std::string_view>> repeated;
  for (const auto& resource : resources) {
    const std::pair place(resource.type, resource.name);
    if (!seen.insert(place).second) repeated.insert(place);
  }
  for (auto& resource : resources) {
    if (!repeated.contains({resource.type, resource.name})) continue;
    resource.error = ErrorCode::kInvalidRequest;
    resource.message = "Each resource must appear at most once.";
  }
}

}  // namespace

std::optional<TopicId> AlterConfigsHandler::TopicOf(kafka::AlteredResource& resource) const {
  const auto refuse = [&resource](ErrorCode error, std::string message) {
    resource.error = error;
    resource.message = std::move(message);
    return std::nullopt;
  };
  if (resource.error != ErrorCode::kNone) return std::nullopt;
  if (resource.type == kafka::kBrokerResource) {
    return refuse(ErrorCode::kInvalidRequest,
                  "the settings of the server are in its file of settings, see docs/operations.md");
  }
  if (resource.type != kafka::kTopicResource) {
    return refuse(ErrorCode::kInvalidRequest,
                  fmt::format("Unknown resource type {}", resource.type));
  }
  if (resource.name.empty()) {
    return refuse(ErrorCode::kInvalidRequest, "Default topic resources are not allowed.");
  }
  const auto topic = FindTopic(log_, resource.name);
  if (!topic) return refuse(ErrorCode::kUnknownTopicOrPartition, "no such topic");
  if (const Status may = may_write_ ? may_write_(topic->name) : Status{}; !may) {
    return refuse(ErrorCode::kTopicAuthorizationFailed, may.error().message());
  }
  return topic->id;
}

bool AlterConfigsHandler::Handle(const net::FrameSession& /*session*/,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  auto alter = kafka::DecodeAlterConfigs(request->header);
  if (!alter) return false;
  RefuseRepeats(alter->resources);
  auto gather = std::make_shared<Gather<kafka::AlteredResource>>();
  gather->done = [request, responder](const std::vector<kafka::AlteredResource>& resources) {
    responder->Send(kafka::EncodeAlterConfigs(request->header, resources));
  };
  gather->parts = std::move(alter->resources);
  gather->missing = gather->parts.size() + 1;
  for (std::size_t i = 0; i < gather->parts.size(); ++i) {
    const auto id = TopicOf(gather->parts[i]);
    if (!id) {
      gather->Arrived();
      continue;
    }
    const auto settings = [gather, i, is_incremental = alter->is_incremental](
                              const log::TopicSettings& now) -> Result<log::TopicSettings> {
      auto& part = gather->parts[i];
      auto altered = AlterSettings(now, part.settings, is_incremental);
      if (altered) return *std::move(altered);
      part.error = altered.error().error;
      part.message = altered.error().message;
      return Fail(st::ErrorCode::kInvalidArgument, "{}", part.message);
    };
    log_.ChangeTopic(*id, {.settings = settings, .only_check = alter->validate_only},
                     OriginOf(request->client), [gather, i](const Result<log::TopicInfo>& topic) {
                       auto& part = gather->parts[i];
                       if (!topic && part.error == ErrorCode::kNone) {
                         part.error = KafkaErrorFor(topic.error());
                         part.message = topic.error().message();
                       }
                       gather->Arrived();
                     });
  }
  gather->Arrived();
  return true;
}

}  // namespace st::api
