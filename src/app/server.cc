#include "app/server.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "api/control/admin_api.h"
#include "api/events/events_api.h"
#include "api/statement/statement_api.h"
#include "app/project.h"
#include "app/status.h"
#include "app/version.h"
#include "base/text.h"

namespace st::app {
namespace {

// A listener's error under the key that a user can change.
std::unexpected<Error> ListenError(const std::string& key, const Error& error) {
  return Fail(error.code(), "{}: {}; set another with --set {}=HOST:PORT", key, error.message(),
              key);
}

std::vector<std::string> AllowedHosts(const Config& config) {
  std::vector<std::string> hosts;
  for (const auto host : Split(config.admin_allowed_hosts, ',')) {
    if (!Trim(host).empty()) hosts.emplace_back(Trim(host));
  }
  return hosts;
}

}  // namespace

Status Server::StartLog(os::FileSystem& fs, os::Clock& clock, os::Random& random,
                        const Config& config) {
  ST_TRY(log_, log::Log::Open(fs, clock, random,
                              {.dir = data_->log_dir(),
                               .segment_bytes = config.log_segment_bytes,
                               .reserve_bytes = config.log_reserve_bytes,
                               .metrics = &metrics_}));
  metrics_.Collected(
      "steelthread_log_end_offset", "Durable end of each partition.", "gauge", [this] {
        MetricRegistry::Samples samples;
        for (const auto& topic : log_->Topics()) {
          for (std::int32_t p = 0; p < topic.partitions; ++p) {
            const auto end = log_->EndOffset({topic.id, PartitionId(p)});
            samples.emplace_back(fmt::format("topic=\"{}\",partition=\"{}\"", topic.name, p),
                                 static_cast<double>(end.value()));
          }
        }
        return samples;
      });
  return {};
}

Status Server::StartKafka(const Config& config) {
  auto kafka = api::KafkaApi::Start({.listen = config.kafka_listen,
                                     .advertise = config.kafka_advertise,
                                     .num_partitions = config.kafka_num_partitions,
                                     .metrics = &metrics_},
                                    *log_);
  if (!kafka) return ListenError("kafka.listen", kafka.error());
  kafka_ = std::move(*kafka);
  endpoints_["kafka"] = kafka_->address();
  return {};
}

Status Server::StartHttp(const Config& config, os::Clock& clock,
                         std::vector<event::Declaration> events) {
  collector_ = std::make_unique<collect::Collector>(
      *log_, clock,
      collect::CollectorOptions{.max_in_flight_bytes = config.http_max_in_flight_bytes,
                                .metrics = &metrics_});
  auto http =
      net::HttpServer::Start({.listen = config.http_listen, .name = "http", .metrics = &metrics_},
                             api::MakeEventsHandler(std::move(events), *collector_));
  if (!http) return ListenError("http.listen", http.error());
  http_ = std::move(*http);
  endpoints_["http"] = http_->address();
  return {};
}

Status Server::StartQueries(os::FileSystem& fs, os::Clock& clock, os::Random& random,
                            const Config& config) {
  ST_TRY(lake_, lake::Lake::Open(fs, clock, random, {.warehouse = data_->warehouse_dir()}));
  engine_ = std::make_unique<query::Engine>(
      *lake_, clock, random,
      query::EngineOptions{.warehouse = data_->warehouse_dir(),
                           .statement_timeout_us = config.sql_statement_timeout_s * 1'000'000,
                           .max_rows = config.sql_max_rows,
                           .metrics = &metrics_});
  return {};
}

Status Server::StartAdmin(const Config& config) {
  const auto unready = [this] {
    std::vector<std::string> reasons;
    if (const auto health = log_->health(); !health) reasons.push_back(health.error().message());
    return reasons;
  };
  auto admin = net::HttpServer::Start(
      {.listen = config.sql_listen, .name = "sql", .metrics = &metrics_},
      api::GuardHost(api::MakeStatementHandler(*engine_, api::MakeAdminHandler(metrics_, unready)),
                     AllowedHosts(config)));
  if (!admin) return ListenError("sql.listen", admin.error());
  admin_ = std::move(*admin);
  endpoints_["sql"] = admin_->address();
  return {};
}

Status Server::StartControl(const Config& config, os::Clock& clock) {
  const std::int64_t began = clock.MonotonicUs();
  api::ControlHooks hooks;
  hooks.status = [this, &clock, began, data_dir = config.data_dir] {
    const auto health = log_->health();
    return nlohmann::json{{"version", kVersion},
                          {"process", ::getpid()},
                          {"uptime_ms", (clock.MonotonicUs() - began) / 1000},
                          {"data_dir", data_dir},
                          {"endpoints", endpoints_},
                          {"accepts_events", health.has_value()},
                          {"reason", health ? "" : health.error().message()},
                          {"topics", TopicsStatus(*log_)}};
  };
  hooks.run_pipeline = [](const std::string& name) -> Result<nlohmann::json> {
    return Fail(ErrorCode::kNotFound, "no pipeline \"{}\"", name);
  };
  ST_TRY(control_, api::ControlApi::Start("unix:" + data_->control_path(), std::move(hooks)));
  return {};
}

Result<std::unique_ptr<Server>> Server::Start(os::FileSystem& fs, os::Clock& clock,
                                              os::Random& random, const Config& config) {
  auto server = std::unique_ptr<Server>(new Server());
  ST_TRY(auto events, LoadEvents(fs, config.project));
  ST_TRY(server->data_, DataDir::Open(fs, config.data_dir));
  ST_TRY_STATUS(server->StartLog(fs, clock, random, config));
  ST_TRY_STATUS(server->StartKafka(config));
  ST_TRY_STATUS(server->StartHttp(config, clock, std::move(events)));
  ST_TRY_STATUS(server->StartQueries(fs, clock, random, config));
  ST_TRY_STATUS(server->StartAdmin(config));
  ST_TRY_STATUS(server->StartControl(config, clock));
  ST_TRY_STATUS(server->data_->WriteEndpoints(nlohmann::json(server->endpoints_).dump() + "\n"));
  return server;
}

void Server::Stop(std::int64_t grace_us) {
  if (data_) data_->RemoveEndpoints();
  if (engine_) engine_->Stop();
  if (control_) control_->Stop(grace_us);
  for (auto* part : {&http_, &admin_}) {
    if (*part) (*part)->Stop(grace_us);
  }
  if (kafka_) kafka_->Stop(grace_us);
  if (log_) log_->Stop();
}

}  // namespace st::app
