// Deletes topics by request.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api/kafka/handler.h"
#include "format/kafka/delete_topics.h"

namespace st::api {

// Owner: ApiTable; the log must outlive it.
class DeleteTopicsHandler final : public Handler {
 public:
  using May = std::function<Status(const std::string& name)>;
  // As KafkaOptions::may_write_topic and may_delete_topic.
  DeleteTopicsHandler(log::Log& log, May may_write, May may_delete)
      : log_(log), may_write_(std::move(may_write)), may_delete_(std::move(may_delete)) {}
  // Answers when every topic of the request is deleted or refused.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  // Whether the topic may be deleted. Sets its id, or the error that refuses it.
  bool Check(kafka::DeletedTopic& wanted, std::string& name) const;

  log::Log& log_;
  const May may_write_;
  const May may_delete_;
};

}  // namespace st::api
