#include "app/server.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/catalog/catalog_api.h"
#include "api/control/access.h"
#include "api/control/admin_api.h"
#include "api/control/discovery_api.h"
#include "api/events/events_api.h"
#include "api/statement/statement_api.h"
#include "app/check.h"
#include "app/movers.h"
#include "app/ports.h"
#include "app/status.h"
#include "app/version.h"
#include "app/warnings.h"
#include "base/text.h"
#include "game/declared.h"
#include "jobs/worker_client.h"
#include "net/http_guard.h"
#include "os/proc.h"

namespace st::app {
namespace {

// A setting of the kind of admin.allowed_hosts.
std::vector<std::string> ListOf(const std::string& setting) {
  std::vector<std::string> items;
  for (const auto item : Split(setting, ',')) {
    if (!Trim(item).empty()) items.emplace_back(Trim(item));
  }
  return items;
}

Status MayWriteTopic(const std::string& name) {
  if (!IsOwnTopic(name)) return {};
  return Fail(ErrorCode::kInvalidArgument, "topic {} is the server's own; clients read it", name);
}

}  // namespace

Result<std::vector<dialect::spark::Definition>> Server::Adopt(const Project& project,
                                                              bool checks_tables) {
  ST_TRY(const auto added, NewEventVersions(stores_->log(), versions_, project.events));
  EventVersions all = versions_;
  for (const auto& version : added) all[version.declaration.name].push_back(version);
  ST_TRY(auto definitions, EventTables(all, project.events));
  definitions.insert(definitions.end(), project.pipelines.begin(), project.pipelines.end());
  std::vector<std::string> topics;
  for (const auto& topic : stores_->log().Topics()) topics.push_back(topic.name);
  ST_TRY_STATUS(CheckNames(project, definitions, topics));
  if (checks_tables) {
    ST_TRY_STATUS(CheckTables(stores_->data().fs(), stores_->data().warehouse_dir(), definitions));
  }
  ST_TRY_STATUS(
      RecordEventVersions(stores_->log(), machine_.clock.NowUs() / 1000, added, versions_));
  std::set<std::string> names;
  for (const auto& definition : definitions) names.insert(AsciiLower(definition.name));
  tables_.With([&](auto& tables) { tables = std::move(names); });
  events_.With([&](auto& events) { events = project.events; });
  Warned warned{.fixed = UnreadWarnings(machine_.fs, config_.project), .project = project};
  for (auto& slip : SlipWarnings(project)) warned.fixed.push_back(std::move(slip));
  for (auto& slip : MemberWarnings(project, versions_)) warned.fixed.push_back(std::move(slip));
  for (auto& one : NamesakeWarnings(definitions, topics)) warned.fixed.push_back(std::move(one));
  warned_.With([&](auto& now) { now = std::move(warned); });
  return definitions;
}

Status Server::Reload() {
  MutexLock lock(reload_mu_);
  if (is_stopping_) return Fail(ErrorCode::kShutdown, "the server is stopping");
  const auto reload = [this]() -> Status {
    ST_TRY(auto project, LoadProject(machine_.fs, config_.project));
    if (project.game.has_value() != (game_ != nullptr)) {
      return Fail(ErrorCode::kInvalidArgument, "{}/game.toml {}: restart the server for that",
                  config_.project, game_ ? "is gone" : "is new");
    }
    ST_TRY(auto definitions, Adopt(project, true));
    ST_TRY_STATUS(runner_->Replace(std::move(definitions)));
    auto routes = MakeRoutes(project);
    routes_.With([&](auto& now) { now = std::move(routes); });
    if (game_) {
      game_->Replace(std::make_shared<const game::Catalogue>(std::move(*project.game)));
    }
    warned_.With([&](Warned& warned) { warned.settings = ChangedSettings(config_); });
    return {};
  };
  auto done = reload();
  reload_error_.With([&](std::string& error) { error = done ? "" : done.error().message(); });
  metrics_
      .Counter("steelthread_reloads_total", "Reloads of the project, by outcome.",
               done ? "outcome=\"ok\"" : "outcome=\"refused\"")
      .Add();
  tell_.With([&](const auto& tell) {
    if (tell) tell(done);
  });
  return done;
}

Status Server::MayCreateTopic(const std::string& name) const {
  if (IsOwnTopic(name)) {
    return Fail(ErrorCode::kInvalidArgument, "topic {} is the server's own; it makes it", name);
  }
  const bool is_table =
      tables_.With([&](const auto& tables) { return tables.contains(AsciiLower(name)); });
  if (!is_table) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "\"{}\" is the name of a table, and a topic may not have it: choose another name",
              name);
}

Status Server::StartMovers(const Project& project) {
  collector_ = std::make_unique<collect::Collector>(
      stores_->log(), machine_.clock,
      collect::CollectorOptions{.max_in_flight_bytes = config_.http_max_in_flight_bytes,
                                .metrics = &metrics_,
                                .answers = &stores_->answers()});
  events_api_ = std::make_unique<api::EventsApi>(*collector_, stores_->answers().hasher(),
                                                 machine_.clock, machine_.random);
  if (project.game) {
    ST_TRY(game_, Game::Start(*stores_, machine_, *project.game));
  }
  auto routes = MakeRoutes(project);
  routes_.With([&](auto& now) { now = std::move(routes); });
  ST_TRY(versions_, ReadEventVersions(stores_->log()));
  // Pipelines whose tables have other columns stop by themselves; the others go on.
  ST_TRY(auto definitions, Adopt(project, false));
  ST_TRY(runner_, StartRunner(*stores_, machine_, config_, std::move(definitions)));
  CollectPipelines(*runner_, metrics_);
  CollectTables(stores_->lake(), metrics_);
  metrics_.Collected("steelthread_problems",
                     "What is wrong now, by whether it makes the server unready; `steelthread "
                     "status` names it.",
                     "gauge", [this] {
                       const auto all = Troubles();
                       const auto unready = std::ranges::count_if(all, &Trouble::is_unready);
                       return MetricRegistry::Samples{
                           {"unready=\"true\"", static_cast<double>(unready)},
                           {"unready=\"false\"", static_cast<double>(std::ssize(all) - unready)}};
                     });
  engine_ = std::make_unique<query::Engine>(stores_->lake(), machine_.clock, machine_.random,
                                            EngineOptionsFor(config_, *stores_, &metrics_));
  return {};
}

Status Server::StartKafka() {
  auto kafka = api::KafkaApi::Start(
      {.listen = config_.kafka_listen,
       .advertise = config_.kafka_advertise,
       .num_partitions = config_.kafka_num_partitions,
       .auto_create_topics = config_.kafka_auto_create_topics,
       .budgets = budgets_,
       .metrics = &metrics_,
       .may_create_topic = [this](const auto& name) { return MayCreateTopic(name); },
       .may_write_topic = MayWriteTopic},
      stores_->log(), machine_.clock);
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
  auto server = net::HttpServer::Start(
      {.listen = address, .name = name, .budgets = budgets_, .metrics = &metrics_},
      net::Guarded(net::RefuseContent, std::move(handler)));
  if (!server) {
    return std::unexpected(ListenError(config_, name + ".listen", address, server.error()));
  }
  endpoints_[name] = (*server)->address();
  return server;
}

Status Server::StartListeners() {
  ST_TRY_STATUS(StartKafka());
  const net::HttpHandler routes = [this](auto request, auto responder) {
    const auto table = routes_.With([](const auto& now) { return now; });
    table->Handle(std::move(request), std::move(responder));
  };
  const auto allowed = ListOf(config_.admin_allowed_hosts);
  ST_TRY(http_,
         Listen("http", config_.http_listen,
                api::GuardOrigin(routes, {.allowed_origins = ListOf(config_.http_allowed_origins),
                                          .allowed_hosts = allowed,
                                          .setting = "http.allowed_origins"})));
  // Ports without declared routes, where no player is named by the Host.
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
  api::AddAdminRoutes(metrics_, [this] { return Unready(); }, *sql);
  ST_TRY(sql_, Listen("sql", config_.sql_listen, guarded(std::move(sql))));
  ST_TRY(catalog_,
         Listen("catalog", config_.catalog_listen,
                guarded(api::MakeCatalogRoutes(stores_->lake(), api::MakeGate(allowed)))));
  return {};
}

std::shared_ptr<const api::http::RouteTable> Server::MakeRoutes(const Project& project) const {
  auto table = std::make_shared<api::http::RouteTable>(api::http::RouteTable::Options{
      .not_found = api::NoRoute, .gate = api::MakeGate(ListOf(config_.admin_allowed_hosts))});
  events_api_->AddRoutes(project.events, *table);
  if (game_) game_->AddRoutes(*project.game, *table);
  table->AddOpenApi(game_ ? "The game and its events" : "Declared events");
  api::AddDiscoveryRoute([this] { return DiscoveryDocument(); }, *table);
  return table;
}

std::string Server::DiscoveryDocument() const {
  auto events = nlohmann::json::array();
  events_.With([&](const auto& declared) {
    for (const auto& event : declared) {
      events.push_back({{"name", event.name},
                        {"event_type", event.event_type()},
                        {"topic", event.topic},
                        {"table", event.table}});
    }
  });
  return nlohmann::json{{"product", "steelthread"},
                        {"version", kVersion},
                        {"endpoints", ready_.With([](const auto& endpoints) { return endpoints; })},
                        {"game", game_ != nullptr},
                        {"events", std::move(events)}}
             .dump() +
         "\n";
}

std::vector<std::string> Server::Warnings() const {
  auto warnings = Remarks();
  warnings.push_back(TrustWarning(endpoints_.at("http")));
  return warnings;
}

std::vector<std::string> Server::ProjectWarnings() const {
  std::vector<std::string> topics;
  for (const auto& topic : stores_->log().Topics()) topics.push_back(topic.name);
  return warned_.With([&](const Warned& warned) {
    auto warnings = warned.fixed;
    for (auto& warning : TopicWarnings(warned.project, topics)) {
      warnings.push_back(std::move(warning));
    }
    warnings.insert(warnings.end(), warned.settings.begin(), warned.settings.end());
    return warnings;
  });
}

std::vector<std::string> Server::Remarks() const {
  std::vector<std::string> warnings;
  if (const auto worker = jobs::CheckWorkerProgram(""); !worker) {
    warnings.push_back(worker.error().message());
  }
  if (const auto cut = stores_->log().cut_tail()) {
    warnings.push_back(
        fmt::format("{}: truncated {} bytes at byte {}: a write that a crash tore, which was never "
                    "acknowledged",
                    cut->file, cut->bytes, cut->position));
  }
  if (const auto keys = stores_->answers().status(); !keys.damage.empty()) {
    warnings.push_back("idempotency keys: " + keys.damage);
  }
  if (game_) {
    for (auto& warning : game_->Notices()) warnings.push_back(std::move(warning));
  }
  for (auto& warning : ProjectWarnings()) warnings.push_back(std::move(warning));
  return warnings;
}

std::vector<Trouble> Server::Troubles() const {
  auto troubles = TroubleOf(stores_->log(), stores_->answers(), stores_->lake(), *runner_);
  if (const auto place = stores_->data().CheckPlace(); !place) {
    troubles.push_back({"data folder: " + place.error().message(), true});
  }
  for (auto& damage : engine_->Damage()) troubles.push_back({std::move(damage)});
  if (game_) {
    for (auto& trouble : game_->Troubles()) troubles.push_back(std::move(trouble));
  }
  if (auto error = reload_error_.With([](const auto& e) { return e; }); !error.empty()) {
    troubles.push_back({"not reloaded, the project goes on as it was: " + error});
  }
  return troubles;
}

std::vector<std::string> Server::Problems() const {
  std::vector<std::string> problems;
  for (auto& trouble : Troubles()) problems.push_back(std::move(trouble.text));
  return problems;
}

std::vector<std::string> Server::Unready() const {
  std::vector<std::string> reasons;
  for (auto& trouble : Troubles()) {
    if (trouble.is_unready) reasons.push_back(std::move(trouble.text));
  }
  return reasons;
}

nlohmann::json Server::StatusDocument() const {
  const auto health = stores_->log().health();
  return {{"version", kVersion},
          {"process", ::getpid()},
          {"uptime_ms", (machine_.clock.MonotonicUs() - began_us_) / 1000},
          {"data_dir", config_.data_dir},
          {"endpoints", endpoints_},
          {"accepts_events", health.has_value()},
          {"reason", health ? "" : health.error().message()},
          {"warnings", Remarks()},
          {"reload_error", reload_error_.With([](const auto& error) { return error; })},
          {"problems", Problems()},
          {"unready", Unready()},
          {"log", LogStatus(stores_->log())},
          {"topics", TopicsStatus(stores_->log())},
          {"pipelines", PipelinesStatus(*runner_)},
          {"game", game_ ? game_->StatusDocument() : nlohmann::json()},
          {"idempotency", AnswersStatus(stores_->answers())},
          {"tables", TablesStatus(stores_->lake())}};
}

Status Server::StartControl() {
  api::ControlHooks hooks;
  hooks.status = [this] { return StatusDocument(); };
  hooks.run_pipeline = [this](const std::string& name) -> Result<nlohmann::json> {
    auto run = RunPipeline(*runner_, machine_.clock, name);
    if (run || run.error().code() != ErrorCode::kNotFound) return run;
    const auto table = events_.With([&](const auto& events) {
      const auto event = std::ranges::find(events, name, &event::Declaration::name);
      return event == events.end() ? std::string() : event->table;
    });
    if (table.empty()) return run;
    return Fail(
        ErrorCode::kNotFound,
        "\"{}\" is an event, and a pipeline has the name of its table: `steelthread pipeline "
        "run {}`",
        name, table);
  };
  hooks.reload = [this]() -> Result<nlohmann::json> {
    ST_TRY_STATUS(Reload());
    return nlohmann::json{
        {"events", events_.With([](const auto& events) { return events.size(); })},
        {"pipelines",
         warned_.With([](const Warned& warned) { return warned.project.pipelines.size(); })},
        {"warnings", ProjectWarnings()}};
  };
  ST_TRY(control_,
         api::ControlApi::Start("unix:" + stores_->data().control_path(), std::move(hooks)));
  return {};
}

Result<std::unique_ptr<Server>> Server::Start(os::FileSystem& fs, os::Clock& clock,
                                              os::Random& random, const Config& config) {
  auto server = std::unique_ptr<Server>(new Server(Machine{fs, clock, random}, config));
  ST_TRY(auto project, LoadProject(fs, config.project));
  ST_TRY_STATUS(CheckListeners(config));
  // A server that runs on this folder may hold the ports; opening the folder names it.
  if (!os::FindLockHolder(config.data_dir)) ST_TRY_STATUS(CheckPortsFree(config));
  ST_TRY(server->stores_, Stores::Open(server->machine_, config));
  ST_TRY_STATUS(server->StartMovers(project));
  ST_TRY_STATUS(server->StartListeners());
  ST_TRY_STATUS(server->StartControl());
  ST_TRY_STATUS(
      server->stores_->data().WriteEndpoints(nlohmann::json(server->endpoints_).dump() + "\n"));
  server->ready_.With([&](auto& endpoints) { endpoints = server->endpoints_; });
  return server;
}

void Server::Stop(std::int64_t grace_us) {
  {
    MutexLock lock(reload_mu_);
    is_stopping_ = true;
  }
  if (stores_) stores_->data().RemoveEndpoints();
  if (runner_) runner_->Stop();  // first: it ends a run that control waits for
  if (engine_) engine_->Stop();
  if (control_) control_->Stop(grace_us);
  for (auto* part : {&http_, &sql_, &catalog_}) {
    if (*part) (*part)->Stop(grace_us);
  }
  if (kafka_) kafka_->Stop(grace_us);
  if (game_) game_->Stop();
  if (stores_) stores_->Stop();
}

}  // namespace st::app
