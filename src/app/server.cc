#include "app/server.h"

#include <functional>
#include <optional>

#include <nlohmann/json.hpp>

#include "api/catalog/catalog_api.h"
#include "api/control/access.h"
#include "api/control/admin_api.h"
#include "api/events/events_api.h"
#include "api/kafka/broker_settings.h"
#include "api/statement/statement_api.h"
#include "app/http_routes.h"
#include "app/ports.h"
#include "app/project.h"
#include "app/runner_setup.h"
#include "app/table_holds.h"
#include "app/topic_uses.h"
#include "base/text.h"
#include "log/inspection.h"
#include "net/http_guard.h"
#include "os/proc.h"
#include "os/volume.h"

namespace st::app {
namespace {

// Splits a setting such as admin.allowed_hosts at its commas.
std::vector<std::string> ListOf(const std::string& setting) {
  std::vector<std::string> items;
  for (const auto item : Split(setting, ',')) {
    if (!Trim(item).empty()) items.emplace_back(Trim(item));
  }
  return items;
}

// The settings of consumer groups, by the keys that Kafka's brokers have for them.
api::OwnSettings GroupKeysOf(const Config& config) {
  const auto max_size = std::to_string(config.group_max_size);
  return {
      {"group.consumer.heartbeat.interval.ms",
       std::to_string(config.group_consumer_heartbeat_interval_ms)},
      {"group.consumer.max.size", max_size},
      {"group.consumer.session.timeout.ms",
       std::to_string(config.group_consumer_session_timeout_ms)},
      {"group.initial.rebalance.delay.ms", std::to_string(config.group_initial_rebalance_delay_ms)},
      {"group.max.session.timeout.ms", std::to_string(config.group_max_session_timeout_ms)},
      {"group.max.size", max_size},
      {"group.min.session.timeout.ms", std::to_string(config.group_min_session_timeout_ms)},
      {"offsets.retention.minutes", std::to_string(config.group_offsets_retention_minutes)}};
}

}  // namespace

Status Server::Reload() {
  return serving_->Reload([this](const Serving::Record& record) {
    return runner_->Replace([&]() -> Result<std::vector<dialect::spark::Definition>> {
      ST_TRY(const auto served, record());
      return served->pipelines;
    });
  });
}

Status Server::MayCreateTopic(const std::string& name) const {
  if (project::IsOwnTopic(name)) {
    return Fail(ErrorCode::kInvalidArgument, "topic {} is the server's own; it makes it", name);
  }
  if (!serving_->now()->HasTable(name)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "\"{}\" is the name of a table, and a topic may not have it: choose another name",
              name);
}

Status Server::StartMovers(project::Project files) {
  collector_ = std::make_unique<collect::Collector>(
      stores_->env(), stores_->log(),
      collect::CollectorOptions{.max_in_flight_bytes = config_.http_max_in_flight_bytes,
                                .answers = &stores_->keys()});
  events_api_ = std::make_unique<api::EventsApi>(*collector_, stores_->keys().hasher(), env_.clock,
                                                 env_.random);
  if (files.game) {
    ST_TRY(game_, Game::Start(*stores_));
  }
  const HttpRouteSources routes{.events = *events_api_,
                                .game = game_.get(),
                                .discovery = [this] { return DiscoveryDocument(); },
                                .allowed_hosts = ListOf(config_.admin_allowed_hosts)};
  serving_ = std::make_unique<Serving>(
      env_, config_, *stores_, *events_api_,
      [routes](const auto& served) { return MakeHttpRoutes(routes, served); });
  ST_TRY_STATUS(serving_->Start(std::move(files)));
  const auto served = serving_->now();
  ST_TRY(runner_, StartRunner(*stores_, config_, &worker_starts_, served->pipelines));
  upkeep_ = StartUpkeep(*stores_, config_, &worker_starts_);
  CollectPipelines(*runner_, metrics_);
  CollectTables(stores_->lake(), metrics_);
  CollectTableHolds(stores_->lake(), metrics_);
  CollectGroups(*stores_, metrics_);
  engine_ = std::make_unique<query::Engine>(stores_->env(), stores_->lake(),
                                            EngineOptionsFor(config_, *stores_, &worker_starts_));
  record_keeping_ = std::make_unique<RecordKeeping>(RecordKeeping::Parts{.stores = *stores_,
                                                                         .serving = *serving_,
                                                                         .runner = *runner_,
                                                                         .clock = env_.clock,
                                                                         .metrics = metrics_});
  record_keeping_->Start();
  operations_ =
      std::make_unique<Operations>(Operations::Parts{.stores = *stores_,
                                                     .serving = *serving_,
                                                     .runner = *runner_,
                                                     .upkeep = *upkeep_,
                                                     .record_keeping = *record_keeping_,
                                                     .is_upkeep_on = config_.lake_upkeep});
  status_ = std::make_unique<ServerStatus>(ServerStatus::Parts{.config = config_,
                                                               .clock = env_.clock,
                                                               .stores = *stores_,
                                                               .serving = *serving_,
                                                               .runner = *runner_,
                                                               .upkeep = *upkeep_,
                                                               .engine = *engine_,
                                                               .worker_starts = worker_starts_,
                                                               .record_keeping = *record_keeping_,
                                                               .game = game_.get()});
  status_->Collect(metrics_);
  return {};
}

Status Server::StartKafka() {
  const auto log_dir = LogOptionsFor(config_).dir;
  auto kafka = api::KafkaApi::Start(
      {.listen = config_.kafka_listen,
       .io_threads = config_.kafka_io_threads,
       .advertise = config_.kafka_advertise,
       .num_partitions = config_.kafka_num_partitions,
       .auto_create_topics = config_.kafka_auto_create_topics,
       .log_dir = {.path = log_dir,
                   .volume = [log_dir]() -> std::optional<os::VolumeBytes> {
                     const auto volume = os::ReadVolume(log_dir);
                     return volume ? std::optional(*volume) : std::nullopt;
                   }},
       .settings = GroupKeysOf(config_),
       .budgets = budgets_,
       .metrics = &metrics_,
       .may_create_topic = [this](const auto& name) { return MayCreateTopic(name); },
       .may_write_topic = CheckMayChange,
       .may_delete_topic = [this](const auto& name) -> Status {
         return CheckNobodyNeeds(*serving_->now(), name);
       },
       .delete_records =
           [this](TopicPartition tp, std::optional<Offset> before, auto done) {
             record_keeping_->Delete({.tp = tp, .to = before}, std::move(done));
           }},
      stores_->log(), log::InspectionOf(stores_->log()), stores_->groups(), env_);
  if (!kafka) {
    return std::unexpected(
        ListenError(config_, "kafka.listen", config_.kafka_listen, kafka.error()));
  }
  kafka_ = std::move(*kafka);
  endpoints_["kafka"] = kafka_->address();
  return {};
}

Result<std::unique_ptr<net::HttpServer>> Server::Listen(const std::string& name,
                                                        const std::string& address,
                                                        net::HttpHandler handler) {
  auto server = net::HttpServer::Start({.listen = address,
                                        .name = name,
                                        .limits = {},
                                        .io_threads = config_.http_io_threads,
                                        .budgets = budgets_,
                                        .metrics = &metrics_},
                                       net::Guarded(net::RefuseContent, std::move(handler)));
  if (!server) {
    return std::unexpected(ListenError(config_, name + ".listen", address, server.error()));
  }
  endpoints_[name] = (*server)->address();
  return server;
}

Status Server::StartListeners() {
  ST_TRY_STATUS(StartKafka());
  const net::HttpHandler served = [this](auto request, auto responder) {
    const auto project = serving_->now();  // the whole request sees one version
    project->routes->Handle(std::move(request), std::move(responder));
  };
  const auto allowed = ListOf(config_.admin_allowed_hosts);
  ST_TRY(http_,
         Listen("http", config_.http_listen,
                api::GuardOrigin(served, {.allowed_origins = ListOf(config_.http_allowed_origins),
                                          .allowed_hosts = allowed,
                                          .setting = "http.allowed_origins"})));
  // Wraps the ports without declared routes: there no Host names a player.
  const auto guarded = [&](std::shared_ptr<const api::http::RouteTable> table) {
    net::HttpHandler handler = [table = std::move(table)](auto request, auto responder) {
      table->Handle(std::move(request), std::move(responder));
    };
    return api::GuardHost(api::GuardOrigin(std::move(handler), {.allowed_hosts = allowed}),
                          allowed);
  };
  auto sql = std::make_shared<api::http::RouteTable>(api::http::RouteTable::Options{
      .not_found = api::NoAdminRoute, .gate = api::MakeGate(allowed)});
  api::AddStatementRoutes(*engine_, *sql);
  api::AddAdminRoutes(metrics_, [this] { return status_->Unready(); }, *sql);
  ST_TRY(sql_, Listen("sql", config_.sql_listen, guarded(std::move(sql))));
  ST_TRY(catalog_,
         Listen("catalog", config_.catalog_listen,
                guarded(api::MakeCatalogRoutes(stores_->lake(), api::MakeGate(allowed)))));
  return {};
}

std::string Server::DiscoveryDocument() const {
  return status_->Discovery(ready_.With([](const auto& endpoints) { return endpoints; }));
}

std::vector<std::string> Server::Warnings() const {
  auto warnings = status_->Warnings();
  warnings.push_back(TrustWarning(endpoints_.at("http")));
  return warnings;
}

Status Server::StartControl() {
  api::ControlHooks hooks;
  hooks.status = [this] { return status_->Document(endpoints_); };
  hooks.pipeline = std::bind_front(&Operations::ActOnPipeline, operations_.get());
  hooks.table = std::bind_front(&Operations::ActOnTable, operations_.get());
  hooks.group = std::bind_front(&Operations::ActOnGroup, operations_.get());
  hooks.topic = std::bind_front(&Operations::ActOnTopic, operations_.get());
  hooks.long_verbs = Operations::LongVerbs();
  hooks.reload = [this]() -> Result<nlohmann::json> {
    ST_TRY_STATUS(Reload());
    const auto served = serving_->now();
    return nlohmann::json{{"events", served->files.events.size()},
                          {"pipelines", served->files.pipelines.size()},
                          {"warnings", ProjectWarnings()}};
  };
  const std::string path = stores_->data().control_path();
  auto control = api::ControlApi::Start("unix:" + path, hooks);
  if (!control && control.error().detail() == ErrorDetail::kWrongKindOfFile) {
    // This process has locked the folder, so no other process uses the file at this path.
    ST_TRY_STATUS(os::SetAside(stores_->data().fs(), path));
    control = api::ControlApi::Start("unix:" + path, std::move(hooks));
  }
  if (!control) return std::unexpected(control.error());
  control_ = std::move(*control);
  return {};
}

Result<std::unique_ptr<Server>> Server::Start(const os::Env& env, const Config& config) {
  auto server = std::unique_ptr<Server>(new Server(env, config));
  ST_TRY(auto files, LoadProject(env.fs, config.project));
  ST_TRY_STATUS(CheckListeners(config));
  // If a server runs on this folder it may hold the ports; opening the folder then names it.
  ST_TRY_STATUS(CheckPortsFree(config));
  ST_TRY(server->stores_, Stores::Open(server->env_, config));
  ST_TRY_STATUS(server->StartMovers(std::move(files)));
  ST_TRY_STATUS(server->StartListeners());
  ST_TRY_STATUS(server->StartControl());
  // Before the file, which tells clients that the server is ready.
  server->ready_.With([&](auto& endpoints) { endpoints = server->endpoints_; });
  ST_TRY_STATUS(
      server->stores_->data().WriteEndpoints(nlohmann::json(server->endpoints_).dump() + "\n"));
  return server;
}

void Server::Stop(std::int64_t grace_us) {
  if (serving_) serving_->Stop();
  if (stores_) stores_->data().RemoveEndpoints();
  if (runner_) runner_->Stop();  // stopped first, since it ends a run that control waits for
  if (upkeep_) upkeep_->Stop();
  if (engine_) engine_->Stop();
  if (control_) control_->Stop(grace_us);
  for (auto* part : {&http_, &sql_, &catalog_}) {
    if (*part) (*part)->Stop(grace_us);
  }
  if (kafka_) kafka_->Stop(grace_us);
  if (record_keeping_) record_keeping_->Stop();
  if (game_) game_->Stop();
  if (stores_) stores_->Stop();
}

}  // namespace st::app
