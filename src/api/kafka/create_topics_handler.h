// Creates topics by request.
#pragma once

#include <memory>
#include <utility>

#include "api/kafka/handler.h"
#include "api/kafka/topic_creator.h"

namespace st::api {

// Owner: ApiTable; `topics` and the server behind `run_after` must outlive it.
// Limits: kRateRefusalPauseUs.
class CreateTopicsHandler final : public Handler {
 public:
  CreateTopicsHandler(TopicCreator& topics, RunAfter run_after)
      : topics_(topics), run_after_(std::move(run_after)) {}
  // Answers when every topic of the request was created or refused.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  TopicCreator& topics_;
  const RunAfter run_after_;
};

}  // namespace st::api
