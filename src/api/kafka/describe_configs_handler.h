// Describes the settings of topics and of the one broker (broker_settings.h).
#pragma once

#include <memory>
#include <vector>

#include "api/kafka/broker_settings.h"
#include "api/kafka/handler.h"
#include "format/kafka/describe_configs.h"

namespace st::api {

class DescribeConfigsHandler final : public Handler {
 public:
  DescribeConfigsHandler(const log::Log& log, const OwnSettings& own)
      : log_(log), of_broker_(DescribeBroker(own)) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  // Fills the answer for one resource.
  void Describe(kafka::DescribedResource& resource) const;
  void DescribeTopic(kafka::DescribedResource& resource) const;
  void DescribeOneBroker(kafka::DescribedResource& resource) const;

  const log::Log& log_;
  const std::vector<kafka::DescribedSetting> of_broker_;
};

}  // namespace st::api
