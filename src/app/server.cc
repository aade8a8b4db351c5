#include "app/server.h"

#include <nlohmann/json.hpp>

namespace st::app {

Result<std::unique_ptr<Server>> Server::Start(os::FileSystem& fs, os::Clock& clock,
                                              os::Random& random, const Config& config) {
  auto server = std::unique_ptr<Server>(new Server());
  ST_TRY(server->data_, DataDir::Open(fs, config.data_dir));
  ST_TRY(server->log_, log::Log::Open(fs, clock, random,
                                      {.dir = server->data_->log_dir(),
                                       .segment_bytes = config.log_segment_bytes,
                                       .reserve_bytes = config.log_reserve_bytes,
                                       .metrics = &server->metrics_}));
  auto kafka = api::KafkaApi::Start({.listen = config.kafka_listen,
                                     .advertise = config.kafka_advertise,
                                     .num_partitions = config.kafka_num_partitions,
                                     .metrics = &server->metrics_},
                                    *server->log_);
  if (!kafka) {
    return std::unexpected(
        Error(kafka.error().code(), fmt::format("kafka.listen: {}; set another with --set "
                                                "kafka.listen=HOST:PORT",
                                                kafka.error().message())));
  }
  server->kafka_ = std::move(*kafka);
  server->endpoints_["kafka"] = server->kafka_->address();
  ST_TRY_STATUS(server->data_->WriteEndpoints(nlohmann::json(server->endpoints_).dump() + "\n"));
  return server;
}

void Server::Stop(std::int64_t grace_us) {
  if (data_) data_->RemoveEndpoints();
  if (kafka_) kafka_->Stop(grace_us);
  if (log_) log_->Stop();
}

}  // namespace st::app
