#include "api/kafka/delete_topics_handler.h"

#include <vector>

#include "api/kafka/errors.h"

namespace st::api {

using kafka::ErrorCode;

bool DeleteTopicsHandler::Check(kafka::DeletedTopic& wanted, std::string& name) const {
  const auto refuse = [&wanted](ErrorCode error, std::string message) {
    wanted.error = error;
    wanted.message = std::move(message);
    return false;
  };
  if (wanted.is_repeated) {
    return refuse(ErrorCode::kInvalidRequest, "the request names this topic more than once");
  }
  const bool is_by_id = wanted.id != TopicId();
  if (is_by_id == wanted.name.has_value()) {
    return refuse(ErrorCode::kInvalidRequest, "a topic is named by its name or by its id");
  }
  const auto topic = is_by_id ? log_.FindTopic(wanted.id) : FindTopic(log_, *wanted.name);
  if (!topic) {
    return refuse(is_by_id ? ErrorCode::kUnknownTopicId : ErrorCode::kUnknownTopicOrPartition,
                  "no such topic");
  }
  if (const Status may = may_write_ ? may_write_(topic->name) : Status{}; !may) {
    return refuse(ErrorCode::kTopicAuthorizationFailed, may.error().message());
  }
  if (const Status may = may_delete_ ? may_delete_(topic->name) : Status{}; !may) {
    return refuse(ErrorCode::kPolicyViolation, may.error().message());
  }
  wanted.id = topic->id;
  name = topic->name;
  return true;
}

bool DeleteTopicsHandler::Handle(const net::FrameSession& /*session*/,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  auto topics = kafka::DecodeDeleteTopics(request->header);
  if (!topics) return false;
  // Of those that the request names by their ids.
  auto names = std::make_shared<std::vector<std::string>>(topics->size());
  auto gather = std::make_shared<Gather<kafka::DeletedTopic>>();
  gather->done = [request, responder, names](const std::vector<kafka::DeletedTopic>& deleted) {
    responder->Send(kafka::EncodeDeleteTopics(request->header, deleted));
  };
  gather->parts = *std::move(topics);
  gather->missing = gather->parts.size() + 1;
  for (std::size_t i = 0; i < gather->parts.size(); ++i) {
    auto& wanted = gather->parts[i];
    if (!Check(wanted, (*names)[i])) {
      gather->Arrived();
      continue;
    }
    wanted.name = (*names)[i];
    log_.DeleteTopic(wanted.id, [gather, i](const Status& done) {
      auto& part = gather->parts[i];
      if (!done) part.error = KafkaErrorFor(done.error());
      if (!done) part.message = done.error().message();
      gather->Arrived();
    });
  }
  gather->Arrived();
  return true;
}

}  // namespace st::api
