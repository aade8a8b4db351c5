// Changes the settings of topics: AlterConfigs and IncrementalAlterConfigs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api/kafka/handler.h"
#include "format/kafka/alter_configs.h"

namespace st::api {

// Owner: ApiTable; the log must outlive it.
class AlterConfigsHandler final : public Handler {
 public:
  // `may_write` as KafkaOptions::may_write_topic.
  AlterConfigsHandler(log::Log& log, std::function<Status(const std::string&)> may_write)
      : log_(log), may_write_(std::move(may_write)) {}
  // Answers when every topic of the request is changed or refused.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  // The topic of a resource. nullopt: it has the error that refuses it.
  std::optional<TopicId> TopicOf(kafka::AlteredResource& resource) const;

  log::Log& log_;
  const std::function<Status(const std::string&)> may_write_;
};

}  // namespace st::api
