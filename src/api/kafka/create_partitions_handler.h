// Gives topics more partitions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api/kafka/handler.h"
#include "format/kafka/create_partitions.h"

namespace st::api {

// Owner: ApiTable; the log must outlive it.
class CreatePartitionsHandler final : public Handler {
 public:
  // `may_write` as KafkaOptions::may_write_topic.
  CreatePartitionsHandler(log::Log& log, std::function<Status(const std::string&)> may_write)
      : log_(log), may_write_(std::move(may_write)) {}
  // Answers when every topic of the request is changed or refused.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  // Sets the error of a topic that may not grow as asked, as far as that is known without the log's
  // commit thread. nullopt: it may not.
  std::optional<TopicId> Check(const kafka::GrownTopic& wanted,
                               kafka::GrownTopicResult& result) const;

  log::Log& log_;
  const std::function<Status(const std::string&)> may_write_;
};

}  // namespace st::api
