// Creates topics by request.
#pragma once

#include <memory>

#include "api/kafka/handler.h"
#include "api/kafka/topic_creator.h"

namespace st::api {

// Owner: ApiTable; `topics` must outlive it.
// Limits: kRateRefusalPauseUs.
class CreateTopicsHandler final : public Handler {
 public:
  explicit CreateTopicsHandler(TopicCreator& topics) : topics_(topics) {}
  // Answers when every topic of the request was created or refused.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  TopicCreator& topics_;
};

}  // namespace st::api
