// Tells clients the node's address and the topics; creates unknown topics that a client names.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/kafka/handler.h"
#include "api/kafka/topic_creator.h"

namespace st::api {

// Owner: ApiTable; `log` and `topics` must outlive it.
// Limits: kRateRefusalPauseUs.
class MetadataHandler final : public Handler {
 public:
  // `advertise` is the address for clients; empty: the one that the client dialled.
  MetadataHandler(const log::Log& log, TopicCreator& topics, std::string advertise)
      : log_(log), topics_(topics), advertise_(std::move(advertise)) {}
  // False also where the answer would be larger than the client's share of memory.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
  TopicCreator& topics_;
  const std::string advertise_;
};

}  // namespace st::api
