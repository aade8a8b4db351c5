// Creates topics by request.
#pragma once

#include <memory>

#include "api/kafka/handler.h"
#include "api/kafka/topic_maker.h"

namespace st::api {

// Owner: ApiTable; `topics` must outlive it.
class CreateTopicsHandler final : public Handler {
 public:
  explicit CreateTopicsHandler(TopicMaker& topics) : topics_(topics) {}
  // Answers when every topic of the request was created or refused.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  TopicMaker& topics_;
};

}  // namespace st::api
