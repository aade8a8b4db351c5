// Describes the settings of topics and of the one node.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "api/kafka/handler.h"
#include "format/kafka/describe_configs.h"

namespace st::api {

class DescribeConfigsHandler final : public Handler {
 public:
  struct Options {
    bool auto_create_topics = true;
    std::int32_t num_partitions = 1;
  };
  DescribeConfigsHandler(const log::Log& log, Options options) : log_(log), options_(options) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  // Fills the answer for one resource.
  void Describe(kafka::DescribedResource& resource) const;
  void DescribeTopic(kafka::DescribedResource& resource) const;
  std::vector<kafka::DescribedSetting> SettingsOfBroker() const;

  const log::Log& log_;
  const Options options_;
};

}  // namespace st::api
